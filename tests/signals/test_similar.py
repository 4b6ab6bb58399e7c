"""Similar past emergences: alike in class or in growth, and what came after."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.reports.world import World, make_world
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.services import record_report
from tocsin.signals.models import Signal
from tocsin.signals.services import count_changes
from tocsin.signals.similar import Comparison, EarlierEmergence, compare_with_earlier
from tocsin.substances.queries import get_substance

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 30)
PRESENT_ON = date(2026, 6, 1)
"""A Monday; on TODAY the emergence is in its fifth week."""


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def hold(
    world: World, substance: str, on: date, *, count: int = 1, country: str = "IE", area: str = ""
) -> None:
    """So many reports of one day."""
    for number in range(count):
        record_report(
            world.analyst,
            world.handling,
            EvidenceReport(
                event_type="seizure",
                event_on=on,
                country=country,
                local_area=area,
                reference=f"{substance}-{on}-{country}-{area}-{number}",
                findings=(EvidenceFinding(substance, "seized"),),
            ),
        )


def emerge(world: World, substance: str, on: date, **values: Any) -> Signal:
    """A signal as detection would leave it, of a node that has held evidence since 2020."""
    described: dict[str, Any] = {
        "kind": "first-detection",
        "matrix": "seized",
        "country": "IE",
        "last_on": on,
        "evidence_count": 1,
        "facts": {"held_since": "2020-01-06", "findings_before": 100},
        "method": "first-detection",
        "method_version": "1",
    }
    signal: Signal = Signal.objects.create(
        handling=world.handling,
        substance=get_substance(substance),
        on=on,
        **(described | values),
    )
    return signal


def compare(world: World, signal: Signal) -> Comparison:
    while count_changes():
        pass
    return compare_with_earlier(world.analyst, signal, today=TODAY)


def describe(comparison: Comparison) -> list[tuple[str, bool, bool, int]]:
    return [
        (one.signal.substance.key, one.is_same_class, one.is_alike_in_growth, one.count_at_age)
        for one in comparison.emergences
    ]


@pytest.fixture
def present(world: World) -> Signal:
    """Protonitazene: two findings in its first five weeks."""
    hold(world, "protonitazene", PRESENT_ON, count=2)
    return emerge(world, "protonitazene", PRESENT_ON)


def test_class_and_growth_are_told_apart_at_the_same_age(world: World, present: Signal) -> None:
    # Two findings here: alike are 0 (3 = 3 × 1) to 8 (9 = 3 × 3); 9 is more than three times.
    for substance, count in (("metonitazene", 8), ("isotonitazene", 9), ("xylazine", 8)):
        on = date(2025, 1, 6)
        hold(world, substance, on, count=count)
        hold(world, substance, on + timedelta(weeks=5), count=50)
        emerge(world, substance, on)

    comparison = compare(world, present)

    assert (comparison.age_weeks, comparison.count_at_age) == (5, 2)
    assert (comparison.compared, comparison.faster) == (3, 3)
    assert describe(comparison) == [
        ("metonitazene", True, True, 8),
        ("isotonitazene", True, False, 9),
        ("xylazine", False, True, 8),
    ]


def test_the_closest_are_shown_where_none_grew_alike(world: World, present: Signal) -> None:
    counts = {"xylazine": 20, "heroin": 30, "cocaine": 40, "ketamine": 50}
    for substance, count in counts.items():
        hold(world, substance, date(2025, 1, 6), count=count)
        emerge(world, substance, date(2025, 1, 6))

    assert describe(compare(world, present)) == [
        ("xylazine", False, False, 20),
        ("heroin", False, False, 30),
        ("cocaine", False, False, 40),
    ]


def test_evidence_after_half_a_year_and_a_year_is_counted_once_that_old(
    world: World, present: Signal
) -> None:
    for substance, on in (("xylazine", date(2024, 1, 1)), ("heroin", date(2025, 9, 1))):
        for week in (0, 25, 26, 51, 52):
            hold(world, substance, min(TODAY, on + timedelta(weeks=week)))
        emerge(world, substance, on)

    def read(key: str) -> EarlierEmergence:
        (found,) = (
            one for one in compare(world, present).emergences if one.signal.substance.key == key
        )
        return found

    assert read("xylazine").after_weeks == (2, 4)
    assert read("heroin").after_weeks == (2, None)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"on": PRESENT_ON + timedelta(days=1)}, id="began later"),
        pytest.param({"matrix": "biological"}, id="in another material"),
        pytest.param({"kind": "spike"}, id="of another kind"),
        pytest.param({"evidence_count": 0}, id="withdrawn"),
        pytest.param({"facts": {"held_since": "2024-12-02"}}, id="as old as the evidence held"),
        pytest.param({"facts": {"held_since": ""}}, id="the first finding of all"),
    ],
)
def test_no_past_emergence_is(world: World, present: Signal, values: dict[str, Any]) -> None:
    hold(world, "metonitazene", date(2025, 1, 6), count=2)
    emerge(world, "metonitazene", **({"on": date(2025, 1, 6)} | values))

    assert compare(world, present).emergences == ()


def test_merged_signals_and_those_of_the_substance_itself_are_left_out(
    world: World, present: Signal
) -> None:
    kept = emerge(world, "metonitazene", date(2025, 1, 6))
    emerge(world, "metonitazene", date(2025, 3, 3), state="merged", merged_into=kept)
    emerge(world, "protonitazene", date(2025, 1, 6))

    assert [one.signal for one in compare(world, present).emergences] == [kept]


def test_each_substance_is_told_once(world: World) -> None:
    rise = {"kind": "spike", "facts": {}}
    for on in (date(2024, 1, 1), date(2025, 1, 6)):
        hold(world, "xylazine", on, count=2)
        emerge(world, "xylazine", on, **rise)
    hold(world, "heroin", PRESENT_ON, count=2)
    present = emerge(world, "heroin", PRESENT_ON, **rise)

    assert [one.signal.on for one in compare(world, present).emergences] == [date(2025, 1, 6)]


@pytest.mark.parametrize(
    ("values", "count"),
    [
        pytest.param({}, 3, id="a first detection counts everywhere"),
        pytest.param({"kind": "first-in-country"}, 2, id="one of a country in it"),
        pytest.param({"kind": "spike", "area": "Cork"}, 1, id="a rise in its area"),
        pytest.param({"kind": "spike", "area": ""}, 2, id="a rise of a country in it"),
    ],
)
def test_growth_is_counted_over_the_place_of_the_signal(
    world: World, values: dict[str, Any], count: int
) -> None:
    hold(world, "protonitazene", PRESENT_ON, area="Cork")
    hold(world, "protonitazene", PRESENT_ON, area="Kerry")
    hold(world, "protonitazene", PRESENT_ON, country="FR", area="Cork")
    signal = emerge(world, "protonitazene", PRESENT_ON, **values)

    assert compare(world, signal).count_at_age == count


def test_nobody_sees_the_signals_and_counts_of_others(world: World, present: Signal) -> None:
    emerge(world, "metonitazene", date(2025, 1, 6))
    while count_changes():
        pass

    comparison = compare_with_earlier(world.partner_analyst, present, today=TODAY)

    assert (comparison.count_at_age, comparison.emergences) == (0, ())
