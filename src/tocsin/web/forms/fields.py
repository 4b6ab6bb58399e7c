"""Fields that several forms share."""

from django import forms


class NeededField(forms.CharField):
    """A text that a later step needs but that may be sent empty, so that it is not called optional.

    Whoever takes that step says what is missing.
    """

    def validate(self, value: str) -> None:
        """Take an empty text."""
