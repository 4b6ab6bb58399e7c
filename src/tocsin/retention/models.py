"""Tables of retention: periods with their history, legal holds, and the fact of each erasure."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.models import Organisation, Person
from tocsin.reports.models import Report
from tocsin.reports.vocabulary import EventType


class RetentionPeriod(models.Model):
    """One version of how long events of a type are kept; the newest is in force. Never changed.

    days: after the last day of the event; None keeps them without limit, as a type without a
    version does.
    """

    personal_data = "account name of who set it"

    event_type = models.CharField(_("event"), max_length=30, choices=EventType.choices)
    version = models.PositiveIntegerField(_("version"))
    days = models.PositiveIntegerField(_("days"), null=True, blank=True)
    reason = models.TextField(_("why"))
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(_("set"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("retention period")
        verbose_name_plural = _("retention periods")
        constraints = [
            models.UniqueConstraint(
                fields=["event_type", "version"], name="retention_period_version_once"
            ),
            models.CheckConstraint(
                condition=models.Q(days=None) | models.Q(days__gte=1), name="a_period_has_days"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_period_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} v{self.version}: {self.days}"


class LegalHold(models.Model):
    """What must not be erased whatever its period: one report, or an organisation's events of a time.

    since, until: days of events, both included; None is open. ends_on: the last day it holds; None
    until it is lifted. Changed once, when it is lifted.
    """

    personal_data = "account names of who placed and who lifted it"

    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    event_type = models.CharField(_("event"), max_length=30, choices=EventType.choices, blank=True)
    since = models.DateField(_("events from"), null=True, blank=True)
    until = models.DateField(_("events to"), null=True, blank=True)
    reason = models.TextField(_("why"))
    placed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(_("placed"), auto_now_add=True)
    ends_on = models.DateField(_("holds to"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lift_reason = models.TextField(_("why it was lifted"), blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    report__isnull=False,
                    organisation=None,
                    event_type="",
                    since=None,
                    until=None,
                )
                | models.Q(report=None, organisation__isnull=False),
                name="a_hold_is_on_a_report_or_an_organisation",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_hold_says_why"),
            models.CheckConstraint(
                condition=models.Q(lifted_at=None, lifted_by=None, lift_reason="")
                | (
                    models.Q(lifted_at__isnull=False, lifted_by__isnull=False)
                    & ~models.Q(lift_reason="")
                ),
                name="a_lifted_hold_says_who_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"


class Erasure(models.Model):
    """One night's erasing: opened before the first row goes, closed after the last. Never removed.

    As long as it is open, the database lets the content of the reports that it names be erased.
    """

    personal_data = "none"

    on = models.DateField(_("night"), unique=True)
    begun_at = models.DateTimeField(_("begun"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        ordering = ["-on"]
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")

    def __str__(self) -> str:
        return f"{self.on}"


class ErasedReport(models.Model):
    """A report version that an erasure names, written before its content goes. Never changed."""

    personal_data = "none"

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="+")
    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="reports")

    class Meta:
        verbose_name = _("erased report")
        verbose_name_plural = _("erased reports")

    def __str__(self) -> str:
        return str(self.report_id)


class ErasedCount(models.Model):
    """How much of one owner, type of event and month one erasure took away, under which period.

    reports: events; versions: of these reports. event_type, month_on, period: empty in the row
    that counts files, which hold events of any type.
    """

    personal_data = "none"

    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="counts")
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    period = models.ForeignKey(
        RetentionPeriod, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    event_type = models.CharField(_("event"), max_length=30, choices=EventType.choices, blank=True)
    month_on = models.DateField(_("month of the events"), null=True, blank=True)
    reports = models.PositiveIntegerField(_("reports"), default=0)
    versions = models.PositiveIntegerField(_("versions"), default=0)
    findings = models.PositiveIntegerField(_("findings"), default=0)
    files = models.PositiveIntegerField(_("files"), default=0)

    class Meta:
        ordering = ["-erasure_id", "id"]
        verbose_name = _("count of what was erased")
        verbose_name_plural = _("counts of what was erased")
        constraints = [
            models.UniqueConstraint(
                fields=["erasure", "owner", "event_type", "month_on", "period"],
                name="erased_count_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.erasure_id} {self.owner_id} {self.event_type} {self.month_on}"
