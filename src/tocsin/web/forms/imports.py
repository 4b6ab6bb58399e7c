"""Forms of an import: the file with its handling, and the meaning of its columns."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.actors import Actor
from tocsin.reports.formats.profiles import list_profiles, load_profile
from tocsin.reports.queries import list_profile_names
from tocsin.web.forms.handling import HandlingForm, set_choices

STEPS = [_("Match"), _("Check"), _("Accept")]
"""The steps of an import, as every page of it shows them."""


class UploadForm(HandlingForm):
    """A file, how to read it, and who may see its rows."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV or XLSX, one row per report. No names, birth dates, addresses or numbers of "
            "persons: a file with such a column is refused, and nothing of it is kept."
        ),
    )
    profile = forms.ChoiceField(
        label=_("How to read it"),
        required=False,
        help_text=_("A profile says which column means what."),
    )

    field_order = ["file", "profile"]

    def __init__(self, actor: Actor, *args: Any, **options: Any) -> None:
        super().__init__(actor, *args, **options)
        set_choices(
            self,
            "profile",
            [
                ("", gettext("match the columns myself")),
                *((name, _describe_profile(name)) for name in list_profile_names(actor)),
            ],
        )

    def clean_file(self) -> "UploadedFile[bytes]":
        received: UploadedFile[bytes] = self.cleaned_data["file"]
        if (received.size or 0) > settings.IMPORT_MAX_BYTES:
            most = settings.IMPORT_MAX_BYTES // 1024**2
            raise forms.ValidationError(
                gettext("At most %(most)d MiB are taken. Send it in parts.") % {"most": most}
            )
        return received


def _describe_profile(name: str) -> str:
    if name in list_profiles():
        return load_profile(name).title
    return gettext("%(name)s (made here)") % {"name": name}
