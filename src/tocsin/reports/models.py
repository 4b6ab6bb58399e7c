"""Tables of evidence: files that came in, immutable report versions, and their findings."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.models import GuardedRecord, Organisation, SharedRecord
from tocsin.reports.vocabulary import DatePrecision, EventType, IdentificationLevel, Matrix, Unit
from tocsin.substances.models import Substance


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
    """Why one cell of an import was refused. ``found`` is withheld where it looks personal."""

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


class Report(SharedRecord):
    """One version of what was reported about one event. Never changed but for ``is_current``.

    ``key`` names the report within its owner: the sender's reference, or the digest of the row
    and its place among equal rows where the sender gives no reference.
    """

    personal_data = "account name of who reported; references are pseudonyms"

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(_("key"), max_length=120)
    version = models.PositiveIntegerField(_("version"), default=1)
    predecessor = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="successor"
    )
    is_current = models.BooleanField(_("current"), default=True)
    is_retracted = models.BooleanField(_("retracted"), default=False)
    reason = models.TextField(_("reason of the correction or retraction"), blank=True)

    reference = models.CharField(_("sender's reference"), max_length=100, blank=True)
    event_type = models.CharField(_("event"), max_length=30, choices=EventType.choices)
    event_on = models.DateField(_("date of the event"))
    event_precision = models.CharField(
        max_length=5, choices=DatePrecision.choices, default=DatePrecision.DAY
    )
    received_on = models.DateField(_("received by the laboratory"), null=True, blank=True)
    reported_on = models.DateField(_("reported"), null=True, blank=True)
    country = models.CharField(_("country"), max_length=2)
    region = models.CharField(_("NUTS region"), max_length=5, blank=True)
    local_area = models.CharField(_("local area"), max_length=120, blank=True)
    border_post = models.CharField(_("border post"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=120, blank=True)

    content_digest = models.BinaryField(max_length=32)
    accepted_at = models.DateTimeField(_("accepted"))
    reported_by = models.CharField(_("reported by"), max_length=150)
    evidence_import = models.ForeignKey(
        EvidenceImport, on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    source_row = models.BigIntegerField(_("row of the file"), null=True, blank=True)

    class Meta:
        ordering = ["-event_on", "-id"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "key", "version"], name="report_version_once_per_owner"
            ),
            models.UniqueConstraint(
                fields=["owner", "key"],
                condition=models.Q(is_current=True),
                name="one_current_version_per_report",
            ),
            models.CheckConstraint(
                condition=models.Q(version=1, predecessor=None)
                | models.Q(version__gt=1, predecessor__isnull=False),
                name="later_versions_name_their_predecessor",
            ),
            models.CheckConstraint(
                condition=models.Q(is_retracted=False) | ~models.Q(reason=""),
                name="a_retraction_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-event_on", "-id"],
                condition=models.Q(is_current=True),
                name="report_current_newest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference or self.key[:16]} v{self.version}"

    @property
    def area(self) -> str:
        """The region below the country: the NUTS code, else the local area's name."""
        return self.region or self.local_area


class WrittenName(models.Model):
    """A substance's name as one owner writes it, and what a person or the register made of it.

    Findings point here and never change; deciding a name once answers for every row of it.
    """

    personal_data = "account name of who decided"

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(_("as written"), max_length=500)
    substance = models.ForeignKey(
        Substance, on_delete=models.PROTECT, null=True, blank=True, related_name="written_names"
    )
    tier = models.CharField(_("how it was recognised"), max_length=20, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        ordering = ["text"]
        verbose_name = _("written name")
        verbose_name_plural = _("written names")
        constraints = [
            models.UniqueConstraint(fields=["owner", "text"], name="a_text_once_per_owner"),
        ]
        indexes = [
            models.Index(
                fields=["text"],
                condition=models.Q(substance=None),
                name="written_name_unresolved",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Finding(GuardedRecord):
    """One substance found in one material of an event; part of a report version, never changed."""

    personal_data = "none"
    handling_path: ClassVar[str] = "report__handling"

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="findings")
    position = models.PositiveSmallIntegerField(default=0)
    written_name = models.ForeignKey(WrittenName, on_delete=models.PROTECT, related_name="findings")
    matrix = models.CharField(_("matrix"), max_length=12, choices=Matrix.choices)
    specimen = models.CharField(_("specimen"), max_length=80, blank=True)
    amount = models.DecimalField(
        _("amount"), max_digits=18, decimal_places=6, null=True, blank=True
    )
    unit = models.CharField(_("unit"), max_length=12, choices=Unit.choices, blank=True)
    purity_percent = models.DecimalField(
        _("purity in percent"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    technique = models.CharField(_("technique"), max_length=120, blank=True)
    identification_level = models.CharField(
        _("identification"), max_length=20, choices=IdentificationLevel.choices, blank=True
    )
    laboratory = models.CharField(_("laboratory"), max_length=120, blank=True)

    class Meta:
        ordering = ["report_id", "position"]
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="finding_place_in_report"),
            models.CheckConstraint(
                condition=models.Q(purity_percent=None)
                | models.Q(purity_percent__gte=0, purity_percent__lte=100),
                name="purity_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.written_name_id} in {self.matrix}"


class ChangeKind(models.TextChoices):
    """What happened to evidence that the next stage must look at."""

    ACCEPTED = "accepted", _("accepted")
    SUPERSEDED = "superseded", _("superseded")
    NAME_DECIDED = "name-decided", _("name decided")


class EvidenceChange(models.Model):
    """A batch of evidence that the next stage has to look at: leased, then marked done.

    ids: reports accepted or superseded, or written names decided. former_substances: what decided
    names stood for before.
    """

    personal_data = "none"

    kind = models.CharField(max_length=12, choices=ChangeKind.choices)
    ids = ArrayField(models.BigIntegerField())
    former_substances = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(done_at=None), name="evidence_change_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {len(self.ids)}"


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
