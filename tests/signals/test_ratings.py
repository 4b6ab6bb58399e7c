"""How often a way of looking for rises is wrong, counted on the evidence held."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.reports.world import Row, World, make_world, send
from tocsin import pipeline
from tocsin.errors import DetectionInputError
from tocsin.pipeline import run_detection, run_forever, run_rating
from tocsin.science.detection.methods import METHODS
from tocsin.signals.detected import DetectedEmergence
from tocsin.signals.judging import parse_rule_settings
from tocsin.signals.models import DetectionRate, Signal
from tocsin.signals.rating_queries import list_detection_rates
from tocsin.signals.ratings import (
    CANDIDATES,
    DecidedRise,
    derive_rated_time,
    find_stable_series,
    rate_rises,
)
from tocsin.signals.rules import RiseRule
from tocsin.signals.series import SeriesCell
from tocsin.signals.services import queue_rates, rate_waiting, triage_signal
from tocsin.substances.models import SubstanceClass

FIRST = date(2020, 1, 6)


def make_cells(substance: str, *by_year: int) -> list[SeriesCell]:
    """Findings in the first weeks of each year of 52 weeks, one a week."""
    return [
        SeriesCell(substance, "seized", "IE", "", week_on, 1, week_on)
        for year, count in enumerate(by_year)
        for week_on in (FIRST + timedelta(weeks=52 * year + week) for week in range(count))
    ]


LAST = FIRST + timedelta(weeks=4 * 52 - 1, days=6)


@pytest.mark.parametrize(
    ("by_year", "years"),
    [
        pytest.param((10, 10, 10, 10), 4, id="the same each year"),
        pytest.param((5, 10, 15, 30), 4, id="twice the year before is enough"),
        pytest.param((10, 21, 20, 20), 0, id="more than twice the year before"),
        pytest.param((10, 10, 10, 4), 0, id="less than half the year before"),
        pytest.param((3, 3, 3, 3), 0, id="too few to say"),
        pytest.param((10, 10), 0, id="less than three years say nothing"),
    ],
)
def test_a_series_is_stable_when_no_year_differs_much_from_the_one_before(
    by_year: tuple[int, ...], years: int
) -> None:
    # The source goes on to the end of the last year.
    cells = make_cells("heroin", *by_year)
    end = FIRST + timedelta(weeks=52 * len(by_year) - 1)
    cells.append(SeriesCell("other", "seized", "IE", "", end, 1, end))
    found = find_stable_series(cells, since=FIRST, until=LAST)
    assert found == ({("heroin", "seized", "IE"): years} if years else {})


def test_years_after_a_source_has_ended_are_not_counted() -> None:
    cells = make_cells("heroin", 10, 10, 10, 10)
    end = LAST - timedelta(days=6)
    cells.append(SeriesCell("other", "seized", "IE", "", end, 1, end))
    found = find_stable_series(cells, since=FIRST, until=LAST + timedelta(weeks=300))
    assert found == {("heroin", "seized", "IE"): 4}


def test_rises_are_counted_beside_what_people_decided_and_what_did_not_change() -> None:
    def rise(substance: str, week: int, area: str = "") -> DetectedEmergence:
        on = FIRST + timedelta(weeks=week)
        return DetectedEmergence(
            "spike", substance, "seized", "IE", area, (), on, on, 3, {}, "emergence", "1"
        )

    def decided(substance: str, week: int, is_confirmed: bool) -> DecidedRise:
        on = FIRST + timedelta(weeks=week)
        return DecidedRise(substance, "seized", "IE", "", on, on, is_confirmed)

    rating = rate_rises(
        [
            rise("xylazine", 30),
            rise("xylazine", 150),
            rise("heroin", 60, "Cork"),
            rise("fentanyl", 5),
            rise("fentanyl", 104),
        ],
        # 25 quiet weeks lie between the rise of week 30 and the one decided on, so it is the same;
        # the one of week 150 is 26 weeks away, and another.
        [
            decided("xylazine", 56 - 1, True),
            decided("xylazine", 150 + 26, True),
            decided("fentanyl", 104, False),
        ],
        make_cells("heroin", 10, 10, 10, 10),
        since=FIRST + timedelta(weeks=10),
        until=LAST,
    )
    assert (rating.rises, rating.confirmed, rating.not_confirmed) == (4, 1, 1)
    assert (rating.stable_series, rating.stable_years, rating.stable_rises) == (1, 3, 1)


def test_the_first_year_is_past_only() -> None:
    cells = make_cells("heroin", 10, 10, 10)
    begins, ends = FIRST + timedelta(weeks=52), FIRST + timedelta(weeks=113, days=6)
    until = FIRST + timedelta(weeks=103)
    assert derive_rated_time(cells, until=until) == (begins, until)
    assert derive_rated_time(cells, until=FIRST + timedelta(weeks=52)) is None
    assert derive_rated_time([], until=until) is None
    # A source that has ended says nothing of the years after it.
    assert derive_rated_time(cells, until=FIRST + timedelta(weeks=400)) == (begins, ends)


def test_ten_years_are_rated_at_most() -> None:
    cells = make_cells("heroin", *[10] * 14)
    until = FIRST + timedelta(weeks=700)
    ends = FIRST + timedelta(weeks=52 * 13 + 9, days=6)
    begins = FIRST + timedelta(weeks=52 * 13 + 9 - 520)
    assert derive_rated_time(cells, until=until) == (begins, ends)


def test_every_method_is_among_the_candidates_and_every_candidate_can_be_run() -> None:
    assert {one.method for one in CANDIDATES} == set(METHODS)
    for one in CANDIDATES:
        parse_rule_settings(RiseRule(method=one.method, settings=one.settings))
    with pytest.raises(DetectionInputError):
        parse_rule_settings(RiseRule(method="emergence", settings={"luck": 1}))


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.mark.django_db
def test_each_candidate_is_rated_once_in_each_class_with_evidence_and_in_all(
    world: World, tmp_path: Path
) -> None:
    today = timezone.localdate()
    old = today - timedelta(weeks=150)
    rise = today - timedelta(weeks=20)
    rows = [Row("Q", "heroin", on=old.isoformat())]
    rows += [Row(f"A-{n}", "xylazine", on=(rise + timedelta(days=n)).isoformat()) for n in range(6)]
    send(world, tmp_path / "a.csv", rows)
    run_detection()
    signal = Signal.objects.for_writing().get(kind="spike")
    triage_signal(world.analyst, signal.pk, to_state="verifying")
    triage_signal(world.analyst, signal.pk, to_state="confirmed", reason="Seen by two.")
    classes = {"", *SubstanceClass.objects.filter(
        substances__key__in=["heroin", "xylazine"]
    ).values_list("key", flat=True)}  # fmt: skip
    assert queue_rates() == len(classes) * len(CANDIDATES)
    told: list[tuple[int, int]] = []
    assert rate_waiting(world.analyst, limit=1, report_progress=lambda *at: told.append(at)) == 1
    assert rate_waiting(world.analyst) == len(classes) * len(CANDIDATES) - 1
    assert told == [(1, len(classes) * len(CANDIDATES))]
    assert rate_waiting(world.analyst) == 0
    rate = DetectionRate.objects.get(substance_class=None, candidate="emergence-balanced")
    assert (rate.method, rate.rises, rate.confirmed, rate.not_confirmed) == ("emergence", 1, 1, 0)
    # From a year after the first finding to the week of the last, 19 weeks ago.
    assert rate.years == pytest.approx((150 - 52 - 19) * 7 / 365.25, abs=0.05)
    assert list_detection_rates(world.analyst).count() == len(classes) * len(CANDIDATES)
    assert not list_detection_rates(world.partner_analyst).exists()


@pytest.mark.django_db
def test_rates_hold_for_a_while_and_are_asked_for_again_where_there_was_no_evidence(
    world: World, tmp_path: Path
) -> None:
    assert queue_rates() == len(CANDIDATES)
    rate_waiting(world.analyst)
    assert DetectionRate.objects.filter(since=None).count() == len(CANDIDATES)
    assert queue_rates(older_than=timedelta(days=28)) == len(CANDIDATES)


@pytest.mark.django_db
def test_all_are_rated_anew_when_asked_for(world: World) -> None:
    told: list[tuple[int, int]] = []
    assert run_rating(report_progress=lambda *at: told.append(at)) == len(CANDIDATES)
    assert told[-1] == (len(CANDIDATES), len(CANDIDATES))


def test_a_worker_rates_while_nothing_else_waits_and_outlives_a_rate_that_fails(
    own_database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_world()
    queue_rates()
    rounds = iter([False, False])
    run_forever(pause_seconds=0, should_stop=lambda: next(rounds, True))
    assert DetectionRate.objects.filter(is_due=False).count() == 2

    def fail(*_arguments: object, **_named: object) -> int:
        raise DetectionInputError("a rate: found nothing; expected something")

    monkeypatch.setattr(pipeline, "rate_waiting", fail)
    rounds = iter([False])
    run_forever(pause_seconds=0, should_stop=lambda: next(rounds, True))
    assert "could not be computed" in caplog.text
