"""Eleven years of deaths in Connecticut: imported whole, each substance found in its first week."""

import csv
import gzip
from datetime import date
from pathlib import Path

import pytest

from tests.reports.world import World, make_world
from tocsin.journal.queries import verify_journal
from tocsin.pipeline import run_detection
from tocsin.reports.models import Finding
from tocsin.reports.queries import get_profile, list_unresolved_names
from tocsin.reports.services import ImportOutcome, receive_file, run_import
from tocsin.signals.models import Signal, SignalKind
from tocsin.signals.replay import replay
from tocsin.signals.sentences import write_place
from tocsin.substances.queries import load_name_index, resolve_text

pytestmark = [pytest.mark.django_db, pytest.mark.shared]

ROWS = 10_578
"""../shared/design/signals.md, Accuracy on real deaths."""

FIRST_DEATHS = {
    "Xylazine": "2019-03-04",
    "Acetylfentanyl": "2015-07-13",
    "para-Fluorofentanyl": "2016-09-26",
    "Flualprazolam": "2020-01-27",
    "U-47700": "2016-03-07",
    "Furanylfentanyl": "2016-03-07",
    "Carfentanil": "2017-04-17",
    "Eutylone": "2020-03-30",
}
"""The same table, first death of each."""

THIRD_DEATHS = {
    "Xylazine": "2019-04-01",
    "Acetylfentanyl": "2015-07-27",
    "para-Fluorofentanyl": "2016-11-07",
    "Flualprazolam": "2020-03-30",
    "U-47700": "2016-06-06",
    "Furanylfentanyl": "2016-05-23",
    "Carfentanil": "2017-06-05",
    "Eutylone": "2020-10-12",
}
"""The same table, third death of each."""

STABLE = ("Cocaine", "Heroin", "Ethanol", "Methadone", "Oxycodone", "Morphine")
YEARS = 11
"""The substances that were always there, and the years of the file, 2012 to 2022."""


@pytest.fixture
def deaths(shared: Path) -> Path:
    return shared / "data" / "deaths" / "connecticut_2012_2022.csv.gz"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def import_deaths(world: World, path: Path) -> ImportOutcome:
    held = receive_file(
        world.analyst,
        path,
        file_name=path.name,
        profile=get_profile(world.analyst, "connecticut"),
        handling=world.handling,
    )
    return run_import(world.analyst, held.pk)


def read_first_weeks(path: Path) -> dict[str, str]:
    """First week of each substance, from the file itself; two spellings of one are one."""
    index = load_name_index()
    first: dict[str, str] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for text in filter(None, map(str.strip, row["substances"].split(";"))):
                substance = resolve_text(text, index).substance
                assert substance is not None, text
                first[substance.name] = min(first.get(substance.name, "9999"), row["week"])
    return first


def test_the_file_is_imported_whole_once_and_replayed_to_its_true_first_weeks(
    world: World, deaths: Path
) -> None:
    outcome = import_deaths(world, deaths)
    assert (outcome.rows, outcome.accepted, outcome.refused) == (ROWS, ROWS, 0)
    assert Finding.objects.for_writing().count() == 29_050
    assert list_unresolved_names(world.analyst) == []
    again = import_deaths(world, deaths)
    assert (again.rows, again.accepted, again.duplicates) == (ROWS, 0, ROWS)

    found = replay(world.analyst)
    truth = read_first_weeks(deaths)
    firsts = [
        (row["substance"], row["matrix"], row["on"])
        for row in found
        if row["kind"] == "first-detection"
    ]
    assert sorted(firsts) == sorted((name, "biological", on) for name, on in truth.items())
    assert truth | FIRST_DEATHS == truth
    assert [row["on"] for row in found] == sorted(row["on"] for row in found)
    assert Signal.objects.for_writing().count() == 0

    cut = replay(world.analyst, until=date(2019, 3, 4))
    assert cut == [row for row in found if row["on"] <= "2019-03-04"]
    part = replay(world.analyst, since=date(2019, 3, 4), until=date(2020, 3, 1))
    assert part == [row for row in found if "2019-03-04" <= row["on"] <= "2020-03-01"]

    rises = [row for row in found if row["kind"] == "spike"]
    told_in_time = {
        name
        for name, third in THIRD_DEATHS.items()
        if any(
            (one["substance"], one["place"]) == (name, "US") and one["on"] <= third for one in rises
        )
    }
    assert len(told_in_time) >= 7
    assert sum(one["substance"] in STABLE for one in rises) <= YEARS
    assert next(one["reason"] for one in rises if one["substance"] == "Xylazine") == (
        "Xylazine: 3 findings in biological samples in 5 weeks, United States; before, none in 7 "
        "years; as rare as once in 4,000 weeks."
    )
    assert {row["method"] for row in found} == {"first-detection", "emergence"}
    by_rule = replay(world.analyst, method="spike-rule", until=date(2013, 12, 31))
    assert {row["method"] for row in by_rule} == {"first-detection", "spike-rule"}

    run_detection()
    held = Signal.objects.for_writing().select_related("substance")
    assert sorted(
        (one.kind, one.substance.name, one.matrix, write_place(one.country, one.area),
         one.on.isoformat())
        for one in held
    ) == sorted(
        (row["kind"], row["substance"], row["matrix"], row["place"], row["on"]) for row in found
    )  # fmt: skip
    told = [one for one in held if one.kind == SignalKind.SPIKE]
    assert told
    for one in told:
        assert one.facts["findings_of_deaths"] == one.facts["count"], one
    assert verify_journal().is_intact
