"""The stages in order: the one file that tells the story of a piece of evidence.

A file arrives and waits as an import. Its rows become report versions (``reports``), which leave
changes; the changes become weekly counts (``signals``), which queue the series they touch; each
queued series is looked at for first detections and rises, which become signals. People take it from
there: triage, alert, release. Alerts whose time is over stop being in force by their date alone.

No stage calls the next one: each leaves rows, and the next leases the rows it has not seen. A crash
anywhere repeats work and loses none. Any number of workers may run this at once.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import close_old_connections

from tocsin.errors import NotFoundError, TocsinError
from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import find_own_organisation, get_actor, get_node_actor
from tocsin.reports.models import EvidenceImport
from tocsin.reports.services import lease_next_import, run_import
from tocsin.signals.services import count_changes, detect_waiting

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What one round of the pipeline did."""

    imports: int
    changes: int
    series: int

    @property
    def is_idle(self) -> bool:
        return not (self.imports or self.changes or self.series)


def run_round() -> Work:
    """Let each stage work on what waits for it, and say what was done."""
    if find_own_organisation() is None:
        return Work(0, 0, 0)
    imports = run_next_import()
    changes, series = run_detection()
    return Work(imports, changes, series)


def run_detection(*, report_progress: Callable[[int], None] | None = None) -> tuple[int, int]:
    """Count all changed evidence, look at all series it touches, and return how many of each."""
    changes = 0
    while counted := count_changes():
        changes += counted
    node = get_node_actor()
    series = 0
    while looked_at := detect_waiting(node, report_progress=report_progress):
        series += looked_at
    return changes, series


def run_next_import() -> int:
    """Take up the oldest import that waits, or that a dead worker left, and run it.

    Returns 1, or 0 where none waited. A file that fails is kept with the reason and is not retried.
    """
    waiting = lease_next_import()
    if waiting is None:
        return 0
    try:
        run_import(_derive_sender(waiting), waiting.pk)
    except TocsinError:
        # The reason is kept on the import, where its sender reads it.
        return 1
    return 1


def run_forever(*, pause_seconds: float, should_stop: Callable[[], bool]) -> None:
    """Run rounds until told to stop, pausing when nothing waits.

    A round that fails is logged, and what it left is taken up again: one bad file or a database
    that starts anew must not end the worker.
    """
    while not should_stop():
        close_old_connections()
        try:
            is_idle = run_round().is_idle
        except Exception:  # logged whole; ending here would leave all other work undone
            LOGGER.exception("A round of the pipeline failed; the next one goes on.")
            is_idle = True
        if is_idle:
            time.sleep(pause_seconds)


def _derive_sender(evidence_import: EvidenceImport) -> Actor:
    """Return who sent the import, or the node itself where that account is gone."""
    try:
        return get_actor(evidence_import.created_by)
    except NotFoundError:
        return get_node_actor()
