"""What everybody may read of a table tells no hidden count, alone or with the version before it."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from scipy.optimize import linprog

from tocsin.science.disclosure import audit
from tocsin.tables.cells import AUTHORITIES, Observation, SubstanceCode, list_codes
from tocsin.tables.counting import CaseRow, Counts, count_period
from tocsin.tables.publishing import (
    POISONINGS,
    SEIZURES,
    Earlier,
    Secret,
    publish,
    read_secret,
    widen,
    write_secret,
)
from tocsin.tables.vocabulary import NOT_APPLICABLE, TOTAL

NAMES = {
    "metonitazene": ("Metonitazene", "nitazene", "Nitazenes"),
    "protonitazene": ("Protonitazene", "nitazene", "Nitazenes"),
    "isotonitazene": ("Isotonitazene", "nitazene", "Nitazenes"),
    "carfentanil": ("Carfentanil", "fentanyl", "Fentanyls"),
    "cocaine": ("Cocaine", "stimulant", "Stimulants"),
    "ketamine": ("Ketamine", "dissociative", "Dissociatives"),
}
SEIZURE = CaseRow(
    report_id=0,
    owner_id=1,
    is_seizure=True,
    is_death=False,
    on=date(2026, 2, 1),
    country="IE",
    region="",
    substance="cocaine",
    form="powder",
    authority="police",
    unit="g",
    amount=Decimal(10),
)
POISONING = replace(SEIZURE, is_seizure=False, form="", authority="", unit="", amount=None)


def make_rows(seed: int = 3, number: int = 300) -> list[CaseRow]:
    chance = random.Random(seed)
    substances = ("cocaine", "ketamine", "metonitazene", "protonitazene", "carfentanil")
    rows = []
    for report_id in range(number):
        base = SEIZURE if chance.random() < 0.7 else POISONING
        row = replace(
            base,
            report_id=report_id,
            substance=chance.choices(substances, (12, 6, 3, 2, 1))[0],
            is_death=not base.is_seizure and chance.random() < 0.3,
        )
        if row.is_seizure:
            row = replace(
                row,
                form=chance.choices(("powder", "tablet", "liquid"), (8, 3, 1))[0],
                authority=chance.choices(("police", "customs", "prison"), (9, 4, 1))[0],
            )
        rows.append(row)
    return rows


def count(rows: Sequence[CaseRow]) -> Counts:
    return count_period(rows, [], since=date(2026, 1, 1), until=date(2026, 12, 31))


def release(
    rows: Sequence[CaseRow], *before: Earlier
) -> tuple[dict[tuple[str, ...], Observation], Earlier]:
    counts = count(rows)
    codes = list_codes(counts, NAMES, before[-1].secret.codes if before else ())
    observations, secret = publish(counts, codes, threshold=5, before=before)
    return {one.key: one for one in observations}, Earlier(secret, counts.amounts)


def test_small_counts_are_hidden_and_told_apart_from_zero_and_missing() -> None:
    rows = [replace(SEIZURE, report_id=at) for at in range(9)]
    rows += [replace(SEIZURE, report_id=at, authority="customs") for at in range(10, 22)]
    rows += [replace(SEIZURE, report_id=at, form="tablet") for at in range(30, 33)]
    rows += [replace(SEIZURE, report_id=40 + at, substance="ketamine") for at in range(30)]
    found, _secret = release(rows)

    def tell(*key: str) -> tuple[Decimal | None, str, str]:
        one = found[("SEIZURES", *key)]
        return one.value, one.status, one.confidentiality

    assert tell("cocaine", "tablet", "police") == (None, "Q", "C")
    assert tell("cocaine", "plant", "police") == (Decimal(0), "A", "F")
    assert tell("cocaine", "tablet", "prison") == (None, "O", "F")
    assert tell("ketamine", TOTAL, TOTAL) == (Decimal(30), "A", "F")
    assert {tell("cocaine", TOTAL, one) for one in set(AUTHORITIES) - {"police", "customs"}} == {
        (None, "O", "F")
    }
    poisonings = found["POISONINGS", TOTAL, NOT_APPLICABLE, NOT_APPLICABLE]
    assert (poisonings.value, poisonings.status) == (None, "O")


def attack(*published: Secret) -> list[object]:
    """Everything that an attacker with all versions recovers of any table."""
    recovered: list[object] = []
    for name in (SEIZURES, POISONINGS):
        held = [one.suppressions[name] for one in published]
        recovered += audit(*(one.publish() for one in held), tables=[one.table for one in held])
    return recovered


@pytest.mark.parametrize(
    "late",
    [
        pytest.param(replace(POISONING, substance="carfentanil", is_death=True), id="a death"),
        pytest.param(replace(SEIZURE, substance="metonitazene", form="liquid"), id="a seizure"),
        pytest.param(replace(POISONING, substance="isotonitazene"), id="of a new substance"),
        pytest.param(replace(SEIZURE, authority="post"), id="of an authority that was silent"),
    ],
)
def test_one_late_report_tells_nobody_a_hidden_count(late: CaseRow) -> None:
    rows = make_rows()
    _first, before = release(rows)
    secret = read_secret(json.loads(json.dumps(write_secret(before.secret))))

    second, after = release(
        [*rows, replace(late, report_id=10_000)], replace(before, secret=secret)
    )

    assert attack(secret) == attack(after.secret) == []
    # In the codes of the second version, in which both are told.
    assert attack(put_beside(secret, after.secret), after.secret) == []
    assert any(one.status == "Q" for one in second.values())


def put_beside(before: Secret, after: Secret) -> Secret:
    """The first version as it reads beside the second: what it did not name, it counted none of."""
    wider = {
        name: widen(one, after.suppressions[name].table)
        for name, one in before.suppressions.items()
    }
    return replace(before, codes=after.codes, suppressions=wider)


def list_leaves(codes: Sequence[SubstanceCode], code: str) -> list[str]:
    parts = [one.code for one in codes if one.parent == code]
    return [leaf for part in parts for leaf in list_leaves(codes, part)] or [code]


def derive_ranges(
    files: Sequence[dict[tuple[str, ...], Observation]],
    codes: Sequence[SubstanceCode],
    grown: tuple[str, str],
) -> dict[tuple[int, tuple[str, str]], float]:
    """How wide each hidden count of poisonings stays for who knows both files, and what came late.

    Written from the files alone: a hidden cell is 1 or more, a leaf of the second file is that of
    the first, and one more where the late report is.
    """
    outcomes = {"POISONINGS": ("DEATHS", "NON_FATAL"), "DEATHS": ("DEATHS",)}
    outcomes["NON_FATAL"] = ("NON_FATAL",)
    leaves = [(a, b) for a in list_leaves(codes, TOTAL) for b in outcomes["POISONINGS"]]
    sums: list[np.ndarray] = []
    totals: list[float] = []
    hidden: dict[tuple[int, tuple[str, str]], np.ndarray] = {}
    below: list[tuple[np.ndarray, float]] = []
    for number, file in enumerate(files):
        late = np.array([float(number and leaf == grown) for leaf in leaves])
        for code in (one.code for one in codes):
            for indicator, parts in outcomes.items():
                one = file.get((indicator, code, NOT_APPLICABLE, NOT_APPLICABLE))
                under = {(a, b) for a in list_leaves(codes, code) for b in parts}
                row = np.array([float(leaf in under) for leaf in leaves])
                if one is not None and one.status == "Q":
                    hidden[number, (code, indicator)] = row
                    below.append((-row, float(row @ late) - 1))
                else:
                    value = one.value if one is not None and one.value is not None else 0
                    sums.append(row)
                    totals.append(float(value) - float(row @ late))
    ranges = {}
    for place, row in hidden.items():
        ends = [
            linprog(
                sign * row,
                A_eq=np.array(sums),
                b_eq=np.array(totals),
                A_ub=np.array([one for one, _ in below]),
                b_ub=np.array([one for _, one in below]),
                bounds=(0, 10_000),
            )
            for sign in (1.0, -1.0)
        ]
        assert all(one.status == 0 for one in ends), [one.message for one in ends]
        ranges[place] = -(ends[1].fun or 0.0) - (ends[0].fun or 0.0)
    return ranges


def test_who_knows_both_files_and_which_report_came_late_tells_no_hidden_count() -> None:
    rows = make_rows(number=120)
    first, before = release(rows)
    hidden = [
        (one.substance, one.indicator)
        for one in first.values()
        if one.indicator in ("DEATHS", "NON_FATAL") and one.status == "Q" and one.substance in NAMES
    ]

    told: dict[tuple[object, ...], float] = {}
    for substance, indicator in hidden:
        is_death = indicator == "DEATHS"
        late = replace(POISONING, report_id=10_000, substance=substance, is_death=is_death)
        second, after = release([*rows, late], before)
        ranges = derive_ranges((first, second), after.secret.codes, (substance, indicator))
        told |= {(substance, *place): width for place, width in ranges.items() if width <= 10}

    assert len(hidden) > 4
    assert told == {}


def test_a_table_of_nothing_is_missing_throughout_and_can_be_followed() -> None:
    empty, before = release([])
    found, _secret = release(make_rows(), before)

    assert {one.status for one in empty.values()} == {"O"}
    assert any(one.value for one in found.values())
