"""What else was in the samples: hand-counted, for who may see them only."""

from datetime import date, timedelta
from itertools import count

import pytest

from tests.reports.world import World, make_world
from tocsin.organisations.actors import Actor
from tocsin.organisations.services import ensure_handling
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import Report
from tocsin.reports.services import record_report, retract_report
from tocsin.signals.found_with import Company, list_found_with
from tocsin.substances.queries import get_substance

pytestmark = pytest.mark.django_db

UNTIL = date(2026, 6, 30)
NUMBERS = count(1)
"""Of the reports: equal ones without a reference would be one."""


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def hold(world: World, *specimens: str, on: date = UNTIL, matrix: str = "seized") -> Report:
    """One report; of each specimen the substances, with "+" between them."""
    findings = tuple(
        EvidenceFinding(substance_text=name, matrix=matrix, specimen=f"S-{number}")
        for number, substances in enumerate(specimens)
        for name in substances.split("+")
    )
    report = EvidenceReport("seizure", on, "IE", findings, reference=f"R-{next(NUMBERS)}")
    return record_report(world.analyst, world.handling, report)


def read(actor: Actor, substance: str = "xylazine", *, since: date = date(2026, 1, 1)) -> Company:
    substance_id = get_substance(substance).pk
    return list_found_with(actor, substance_id, matrix="seized", since=since, until=UNTIL)


def hold_ten_samples(world: World) -> None:
    for number in range(4):
        hold(world, "xylazine+fentanyl", on=UNTIL - timedelta(days=number))
        hold(world, "heroin", on=UNTIL - timedelta(days=10))
    for _number in range(2):
        hold(world, "fentanyl", on=date(2026, 2, 2))


def test_samples_with_both_stand_beside_what_chance_would_give(world: World) -> None:
    hold_ten_samples(world)

    company = read(world.analyst)

    # 4 of 10 samples with one, 6 with the other: 2.4 by chance. IC025: half the 2.5 % point of
    # chi-square with 9 degrees of freedom, 2.700, over 2.4 + 1/2, as log2 (any table of it).
    (fentanyl,) = company.shown
    assert (company.samples, company.with_substance, company.partners) == (10, 4, 1)
    assert (company.since, company.until) == (date(2026, 2, 2), UNTIL)
    assert (fentanyl.key, fentanyl.together, fentanyl.expected) == ("fentanyl", 4, 2.4)
    assert fentanyl.ic025 == pytest.approx(-1.103, abs=0.001)
    assert not fentanyl.is_more_often


def test_always_together_among_many_is_more_often_than_by_chance(world: World) -> None:
    for _number in range(10):
        hold(world, "xylazine+fentanyl")
    for _number in range(90):
        hold(world, "heroin")

    (fentanyl,) = read(world.analyst).shown

    assert (fentanyl.together, fentanyl.expected) == (10, 1.0)
    assert fentanyl.is_more_often


def test_two_samples_are_counted_but_not_measured(world: World) -> None:
    hold(world, "xylazine+heroin")
    hold(world, "xylazine+heroin")

    (heroin,) = read(world.analyst).shown

    assert (heroin.together, heroin.ic025, heroin.eb05) == (2, None, None)


def test_specimens_of_one_report_are_samples_of_their_own(world: World) -> None:
    hold(world, "xylazine+heroin", "xylazine+fentanyl", "cocaine")

    company = read(world.analyst)

    assert (company.samples, company.with_substance) == (3, 2)
    assert {(one.key, one.together) for one in company.shown} == {("heroin", 1), ("fentanyl", 1)}


def test_a_late_combination_of_a_known_substance_is_new(world: World) -> None:
    hold(world, "xylazine+heroin", on=date(2024, 3, 4))
    hold(world, "xylazine+heroin+fentanyl", on=date(2026, 6, 20))

    marks = {one.key: (one.first_on, one.is_new) for one in read(world.analyst).shown}

    assert marks == {
        "heroin": (date(2024, 3, 4), False),
        "fentanyl": (date(2026, 6, 20), True),
    }


def test_nothing_beside_a_substance_seen_for_the_first_time_is_a_new_combination(
    world: World,
) -> None:
    hold(world, "xylazine+heroin", on=date(2026, 6, 20))

    assert [one.is_new for one in read(world.analyst).shown] == [False]


def test_unusual_combinations_are_kept_before_frequent_ones(world: World) -> None:
    hold(world, "xylazine", on=date(2024, 3, 4))
    substances = ["heroin", "cocaine", "fentanyl", "ketamine", "mdma", "caffeine", "morphine"]
    substances += ["bromazolam", "flualprazolam", "metonitazene", "protonitazene", "methadone"]
    for name in substances:
        for _number in range(2):
            hold(world, f"xylazine+{name}", on=date(2026, 1, 5))
    hold(world, "xylazine+etizolam", on=UNTIL)

    company = read(world.analyst)

    assert company.partners > len(company.shown) == 10
    assert [one.key for one in company.shown if one.is_new] == ["etizolam"]


def test_corrected_hidden_older_and_other_material_is_not_counted(world: World) -> None:
    hold(world, "xylazine")
    wrong = hold(world, "xylazine+heroin")
    retract_report(world.analyst, wrong.pk, version=wrong.version, reason="Mixed up samples.")
    hold(world, "xylazine+heroin", matrix="biological")
    hold(world, "xylazine+heroin", on=date(2025, 1, 1))
    hidden = ensure_handling(owner_id=world.partner.pk, tlp="AMBER")
    findings = tuple(EvidenceFinding(name, "seized") for name in ("xylazine", "cocaine"))
    record_report(world.partner_analyst, hidden, EvidenceReport("seizure", UNTIL, "FR", findings))

    company = read(world.analyst)

    assert (company.samples, company.with_substance, company.shown) == (1, 1, ())


def test_nothing_visible_is_an_answer(world: World) -> None:
    company = read(world.partner_analyst)

    assert (company.samples, company.with_substance, company.shown) == (0, 0, ())
    assert (company.since, company.until) == (date(2026, 1, 1), UNTIL)
