"""Aggregated tables equal what Polars computes, and real deaths what their file says."""

from collections import Counter
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.seizures import KEYS, add_amounts, count_cases, frame, make_rows, write_workbook
from tests.reports.world import World, make_world
from tocsin.reports.queries import get_profile
from tocsin.reports.services import receive_file, run_import
from tocsin.science.names.index import NameIndex
from tocsin.substances.models import Substance
from tocsin.substances.queries import load_name_index, resolve_text
from tocsin.tables.cells import Observation
from tocsin.tables.periods import parse_period
from tocsin.tables.queries import derive_document
from tocsin.tables.reading import Scope, read_counts
from tocsin.tables.services import TableWish, make_table
from tocsin.tables.vocabulary import AMOUNTS, TOTAL

pytestmark = pytest.mark.django_db
DIMENSIONS = ("key", "form", "by")


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def import_file(world: World, path: Path, profile: str) -> int:
    held = receive_file(
        world.analyst,
        path,
        file_name=path.name,
        profile=get_profile(world.analyst, profile),
        handling=world.handling,
    )
    return run_import(world.analyst, held.pk).accepted


def compare_with_polars(observations: tuple[Observation, ...], held: pl.DataFrame) -> None:
    """Compare every cell of substances and of the grand total, in every margin of the others."""
    values = {one.key: one.value for one in observations}
    purities = held.group_by("key").agg(pl.min("purity").alias("a"), pl.max("purity").alias("b"))
    expected: dict[Any, Decimal] = {}
    for size in range(len(DIMENSIONS) + 1):
        for kept in combinations(DIMENSIONS, size):
            by = list(kept) or ["all"]
            for place, cases in count_cases(held, by).items():
                expected["SEIZURES", *spread(kept, place)] = Decimal(cases)
            for (*where, unit), thousandths in add_amounts(held, by).items():
                amount = Decimal(thousandths) / 1_000
                expected[str(AMOUNTS[unit]), *spread(kept, where)] = amount
    for key, low, high in purities.rows():
        expected["PURITY_LOW", key, TOTAL, TOTAL] = Decimal(low)
        expected["PURITY_HIGH", key, TOTAL, TOTAL] = Decimal(high)
    found = {key: values[key] for key in expected}
    assert found == expected
    assert len(expected) > 100
    further = {
        key[1]
        for key, value in values.items()
        if value and key not in expected and not key[0].startswith("PURITY")
    }
    assert all(code.startswith("CLASS_") or code == TOTAL for code in further)


def spread(kept: tuple[str, ...], place: Any) -> tuple[str, ...]:
    held = dict(zip(kept, place, strict=False))
    return tuple(held.get(name, TOTAL) for name in DIMENSIONS)


def test_table_of_a_workbook_equals_polars(world: World, tmp_path: Path) -> None:
    rows = list(make_rows(1_200))
    write_workbook(tmp_path / "seizures.xlsx", rows)
    assert import_file(world, tmp_path / "seizures.xlsx", "generic") == 1_200

    table = make_table(world.analyst, TableWish("2025", country="IE"))

    document = derive_document(table)
    compare_with_polars(document.observations, frame(rows, "IE"))
    classes = Substance.objects.filter(key__in=KEYS.values()).values_list(
        "key", "substance_class__key"
    )
    of_class: Counter[str] = Counter()
    for (key,), cases in count_cases(frame(rows, "IE"), ["key"]).items():
        if key != "_U":
            of_class[f"CLASS_{dict(classes)[key]}"] += cases
    found = {one.key: one.value for one in document.observations}
    assert {one: found["SEIZURES", one, TOTAL, TOTAL] for one in of_class} == of_class
    with CaptureQueriesContext(connection) as captured:
        read_counts(Scope(world.analyst, "early-warning"), parse_period("2025"))
    told = ("SET", "SAVEPOINT", "RELEASE")
    assert len([one for one in captured if not one["sql"].startswith(told)]) == 3


@pytest.mark.shared
def test_deaths_of_each_year_equal_what_the_file_says(
    world: World, shared: Path, tmp_path: Path
) -> None:
    deaths = pl.read_csv(shared / "data" / "deaths" / "connecticut_2012_2022.csv.gz")
    deaths.write_csv(tmp_path / "deaths.csv")
    assert import_file(world, tmp_path / "deaths.csv", "connecticut") == len(deaths)

    names = deaths.with_row_index().with_columns(
        year=pl.col("week").str.slice(0, 4), name=pl.col("substances").str.split(";")
    )
    names = names.explode("name").filter(pl.col("name") != "")
    index = load_name_index()
    keys = {name: find_key(name, index) for name in names["name"].unique()}
    once = names.with_columns(key=pl.col("name").replace_strict(keys)).unique(["index", "key"])
    expected = dict(once.group_by("year").agg(pl.col("key").value_counts()).rows())
    assert sorted(expected) == [str(year) for year in range(2011, 2023)]
    for year, counted in expected.items():
        table = make_table(world.analyst, TableWish(year, country="US"))
        observations = derive_document(table).observations
        of_year = {one["key"]: one["count"] for one in counted}
        # Each row of the file is a death.
        for indicator in ("POISONINGS", "DEATHS"):
            found = {
                one.substance: one.value
                for one in observations
                if one.indicator == indicator and one.value
            }
            leaves = {key: found[key] for key in found if key in keys.values()}
            assert leaves == of_year, (year, indicator)
            assert found[TOTAL] == sum(of_year.values()), (year, indicator)


def find_key(name: str, index: NameIndex) -> str:
    substance = resolve_text(name, index).substance
    return substance.key if substance is not None else "_U"
