"""Forms that say what is one and the same: merge, split, resolve, record."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.errors import NotFoundError
from tocsin.reports.formats.personal_data import find_personal_name, find_personal_text
from tocsin.reports.models import Report, WrittenName
from tocsin.substances.models import Substance, SubstanceName
from tocsin.substances.queries import get_substance, resolve_text
from tocsin.substances.vocabulary import ComponentRole, Polarity
from tocsin.web.forms.fields import require_impersonal

MOST_COMPONENTS = 5
LONGEST_REASON = 1_000


def _offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    cast("forms.ChoiceField", form.fields[name]).choices = choices


class WhyForm(forms.Form):
    """Why an identity changes; kept for good."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One sentence that names the evidence; kept with the event."),
    )

    def clean_reason(self) -> str:
        return require_impersonal(str(self.cleaned_data["reason"]).strip())


class SubstanceField(forms.CharField):
    """A member of the register, by its key, its name or an identifier; gives the substance."""

    default_error_messages = {"unknown": _("No entry of the register has this key or name.")}

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value)).strip()
        if not text:
            return None
        try:
            return get_substance(text)
        except NotFoundError:
            found = resolve_text(text).substance
        if found is None:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        return get_substance(found.key)


class MergeForm(WhyForm):
    """What an entry stands for from now on."""

    into = SubstanceField(
        label=_("Stands for now"),
        max_length=500,
        help_text=_("Key, name, CAS number or InChIKey of the other entry."),
    )

    field_order = ["into", "reason"]


class SplitForm(WhyForm):
    """Which names go to another substance."""

    into = SubstanceField(
        label=_("Goes to"),
        max_length=500,
        help_text=_("Key, name, CAS number or InChIKey. Add a new substance first, if need be."),
    )
    names = forms.MultipleChoiceField(
        label=_("Names of the register"), required=False, widget=forms.CheckboxSelectMultiple
    )
    spellings = forms.MultipleChoiceField(
        label=_("Spellings in reports"), required=False, widget=forms.CheckboxSelectMultiple
    )

    field_order = ["into", "names", "spellings", "reason"]

    def offer(self, names: list[SubstanceName], spellings: list[WrittenName]) -> None:
        """Say what can be chosen."""
        _offer(self, "names", [(str(name.pk), name.text) for name in names])
        written = [(str(one.pk), f"{one.text} ({one.owner.name})") for one in spellings]
        _offer(self, "spellings", written)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("names") and not cleaned.get("spellings"):
            self.add_error("names", _("Choose at least one name or spelling."))
        return cleaned


class ResolveForm(WhyForm):
    """Which member a group stands for, and in which reports."""

    member = forms.ChoiceField(label=_("It was"))
    reports = forms.MultipleChoiceField(
        label=_("In these reports"), widget=forms.CheckboxSelectMultiple
    )

    field_order = ["member", "reports", "reason"]

    def offer(self, members: list[Substance], reports: list[Report]) -> None:
        """Say what can be chosen."""
        _offer(self, "member", [(one.key, one.name) for one in members])
        described = [
            (str(one.pk), f"{one.reference or one.pk} · {one.event_on} · {one.country} {one.area}")
            for one in reports
        ]
        _offer(self, "reports", described)


class UnknownForm(forms.Form):
    """What was measured of an unknown feature."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("As laboratories will write it, such as “Unknown 2026-17”."),
    )
    precursor_mz = forms.DecimalField(
        label=_("Precursor m/z (Th)"), min_value=1, max_value=10_000, decimal_places=5
    )
    polarity = forms.ChoiceField(label=_("Polarity"), choices=Polarity.choices)
    adduct = forms.CharField(label=_("Adduct"), required=False, max_length=40)
    collision = forms.CharField(label=_("Collision"), required=False, max_length=200)
    retention = forms.CharField(label=_("Retention"), required=False, max_length=200)
    formula = forms.CharField(label=_("Likeliest formula"), required=False, max_length=200)
    error_ppm = forms.DecimalField(
        label=_("Its mass error (ppm)"), required=False, decimal_places=3, max_digits=7
    )
    likely_class = forms.ChoiceField(label=_("Likeliest class"), required=False)
    probability = forms.DecimalField(
        label=_("Its probability (0 to 1)"),
        required=False,
        min_value=0,
        max_value=1,
        decimal_places=4,
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def offer(self, classes: list[tuple[str, str]]) -> None:
        """Say which classes can be chosen."""
        _offer(self, "likely_class", [("", gettext("none")), *classes])

    def clean_name(self) -> str:
        return require_impersonal(str(self.cleaned_data["name"]), find_personal_name)

    def clean_note(self) -> str:
        return require_impersonal(str(self.cleaned_data["note"]).strip())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if bool(cleaned.get("likely_class")) != (cleaned.get("probability") is not None):
            self.add_error("probability", _("A class and its probability go together."))
        if cleaned.get("error_ppm") is not None and not cleaned.get("formula"):
            self.add_error("formula", _("A mass error belongs to a formula."))
        return cleaned


class ProductForm(forms.Form):
    """What a product claims to be; what was found in it stands in the component forms."""

    name = forms.CharField(label=_("Name"), max_length=200)
    brand = forms.CharField(label=_("Brand or logo"), required=False, max_length=200)
    label_claim = forms.CharField(
        label=_("What it claims to be"),
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_name(self) -> str:
        return require_impersonal(str(self.cleaned_data["name"]), find_personal_text)

    def clean_brand(self) -> str:
        return require_impersonal(str(self.cleaned_data["brand"]), find_personal_text)

    def clean_label_claim(self) -> str:
        return require_impersonal(str(self.cleaned_data["label_claim"]).strip())


class ComponentForm(forms.Form):
    """One substance found in a product; left without one, it is none."""

    substance = SubstanceField(label=_("Substance"), required=False, max_length=500)
    role = forms.ChoiceField(
        label=_("Role"), choices=ComponentRole.choices, initial=ComponentRole.UNKNOWN
    )
    amount = forms.CharField(label=_("Amount as reported"), required=False, max_length=120)
    percent = forms.DecimalField(
        label=_("Percent"), required=False, min_value=0, max_value=100, decimal_places=4
    )
    technique = forms.CharField(label=_("Technique"), required=False, max_length=120)


ComponentFormSet = forms.formset_factory(ComponentForm, extra=MOST_COMPONENTS, max_num=20)
