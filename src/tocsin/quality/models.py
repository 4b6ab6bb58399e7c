"""The table of what was counted about the evidence of one month."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.models import SharedRecord
from tocsin.reports.vocabulary import EventType


class MeasuredMonth(SharedRecord):
    """Counts over the reports of one handling and type of event whose events fell in one month.

    Kept per handling, so that every sum is made over what the reader may see; counted anew as a
    whole whenever a report of it changes. filled: reports or findings that state a field, by its
    key. delays: by step (``measures.Step``), how many reports took how many days. imprecise:
    reports whose event is known to the week or month only. corrections: how many days after the
    first version later ones came. changed: reports in which a late version changed a field.
    """

    personal_data = "none"

    event_type = models.CharField(_("event"), max_length=30, choices=EventType.choices)
    month_on = models.DateField(_("month"))
    reports = models.PositiveIntegerField(_("reports"), default=0)
    findings = models.PositiveIntegerField(_("findings"), default=0)
    filled = models.JSONField(default=dict)
    delays = models.JSONField(default=dict)
    imprecise = models.PositiveIntegerField(default=0)
    corrections = models.JSONField(default=dict)
    changed = models.JSONField(default=dict)

    class Meta:
        ordering = ["month_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["handling", "event_type", "month_on"], name="measured_month_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.month_on:%Y-%m}: {self.reports}"
