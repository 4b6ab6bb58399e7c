"""The stages in order: the one file that tells the story of a piece of evidence.

A file arrives and waits as an import. Its rows become report versions (``reports``), which leave
changes; the changes become weekly counts (``signals``), which queue the substances they touch, and
each night all are queued. The series of a queued substance are looked at; of the candidates of all
substances, week by week, some are selected; these and the first detections become signals. People
take it from there: triage, alert, release. Beside them, the same changes are counted for the board
of quality, and each night what is over its time is erased. Alerts whose time is over stop being in force by their
date alone.

No stage calls the next one: each leaves rows, and the next leases the rows it has not seen. A crash
anywhere repeats work and loses none. Any number of workers may run this at once.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import close_old_connections
from django.utils import timezone

from tocsin.errors import NotFoundError, TocsinError
from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import find_own_organisation, get_actor, get_node_actor
from tocsin.quality.services import measure_changes
from tocsin.reports.models import EvidenceImport
from tocsin.reports.services import (
    lease_next_import,
    remove_old_drafts,
    remove_unnamed_spectra,
    run_import,
)
from tocsin.retention.services import erase_expired
from tocsin.signals.services import (
    count_changes,
    look_at_waiting,
    queue_nightly,
    queue_rates,
    rate_waiting,
    select_waiting,
    tell_waiting,
)

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What one round of the pipeline did; series: of how many substances they were looked at."""

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
    today = timezone.localdate()
    if queue_nightly(get_node_actor(), today):
        remove_unnamed_spectra(now=timezone.now())
    remove_old_drafts(get_node_actor(), now=timezone.now())
    imports = run_next_import()
    changes, series = run_detection()
    erase_expired(get_node_actor(), today=today)
    return Work(imports, changes, series)


def run_detection(*, report_progress: Callable[[int], None] | None = None) -> tuple[int, int]:
    """Count all changed evidence and bring the signals it touches up to date.

    Returns how many changes were counted, and of how many substances the series were looked at.
    """
    changes = 0
    while counted := count_changes():
        changes += counted
    while measure_changes():
        pass
    node = get_node_actor()
    series = 0
    while looked_at := look_at_waiting(node, report_progress=report_progress):
        series += looked_at
    select_waiting()
    while tell_waiting(node):
        pass
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
            _rate_when_idle()
            time.sleep(pause_seconds)


def run_rating(*, report_progress: Callable[[int, int], None] | None = None) -> int:
    """Rate every way of looking for rises anew on the evidence held, and return how many.

    Long work: what is done stays done when it is cut off. report_progress: gets how many are done,
    and how many there are.
    """
    queue_rates()
    return rate_waiting(get_node_actor(), report_progress=report_progress)


def _rate_when_idle() -> None:
    """Compute one rate that is due, while nothing else waits: it is never urgent."""
    try:
        if find_own_organisation() is not None:
            rate_waiting(get_node_actor(), limit=1)
    except Exception:  # logged whole; a rate that cannot be computed must not end the worker
        LOGGER.exception("A rate of false rises could not be computed.")


def _derive_sender(evidence_import: EvidenceImport) -> Actor:
    """Return who sent the import, or the node itself where that account is gone."""
    try:
        return get_actor(evidence_import.created_by)
    except NotFoundError:
        return get_node_actor()
