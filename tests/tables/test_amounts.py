"""Amounts of a published table tell neither a hidden count nor what one report gives."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.tables.test_publishing import SEIZURE, list_leaves, make_rows, release
from tocsin.tables.cells import AUTHORITIES, FORMS, Observation, SubstanceCode
from tocsin.tables.cells import tell as tell_value
from tocsin.tables.counting import CaseRow
from tocsin.tables.publishing import read_secret, write_secret
from tocsin.tables.vocabulary import AMOUNTS, TOTAL

THRESHOLD = 5
Told = dict[str, tuple[str, Decimal | None]]
Found = dict[tuple[str, ...], Observation]
SUPPRESSED: Told = dict.fromkeys(AMOUNTS.values(), ("Q", None))
UNIT_OF_FORM = {"powder": "g", "tablet": "tablets", "liquid": "ml"}


def seize(number: int, amount: str = "10", start: int = 0, **more: object) -> list[CaseRow]:
    """So many reports of ketamine, each of one amount."""
    return [
        replace(SEIZURE, report_id=at, substance="ketamine", amount=Decimal(amount), **more)  # type: ignore[arg-type]
        for at in range(start, start + number)
    ]


def tell(found: Found, substance: str = "ketamine") -> Told:
    """What is told of a substance's amounts, by indicator."""
    return {
        one.indicator: (one.status, one.value)
        for one in found.values()
        if one.indicator in AMOUNTS.values() and one.substance == substance
    }


def make_told(**amounts: str) -> Told:
    return dict.fromkeys(AMOUNTS.values(), ("O", None)) | {
        indicator: ("A", Decimal(amount)) for indicator, amount in amounts.items()
    }


def test_amounts_of_a_substance_are_told_in_every_unit_or_in_none() -> None:
    tablets = seize(6, "30", start=100, form="tablet", unit="tablets")
    shown, _ = release([*seize(40), *tablets])
    few_tablets, _ = release([*seize(40), *tablets[:4]])
    no_total, _ = release([*seize(4), *(replace(SEIZURE, report_id=50 + at) for at in range(40))])

    assert tell(shown) == make_told(MASS="400", TABLETS="180")
    assert tell(few_tablets) == SUPPRESSED
    assert (tell(no_total), tell(no_total, "cocaine")) == (SUPPRESSED, make_told(MASS="400"))
    # Nothing is told of what is a sum of substances.
    assert {one.substance for one in shown.values() if one.indicator == "MASS"} == {"ketamine"}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param(seize(5), make_told(MASS="50"), id="five alike"),
        pytest.param(
            [*seize(4, "0.1"), *seize(1, "100000", start=9)], SUPPRESSED, id="one of 100 kg"
        ),
        pytest.param(seize(2, "77", cases=10), SUPPRESSED, id="two reports of ten cases each"),
        pytest.param(
            [*seize(4), *seize(1, "0", start=9)], SUPPRESSED, id="four, and one that gives nothing"
        ),
        pytest.param(
            [*seize(2, "1000"), *seize(3, "33", start=9)], SUPPRESSED, id="99 beside 1,000 twice"
        ),
        pytest.param(
            [*seize(2, "1000"), *seize(4, "25", start=9)],
            make_told(MASS="2100"),
            id="100 beside 1,000 twice",
        ),
        pytest.param(
            [*seize(9), *seize(1, "5", start=9, unit="items")], SUPPRESSED, id="one in another unit"
        ),
        pytest.param(seize(9, unit="ng/ml"), make_told(), id="concentrations alone"),
    ],
)
def test_an_amount_is_of_enough_reports_and_of_none_above_all(
    rows: list[CaseRow], told: Told
) -> None:
    found, _ = release(rows)

    assert found["SEIZURES", "ketamine", TOTAL, TOTAL].status == "A"
    assert tell(found) == told


def put_in(rows: Iterable[CaseRow], report_id: int, amount: str) -> list[CaseRow]:
    return [
        replace(one, amount=Decimal(amount)) if one.report_id == report_id else one for one in rows
    ]


ROWS = seize(40)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param(ROWS, make_told(MASS="400"), id="nothing"),
        pytest.param([*ROWS, *seize(1, start=90)], SUPPRESSED, id="one further report"),
        pytest.param(
            [*ROWS, *seize(5, start=90)], make_told(MASS="450"), id="five further reports"
        ),
        pytest.param(
            [*ROWS, *seize(4, "1", start=90), *seize(1, "90", start=99)],
            SUPPRESSED,
            id="five, of which one gives nearly all",
        ),
        pytest.param(put_in(ROWS, 7, "11"), SUPPRESSED, id="one that is corrected"),
        pytest.param(
            [*put_in(ROWS, 7, "90"), *seize(4, "1", start=90)],
            SUPPRESSED,
            id="four further, and one that is corrected by much",
        ),
        pytest.param(ROWS[5:], make_told(MASS="350"), id="five that are gone"),
        pytest.param(ROWS[4:], SUPPRESSED, id="four that are gone"),
        pytest.param(
            [*ROWS[2:], *seize(2, start=90)], SUPPRESSED, id="two, for two others that give as much"
        ),
        pytest.param(
            [*seize(40, unit="ml")], make_told(VOLUME="400"), id="forty that are corrected to ml"
        ),
    ],
)
def test_what_changed_from_a_version_before_is_of_enough_reports(
    rows: list[CaseRow], told: Told
) -> None:
    first, before = release(ROWS)
    second, between = release([*ROWS, *seize(2, start=80)], before)

    found, _ = release(rows, before, between)

    assert (tell(first), tell(second), tell(found)) == (make_told(MASS="400"), SUPPRESSED, told)


