"""A generated workbook of seizures, and what a program that knows nothing of Tocsin counts in it."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tocsin.reports.formats.export import write_xlsx
from tocsin.tables.vocabulary import TOTAL

HEADINGS = (
    "event_group",
    "reference",
    "event_type",
    "event_on",
    "country",
    "authority",
    "seizure_count",
    "substance",
    "physical_form",
    "amount",
    "unit",
    "purity_percent",
)
EVENT_HEADINGS = HEADINGS[1:7]
KEYS = {
    "Carfentanil": "carfentanil",
    "Xylazine": "xylazine",
    "Protonitazene": "protonitazene",
    "Metonitazene": "metonitazene",
    "Cocaine": "cocaine",
    "Heroin": "heroin",
    "Ketamine": "ketamine",
    "unheard-of powder": "_U",
}
"""Names as written, and the key that the register has for each."""
FORMS = ("powder", "crystal", "tablet", "liquid", "plant", "")
AUTHORITIES = ("police", "customs", "prison", "")
UNITS = {"kg": ("g", 1_000_000), "g": ("g", 1_000), "mg": ("g", 1), "l": ("ml", 1_000_000)} | {
    "ml": ("ml", 1_000),
    "tablets": ("tablets", 1_000),
    "blotters": ("blotters", 1_000),
}
"""What amounts are added up in, and thousandths of that in one."""
FIRST_ON = date(2025, 1, 1)


def make_rows(events: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield a row for each finding: one or two of an event, of a substance twice now and then."""
    chance = random.Random(seed)
    for number in range(1, events + 1):
        event = {
            "event_group": str(number),
            "reference": f"S-{number}",
            "event_type": "seizure",
            "event_on": FIRST_ON + timedelta(days=chance.randrange(365)),
            "country": "IE" if chance.random() < 0.9 else "FR",
            "authority": chance.choices(AUTHORITIES, (12, 5, 2, 1))[0],
            "seizure_count": "3" if chance.random() < 0.05 else "",
        }
        for _ in range(chance.choice((1, 1, 2))):
            unit = chance.choice((*UNITS, ""))
            amount = f"{chance.randrange(1, 5_000)}" if unit else ""
            if unit in ("kg", "g", "ml"):
                amount = f"{chance.randrange(1, 90_000) / 1_000}"
            yield event | {
                "substance": chance.choice(tuple(KEYS)),
                "physical_form": chance.choice(FORMS),
                "amount": amount,
                "unit": unit,
                "purity_percent": "" if chance.random() < 0.5 else f"{chance.randrange(1, 100)}",
            }


def write_workbook(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write the rows as a workbook that imports without a profile; an event stands in its first row."""

    def fill() -> Iterator[list[Any]]:
        before = ""
        for row in rows:
            is_same = row["event_group"] == before
            before = row["event_group"]
            yield ["" if is_same and name in EVENT_HEADINGS else row[name] for name in HEADINGS]

    with path.open("wb") as stream:
        write_xlsx(fill(), HEADINGS, stream)


def frame(rows: list[dict[str, Any]], country: str) -> pl.DataFrame:
    """The rows of a country as a data frame with what counts as what."""
    held = pl.DataFrame(rows).filter(pl.col("country") == country)
    factors = {unit: factor for unit, (_base, factor) in UNITS.items()}
    bases = {unit: base for unit, (base, _factor) in UNITS.items()}
    return held.with_columns(
        all=pl.lit(TOTAL),
        key=pl.col("substance").replace_strict(KEYS),
        form=pl.col("physical_form").replace("", "_U"),
        by=pl.col("authority").replace("", "_U"),
        cases=pl.col("seizure_count").replace("", "1").cast(pl.Int64),
        base=pl.col("unit").replace_strict(bases, default=None),
        purity=pl.col("purity_percent").replace("", None).cast(pl.Int64),
        thousandths=(
            pl.col("amount").replace("", None).cast(pl.Decimal(20, 6))
            * pl.col("unit").replace_strict(factors, default=None).cast(pl.Decimal(20, 0))
        ).cast(pl.Decimal(30, 0)),
    )


def count_cases(held: pl.DataFrame, by: list[str]) -> dict[tuple[str, ...], int]:
    """Seizures by some columns: each event once for each substance and form."""
    once = held.unique(["event_group", "key", "form"])
    return {tuple(row[:-1]): row[-1] for row in once.group_by(by).agg(pl.sum("cases")).rows()}


def add_amounts(held: pl.DataFrame, by: list[str]) -> dict[tuple[str, ...], int]:
    """Amounts in thousandths by some columns and their unit."""
    given = held.filter(pl.col("thousandths").is_not_null())
    sums = given.group_by([*by, "base"]).agg(pl.sum("thousandths"))
    return {tuple(row[:-1]): int(row[-1]) for row in sums.rows()}
