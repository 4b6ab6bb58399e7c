"""Tables of what is unusual: weekly counts, signals, and what people decided about them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.models import Person, SharedRecord
from tocsin.reports.models import WrittenName
from tocsin.reports.vocabulary import Matrix
from tocsin.substances.models import Substance


class WeeklyCount(SharedRecord):
    """How many current findings of one written name fell in one week at one place.

    Counted per handling, so that every sum is made over what the reader may see. Pages read these
    cells and never the findings, whatever their number. ``first_on`` is the earliest day in the
    week with such a finding.
    """

    personal_data = "none"

    written_name = models.ForeignKey(WrittenName, on_delete=models.PROTECT, related_name="+")
    matrix = models.CharField(max_length=12, choices=Matrix.choices)
    country = models.CharField(max_length=2)
    area = models.CharField(max_length=120, blank=True)
    week_on = models.DateField()
    count = models.IntegerField()
    first_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["handling", "written_name", "matrix", "country", "area", "week_on"],
                name="weekly_count_cell",
            ),
        ]
        indexes = [
            models.Index(
                fields=["week_on"],
                include=["handling", "written_name", "country", "count"],
                name="weekly_count_by_week",
            ),
            models.Index(
                fields=["written_name"], include=["handling", "count"], name="weekly_count_by_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.written_name_id} {self.country} {self.area} {self.week_on}: {self.count}"


class SignalKind(models.TextChoices):
    """What is unusual about it."""

    FIRST_DETECTION = "first-detection", _("first detection")
    FIRST_IN_COUNTRY = "first-in-country", _("first in country")
    FIRST_IN_REGION = "first-in-region", _("first in region")
    SPIKE = "spike", _("rise")


class SignalState(models.TextChoices):
    """Where a signal's triage stands."""

    NEW = "new", _("new")
    VERIFYING = "verifying", _("under verification")
    CONFIRMED = "confirmed", _("confirmed")
    NOT_CONFIRMED = "not-confirmed", _("not confirmed")
    MERGED = "merged", _("merged")


class Signal(SharedRecord):
    """One emergence that deserves attention; further evidence strengthens it.

    on: first day of the emergence; last_on: day of its newest evidence. facts: the values of the
    sentence that says why. series: weeks, counts, thresholds and alarms as the method saw them.
    is_backlog: it lay long before the evidence was loaded, so it is no news.
    """

    personal_data = "account name of who took it up"

    kind = models.CharField(_("kind"), max_length=20, choices=SignalKind.choices)
    substance = models.ForeignKey(
        Substance, on_delete=models.PROTECT, related_name="signals", verbose_name=_("substance")
    )
    matrix = models.CharField(_("matrix"), max_length=12, choices=Matrix.choices)
    country = models.CharField(_("country"), max_length=2, blank=True)
    area = models.CharField(_("area"), max_length=120, blank=True)
    places = ArrayField(models.CharField(max_length=120), default=list)
    on = models.DateField(_("since"), db_index=True)
    last_on = models.DateField(_("newest evidence"))
    evidence_count = models.PositiveIntegerField(_("findings"))
    facts = models.JSONField(default=dict)
    method = models.CharField(_("method"), max_length=40)
    method_version = models.CharField(_("version"), max_length=10)
    settings = models.JSONField(default=dict)
    series = models.JSONField(default=dict)
    state = models.CharField(
        _("state"), max_length=15, choices=SignalState.choices, default=SignalState.NEW
    )
    taken_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    is_backlog = models.BooleanField(_("found in older evidence"), default=False)
    created_at = models.DateTimeField(_("found"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ["-on", "-id"]
        verbose_name = _("signal")
        verbose_name_plural = _("signals")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "substance", "matrix", "country", "area", "on"],
                name="one_signal_per_emergence",
            ),
            models.CheckConstraint(
                condition=models.Q(state="merged", merged_into__isnull=False)
                | (~models.Q(state="merged") & models.Q(merged_into=None)),
                name="merged_names_the_other",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-on"], name="signal_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.substance_id} {self.country} {self.area} {self.on}"


class SignalDecision(models.Model):
    """One step of a signal's triage: who moved it from where to where, and why."""

    personal_data = "account name of who decided"

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="decisions")
    from_state = models.CharField(max_length=15, choices=SignalState.choices)
    to_state = models.CharField(max_length=15, choices=SignalState.choices)
    reason = models.TextField(_("why"), blank=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.signal_id}: {self.from_state} to {self.to_state}"


class SeriesQueue(models.Model):
    """Series that the detection stage has to look at again: leased, then removed."""

    personal_data = "none"

    substance = models.OneToOneField(Substance, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return str(self.substance_id)
