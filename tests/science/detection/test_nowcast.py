"""The nowcast against R's surveillance, hand arithmetic, and its own promises.

The fixture is what ``benchmarks/r/nowcast_reference.R`` prints: R's ``nowcast`` on the days of
hospitalisation and of report of the HUS/STEC O104:H4 outbreak of 2011, as counts by day and delay.
"""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special

from tocsin.errors import DetectionInputError
from tocsin.science.detection.nowcast import (
    DelaySettings,
    Excluded,
    NowcastSettings,
    Triangle,
    apply_threshold,
    build_triangle,
    derive_pmf,
    estimate_delays,
    nowcast_many,
    nowcast_triangle,
)

REFERENCE = json.loads(Path(__file__).with_name("nowcast_reference.json").read_text())
CASES = [pytest.param(case, id=case["name"]) for case in REFERENCE["cases"]]
BAYES_CASES = [param for param in CASES if "bayes_trunc" in param.values[0]]  # type: ignore[operator]
SUNDAY = date(2026, 3, 15)


def read_triangle(case: dict[str, Any]) -> Triangle:
    counts = np.array(REFERENCE["counts"])
    first = np.datetime64(REFERENCE["first_on"])
    days, delays = np.nonzero(counts)
    return build_triangle(
        first + days,
        first + days + delays,
        counts=counts[days, delays],
        now=date.fromisoformat(case["now"]),
        maximum_delay=case["maximum_delay"],
        period_days=1,
        first_on=date.fromisoformat(REFERENCE["first_on"]),
        longer_delays="pool",
    )


def read_settings(case: dict[str, Any], method: Any) -> DelaySettings:
    return DelaySettings(
        method=method,
        window_periods=case["window"],
        window_by="report" if case["window_by"] == "lawless1994" else "event",
        prior_reports=REFERENCE["kappa"],
    )


def list_quantiles(found: Any, days: int) -> dict[str, list[int]]:
    return {name: getattr(found, name)[-days:].tolist() for name in ("lower", "median", "upper")}


@pytest.mark.parametrize("case", CASES)
def test_triangle_and_reverse_time_counts_are_those_of_r(case: dict[str, Any]) -> None:
    triangle = read_triangle(case)
    delays = estimate_delays(triangle, read_settings(case, "lawless"))

    assert triangle.counts.tolist() == case["triangle"]
    assert triangle.maximum_delay == delays.maximum_delay == case["maximum_delay"]
    assert delays.reported.tolist() == case["n_x"]
    assert delays.at_risk.tolist() == case["N_x"]


@pytest.mark.parametrize("case", CASES)
def test_lawless_is_that_of_r(case: dict[str, Any]) -> None:
    """Nothing random: probabilities differ by rounding only, quantiles are equal."""
    expected = case["lawless"]
    found = nowcast_triangle(
        read_triangle(case), read_settings(case, "lawless"), NowcastSettings(as_surveillance=True)
    )
    days = case["maximum_delay"] + 1

    np.testing.assert_allclose(found.delays.cdf, expected["cdf"], rtol=1e-13)
    assert list_quantiles(found, days) == {
        name: expected[name] for name in ("lower", "median", "upper")
    }
    for limit, above in zip(REFERENCE["limits"], expected["above"], strict=True):
        # R's distribution function goes beyond 1.
        np.testing.assert_allclose(
            apply_threshold(found, limit)[-days:], np.maximum(above, 0), rtol=0, atol=1e-13
        )


@pytest.mark.parametrize("case", BAYES_CASES)
def test_flat_prior_without_truncation_is_the_beta_negative_binomial_of_r(
    case: dict[str, Any],
) -> None:
    """Nothing random: R sums logarithms of gamma functions and we a quadrature."""
    expected = case["bayes_notrunc_bnb"]
    found = nowcast_triangle(read_triangle(case), read_settings(case, "bayes-notrunc"))
    days = case["maximum_delay"] + 1
    quantiles = list_quantiles(found, days)
    # R's totals end at 300, and where that cuts the upper tail it says nothing.
    has_upper = [value is not None for value in expected["upper"]]

    np.testing.assert_allclose(found.delays.cdf, expected["cdf"], rtol=1e-12)
    assert quantiles["lower"] == expected["lower"]
    assert quantiles["median"] == expected["median"]
    assert has_upper.count(False) == 1
    assert [
        value for value, is_held in zip(quantiles["upper"], has_upper, strict=True) if is_held
    ] == list(filter(None, expected["upper"]))
    for limit, above in zip(REFERENCE["limits"], expected["above"], strict=True):
        np.testing.assert_allclose(apply_threshold(found, limit)[-days:], above, rtol=0, atol=2e-12)


