"""All writing of weekly counts, signals and their triage."""

from tocsin.signals.services.counting import count_changes
from tocsin.signals.services.detecting import detect_waiting
from tocsin.signals.services.triage import triage_signal, undo_last_decision

__all__ = ["count_changes", "detect_waiting", "triage_signal", "undo_last_decision"]
