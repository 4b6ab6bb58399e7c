"""The form that takes a structure as a file."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.web.structure_input import MOST_MOLFILE_BYTES


class MolfileForm(forms.Form):
    """One structure as a molfile."""

    molfile = forms.FileField(
        label=_("Molfile"),
        help_text=_("One structure, V2000 or V3000, at most 100 KiB. It is read, not kept."),
        widget=forms.FileInput(attrs={"accept": ".mol,.sdf,.mdl"}),
    )

    def clean_molfile(self) -> "UploadedFile[bytes]":
        received: UploadedFile[bytes] = self.cleaned_data["molfile"]
        if (received.size or 0) > MOST_MOLFILE_BYTES:
            most = MOST_MOLFILE_BYTES // 1024
            raise forms.ValidationError(gettext("At most %(most)d KiB are taken.") % {"most": most})
        return received

    def read_content(self) -> bytes:
        """Read the file of a valid form."""
        received: UploadedFile[bytes] = self.cleaned_data["molfile"]
        content: bytes = received.read(MOST_MOLFILE_BYTES + 1)
        return content
