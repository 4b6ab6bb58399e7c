"""From weekly counts to emergences: science applied to what an actor may see."""

from collections.abc import Mapping, Sequence
from datetime import date

from tocsin.signals.detected import DetectedEmergence
from tocsin.signals.firsts import derive_firsts
from tocsin.signals.judging import Rules, judge_series
from tocsin.signals.looks import Chosen, derive_looks, select_candidates
from tocsin.signals.rises import derive_rises
from tocsin.signals.series import SeriesCell, SeriesKey, Totals


def derive_emergences(
    cells: Sequence[SeriesCell],
    totals: Totals,
    rules: Rules,
    chosen: Mapping[str, Chosen],
    *,
    until: date,
) -> list[DetectedEmergence]:
    """Find the first detections and the selected rises in weekly counts, in the order of time.

    cells: every cell the reader may see of the substances in question. totals: all findings by
    matrix, country and week; they say since when a matrix has been looked at. chosen: what was
    selected of each substance. until: the day that is "today"; later findings are not read.
    """
    cells = [cell for cell in cells if cell.first_on <= until]
    wanted = {
        SeriesKey(substance, *one[:3]) for substance, selected in chosen.items() for one in selected
    }
    judged = judge_series(cells, totals, rules, until=until, wanted=wanted) if wanted else ()
    return sorted(derive_firsts(cells, totals) + derive_rises(judged, chosen), key=order_of)


def derive_all_emergences(
    cells: Sequence[SeriesCell], totals: Totals, rules: Rules, *, until: date
) -> list[DetectedEmergence]:
    """Find what looking at all substances at once finds, up to a day.

    cells: every cell of every substance, or what is selected of a week is not what it is on the
    node. What is found up to a day does not depend on later cells, but for the strength and the
    last day of an emergence that goes on.
    """
    looks = list(derive_looks(judge_series(cells, totals, rules, until=until)).values())
    chosen = select_candidates(looks, rules)
    return derive_emergences(cells, totals, rules, chosen, until=until)


def order_of(one: DetectedEmergence) -> tuple[date, str, str, str, str, str]:
    """The order in which emergences are told: by day, then substance, matrix, kind and place."""
    return (one.on, one.substance, one.matrix, one.kind, one.country, one.area)
