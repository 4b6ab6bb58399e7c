"""Tables of alerts: one address for life, versions that two people made, texts per language."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.models import GuardedRecord, Organisation, Person, SharedRecord
from tocsin.organisations.vocabulary import TrafficLight
from tocsin.reports.vocabulary import IdentificationLevel
from tocsin.signals.models import Signal
from tocsin.substances.models import Substance


class Severity(models.TextChoices):
    """CAP 1.2 severity."""

    EXTREME = "Extreme", _("Extreme")
    SEVERE = "Severe", _("Severe")
    MODERATE = "Moderate", _("Moderate")
    MINOR = "Minor", _("Minor")
    UNKNOWN = "Unknown", _("Unknown")


class Urgency(models.TextChoices):
    """CAP 1.2 urgency."""

    IMMEDIATE = "Immediate", _("Immediate")
    EXPECTED = "Expected", _("Expected")
    FUTURE = "Future", _("Future")
    PAST = "Past", _("Past")
    UNKNOWN = "Unknown", _("Unknown")


class Certainty(models.TextChoices):
    """CAP 1.2 certainty."""

    OBSERVED = "Observed", _("Observed")
    LIKELY = "Likely", _("Likely")
    POSSIBLE = "Possible", _("Possible")
    UNLIKELY = "Unlikely", _("Unlikely")
    UNKNOWN = "Unknown", _("Unknown")


class MessageType(models.TextChoices):
    """CAP 1.2 message types that Tocsin sends."""

    ALERT = "Alert", _("Alert")
    UPDATE = "Update", _("Update")
    CANCEL = "Cancel", _("Cancellation")


class VersionState(models.TextChoices):
    """How far a version of an alert is."""

    DRAFT = "draft", _("draft")
    WAITING = "waiting", _("waiting for release")
    RELEASED = "released", _("released")
    DISCARDED = "discarded", _("discarded")


class Alert(models.Model):
    """One warning about one thing: keeps its identifier and address through all versions."""

    personal_data = "none"

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    identifier = models.CharField(_("identifier"), max_length=60, unique=True)
    signal = models.ForeignKey(
        Signal, on_delete=models.PROTECT, null=True, blank=True, related_name="alerts"
    )
    substance = models.ForeignKey(Substance, on_delete=models.PROTECT, related_name="alerts")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")

    def __str__(self) -> str:
        return self.identifier


class AlertVersion(SharedRecord):
    """One message of an alert: drafted by one person, released by another, then never changed.

    handling: who may see this version. While it is a draft, that is its owner alone; on release it
    becomes what tlp and audience ask for, and TLP:CLEAR is then open to everybody.
    evidence_level: what the findings behind it bore when they were last weighed; lowered_to: what a
    person chose to say instead. findings_bearing, findings_weighed: how many of how many findings
    bear what it says.
    """

    personal_data = "account names of who drafted and who released"

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    message_type = models.CharField(max_length=6, choices=MessageType.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=VersionState.choices, default=VersionState.DRAFT
    )
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices)
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency.choices)
    certainty = models.CharField(_("certainty"), max_length=10, choices=Certainty.choices)
    country = models.CharField(_("country"), max_length=2)
    region = models.CharField(_("NUTS region"), max_length=5, blank=True)
    expires_at = models.DateTimeField(_("valid until"))
    tlp = models.CharField(_("TLP level"), max_length=12, choices=TrafficLight.choices)
    audience = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("recipients"))
    note = models.TextField(_("reason of the update or cancellation"), blank=True)

    evidence_level = models.CharField(
        _("level that the evidence bears"),
        max_length=20,
        choices=IdentificationLevel.choices,
        blank=True,
    )
    lowered_to = models.CharField(
        _("lower level chosen"), max_length=20, choices=IdentificationLevel.choices, blank=True
    )
    is_isomer_open = models.BooleanField(_("isomer not determined"), default=False)
    findings_bearing = models.PositiveIntegerField(default=0)
    findings_weighed = models.PositiveIntegerField(default=0)

    drafted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    edited_by = ArrayField(models.BigIntegerField(), default=list)
    drafted_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(_("release asked"), null=True, blank=True)
    released_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    cap = models.BinaryField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["alert_id", "-number"]
        verbose_name = _("version of an alert")
        verbose_name_plural = _("versions of alerts")
        constraints = [
            models.UniqueConstraint(fields=["alert", "number"], name="alert_version_number"),
            models.UniqueConstraint(
                fields=["alert"],
                condition=models.Q(state__in=["draft", "waiting"]),
                name="one_open_version_per_alert",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="released")
                | (
                    models.Q(released_by__isnull=False)
                    & models.Q(released_at__isnull=False)
                    & models.Q(cap__isnull=False)
                    & (
                        models.Q(message_type="Cancel")
                        | ~models.Q(released_by=models.F("drafted_by"))
                    )
                ),
                name="released_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert} v{self.number}"

    @property
    def identification_level(self) -> str:
        """How surely the substance was identified, as this version says; empty where it does not."""
        return self.lowered_to or self.evidence_level


class AlertWording(GuardedRecord):
    """The texts of one version in one language (BCP 47)."""

    personal_data = "none"
    handling_path: ClassVar[str] = "version__handling"

    version = models.ForeignKey(AlertVersion, on_delete=models.CASCADE, related_name="wordings")
    language = models.CharField(_("language"), max_length=10)
    headline = models.CharField(_("headline"), max_length=160)
    area_description = models.CharField(_("place in words"), max_length=200)
    what_was_seen = models.TextField(_("what was seen"))
    hazard = models.TextField(_("hazard"))
    advice_practitioners = models.TextField(_("advice to practitioners"))
    advice_public = models.TextField(_("advice to the public"))

    class Meta:
        ordering = ["version_id", "language"]
        constraints = [
            models.UniqueConstraint(fields=["version", "language"], name="one_text_per_language"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.language}"
