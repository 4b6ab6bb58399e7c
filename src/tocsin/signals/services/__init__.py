"""All writing of weekly counts, signals, their triage, and how rises are looked for."""

from tocsin.signals.services.counting import count_changes
from tocsin.signals.services.detecting import (
    look_at_waiting,
    queue_all,
    queue_nightly,
    select_waiting,
)
from tocsin.signals.services.detection_settings import change_detection_setting
from tocsin.signals.services.rating import queue_rates, rate_waiting
from tocsin.signals.services.telling import tell_waiting
from tocsin.signals.services.triage import lock_signal, triage_signal, undo_last_decision

__all__ = [
    "change_detection_setting",
    "count_changes",
    "lock_signal",
    "look_at_waiting",
    "queue_all",
    "queue_nightly",
    "queue_rates",
    "rate_waiting",
    "select_waiting",
    "tell_waiting",
    "triage_signal",
    "undo_last_decision",
]
