"""The spike rule against hand arithmetic and its properties."""

import csv
import gzip
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT
from tocsin.science.detection.spike_rule import SpikeRuleSettings, detect_spikes

SHARED = Path(__file__).parents[4] / "shared"

# One week against the four before it: small enough to work out by hand.
HAND = SpikeRuleSettings(
    window_weeks=1, baseline_weeks=4, minimum_baseline_weeks=2, minimum_count=1
)


def test_threshold_is_the_mean_plus_two_sample_sd_of_the_weeks_before() -> None:
    result = detect_spikes(np.array([[1, 3, 1, 3, 5, 4]]), HAND)
    # Week 4: past 1 3 1 3, mean 2, SD sqrt(4/3). Week 5: past 3 1 3 5, mean 3, SD sqrt(8/3).
    assert result.is_judged[0].tolist() == [False] * 2 + [True] * 4
    assert np.isnan(result.expected[0, :2]).all()
    assert result.expected[0, 2:].tolist() == [2.0, 5 / 3, 2.0, 3.0]
    assert np.isnan(result.thresholds[0, :2]).all()
    assert result.thresholds[0, 4:] == pytest.approx([4.309401077, 6.265986324])
    assert result.alarms[0].tolist() == [False, False, False, False, True, False]
    # (5 − 2) / sqrt(4/3) and (4 − 3) / sqrt(8/3); normal tails from printed tables.
    assert result.scores[0, 4:] == pytest.approx([2.598076211, 0.612372436])
    assert result.p_values[0, 4:] == pytest.approx([0.004687, 0.270146], abs=1e-6)
    assert (result.method, result.version, result.settings) == ("spike-rule", "1", HAND)


def test_longer_window_is_compared_with_past_windows_that_do_not_touch_it() -> None:
    settings = SpikeRuleSettings(
        window_weeks=2, baseline_weeks=4, minimum_baseline_weeks=4, minimum_count=1
    )
    result = detect_spikes(np.array([[9, 1, 0, 2, 1, 4, 3]]), settings)
    assert result.is_judged[0].tolist() == [False] * 5 + [True] * 2
    assert result.statistics[0, 5:].tolist() == [5.0, 7.0]
    # Week 6 counts weeks 5 and 6; its past is weeks 1 to 4, whose windows hold 1, 2 and 3.
    assert result.expected[0, 6] == 2.0
    assert result.thresholds[0, 6] == 4.0
    assert result.alarms[0].tolist() == [False] * 6 + [True]


def test_week_that_equals_its_threshold_does_not_alarm() -> None:
    # Past 1 3 1 3 with no spread counted: threshold 2.
    settings = SpikeRuleSettings(1, 4, 0.0, 1, 2)
    assert detect_spikes(np.array([[1, 3, 1, 3, 2]]), settings).alarms[0].tolist()[4] is False


@pytest.mark.parametrize(
    ("counts", "alarm_weeks"),
    [
        pytest.param([0] * 80, [], id="nothing ever seen"),
        pytest.param([7] * 80, [], id="steady"),
        pytest.param([500], [], id="one week of history"),
        pytest.param([0] * 10 + [500], [], id="a week short of enough past"),
        pytest.param([0] * 11 + [500], [11], id="just enough past"),
        pytest.param([0] * 20 + [2], [], id="below the least count"),
        pytest.param([0] * 20 + [1, 0, 1, 1], [23], id="third case within four weeks"),
        pytest.param([MAXIMUM_COUNT] * 80, [], id="steady at the greatest count"),
        pytest.param([10**9, 10**9 + 1] * 40 + [2 * 10**9], [80], id="large counts keep digits"),
        pytest.param([], [], id="no week"),
    ],
)
def test_edges_alarm_exactly_in_these_weeks(counts: list[int], alarm_weeks: list[int]) -> None:
    result = detect_spikes(np.array([counts], dtype=np.int64))
    assert np.flatnonzero(result.alarms[0]).tolist() == alarm_weeks
    for values in (result.expected, result.thresholds, result.statistics, result.scores):
        assert np.array_equal(np.isfinite(values), result.is_judged)
    assert np.array_equal(np.isfinite(result.p_values), result.is_judged)


def test_no_series_gives_an_empty_result() -> None:
    assert detect_spikes(np.zeros((0, 30), dtype=np.int64)).alarms.shape == (0, 30)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        pytest.param(np.array([[0, 1], [2, -1]]), "series 1, week 1: found -1", id="negative"),
        pytest.param(np.array([[0.0, np.nan]]), "series 0, week 1: found nan", id="not a number"),
        pytest.param(np.array([[np.inf]]), "series 0, week 0: found inf", id="infinite"),
        pytest.param(np.array([[1.0, 2.5]]), "series 0, week 1: found 2.5", id="fraction"),
        pytest.param(np.array([[0, 10**12 + 1]]), "series 0, week 1: found 10", id="too large"),
        pytest.param(np.array([[2**64 - 1]], dtype=np.uint64), "series 0, week 0", id="unsigned"),
        pytest.param(np.array([1, 2]), "found 1 dimension", id="one dimension"),
        pytest.param(np.array([["3"]]), "found values of type", id="text"),
    ],
)
def test_what_is_not_a_count_is_refused_by_series_and_week(
    counts: np.ndarray, message: str
) -> None:
    with pytest.raises(DetectionInputError, match=message):
        detect_spikes(counts)


