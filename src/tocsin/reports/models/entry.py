"""Tables of what is entered by hand: reports not finished yet, and files of spectra."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.models import Organisation
from tocsin.reports.vocabulary import EventType


class Draft(models.Model):
    """A report that somebody began to enter: what stands in the form, right or wrong.

    No evidence yet: seen by its owner only, counted nowhere, and removed after a while.
    typed: what stands in the controls, by the record's keys: ``event`` and a list ``findings``,
    and ``handling``. Texts that look like personal data are left out before it is kept.
    """

    personal_data = "account name of who writes it; texts are checked before they are kept"

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    author = models.CharField(_("begun by"), max_length=150)
    event_type = models.CharField(_("event"), max_length=30, choices=EventType.choices)
    typed = models.JSONField(_("as typed"), default=dict)
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    changed_at = models.DateTimeField(_("last changed"), db_index=True)

    class Meta:
        ordering = ["-changed_at"]
        verbose_name = _("draft of a report")
        verbose_name_plural = _("drafts of reports")

    def __str__(self) -> str:
        return f"{self.event_type} ({self.pk})"


class SpectrumFile(models.Model):
    """A file of spectra that an owner keeps on the node, named by findings by its SHA-256.

    Who may see a report of the owner that names the file may have it; nobody else.
    """

    personal_data = "account name of who sent the file"

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(_("SHA-256"), max_length=64)
    file_name = models.CharField(_("file"), max_length=120)
    size = models.BigIntegerField(_("bytes"))
    kept_by = models.CharField(_("sent by"), max_length=150)
    kept_at = models.DateTimeField(_("sent"), auto_now_add=True)

    class Meta:
        ordering = ["file_name"]
        verbose_name = _("file of spectra")
        verbose_name_plural = _("files of spectra")
        constraints = [
            models.UniqueConstraint(fields=["owner", "digest"], name="spectrum_once_per_owner"),
        ]

    def __str__(self) -> str:
        return self.file_name