@pytest.mark.parametrize("case", BAYES_CASES)
@pytest.mark.parametrize("method", ["bayes-notrunc", "bayes-trunc"])
def test_gamma_prior_is_that_of_r_within_its_sampling_error(
    case: dict[str, Any], method: Any
) -> None:
    """R draws 30,000 delay distributions: five of its standard errors, and the quantiles equal."""
    expected = case[method.replace("-", "_")]
    settings = NowcastSettings(prior_periods=REFERENCE["prior_size"] / REFERENCE["prior_mean"])
    found = nowcast_triangle(
        read_triangle(case),
        read_settings(case, method),
        settings,
        prior_means=REFERENCE["prior_mean"],
    )
    days = case["maximum_delay"] + 1
    error = np.array(expected["mean_error"])

    np.testing.assert_allclose(found.delays.cdf, expected["cdf"], rtol=1e-12)
    assert (np.abs(found.expected[-days:] - expected["mean"]) <= 5 * error + 1e-9).all()
    assert list_quantiles(found, days) == {
        name: expected[name] for name in ("lower", "median", "upper")
    }
    for limit, above, above_error in zip(
        REFERENCE["limits"], expected["above"], expected["above_error"], strict=True
    ):
        distance = np.abs(apply_threshold(found, limit)[-days:] - above)
        assert (distance <= 5 * np.array(above_error) + 1e-5).all()


HELD = Triangle(np.array([[6, 2], [3, 1], [3, 0]]), last_on=SUNDAY)


def test_lawless_by_hand() -> None:
    """9 of 12 reports came in the same week, so 3 of the last week stand for 4.

    Var(0.75) = 0.75² · 0.25 / (12 · 0.75) = 1/64, so the spread of the total is
    √(3 · 4 / 64 / 0.75⁴ + 3 · 0.25 / 0.75²) = √(16/27 + 4/3) = √(52/27).
    """
    found = nowcast_triangle(HELD, DelaySettings(method="lawless"))

    assert found.delays.cdf.tolist() == [0.75, 1.0]
    assert found.delays.cdf_variances.tolist() == [1 / 64, 0.0]
    assert found.expected.tolist() == [8.0, 4.0, 4.0]
    assert found.is_complete.tolist() == [True, True, False]
    spread = np.sqrt(52 / 27)
    above = special.ndtr((4 - 5.5) / spread) / special.ndtr((4 - 2.5) / spread)
    assert apply_threshold(found, 5.9).tolist() == [1.0, 0.0, pytest.approx(above)]
    assert found.method == "nowcast-lawless"


def test_known_chance_leaves_a_negative_binomial() -> None:
    """With very many reports behind it the chance is ½: 2 reported and a flat prior of the total
    make negative binomial (3, ½) of what is to come: 1/8, 3/16, 3/16, 5/32.
    """
    many = Triangle(np.array([[10**9, 10**9], [2, 0]]), last_on=SUNDAY)
    found = nowcast_triangle(many, DelaySettings(window_periods=None))

    assert derive_pmf(found, -1, 5) == pytest.approx(
        [0, 0, 1 / 8, 3 / 16, 3 / 16, 5 / 32], abs=1e-6
    )
    assert derive_pmf(found, 0, 1).tolist() == [0.0, 0.0]
    assert found.expected[-1] == pytest.approx(5.0, abs=1e-6)
    # More than 8 to come: 67 / 2048 = 0.033; more than 9: 79 / 4096 = 0.019, below 0.025.
    assert (found.lower[-1], found.upper[-1]) == (2, 11)
    assert apply_threshold(found, 11)[-1] == pytest.approx(79 / 4096, abs=1e-6)


