"""Forms about tables: which one is wanted, and why one is withdrawn."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import list_organisations
from tocsin.reports.countries import list_countries
from tocsin.tables.periods import list_last_periods
from tocsin.tables.services import TableWish
from tocsin.tables.vocabulary import TableKind
from tocsin.web.forms.fields import require_impersonal

LONGEST_REASON = 1_000
EVERYBODY = "public"
CHOSEN = "chosen"


def _list_places() -> list[tuple[str, str]]:
    return [("", gettext("all places")), *list_countries()]


class TableForm(forms.Form):
    """What is counted, when, where, and for whom."""

    kind = forms.ChoiceField(label=_("What it is"), choices=TableKind.choices)
    period = forms.CharField(
        label=_("Period"),
        max_length=10,
        help_text=_("Such as 2026-03, 2026-Q1, 2026-S1 or 2026."),
    )
    country = forms.ChoiceField(label=_("Country"), choices=_list_places, required=False)
    readers = forms.ChoiceField(
        label=_("For whom"),
        choices=[
            (CHOSEN, _("our own organisation, and those chosen below")),
            (EVERYBODY, _("everybody: small counts are hidden")),
        ],
        widget=forms.RadioSelect,
        initial=CHOSEN,
    )
    audience = forms.TypedMultipleChoiceField(
        label=_("Recipients"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=_("Why it is made again"),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed where a version of it is released already."),
    )

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        """Offer the last period that ended, and the organisations that may be recipients."""
        super().__init__(*args, **options)
        length = settings.REPORTING_PERIOD
        periods = list_last_periods(length, today=timezone.localdate(), number=1)
        self.initial.setdefault("period", periods[0].code)
        audience = cast("forms.TypedMultipleChoiceField", self.fields["audience"])
        audience.choices = [
            (one.pk, one.name) for one in list_organisations() if one.pk != actor.organisation_id
        ]

    def clean_reason(self) -> str:
        return require_impersonal(str(self.cleaned_data["reason"]).strip())

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("readers") == EVERYBODY and values.get("audience"):
            raise forms.ValidationError(
                gettext("Choose either everybody or recipients."), code="two-audiences"
            )
        return values

    def to_wish(self) -> TableWish:
        """Return what was asked for."""
        values = self.cleaned_data
        return TableWish(
            period=values["period"],
            kind=values["kind"],
            country=values["country"],
            is_public=values["readers"] == EVERYBODY,
            audience=tuple(values["audience"]),
            reason=values["reason"],
        )


class WithdrawForm(forms.Form):
    """Why a table is taken back."""

    reason = forms.CharField(
        label=_("Why"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_reason(self) -> str:
        return require_impersonal(str(self.cleaned_data["reason"]).strip())
