"""Fields and checks that several forms share."""

from collections.abc import Callable

from django import forms
from django.utils.translation import gettext

from tocsin.reports.formats.personal_data import find_personal_remark


class NeededField(forms.CharField):
    """A text that a later step needs but that may be sent empty, so that it is not called optional.

    Whoever takes that step says what is missing.
    """

    def validate(self, value: str) -> None:
        """Take an empty text."""


def require_impersonal(
    text: str, find_personal: Callable[[str], str | None] = find_personal_remark
) -> str:
    """Return a text that is kept for good; ValidationError where it looks like personal data."""
    looks_like = find_personal(text)
    if looks_like:
        raise forms.ValidationError(
            gettext("This looks like %(what)s. Tocsin takes no personal data.")
            % {"what": looks_like}
        )
    return text
