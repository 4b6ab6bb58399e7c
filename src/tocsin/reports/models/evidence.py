"""Tables of evidence: immutable report versions, their findings, and names as written."""

from datetime import date
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.models import GuardedRecord, Organisation, SharedRecord
from tocsin.reports.models.erasure import ERASED_PREFIX
from tocsin.reports.models.imports import EvidenceImport
from tocsin.reports.vocabulary import DatePrecision, EventType, IdentificationLevel, Matrix, Unit
from tocsin.substances.models import IdentityEvent, Substance


class Report(SharedRecord):
    """One version of what was reported about one event. Never changed but for ``is_current``.

    When its time is over its content is erased: the row stays, for what points to it, and says
    nothing but its type, its month, whose it was, and when it was erased.

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
    details = models.JSONField(_("further fields"), default=dict)

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
            models.Index(
                fields=["event_on"],
                condition=models.Q(version__gt=1),
                name="report_later_versions",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference or self.key[:16]} v{self.version}"

    @property
    def erased_on(self) -> date | None:
        """The day on which the content of this version was erased; None where it is held."""
        if not self.key.startswith(ERASED_PREFIX):
            return None
        return date.fromisoformat(self.details["erased_on"])

    @property
    def area(self) -> str:
        """The region below the country: the NUTS code, else the local area's name."""
        return self.region or self.local_area


class WrittenName(models.Model):
    """A substance's name as one owner writes it, and what a person or the register made of it.

    Findings point here and never change; deciding a name once answers for every row of it.
    form: in which form the text states the substance, such as "hydrochloride".
    reading: None for what the text means by itself; else the event in which the owner said what it
    means in some reports, such as which isomer a later analysis found.
    """

    personal_data = "account name of who decided"

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(_("as written"), max_length=500)
    substance = models.ForeignKey(
        Substance, on_delete=models.PROTECT, null=True, blank=True, related_name="written_names"
    )
    reading = models.ForeignKey(
        IdentityEvent, on_delete=models.PROTECT, null=True, blank=True, related_name="readings"
    )
    form = models.CharField(_("form"), max_length=120, blank=True)
    tier = models.CharField(_("how it was recognised"), max_length=20, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        ordering = ["text"]
        verbose_name = _("written name")
        verbose_name_plural = _("written names")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "text"],
                condition=models.Q(reading=None),
                name="a_text_once_per_owner",
            ),
            models.UniqueConstraint(
                fields=["owner", "text", "reading"], name="a_text_once_per_reading"
            ),
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


class IdentityConsequence(models.Model):
    """What an event of identity changed for one written name; added and never changed.

    substance_before, substance_after: what its findings were of before and after. report: the new
    version that was written, where the event was about single reports; None where every finding of
    the name followed.
    """

    personal_data = "none"

    event = models.ForeignKey(IdentityEvent, on_delete=models.PROTECT, related_name="consequences")
    written_name = models.ForeignKey(
        WrittenName, on_delete=models.PROTECT, related_name="consequences"
    )
    substance_before = models.ForeignKey(Substance, on_delete=models.PROTECT, related_name="+")
    substance_after = models.ForeignKey(Substance, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("consequence of an event of identity")
        verbose_name_plural = _("consequences of events of identity")

    def __str__(self) -> str:
        return f"{self.written_name_id}: {self.substance_before_id} → {self.substance_after_id}"


class Finding(GuardedRecord):
    """One substance found in one material of an event; part of a report version, never changed.

    is_counted: stands for one finding in counts over weeks, as what was looked for and not found,
    or is itself a count over a period, does not.
    """

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
    details = models.JSONField(_("further fields"), default=dict)
    is_counted = models.BooleanField(_("counted"), default=True)

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
    ERASED = "erased", _("erased")


class EvidenceChange(models.Model):
    """A batch of evidence that the next stage has to look at: leased, then marked done.

    ids: reports accepted, superseded or erased, or written names decided. former_substances: what
    decided names stood for before. done_at: counted by week; measured_at: counted for the board of
    quality, a stage of its own.
    """

    personal_data = "none"

    kind = models.CharField(max_length=12, choices=ChangeKind.choices)
    ids = ArrayField(models.BigIntegerField())
    former_substances = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    measured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(done_at=None), name="evidence_change_waiting"
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(measured_at=None),
                name="evidence_change_unmeasured",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {len(self.ids)}"
