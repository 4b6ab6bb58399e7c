"""What a person says when setting how long evidence is kept, or holding some of it."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.reports.vocabulary import EventType
from tocsin.retention.services.holds import HeldEvents
from tocsin.retention.services.periods import MOST_DAYS
from tocsin.web.forms.fields import require_impersonal


class ReasonedForm(forms.Form):
    """A step of which the reason is kept for good."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=2_000,
        help_text=_(
            "One or two sentences for those who come after you, without anything personal."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_reason(self) -> str:
        return require_impersonal(self.cleaned_data["reason"].strip())


class PeriodForm(ReasonedForm):
    """For how many days events of a type are kept, or without limit."""

    days = forms.IntegerField(
        label=_("Days after the event"),
        min_value=1,
        max_value=MOST_DAYS,
        required=False,
        help_text=_("Empty: kept without limit. A year has 365 days, ten years 3,652."),
    )
    field_order = ("days", "reason")


class HoldForm(ReasonedForm):
    """What must not be erased: one report, or an organisation's events of a time."""

    report = forms.IntegerField(
        label=_("Number of a report"),
        min_value=1,
        required=False,
        help_text=_(
            "As it stands in the address of its page. Or leave it empty and say whose events."
        ),
    )
    organisation = forms.ChoiceField(label=_("Organisation"), required=False)
    event_type = forms.ChoiceField(label=_("Type of event"), required=False)
    since = forms.DateField(
        label=_("Events from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=_("Events to"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    ends_on = forms.DateField(
        label=_("Last day of the hold"),
        required=False,
        help_text=_("Empty: until somebody lifts it."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    field_order = ("report", "organisation", "event_type", "since", "until", "ends_on", "reason")

    def __init__(self, *args: Any, organisations: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["organisation"].choices = [("", gettext("none")), *organisations]  # type: ignore[attr-defined]
        self.fields["event_type"].choices = [  # type: ignore[attr-defined]
            ("", gettext("all")),
            *((value, str(words)) for value, words in EventType.choices),
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        about_events = [
            values.get(name) for name in ("organisation", "event_type", "since", "until")
        ]
        if bool(values.get("report")) == bool(values.get("organisation")) or (
            values.get("report") and any(about_events)
        ):
            raise forms.ValidationError(
                gettext("Give either the number of a report or an organisation, not both.")
            )
        return values

    def get_held(self) -> int | HeldEvents:
        """Return what is to be held, of a form that is valid."""
        values = self.cleaned_data
        if values["report"]:
            return int(values["report"])
        return HeldEvents(
            values["organisation"], values["event_type"], values["since"], values["until"]
        )
