"""What a person says when a package is made, released, replaced or withdrawn."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.notifications.documents.statements import MOST_CHARACTERS, list_statements
from tocsin.notifications.vocabulary import PackageKind
from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import list_organisations
from tocsin.reports.models import Report
from tocsin.reports.queries import derive_evidence
from tocsin.reports.wording import describe_event


class MakeForm(forms.Form):
    """Which kind of package, about which substance, and of which further reports."""

    kind = forms.ChoiceField(
        label=_("What it is"), choices=PackageKind.choices, widget=forms.RadioSelect
    )
    place = forms.TypedChoiceField(
        label=_("Substance it is about"), coerce=int, widget=forms.RadioSelect
    )
    also = forms.TypedMultipleChoiceField(
        label=_("Also made of"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Other reports with a substance in common. Not for a first detection."),
    )

    def __init__(
        self,
        *args: Any,
        reports: Sequence[Report],
        alike: Sequence[Report],
        kind: str = "",
        substance_id: int | None = None,
        **options: Any,
    ) -> None:
        """Offer the findings of the first report, and reports to add; the others are taken.

        kind and substance_id: what is chosen at first, where they are among those offered.
        """
        super().__init__(*args, **options)
        if kind in PackageKind.values:
            self.initial.setdefault("kind", kind)
        findings = sorted(
            reports[0].findings.all(),
            key=lambda one: (one.written_name.substance_id != substance_id, one.position),
        )
        place = cast("forms.TypedChoiceField", self.fields["place"])
        place.choices = [
            (one.position, one.written_name.substance or one.written_name.text) for one in findings
        ]
        self.initial.setdefault("place", findings[0].position if findings else None)
        also = cast("forms.TypedMultipleChoiceField", self.fields["also"])
        also.choices = [(one.pk, name_report(one)) for one in alike]
        if not alike:
            del self.fields["also"]


class StatementsForm(forms.Form):
    """What no field of the record holds: one text for each heading that takes one."""

    def __init__(self, *args: Any, kind: str, **options: Any) -> None:
        super().__init__(*args, **options)
        for one in list_statements(kind):
            label = str(one.label)
            self.fields[one.key] = forms.CharField(
                label=label[:1].upper() + label[1:],
                help_text=str(one.help),
                max_length=MOST_CHARACTERS,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )


class ReleaseForm(forms.Form):
    """Which organisations of this node read the package."""

    audience = forms.TypedMultipleChoiceField(
        label=_("Recipients"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Organisations that read it here. Others get the file from you."),
    )

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        audience = cast("forms.TypedMultipleChoiceField", self.fields["audience"])
        others = list_organisations().filter(is_active=True).exclude(key=actor.organisation_key)
        audience.choices = [(one.pk, one.name) for one in others]
        if not audience.choices:
            del self.fields["audience"]


class WhyForm(forms.Form):
    """Why a package is replaced or withdrawn."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=2_000,
        help_text=_("Everybody who got the package reads this, in the words given here."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def name_report(report: Report) -> str:
    """Say which report it is: its reference, and what happened when and where."""
    event = describe_event(derive_evidence(report))
    return f"{report.reference}: {event}" if report.reference else event
