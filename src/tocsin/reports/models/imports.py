"""Tables of what came in as a file: the import, its problems, and profiles of columns."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.models import GuardedRecord, Organisation, SharedRecord


class ImportState(models.TextChoices):
    """How far an import is."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    FINISHED = "finished", _("finished")
    STOPPED = "stopped", _("stopped")
    FAILED = "failed", _("failed")


class EvidenceImport(SharedRecord):
    """One file that somebody sent, and what became of its rows.

    ``rows_done`` is saved in the same transaction as the rows it counts, so an import that was
    cut off goes on where it stopped.
    """

    personal_data = "account name of who sent the file"

    file_name = models.CharField(_("file"), max_length=200)
    file_digest = models.CharField(_("SHA-256"), max_length=64, db_index=True)
    file_size = models.BigIntegerField(_("bytes"))
    profile_name = models.CharField(_("profile"), max_length=80)
    profile_text = models.TextField(_("profile as used"))
    state = models.CharField(
        _("state"), max_length=10, choices=ImportState.choices, default=ImportState.WAITING
    )
    created_by = models.CharField(_("sent by"), max_length=150)
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    claimed_at = models.DateTimeField(_("taken up"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    stop_requested = models.BooleanField(default=False)
    rows_total = models.BigIntegerField(_("rows in the file"), null=True, blank=True)
    rows_done = models.BigIntegerField(_("rows read"), default=0)
    accepted = models.BigIntegerField(_("accepted"), default=0)
    corrected = models.BigIntegerField(_("of these corrections"), default=0)
    duplicates = models.BigIntegerField(_("already held"), default=0)
    refused = models.BigIntegerField(_("refused"), default=0)
    unresolved = models.BigIntegerField(_("rows with an unknown name"), default=0)
    failure = models.TextField(_("why it failed"), blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return f"{self.file_name} ({self.pk})"


class ImportProblem(GuardedRecord):
    """Why one cell of an import was refused, or how its row is held as an earlier version only.

    ``found`` is withheld where it looks personal.
    """

    personal_data = "none"
    handling_path: ClassVar[str] = "evidence_import__handling"

    evidence_import = models.ForeignKey(
        EvidenceImport, on_delete=models.CASCADE, related_name="problems"
    )
    row = models.BigIntegerField(_("row"))
    column = models.CharField(_("column"), max_length=200, blank=True)
    code = models.CharField(_("code"), max_length=40)
    found = models.CharField(_("found"), max_length=80, blank=True)
    expected = models.CharField(_("expected"), max_length=300)

    class Meta:
        ordering = ["row", "id"]
        verbose_name = _("problem")
        verbose_name_plural = _("problems")

    def __str__(self) -> str:
        return f"row {self.row} {self.column}: {self.code}"


class ImportProfile(models.Model):
    """A profile that a person made by matching columns; the shipped ones are files."""

    personal_data = "none"

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.SlugField(_("name"), max_length=60)
    text = models.TextField(_("profile"))

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="profile_name_once_per_owner"),
        ]

    def __str__(self) -> str:
        return self.name
