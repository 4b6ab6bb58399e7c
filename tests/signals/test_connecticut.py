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
from tocsin.signals.models import Signal
from tocsin.signals.replay import replay
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

    run_detection()
    held = Signal.objects.for_writing().filter(kind="first-detection")
    assert sorted(held.values_list("substance__name", flat=True)) == sorted(truth)
    assert Signal.objects.for_writing().count() == len(found)
    assert verify_journal().is_intact
