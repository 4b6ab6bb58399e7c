"""What a person says when triaging a signal."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.signals.models import Signal, SignalState
from tocsin.signals.sentences import describe_place
from tocsin.signals.services.triage import STATES_WITH_REASON
from tocsin.web.forms.fields import NeededField, require_impersonal


class TriageForm(forms.Form):
    """One step of triage: where to, why, and into which other signal."""

    to_state = forms.ChoiceField(choices=SignalState.choices, widget=forms.HiddenInput)
    reason = NeededField(
        label=_("Why"),
        max_length=2_000,
        help_text=_("One or two sentences. They stay in the history."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    merge_into = forms.TypedChoiceField(
        label=_("Merge into"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args: Any, targets: Iterable[Signal] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        merge_into = cast("forms.TypedChoiceField", self.fields["merge_into"])
        merge_into.choices = [
            ("", _("another signal of this substance")),
            *((target.pk, _describe(target)) for target in targets),
        ]

    def clean_reason(self) -> str:
        return require_impersonal(self.cleaned_data["reason"].strip())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        to_state = cleaned.get("to_state", "")
        if to_state in STATES_WITH_REASON and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say why: a sentence that others can follow later."))
        if to_state == SignalState.MERGED and cleaned.get("merge_into") is None:
            self.add_error("merge_into", _("Choose the signal that this one is part of."))
        return cleaned


def _describe(signal: Signal) -> str:
    kind = signal.get_kind_display()
    place = describe_place(signal.country, signal.area)
    return f"{signal.on:%Y-%m-%d} · {kind} · {place} · {signal.get_matrix_display()}"
