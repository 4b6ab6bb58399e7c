"""Forms of a report that is held: why it is corrected or retracted."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.web.forms.fields import require_impersonal


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
