"""Tables of what is unusual: weekly counts, signals, and what people decided about them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.models import Person, SharedRecord
from tocsin.reports.models import WrittenName
from tocsin.reports.vocabulary import Matrix
from tocsin.substances.models import Substance, SubstanceClass


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


class DetectionSetting(models.Model):
    """One version of how rises are looked for: in a class of substances, or by default. Immutable.

    substance_class: None for every class without a version of its own. settings: by name, as the
    method reads them. false_discovery_level: None lets every alarm through. in_force_from: Monday
    of the first week that is judged by it; earlier weeks stay judged as they were.
    """

    personal_data = "account name of who changed it"

    substance_class = models.ForeignKey(
        SubstanceClass,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("class"),
    )
    version = models.PositiveIntegerField(_("version"))
    method = models.CharField(_("method"), max_length=40)
    settings = models.JSONField(_("settings"), default=dict)
    false_discovery_level = models.FloatField(_("false discovery level"), null=True, blank=True)
    in_force_from = models.DateField(_("in force from"))
    reason = models.TextField(_("why"))
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(_("changed"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("detection setting")
        verbose_name_plural = _("detection settings")
        constraints = [
            models.UniqueConstraint(
                fields=["substance_class", "version"],
                name="detection_setting_version_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(false_discovery_level=None)
                | models.Q(false_discovery_level__gt=0, false_discovery_level__lt=1),
                name="false_discovery_level_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.substance_class_id or 'default'} v{self.version}: {self.method}"


class Signal(SharedRecord):
    """One emergence that deserves attention; further evidence strengthens it.

    on: first day of the emergence; last_on: day of its newest evidence. facts: the values of the
    sentence that says why. series: weeks, counts, thresholds and alarms as the method saw them.
    detection_setting: the version that was in force; None for what a node does by itself.
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
    detection_setting = models.ForeignKey(
        DetectionSetting, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
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


class SubstanceLook(models.Model):
    """What looking at the series of a substance left, until its signals are brought up to date.

    content: its series and candidates for a rise (``looks.Look``). chosen: what was selected of
    them, all substances together; None as long as that waits. is_told: the signals say so.
    """

    personal_data = "none"

    substance = models.OneToOneField(Substance, on_delete=models.CASCADE, related_name="+")
    content = models.JSONField()
    chosen = models.JSONField(null=True)
    is_told = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(is_told=False), name="substance_look_untold"
            ),
        ]

    def __str__(self) -> str:
        return str(self.substance_id)


class NightlyLook(models.Model):
    """A day on which all series were queued, so that it is done once a day however often tried.

    delays: how long reports of each matrix took, as known that night (``learned_delays``).
    """

    personal_data = "none"

    on = models.DateField(unique=True)
    delays = models.JSONField(default=dict)
    substances = models.PositiveIntegerField()
    queued_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.on}: {self.substances}"


class DetectionRate(models.Model):
    """How often a way of looking for rises would have told one in the evidence held, replayed.

    substance_class: None for all classes together. candidate: which way (``ratings.CANDIDATES``).
    confirmed, not_confirmed: of the rises, those that tell what a signal told that a person decided
    so. stable_series: series that did not change; stable_years: their years together;
    stable_rises: rises told of them. is_due: to be computed, or computed anew.
    """

    personal_data = "none"

    substance_class = models.ForeignKey(
        SubstanceClass, on_delete=models.CASCADE, null=True, related_name="+"
    )
    candidate = models.SlugField(max_length=60)
    is_due = models.BooleanField(default=True)
    method = models.CharField(_("method"), max_length=40, blank=True)
    method_version = models.CharField(_("version"), max_length=10, blank=True)
    settings = models.JSONField(_("settings"), default=dict)
    false_discovery_level = models.FloatField(_("false discovery level"), null=True)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    rises = models.PositiveIntegerField(default=0)
    confirmed = models.PositiveIntegerField(default=0)
    not_confirmed = models.PositiveIntegerField(default=0)
    stable_series = models.PositiveIntegerField(default=0)
    stable_years = models.PositiveIntegerField(default=0)
    stable_rises = models.PositiveIntegerField(default=0)
    computed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["substance_class", "candidate"],
                name="detection_rate_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.substance_class_id or 'all'} {self.candidate}"

    @property
    def years(self) -> float:
        """Length of the time replayed, in years; 0 as long as nothing was computed."""
        if self.since is None or self.until is None:
            return 0.0
        return max(0.0, (self.until - self.since).days / 365.25)
