"""Forms of a report: its correction, and its retraction."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.formats.fields import COUNTRY_CODES, COUNTRY_OF_NUTS_PREFIX
from tocsin.reports.vocabulary import DatePrecision, EventType, IdentificationLevel, Matrix, Unit
from tocsin.web.forms.fields import require_impersonal

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_NOT_STATED = ("", _("not stated"))


class ReasonForm(forms.Form):
    """Why a report is corrected or retracted, and which version the person saw."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One sentence, kept with the new version. No personal data."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_reason(self) -> str:
        return require_impersonal(str(self.cleaned_data["reason"]).strip())


class ReportForm(ReasonForm):
    """The event of a report."""

    event_type = forms.ChoiceField(label=_("Type of event"), choices=EventType.choices)
    event_on = forms.DateField(label=_("Date of the event"), widget=_DAY)
    event_precision = forms.ChoiceField(
        label=_("How exactly the date is known"), choices=DatePrecision.choices
    )
    received_on = forms.DateField(
        label=_("Received by the laboratory"), required=False, widget=_DAY
    )
    reported_on = forms.DateField(label=_("Reported"), required=False, widget=_DAY)
    country = forms.CharField(
        label=_("Country"), max_length=2, help_text=_("Two letters, such as AT.")
    )
    region = forms.CharField(label=_("NUTS region"), required=False, max_length=5)
    local_area = forms.CharField(label=_("Local area"), required=False, max_length=120)
    border_post = forms.CharField(label=_("Border post"), required=False, max_length=120)
    source = forms.CharField(label=_("Source"), required=False, max_length=120)

    field_order = [
        "event_type",
        "event_on",
        "event_precision",
        "received_on",
        "reported_on",
        "country",
        "region",
        "local_area",
        "border_post",
        "source",
    ]

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).strip().upper()
        if country not in COUNTRY_CODES:
            raise forms.ValidationError(_("Expected two letters of ISO 3166-1, such as AT."))
        return country

    def clean_region(self) -> str:
        return str(self.cleaned_data["region"]).strip().upper()

    def clean_event_on(self) -> date:
        return _require_past(self.cleaned_data["event_on"])

    def clean_local_area(self) -> str:
        return require_impersonal(str(self.cleaned_data["local_area"]).strip())

    def clean_border_post(self) -> str:
        return require_impersonal(str(self.cleaned_data["border_post"]).strip())

    def clean_source(self) -> str:
        return require_impersonal(str(self.cleaned_data["source"]).strip())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        region, country = cleaned.get("region") or "", cleaned.get("country") or ""
        if region and country and COUNTRY_OF_NUTS_PREFIX.get(region[:2], region[:2]) != country:
            words = gettext("Expected a NUTS code of the country %(country)s.")
            self.add_error("region", words % {"country": country})
        return cleaned


class FindingForm(forms.Form):
    """One substance found; left without a substance, it is no finding."""

    substance_text = forms.CharField(
        label=_("Substance, as written"), required=False, max_length=500
    )
    matrix = forms.ChoiceField(label=_("Matrix"), choices=Matrix.choices)
    specimen = forms.CharField(label=_("Specimen"), required=False, max_length=80)
    amount = forms.DecimalField(
        label=_("Amount"), required=False, min_value=0, max_digits=18, decimal_places=6
    )
    unit = forms.ChoiceField(
        label=_("Unit"),
        required=False,
        choices=[_NOT_STATED, *(choice for choice in Unit.choices if choice[0])],
    )
    purity_percent = forms.DecimalField(
        label=_("Purity in percent"),
        required=False,
        min_value=0,
        max_value=100,
        max_digits=7,
        decimal_places=4,
    )
    technique = forms.CharField(label=_("Technique"), required=False, max_length=120)
    identification_level = forms.ChoiceField(
        label=_("Identification"),
        required=False,
        choices=[_NOT_STATED, *(choice for choice in IdentificationLevel.choices if choice[0])],
    )
    laboratory = forms.CharField(label=_("Laboratory"), required=False, max_length=120)

    def clean_specimen(self) -> str:
        return require_impersonal(str(self.cleaned_data["specimen"]).strip())

    def clean_technique(self) -> str:
        return require_impersonal(str(self.cleaned_data["technique"]).strip())

    def clean_laboratory(self) -> str:
        return require_impersonal(str(self.cleaned_data["laboratory"]).strip())

    def clean_substance_text(self) -> str:
        return require_impersonal(str(self.cleaned_data["substance_text"]).strip())


class FindingsBase(BaseFormSet):  # type: ignore[type-arg]
    """All findings of a report: at least one."""

    def clean(self) -> None:
        if not any(self.errors) and not self.list_findings():
            raise forms.ValidationError(_("Expected at least one substance."))

    def list_findings(self) -> tuple[EvidenceFinding, ...]:
        """Return the findings as plain values, those without a substance left out."""
        values = [form.cleaned_data for form in self.forms]
        return tuple(EvidenceFinding(**one) for one in values if one.get("substance_text"))


_FindingFormSet = formset_factory(FindingForm, formset=FindingsBase, extra=1, max_num=60)


def make_findings_form(given: Any, findings: Sequence[EvidenceFinding]) -> FindingsBase:
    """Return the forms of a report's findings, and an empty one for a further finding."""
    initial = [
        {
            **asdict(one),
            "amount": write_plainly(one.amount),
            "purity_percent": write_plainly(one.purity_percent),
        }
        for one in findings
    ]
    return cast("FindingsBase", _FindingFormSet(given, initial=initial))


def write_plainly(value: Decimal | None) -> str:
    """Return a number without needless zeros and without an exponent; empty for none.

    >>> write_plainly(Decimal("1200.500000")), write_plainly(Decimal("1200")), write_plainly(None)
    ('1200.5', '1200', '')
    """
    return "" if value is None else format(value.normalize(), "f")


def derive_corrected(
    held: EvidenceReport, cleaned: dict[str, Any], findings: tuple[EvidenceFinding, ...]
) -> EvidenceReport:
    """Return a report with what a person corrected; its reference stays."""
    values = {name: value for name, value in cleaned.items() if name not in {"reason", "version"}}
    return EvidenceReport(reference=held.reference, findings=findings, **values)


def _require_past(day: date) -> date:
    if day > timezone.localdate():
        raise forms.ValidationError(_("This day is yet to come."))
    return day
