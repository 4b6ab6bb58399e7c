"""What an author says in an alert: the message and its texts in each language."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf.locale import LANG_INFO
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tocsin.alerts.identification import WeighedEvidence, describe_basis
from tocsin.alerts.models import AlertVersion, Certainty, Severity, Urgency
from tocsin.alerts.services import AlertContent, Wording
from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import list_organisations
from tocsin.organisations.vocabulary import PUBLIC_AUDIENCE, TrafficLight
from tocsin.signals.models import Signal
from tocsin.signals.sentences import describe_place
from tocsin.web.forms.fields import NeededField
from tocsin.web.forms.people import parse_country

VALID_DAYS = 28
"""How long an alert is meant to be valid unless its author says otherwise."""

LANGUAGES = (
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt"),
    *("lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv", "nb", "tr", "uk", "ar", "ru"),
)
_OWN_NAMES = {"mt": "Malti"}
LANGUAGE_CHOICES = [
    (code, f"{_OWN_NAMES.get(code) or LANG_INFO[code]['name_local']} ({code})")
    for code in LANGUAGES
]
"""The official languages of the Union, and those of Norway, Türkiye and many who seek advice."""

_NUTS = re.compile(r"[A-Z]{2}[A-Z0-9]{0,3}")
_NUTS_OF_COUNTRY = {"GR": "EL", "GB": "UK"}
_LONG = forms.Textarea(attrs={"rows": 4})


class AlertForm(forms.Form):
    """How bad, where, until when, and for whom."""

    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices)
    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices)
    certainty = forms.ChoiceField(label=_("Certainty"), choices=Certainty.choices)
    lowered_to = forms.ChoiceField(
        label=_("How surely it was identified"),
        required=False,
        error_messages={
            "invalid_choice": _(
                "The evidence that you may see does not bear this level. "
                "Expected one of those offered."
            )
        },
    )
    country = forms.CharField(
        label=_("Country"), max_length=2, help_text=_("Two letters, for instance AT.")
    )
    region = forms.CharField(
        label=_("NUTS region"),
        max_length=5,
        required=False,
        help_text=_("For instance AT13; empty for the whole country."),
    )
    expires_at = forms.DateTimeField(
        label=_("Valid until (UTC)"),
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    tlp = forms.ChoiceField(
        label=_("Who may get it"),
        choices=TrafficLight.choices,
        help_text=_("TLP:CLEAR goes to everybody: public page, feed, text message."),
    )
    audience = forms.TypedMultipleChoiceField(
        label=_("Recipients"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Organisations that read it here. Not needed for TLP:CLEAR."),
    )
    note = forms.CharField(
        label=_("Why it is updated"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        weigh: Callable[[str], WeighedEvidence],
        is_update: bool,
        **options: Any,
    ) -> None:
        """weigh: what the evidence behind the alert bears, given the country it is about."""
        super().__init__(*args, **options)
        self.weighed = weigh(self._find_country())
        self._offer_levels()
        audience = cast("forms.TypedMultipleChoiceField", self.fields["audience"])
        others = list_organisations().filter(is_active=True).exclude(key=actor.organisation_key)
        audience.choices = [(one.pk, one.name) for one in others]
        if not is_update:
            del self.fields["note"]
        else:
            self.fields["note"].required = True

    def _find_country(self) -> str:
        """The country given, empty while there is none."""
        try:
            return parse_country(str(self["country"].value() or ""))
        except forms.ValidationError:
            return ""

    def _offer_levels(self) -> None:
        """Offer what the evidence bears and what is lower; a choice not borne any more is dropped."""
        weighed, field = self.weighed, cast("forms.ChoiceField", self.fields["lowered_to"])
        if not weighed.bears(self.initial.get("lowered_to", "")):
            self.initial["lowered_to"] = ""
        field.choices = [
            ("", weighed.describe(weighed.level)),
            *((level, weighed.describe(level)) for level in weighed.list_lower()),
        ]
        basis = describe_basis(weighed.count_bearing(weighed.level), weighed.findings)
        field.help_text = _(
            "From the evidence that you may see: %(basis)s. You may choose a lower level."
        ) % {"basis": basis}

    def clean_country(self) -> str:
        return parse_country(self.cleaned_data["country"])

    def clean_region(self) -> str:
        region: str = self.cleaned_data["region"].strip().upper()
        if region and not _NUTS.fullmatch(region):
            raise forms.ValidationError(_("Expected a NUTS code, for instance AT13."))
        return region

    def clean_expires_at(self) -> datetime:
        moment: datetime = self.cleaned_data["expires_at"]
        if moment <= timezone.now():
            raise forms.ValidationError(_("This moment is over. Expected one to come."))
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        country, region = cleaned.get("country", ""), cleaned.get("region", "")
        if country and region and region[:2] != _NUTS_OF_COUNTRY.get(country, country):
            self.add_error("region", _("This region lies in another country than the one given."))
        return cleaned


class CancelForm(forms.Form):
    """Why an alert is taken back."""

    reason = forms.CharField(
        label=_("Why it is withdrawn"),
        max_length=2_000,
        help_text=_("Everybody who got the alert reads this, in the words given here."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WordingForm(forms.Form):
    """The texts in one language. A draft may still have gaps; a release may not."""

    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("choose")), *LANGUAGE_CHOICES]
    )
    headline = NeededField(
        label=_("Headline"),
        max_length=160,
        help_text=_("What, where. No brand, no price."),
    )
    area_description = NeededField(label=_("Place in words"), max_length=200)
    what_was_seen = NeededField(label=_("What was seen"), widget=_LONG)
    hazard = forms.CharField(label=_("Hazard"), required=False, widget=_LONG)
    advice_public = forms.CharField(
        label=_("Advice to the public"),
        required=False,
        widget=_LONG,
        help_text=_("Sentences of at most 15 words, one idea each, no abbreviations."),
    )
    advice_practitioners = forms.CharField(
        label=_("Advice to practitioners"),
        required=False,
        widget=_LONG,
        help_text=_("For a release, advice to the public or to practitioners is needed."),
    )


if TYPE_CHECKING:
    WordingForms = BaseFormSet[WordingForm]
else:
    WordingForms = BaseFormSet


class _WordingFormSet(WordingForms):
    def clean(self) -> None:
        languages = [
            form.cleaned_data["language"]
            for form in self.forms
            if form.cleaned_data.get("language") and not form.cleaned_data.get("DELETE")
        ]
        if not languages and not any(self.errors):
            raise forms.ValidationError(_("Expected a text in at least one language."))
        if len(set(languages)) < len(languages):
            raise forms.ValidationError(
                _("Two texts are in the same language. Expected each once.")
            )


def build_wording_forms(
    data: Any = None, *, initial: list[dict[str, Any]] | None = None, extra: int = 0
) -> WordingForms:
    """Return the forms of the texts, one per language, and ``extra`` empty ones."""
    factory = formset_factory(
        WordingForm, formset=_WordingFormSet, extra=extra, can_delete=True, max_num=30
    )
    return factory(data, initial=initial or [], prefix="texts")


def derive_content(form: AlertForm, texts: WordingForms) -> AlertContent:
    """Return what two valid forms say, or what forms that nobody sent yet begin with."""
    if form.is_bound:
        return _build_content(form.cleaned_data, [one.cleaned_data for one in texts.forms])
    return _build_content(form.initial, [one.initial for one in texts.forms])


def _build_content(values: Mapping[str, Any], texts: Iterable[Mapping[str, Any]]) -> AlertContent:
    return AlertContent(
        severity=values["severity"],
        urgency=values["urgency"],
        certainty=values["certainty"],
        country=values.get("country", ""),
        region=values.get("region", ""),
        expires_at=values["expires_at"],
        tlp=values["tlp"],
        lowered_to=values.get("lowered_to", ""),
        audience=tuple(values.get("audience", ())),
        wordings=tuple(
            Wording(**{name: text.get(name, "") for name in WordingForm.base_fields})
            for text in texts
            if text.get("language") and not text.get("DELETE")
        ),
    )


def derive_initial(version: AlertVersion) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what the forms begin with when a draft is edited."""
    values = {
        name: getattr(version, name)
        for name in (
            "severity",
            "urgency",
            "certainty",
            "country",
            "region",
            "expires_at",
            "tlp",
            "lowered_to",
            "note",
        )
    }
    values["audience"] = [one for one in version.audience if one != PUBLIC_AUDIENCE]
    texts = [
        {name: getattr(wording, name) for name in WordingForm.base_fields}
        for wording in version.wordings.all()
    ]
    return values, texts


def derive_first_initial(
    signal: Signal | None, sentence: str, *, language: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what a new alert begins with: what is known, and gaps where an author must speak.

    sentence: what was seen. Hazard and advice stay empty: they are never made up.
    """
    values = {
        "severity": Severity.UNKNOWN.value,
        "urgency": Urgency.UNKNOWN.value,
        "certainty": Certainty.UNKNOWN.value,
        "expires_at": timezone.now() + timedelta(days=VALID_DAYS),
        "tlp": TrafficLight.AMBER.value,
    }
    text = {"language": language, "what_was_seen": sentence}
    if signal is not None:
        prefix = _NUTS_OF_COUNTRY.get(signal.country, signal.country)
        is_nuts = bool(_NUTS.fullmatch(signal.area)) and signal.area.startswith(prefix)
        values["country"] = signal.country
        values["region"] = signal.area if is_nuts else ""
        values["tlp"] = signal.handling.tlp
        text["area_description"] = describe_place(signal.country, signal.area)
    return values, [text]
