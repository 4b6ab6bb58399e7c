"""Alarms grouped into emergences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.errors import DetectionInputError
from tocsin.science.detection.emergences import Emergence, group_alarms


@pytest.mark.parametrize(
    ("quiet_weeks", "spans"),
    [
        pytest.param(1, [(0, 1), (4, 4), (8, 8)], id="any quiet week ends it"),
        pytest.param(2, [(0, 1), (4, 4), (8, 8)], id="two quiet weeks are enough"),
        pytest.param(3, [(0, 4), (8, 8)], id="two quiet weeks are too few"),
        pytest.param(4, [(0, 8)], id="three quiet weeks are too few"),
    ],
)
def test_quiet_weeks_end_an_emergence(quiet_weeks: int, spans: list[tuple[int, int]]) -> None:
    alarms = np.array([[True, True, False, False, True, False, False, False, True]])
    found = group_alarms(alarms, counts=alarms.astype(int), quiet_weeks=quiet_weeks)
    assert [(one.start_week, one.last_week) for one in found] == spans


def test_each_series_has_its_own_emergences_with_their_peak() -> None:
    alarms = np.array([[False, False, True], [True, True, True], [False, False, False]])
    counts = np.array([[0, 9, 4], [3, 7, 7], [8, 8, 8]])
    assert group_alarms(alarms, counts=counts, quiet_weeks=5) == [
        Emergence(series=0, start_week=2, last_week=2, alarm_weeks=1, peak_week=2, peak_count=4),
        Emergence(series=1, start_week=0, last_week=2, alarm_weeks=3, peak_week=1, peak_count=7),
    ]


def test_no_alarm_is_no_emergence() -> None:
    alarms = np.zeros((3, 5), dtype=np.bool_)
    assert group_alarms(alarms, counts=np.ones((3, 5)), quiet_weeks=4) == []


@pytest.mark.parametrize(
    ("alarms", "counts", "quiet_weeks", "message"),
    [
        (np.array([[1, 0]]), np.array([[1, 0]]), 1, "expected booleans"),
        (np.array([True]), np.array([1]), 1, "expected booleans"),
        (np.array([[True]]), np.array([[1, 2]]), 1, "counts: found shape"),
        (np.array([[True]]), np.array([[1]]), 0, "quiet_weeks is 0"),
    ],
)
def test_wrong_input_is_named(
    alarms: np.ndarray, counts: np.ndarray, quiet_weeks: int, message: str
) -> None:
    with pytest.raises(DetectionInputError, match=message):
        group_alarms(alarms, counts=counts, quiet_weeks=quiet_weeks)


ALARMS = arrays(np.bool_, st.tuples(st.integers(1, 3), st.integers(1, 40)))


@given(alarms=ALARMS, quiet_weeks=st.integers(1, 6))
def test_every_alarm_belongs_to_exactly_one_emergence(alarms: np.ndarray, quiet_weeks: int) -> None:
    found = group_alarms(alarms, counts=alarms.astype(int), quiet_weeks=quiet_weeks)
    covered = np.zeros(alarms.shape, dtype=int)
    for one in found:
        covered[one.series, one.start_week : one.last_week + 1] += 1
    assert (covered[alarms] == 1).all()
    assert covered.max(initial=0) <= 1
    assert sum(one.alarm_weeks for one in found) == alarms.sum()


@given(alarms=ALARMS, quiet_weeks=st.integers(1, 6), data=st.data())
def test_later_weeks_never_move_the_start_of_an_emergence(
    alarms: np.ndarray, quiet_weeks: int, data: st.DataObject
) -> None:
    until = data.draw(st.integers(1, alarms.shape[1]))
    counts = alarms.astype(int)
    full = group_alarms(alarms, counts=counts, quiet_weeks=quiet_weeks)
    then = group_alarms(alarms[:, :until], counts=counts[:, :until], quiet_weeks=quiet_weeks)
    assert [(one.series, one.start_week) for one in then] == [
        (one.series, one.start_week) for one in full if one.start_week < until
    ]
