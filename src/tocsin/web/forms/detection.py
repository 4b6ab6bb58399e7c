"""What a person says when changing how rises are looked for."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.web.forms.fields import require_impersonal


class DetectionForm(forms.Form):
    """One of several ways to look for rises, how many may be chance, and why."""

    choice = forms.ChoiceField(label=_("How to look for rises"), widget=forms.RadioSelect)
    level = forms.ChoiceField(
        label=_("Of the rises told in a week, how many may be chance?"), widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=2_000,
        help_text=_("One or two sentences for those who come after you. They stay in the journal."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        *args: Any,
        choices: Iterable[tuple[str, str]],
        levels: Sequence[tuple[str, str]],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        cast("forms.ChoiceField", self.fields["choice"]).choices = list(choices)
        cast("forms.ChoiceField", self.fields["level"]).choices = list(levels)

    def clean_reason(self) -> str:
        return require_impersonal(self.cleaned_data["reason"].strip())
