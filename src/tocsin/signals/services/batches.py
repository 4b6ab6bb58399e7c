"""Work on waiting substances, some of them in one transaction."""

from collections.abc import Callable

from django.db import transaction

from tocsin.organisations.actors import Actor
from tocsin.signals.queries import list_matrix_totals
from tocsin.signals.series import Totals

BATCH = 20
"""So many substances are looked at in one transaction, and in one call of each method."""

ReportProgress = Callable[[int], None]


def work_in_batches(
    node: Actor,
    work: Callable[[Totals, int], int],
    *,
    waits: Callable[[], bool],
    limit: int,
    report_progress: ReportProgress | None = None,
) -> int:
    """Let work take up waiting substances until none waits or limit is reached; returns how many.

    work: is given all findings by matrix and how many substances at most, and returns how many it
    did, in one transaction; a crash leaves those waiting. Where one of them fails, it is tried with
    any single one instead. waits: whether anything does, asked before the findings are read.
    """
    totals: Totals | None = None
    done = 0
    while done < limit:
        if totals is None:
            if not waits():
                break
            totals = Totals(list_matrix_totals(node))
        worked = _work_once(work, totals, min(BATCH, limit - done))
        if not worked:
            break
        for _substance in range(worked):
            done += 1
            if report_progress is not None:
                report_progress(done)
    return done


def _work_once(work: Callable[[Totals, int], int], totals: Totals, limit: int) -> int:
    try:
        with transaction.atomic():
            return work(totals, limit)
    except Exception:
        if limit == 1:
            raise
    return _work_once(work, totals, 1)
