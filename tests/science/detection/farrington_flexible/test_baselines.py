from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tocsin.errors import DetectionInputError
from tocsin.science.detection.farrington_flexible import IMPROVED, ORIGINAL
from tocsin.science.detection.farrington_flexible.baselines import (
    check_dates,
    derive_baselines,
)

MONDAYS = np.datetime64("2012-12-03") + 7 * np.arange(200)


def derive(week: int, settings: Any, **arguments: Any) -> Any:
    given = {"frequency": 52, "days": None, **arguments}
    return derive_baselines(np.array([week]), settings, **given)


def test_without_season_the_past_is_the_same_weeks_of_each_year() -> None:
    past = derive(110, replace(ORIGINAL, b=2, w=1))
    assert past.positions.tolist() == [5, 6, 7, 57, 58, 59]
    assert past.run_lengths.tolist() == [3, 3]
    assert past.run_groups.tolist() == [0, 0]
    # One number is taken off all times, which moves no slope.
    assert (past.times - past.times_now[0]).tolist() == [-105, -104, -103, -53, -52, -51]


def test_with_season_the_year_between_windows_is_divided() -> None:
    # 52 - 5 = 47 weeks in three groups: 16, 16 and 15; the last window's own weeks are left out.
    past = derive(60, replace(IMPROVED, b=1, w=2, no_periods=4, past_weeks_not_included=2))
    assert past.run_groups.tolist() == [3, 0, 1, 2]
    assert past.run_lengths.tolist() == [5, 16, 16, 15]
    assert past.positions.tolist() == list(range(6, 58))
    assert past.n_groups.tolist() == [4]


def test_recent_weeks_are_left_out() -> None:
    past = derive(60, replace(IMPROVED, b=1, w=2, no_periods=4, past_weeks_not_included=26))
    assert past.positions.tolist() == list(range(6, 34))
    assert past.run_lengths.tolist() == [5, 16, 7]
    # The third group has no week left; the window is the last of those present.
    assert past.run_groups.tolist() == [2, 0, 1]


def test_a_week_without_any_window_left_is_not_judged() -> None:
    assert derive(60, replace(IMPROVED, b=1, past_weeks_not_included=60)).weeks.size == 0


@pytest.mark.parametrize(
    ("week", "positions"),
    [
        pytest.param(20, [], id="no week a year before"),
        pytest.param(53, [], id="two weeks of the window missing"),
        pytest.param(54, list(range(6)), id="one missing, which R lets pass"),
        pytest.param(55, list(range(7)), id="whole window"),
    ],
)
def test_the_first_weeks_are_judged_where_r_does(week: int, positions: list[int]) -> None:
    past = derive(week, replace(ORIGINAL, b=1, w=3))
    assert past.positions.tolist() == positions
    assert past.weeks.tolist() == ([week] if positions else [])


@pytest.mark.parametrize(
    ("day", "year_before"),
    [
        pytest.param("2015-12-28", "2014-12-29", id="nearest Monday after"),
        pytest.param("2016-02-29", "2015-03-02", id="leap day is looked for on 1 March"),
        pytest.param("2016-01-04", "2015-01-05", id="a year of 53 weeks lies between"),
        pytest.param("2014-09-01", "2013-09-02", id="52 weeks"),
    ],
)
def test_by_date_a_year_earlier_is_the_nearest_same_weekday(day: str, year_before: str) -> None:
    week = int(np.flatnonzero(np.datetime64(day) == MONDAYS)[0])
    past = derive(week, replace(ORIGINAL, b=1, w=0), days=MONDAYS.astype(np.int64))
    assert MONDAYS[past.positions].tolist() == [np.datetime64(year_before).item()]


def test_by_date_months_are_apart_as_the_calendar_has_it() -> None:
    months = (np.datetime64("2011-01", "M") + np.arange(40)).astype("datetime64[D]")
    past = derive(38, replace(ORIGINAL, b=2, w=1), frequency=12, days=months.astype(np.int64))
    assert past.positions.tolist() == [13, 14, 15, 25, 26, 27]
    # March 2014 to February 2012 are 759 days; a step is January 2011.
    assert np.isclose(past.times_now[0] - past.times[0], 759 / 31)
    assert past.run_lengths.tolist() == [1] * 6


def test_by_date_a_year_not_held_is_not_judged() -> None:
    days = MONDAYS.astype(np.int64)
    assert derive(30, replace(ORIGINAL, b=1), days=days).weeks.size == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"w": 26}, "w is 26; expected windows of 2w"),
        ({"no_periods": 53}, "no_periods is 53; expected at most 52"),
    ],
)
def test_settings_without_room_in_a_year_are_refused(changes: Any, message: str) -> None:
    with pytest.raises(DetectionInputError, match=message):
        derive(120, replace(IMPROVED, **changes))


@pytest.mark.parametrize(
    ("dates", "frequency", "message"),
    [
        (MONDAYS[[0, 1, 3]], 52, "week 2: found 2012-12-24 after 2012-12-10; expected a week"),
        (MONDAYS[[0, 1, 1]], 52, "week 2: found 2012-12-10 after 2012-12-10"),
        (MONDAYS[[0, 2, 1]], 52, "week 1: found 2012-12-17 after 2012-12-03"),
        (MONDAYS[:2], 52, "expected datetime64 of shape"),
        (np.arange(3), 52, "expected datetime64 of shape"),
        (np.array(["2012-12-03", "NaT", "2012-12-17"], dtype="M8[D]"), 52, "week 1 has none"),
        (np.array(["2012-01-01", "2012-02-01", "2012-04-01"], dtype="M8[D]"), 12, "week 2: found"),
        (np.array(["2012-01-01", "2012-02-02", "2012-03-02"], dtype="M8[D]"), 12, "week 1: found"),
    ],
)
def test_a_week_left_out_counted_twice_or_out_of_order_is_named(
    dates: Any, frequency: int, message: str
) -> None:
    with pytest.raises(DetectionInputError, match=message):
        check_dates(dates, 3, frequency)