@pytest.mark.parametrize(
    "wrong",
    [
        {"window_weeks": 0},
        {"window_weeks": 8},
        {"baseline_weeks": 7},
        {"standard_deviations": float("nan")},
        {"standard_deviations": -1.0},
        {"minimum_count": 0},
    ],
    ids=str,
)
def test_settings_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(DetectionInputError, match=next(iter(wrong))):
        SpikeRuleSettings(**wrong)  # type: ignore[arg-type]


COUNTS = arrays(
    np.int64,
    st.tuples(st.integers(1, 4), st.integers(1, 90)),
    elements=st.one_of(st.integers(0, 5), st.integers(0, MAXIMUM_COUNT)),
)
SETTINGS = st.builds(
    SpikeRuleSettings,
    window_weeks=st.integers(1, 6),
    baseline_weeks=st.integers(20, 60),
    minimum_baseline_weeks=st.integers(7, 20),
    minimum_count=st.integers(1, 5),
)


@given(counts=COUNTS, settings=SETTINGS, data=st.data())
def test_nothing_later_than_a_week_changes_what_is_said_of_it(
    counts: np.ndarray, settings: SpikeRuleSettings, data: st.DataObject
) -> None:
    until = data.draw(st.integers(0, counts.shape[1]))
    full, truncated = detect_spikes(counts, settings), detect_spikes(counts[:, :until], settings)
    assert np.array_equal(truncated.alarms, full.alarms[:, :until])
    for name in ("expected", "thresholds", "statistics", "scores", "p_values"):
        whole, part = getattr(full, name), getattr(truncated, name)
        assert np.array_equal(part, whole[:, :until], equal_nan=True)


@given(counts=COUNTS, settings=SETTINGS)
def test_rule_agrees_with_its_definition_written_out_week_by_week(
    counts: np.ndarray, settings: SpikeRuleSettings
) -> None:
    result = detect_spikes(counts, settings)
    window = settings.window_weeks
    for series, week in np.ndindex(*counts.shape):
        past = counts[
            series, max(week - window - settings.baseline_weeks + 1, 0) : week - window + 1
        ]
        if week - window + 1 < settings.minimum_baseline_weeks:
            assert not result.is_judged[series, week]
            assert np.isnan(result.thresholds[series, week])
            continue
        sums = [past[i : i + window].sum() for i in range(len(past) - window + 1)]
        least = settings.minimum_count - 1
        assert result.expected[series, week] == pytest.approx(np.mean(sums))
        assert result.thresholds[series, week] == pytest.approx(
            max(np.mean(sums) + 2 * np.std(sums, ddof=1), least)
        )


@given(counts=COUNTS)
def test_series_are_judged_independently(counts: np.ndarray) -> None:
    together = detect_spikes(counts)
    for series in range(counts.shape[0]):
        alone = detect_spikes(counts[series : series + 1])
        assert np.array_equal(alone.alarms[0], together.alarms[series])


def test_more_series_than_one_chunk_holds_are_judged_alike() -> None:
    counts = np.tile(np.array([[0] * 20 + [3]]), (600, 1))
    assert detect_spikes(counts).alarms[:, 20].all()


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared beside the checkout")
@pytest.mark.parametrize(
    ("substance", "first_alarm_on"),
    [
        # The third death, and the first alarm of EARS C2 with R, of ../shared/design/signals.md.
        pytest.param("carfentanil", date(2017, 6, 5), id="carfentanil"),
        pytest.param("eutylone", date(2021, 3, 22), id="eutylone"),
    ],
)
def test_rare_newcomer_rises_in_a_window_of_four_weeks_and_never_in_one(
    substance: str, first_alarm_on: date
) -> None:
    path = SHARED / "data/deaths/connecticut_2012_2022.csv.gz"
    first_monday = date(2011, 12, 26)
    counts = np.zeros((1, 575), dtype=np.int64)
    with gzip.open(path, mode="rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if substance in row["substances"].split(";"):
                counts[0, (date.fromisoformat(row["week"]) - first_monday).days // 7] += 1
    alarms = detect_spikes(counts).alarms[0]
    assert first_monday + timedelta(weeks=int(np.argmax(alarms))) == first_alarm_on
    assert not detect_spikes(counts, SpikeRuleSettings(window_weeks=1)).alarms.any()