def test_what_is_not_known_any_more_of_a_version_before_hides_the_amounts() -> None:
    _, before = release(ROWS)
    erased = replace(before, given={"ketamine": {"g": {at: Decimal(10) for at in range(39)}}})

    found, _ = release([*ROWS, *seize(9, start=90)], erased)

    assert tell(found) == SUPPRESSED


def test_the_amounts_that_older_tables_kept_are_read() -> None:
    _, before = release([*seize(40), *seize(6, start=70, form="tablet", unit="tablets")])
    held = write_secret(before.secret)
    held["amounts"] = [["MASS", "ketamine", "400", 40], ["TABLETS", "ketamine", "60", 6]]

    assert read_secret(held).amounts == before.secret.amounts


EXAMPLE = [
    *seize(12),
    *seize(3, start=20, authority="customs"),
    *seize(2, start=40, form="tablet", unit="tablets"),
]


def test_tables_that_read_alike_in_counts_read_alike_in_amounts() -> None:
    # The example beside all others of 17 cases, with none, few and some of customs.
    read: dict[object, set[object]] = defaultdict(set)
    for customs in (0, 3, 6):
        for tablets in range(18 - customs):
            found, _ = release(
                [
                    *seize(17 - customs - tablets),
                    *seize(customs, start=20, authority="customs"),
                    *seize(tablets, start=40, form="tablet", unit="tablets"),
                ]
            )
            counts = frozenset(
                (key, one.value, one.status) for key, one in found.items() if key[0] == "SEIZURES"
            )
            read[counts].add(frozenset(tell(found).items()))

    assert len(read) > 10
    assert {len(amounts) for amounts in read.values()} == {1}
    assert len(set().union(*read.values())) > 5


def list_told_forms(told: Told) -> list[tuple[list[str], float, float]]:
    """What the amounts of a substance say of its cases, for who knows which form has which unit.

    Forms, and how many cases of them there are at least and at most.
    """
    if all(status == "Q" for status, _value in told.values()):
        return []
    limits = {"A": (THRESHOLD, np.inf), "O": (0, 0), "Q": (1, THRESHOLD - 1)}
    return [([form], *limits[told[AMOUNTS[unit]][0]]) for form, unit in UNIT_OF_FORM.items()]


def derive_ranges(found: Found, codes: Sequence[SubstanceCode]) -> dict[tuple[str, str], float]:
    """How wide each hidden total of a form stays, for who reads counts and amounts."""
    leaves = list_leaves(codes, TOTAL)
    reported = [one for one in AUTHORITIES if found["SEIZURES", TOTAL, TOTAL, one].status != "O"]
    cells = list(product(leaves, FORMS, reported))

    def add_up(substance: str, forms: Iterable[str], authority: str) -> np.ndarray:
        within = set(product(list_leaves(codes, substance), forms, {authority} & set(reported)))
        if authority == TOTAL:
            within = set(product(list_leaves(codes, substance), forms, reported))
        return np.array([float(cell in within) for cell in cells])

    rows, least, most = [], [], []
    hidden = {}
    for (indicator, substance, form, authority), one in found.items():
        if indicator != "SEIZURES" or one.status == "O":
            continue
        rows.append(add_up(substance, FORMS if form == TOTAL else [form], authority))
        is_hidden = one.status == "Q"
        least.append(1.0 if is_hidden else float(one.value or 0))
        most.append(np.inf if is_hidden else float(one.value or 0))
        if is_hidden and authority == TOTAL and form != TOTAL and substance in leaves:
            hidden[substance, form] = rows[-1]
    for substance in leaves:
        for forms, low, high in list_told_forms(tell(found, substance)):
            rows.append(add_up(substance, forms, TOTAL))
            least.append(low)
            most.append(high)
    limits = LinearConstraint(np.array(rows), least, most)
    ranges = {}
    for place, row in hidden.items():
        ends = []
        for sign in (1, -1):
            found_end = milp(sign * row, constraints=limits, bounds=Bounds(0, 10_000))
            assert found_end.fun is not None, found_end.message
            ends.append(float(found_end.fun))
        ranges[place] = -ends[1] - ends[0]
    return ranges


def make_mixed(seed: int, number: int) -> list[CaseRow]:
    """Random cases, each with an amount in the unit of its form."""
    chance = random.Random(seed)
    return [
        replace(one, unit=UNIT_OF_FORM[one.form], amount=Decimal(chance.randint(1, 90)))
        for one in make_rows(seed, number)
        if one.is_seizure
    ]


@pytest.mark.parametrize(
    ("rows", "substances_told"),
    [
        (EXAMPLE, []),
        (make_mixed(1, 250), []),
        (make_mixed(2, 600), ["cocaine"]),
        (make_mixed(4, 1_200), ["cocaine", "metonitazene"]),
    ],
)
def test_who_knows_which_form_has_which_unit_tells_no_hidden_count(
    rows: list[CaseRow], substances_told: list[str]
) -> None:
    found, version = release(rows)

    ranges = derive_ranges(found, version.secret.codes)

    assert sorted(version.secret.amounts) == substances_told
    assert len(ranges) > 1
    assert {place: width for place, width in ranges.items() if width <= 2 * THRESHOLD} == {}


def test_an_amount_that_is_hidden_by_itself_would_tell_a_hidden_count() -> None:
    found, version = release(EXAMPLE)
    key = ("MASS", "ketamine", TOTAL, TOTAL)
    told = found | {
        (indicator, *key[1:]): tell_value((indicator, *key[1:]), None)
        for indicator in AMOUNTS.values()
        if indicator != "TABLETS"
    }
    told[key] = tell_value(key, Decimal(150))

    ranges = derive_ranges(told, version.secret.codes)

    # 1 to 4 tablets, so 13 to 16 powders.
    assert ranges == {("ketamine", "tablet"): 3, ("ketamine", "powder"): 3}