def test_weeks_that_end_before_now_are_older() -> None:
    delays = estimate_delays(read_triangle(REFERENCE["cases"][0]))
    whole = nowcast_many(np.array([[3, 1, 4, 1, 5]]), delays, prior_means=2)
    without_newest = nowcast_many(np.array([[3, 1, 4]]), delays, prior_means=2, newest_age=2)

    assert without_newest.ages.tolist() == [4, 3, 2]
    assert without_newest.expected.tolist() == whole.expected[:, :3].tolist()
    assert apply_threshold(without_newest, 6).tolist() == apply_threshold(whole, 6)[:, :3].tolist()
    with pytest.raises(DetectionInputError, match="newest_age is -1; expected 0 or more"):
        nowcast_many(np.array([[3]]), delays, newest_age=-1)


def test_prior_decides_where_nothing_is_reported_and_hardly_where_something_is() -> None:
    """Rate and weight ¼ of a period at a mean of 0.1: (0.025 + n) · ½ / (¼ + ½)."""
    many = Triangle(np.array([[10**9, 10**9], [0, 0]]), last_on=SUNDAY)
    delays = estimate_delays(many)
    found = nowcast_many(np.array([[0], [6]]), delays, prior_means=0.1)
    never = nowcast_many(np.array([[0]]), delays, prior_means=0)

    assert found.expected[:, 0] == pytest.approx([0.05 / 3, 6 + 12.05 / 3])
    assert found.upper[:, 0].tolist()[0] == 0
    assert (never.expected.tolist(), never.upper.tolist()) == ([[0.0]], [[0]])


def test_series_are_judged_alike_alone_and_together() -> None:
    delays = estimate_delays(read_triangle(REFERENCE["cases"][0]))
    reported = np.random.default_rng(1).poisson(3, size=(40, 20))
    means = reported[:, :4].mean(axis=1, keepdims=True)
    together = nowcast_many(reported, delays, prior_means=means)
    above = apply_threshold(together, 5)

    for row in range(40):
        alone = nowcast_many(reported[row : row + 1], delays, prior_means=means[row])
        assert together.expected[row].tolist() == alone.expected[0].tolist()
        assert together.upper[row].tolist() == alone.upper[0].tolist()
        assert above[row].tolist() == apply_threshold(alone, 5)[0].tolist()


