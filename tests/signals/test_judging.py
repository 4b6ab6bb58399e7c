"""What the p-values say that are weighed together, and of how many weeks."""

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.science.detection.emergence import EmergenceJudgements
from tocsin.science.detection.methods import SeriesBlock, run_method
from tocsin.signals.judging import JudgedSeries, judge_series
from tocsin.signals.rules import RiseRule
from tocsin.signals.series import MatrixTotal, SeriesCell, Totals

FIRST_MONDAY = date(2010, 1, 4)
INEXACT = ("farrington-flexible", "ears-c1", "ears-c2", "ears-c3", "spike-rule")


def judge(counts: NDArray[np.int64], method: str) -> JudgedSeries:
    """Judge series of a country that has reported in every week; series without cases too."""
    mondays = [FIRST_MONDAY + timedelta(weeks=week) for week in range(counts.shape[1])]
    cells = [
        SeriesCell(f"{row:04}", "seized", "IE", "", mondays[week], count, mondays[week])
        for row, of_row in enumerate(counts.tolist())
        for week, count in enumerate(of_row)
        if count
    ]
    totals = Totals([MatrixTotal("seized", "IE", "", mondays[0], 1)])
    rules = {cell.substance: (RiseRule(method=method),) for cell in cells}
    (judged,) = judge_series(cells, totals, rules, until=mondays[-1])
    return judged


@pytest.mark.parametrize("method", INEXACT)
def test_rare_counts_that_do_not_change_are_strange_no_more_often_than_they_say(
    method: str,
) -> None:
    # One case in fifty weeks. Farrington's own p-values: 106 times as often at most 1e-4 as that.
    counts = np.random.default_rng(2026).poisson(0.02, size=(400, 10 * 52))
    late = judge(counts, method).p_values[:, 6 * 52 :]
    for level in (1e-1, 1e-2, 1e-3, 1e-4):
        assert (late <= level).mean() <= level


@pytest.mark.parametrize("method", INEXACT)
def test_where_cases_are_many_a_p_value_stays_that_of_the_method_or_grows(method: str) -> None:
    counts = np.random.default_rng(2026).negative_binomial(5, 0.2, size=(3, 8 * 52))
    judged = judge(counts, method)
    own = run_own(judged, method)
    assert (judged.p_values >= own).all()
    if method == "farrington-flexible":
        # It learns how far counts spread, which a Poisson rate does not: its own say less.
        rare = own < 0.01
        assert rare.any()
        np.testing.assert_array_equal(judged.p_values[rare], own[rare])


@pytest.mark.parametrize("method", ["emergence", "sparse", "time-between-events", "cusum"])
def test_p_values_that_are_true_of_rare_counts_stay_as_they_are(method: str) -> None:
    counts = np.random.default_rng(2026).poisson(0.1, size=(5, 4 * 52))
    judged = judge(counts, method)
    np.testing.assert_array_equal(judged.p_values, run_own(judged, method))


@pytest.mark.parametrize(
    ("method", "weeks"),
    [("farrington-flexible", 1), ("ears-c1", 1), ("ears-c2", 1), ("ears-c3", 3), ("spike-rule", 4)],
)
def test_the_weeks_of_a_p_value_are_named(method: str, weeks: int) -> None:
    judged = judge(np.ones((1, 60), dtype=np.int64), method)
    assert (judged.window_weeks == weeks).all()


def test_the_window_of_sparse_is_the_one_it_found_most_surprising() -> None:
    judged = judge(np.array([[1, *[0] * 98, 1, 0, 0, 1]]), "sparse")
    # Two cases in four weeks; the windows are of 1, 2, 4, 8, 13 and 26 weeks.
    assert judged.window_weeks[0, -1] == 4


def run_own(judged: JudgedSeries, method: str) -> NDArray[np.float64]:
    """The p-values as the method has them, 1 where it did not judge."""
    block = SeriesBlock(
        tuple(" ".join(key) for key in judged.group.keys),
        judged.group.counts,
        dates=judged.group.weeks,
        by_date=True,
    )
    own = run_method(method, block)
    values = own.window_p_values if isinstance(own, EmergenceJudgements) else own.p_values
    return np.where(own.is_judged, values, 1.0)