def test_a_large_count_is_found_by_halving() -> None:
    """About 10⁶ · ½ to come with a standard deviation of √(2 · 10⁶) at a chance of ½."""
    many = Triangle(np.array([[10**12 // 4, 10**12 // 4], [10**6, 0]]), last_on=SUNDAY)
    found = nowcast_triangle(many, prior_means=0)

    assert found.expected[-1] == pytest.approx(2e6 * (1 + 0.5) / 1.5 - 1e6 / 3, rel=0.01)
    assert found.lower[-1] < found.median[-1] < found.upper[-1]
    assert (found.upper - found.lower)[-1] < 10_000


@pytest.mark.parametrize("method", ["lawless", "bayes-trunc", "bayes-notrunc"])
@pytest.mark.parametrize(
    "counts",
    [
        pytest.param([[0, 0, 0]], id="one week and nothing"),
        pytest.param([[5, 0, 0]], id="one week"),
        pytest.param([[0, 0, 0]] * 9, id="no reports"),
        pytest.param([[4, 0, 0]] * 9, id="all the same week"),
        pytest.param([[0, 0, 4]] * 7 + [[0, 0, 0]] * 2, id="all two weeks later"),
        pytest.param([[4, 1, 1], [0, 0, 0], [0, 0, 0]] * 3, id="gaps"),
        pytest.param([[10**11, 0, 0]] * 7 + [[1, 0, 0]] * 2, id="very many"),
        pytest.param([[0], [3], [10**6]], id="no delay possible"),
        pytest.param([[1, 10**11, 0]] * 7 + [[1, 0, 0]] * 2, id="hardly any at once"),
        pytest.param([[0, 0, 10**11]] * 7 + [[10**3, 0, 0]] * 2, id="many against all delays"),
    ],
)
@pytest.mark.parametrize("prior_means", [None, 0.0, 3.5])
def test_degenerate_triangles_have_a_defined_answer(
    method: Any, counts: list[list[int]], prior_means: float | None
) -> None:
    table = np.array(counts)
    found = nowcast_triangle(
        Triangle(table, last_on=SUNDAY), DelaySettings(method=method), prior_means=prior_means
    )

    for values in (found.expected, found.delays.cdf, apply_threshold(found, 3)):
        assert not np.isnan(values).any()
    assert (found.reported <= found.lower).all()
    assert (found.lower <= found.median).all()
    assert (found.median <= found.upper).all()
    assert (
        found.expected[~found.is_estimated].tolist() == found.reported[~found.is_estimated].tolist()
    )
    assert found.is_complete.sum() == max(0, len(table) - table.shape[1] + 1)


def test_unknown_delays_say_so() -> None:
    nothing = nowcast_triangle(Triangle(np.zeros((9, 3)), last_on=SUNDAY))  # type: ignore[arg-type]
    late_only = nowcast_triangle(
        Triangle(np.array([[0, 4], [0, 4], [0, 0]]), last_on=SUNDAY),
        DelaySettings(method="lawless"),
    )
    young = nowcast_triangle(Triangle(np.array([[2, 1, 0], [2, 0, 0]]), last_on=SUNDAY))

    assert nothing.is_estimated.tolist() == [True] * 7 + [False] * 2
    assert late_only.is_estimated.tolist() == [True, True, False]
    assert young.is_estimated.tolist() == [False, False]


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Weeks of Poisson counts whose reports take a geometric number of weeks, seen week by week.

    A level of 0.9 over whole numbers holds nine in ten or more; 640 weeks know it to 0.012. The
    mean of the totals is that of the truth, within 2 %.
    """
    random = np.random.default_rng(20260315)
    held, expected, truth = [], [], []
    for _ in range(80):
        totals = random.poisson(12, size=60)
        events = np.repeat(np.arange(60), totals)
        delays = np.minimum(random.geometric(0.35, size=len(events)) - 1, 8)
        start = np.datetime64("2025-01-05")
        triangle = build_triangle(
            start + 7 * events,
            start + 7 * (events + delays),
            now=date(2025, 1, 5) + timedelta(weeks=49),
            maximum_delay=8,
            first_on=date(2025, 1, 5),
        )
        found = nowcast_triangle(
            triangle,
            DelaySettings(window_periods=26),
            NowcastSettings(level=0.9),
            prior_means=triangle.reported[:42].mean(),
        )
        newest = totals[42:50]
        held += list((found.lower[-8:] <= newest) & (newest <= found.upper[-8:]))
        expected += list(found.expected[-8:])
        truth += list(newest)

    assert 0.89 <= np.mean(held) <= 0.98
    assert np.mean(expected) == pytest.approx(np.mean(truth), rel=0.02)


def test_no_series_and_no_weeks_are_no_error() -> None:
    delays = estimate_delays(HELD)

    assert nowcast_many(np.zeros((0, 3)), delays, prior_means=1).expected.shape == (0, 3)
    assert apply_threshold(nowcast_many(np.zeros((2, 0)), delays), 1).shape == (2, 0)


def test_a_threshold_that_no_count_passes_and_one_that_was_not_set() -> None:
    found = nowcast_triangle(HELD)

    assert apply_threshold(found, np.array([np.nan, 3.9, np.inf])).tolist()[1:] == [1.0, 0.0]
    assert np.isnan(apply_threshold(found, np.nan)).all()
    assert apply_threshold(found, -np.inf).tolist() == [1.0] * 3
    assert apply_threshold(found, 1e300)[-1] < 1e-6


@given(
    reported=st.lists(st.integers(0, 30), min_size=1, max_size=6),
    threshold=st.floats(-1, 60),
    prior=st.none() | st.floats(0, 20),
    method=st.sampled_from(["lawless", "bayes-trunc", "bayes-notrunc"]),
)
def test_probabilities_and_quantiles_agree(
    reported: list[int], threshold: float, prior: float | None, method: Any
) -> None:
    """P(total > upper) is below what the level leaves, P(total > upper - 1) is not."""
    delays = estimate_delays(read_triangle(REFERENCE["cases"][0]), DelaySettings(method=method))
    found = nowcast_many(np.array([reported]), delays, prior_means=prior)
    above = apply_threshold(found, threshold)
    is_open = (found.upper > found.reported) & ~found.is_complete

    assert ((above >= 0) & (above <= 1 + 1e-12)).all()
    assert (apply_threshold(found, threshold + 1) <= above + 1e-12).all()
    assert (apply_threshold(found, found.upper)[is_open] < 0.025 + 1e-12).all()
    assert (apply_threshold(found, found.upper - 1)[is_open] >= 0.025 - 1e-12).all()


@given(
    dates=st.lists(
        st.tuples(st.integers(-60, 40), st.integers(-5, 60), st.integers(0, 3)), max_size=30
    ),
    days=st.sampled_from([1, 7]),
    end=st.integers(0, 6),
    maximum_delay=st.integers(0, 6),
    pooled=st.booleans(),
)
def test_every_report_is_counted_once_or_excluded_for_one_reason(
    dates: list[tuple[int, int, int]], days: int, end: int, maximum_delay: int, pooled: bool
) -> None:
    now = np.datetime64("2026-03-11")
    events = now + np.array([event for event, _, _ in dates], dtype=int)
    reports = events + np.array([delay for _, delay, _ in dates], dtype=int)
    counts = np.array([count for _, _, count in dates], dtype=int)
    triangle = build_triangle(
        events,
        reports,
        now=date(2026, 3, 11),
        maximum_delay=maximum_delay,
        period_days=days,
        counts=counts,
        first_on=date(2026, 1, 20),
        last_period_ends_on=date(2026, 3, 11) + timedelta(days=end % days),
        longer_delays="pool" if pooled else "exclude",
    )
    left_out = triangle.excluded

    assert (
        triangle.counts.sum() + sum(getattr(left_out, name) for name in Excluded.__slots__)
        == counts.sum()
    )
    assert left_out.before_event == counts[reports < events].sum()
    assert not (pooled and left_out.longer_delay)


def test_weeks_of_the_calendar_are_counted_up_to_a_wednesday() -> None:
    """Now is Wednesday the 11th: a report period ends on it, and the running week on the 15th."""
    days = [
        ("2026-03-02", "2026-03-04", "last week, by its Wednesday", (0, 0)),
        ("2026-03-02", "2026-03-05", "last week, after its Wednesday", (0, 1)),
        ("2026-03-08", "2026-03-11", "last week's Sunday, today", (0, 1)),
        ("2026-03-09", "2026-03-11", "this week", (1, 0)),
    ]
    for event, report, _name, cell in days:
        triangle = build_triangle(
            np.array([event]),
            np.array([report]),
            now=date(2026, 3, 11),
            maximum_delay=1,
            first_on=date(2026, 3, 2),
            last_period_ends_on=SUNDAY,
        )
        assert np.argwhere(triangle.counts).tolist() == [list(cell)]
    assert triangle.list_first_days() == [date(2026, 3, 2), date(2026, 3, 9)]


def test_reports_without_a_day_or_before_the_event_are_counted_apart() -> None:
    triangle = build_triangle(
        np.array(["2026-03-12", "NaT", "2026-03-10", "2026-03-14", "2025-01-01"], dtype="M8[D]"),
        np.array(["NaT", "2026-03-12", "2026-03-09", "2026-03-16", "2026-03-01"], dtype="M8[D]"),
        now=SUNDAY,
        maximum_delay=2,
        first_on=date(2026, 3, 1),
    )

    assert triangle.counts.sum() == 0
    assert triangle.excluded == Excluded(
        without_date=2, before_event=1, after_now=1, before_first=1, longer_delay=0
    )


def test_no_reports_at_all_are_one_empty_period() -> None:
    empty = build_triangle(np.array([]), np.array([]), now=SUNDAY, maximum_delay=1)

    assert empty.counts.tolist() == [[0, 0]]


DAYS: NDArray[Any] = np.array(["2026-03-12"])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        pytest.param({"maximum_delay": -1}, "maximum_delay is -1; expected 0 or more"),
        pytest.param({"period_days": 0}, "period_days is 0; expected 1 or more"),
        pytest.param({"longer_delays": "drop"}, "longer_delays is 'drop'; expected exclude or"),
        pytest.param(
            {"last_period_ends_on": date(2026, 3, 22)}, "last_period_ends_on is 2026-03-2"
        ),
        pytest.param({"last_period_ends_on": date(2026, 3, 14)}, "expected a day from now"),
        pytest.param({"event_on": np.array([3.5])}, "event_on: found 1 dimension(s) of float64"),
        pytest.param({"report_on": np.array([["2026-03-12"]])}, "report_on: found 2 dimension(s)"),
        pytest.param({"event_on": np.array(["soon"])}, "event_on: found a value that is no day"),
        pytest.param(
            {"event_on": np.array([{}], dtype=object)}, "event_on: found a value that is no day"
        ),
        pytest.param({"counts": np.array([1, 2])}, "found 1 events, 1 reports and counts of shape"),
        pytest.param({"counts": np.array([0.5])}, "found 0.5 in counts of reports"),
        pytest.param({"first_on": date(1, 1, 1), "period_days": 1}, "found 739690 periods of 1"),
        pytest.param({"first_on": date(2026, 3, 20)}, "found 0 periods of 7 days from 2026-03-20"),
    ],
)
def test_dates_that_make_no_triangle_are_refused(changed: dict[str, Any], message: str) -> None:
    values: dict[str, Any] = {
        "event_on": DAYS,
        "report_on": DAYS,
        "now": SUNDAY,
        "maximum_delay": 2,
    }
    with pytest.raises(DetectionInputError) as raised:
        build_triangle(**(values | changed))

    assert message in str(raised.value)


def test_more_reports_than_can_be_counted_are_refused() -> None:
    days = np.array(["2026-03-12"] * 2)
    with pytest.raises(DetectionInputError, match="found 2000000000000 reports"):
        build_triangle(days, days, now=SUNDAY, maximum_delay=1, counts=np.array([10**12, 10**12]))


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        pytest.param(np.zeros((0, 2)), r"found shape \(0, 2\)", id="no periods"),
        pytest.param(np.array([[1, 0], [2, 3]]), "found 3 in period 1 at delay 1", id="after now"),
        pytest.param(np.array([[1, -1]]), "found -1 in reporting triangle", id="negative"),
        pytest.param(np.array([[10**12], [1]]), "found 1000000000001 reports", id="too many"),
    ],
)
def test_a_table_that_is_no_triangle_is_refused(counts: NDArray[Any], message: str) -> None:
    with pytest.raises(DetectionInputError, match=message):
        Triangle(counts, last_on=SUNDAY)


@pytest.mark.parametrize(
    ("settings", "values", "message"),
    [
        (DelaySettings, {"method": "unif"}, "method is 'unif'; expected lawless or bayes-trunc"),
        (DelaySettings, {"window_by": "day"}, "window_by is 'day'; expected report or event"),
        (DelaySettings, {"window_periods": 0}, "window_periods is 0; expected 1 or more"),
        (DelaySettings, {"prior_reports": 0.0}, "prior_reports is 0.0; expected a finite number"),
        (NowcastSettings, {"level": 1.0}, "level is 1.0; expected a number between 0 and 1"),
        (NowcastSettings, {"prior_periods": np.inf}, "prior_periods is inf; expected a finite"),
    ],
)
def test_settings_out_of_range_are_refused(
    settings: Any, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(DetectionInputError, match=message):
        settings(**values)


@pytest.mark.parametrize(
    ("means", "message"),
    [
        pytest.param(-1.0, "found -1.0 in prior_means", id="negative"),
        pytest.param(np.array([[1.0, np.nan]]), "found nan in prior_means", id="NaN"),
        pytest.param(np.ones((3, 1)), r"prior_means of shape \(3, 1\)", id="other shape"),
    ],
)
def test_a_prior_that_is_none_is_refused(means: Any, message: str) -> None:
    with pytest.raises(DetectionInputError, match=message):
        nowcast_many(np.array([[1, 2]]), estimate_delays(HELD), prior_means=means)


def test_a_pmf_is_of_one_series() -> None:
    many = nowcast_many(np.array([[1, 2]]), estimate_delays(HELD))
    with pytest.raises(DetectionInputError, match="found 2 dimension"):
        derive_pmf(many, 0, 3)
