"""The toxicology exchange: nobody stands out, and no reference leads elsewhere."""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.api.conftest import Node, open_node
from tocsin.errors import RefusedError
from tocsin.reports.evidence import EvidenceFinding
from tocsin.reports.record.values import make_details
from tocsin.tables.exchange import COLUMNS, LEVEL_WORDS, QUASI_IDENTIFIERS
from tocsin.tables.models import StatisticalTable
from tocsin.tables.services import TableWish, make_table, release_table

pytestmark = pytest.mark.django_db
WISH = TableWish("2025", kind="toxicology-exchange", country="AT")
FINDING = EvidenceFinding(
    substance_text="carfentanil",
    matrix="biological",
    amount=Decimal("0.50"),
    unit="ng/ml",
    identification_level="schymanski-1",
    details=make_details(
        {
            "role": "contributory",
            "sampling_context": "post-mortem",
            "sampling_site": "femoral",
            "detection": "quantified",
            "lod": Decimal("0.05"),
            "loq": Decimal("0.1"),
        }
    ),
)


def hold(node: Node, number: int, seed: int, **more: Any) -> None:
    chance = random.Random(seed)
    for at in range(number):
        changes: dict[str, Any] = {
            "event_type": "serious-adverse-event",
            "reference": f"secret-{seed}-{at}",
            "event_on": date(2025, chance.choice((1, 1, 1, 2, 5)), 1),
            "region": chance.choice(("AT130", "AT130", "AT211", "AT13")),
            "findings": (FINDING, replace(FINDING, substance_text="unheard-of thing")),
            "details": make_details(
                {
                    "age_band": chance.choice(("25-34", "25-34", "35-44", "65+")),
                    "sex": chance.choice(("male", "male", "female")),
                    "outcome": "death",
                    "signs": ("miosis", "vomiting"),
                }
            ),
        }
        node.report("reporter", **(changes | more))


@pytest.fixture(scope="module")
def module_node(module_db: Callable[[], AbstractContextManager[None]]) -> Node:
    with module_db():
        node = open_node()
        hold(node, 30, 1)
        return node


@pytest.fixture
def node(module_node: Node, db: None) -> Node:
    return deepcopy(module_node)


def read(table: StatisticalTable) -> list[dict[str, str]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in table.content["rows"]]


def count_alike(rows: list[dict[str, str]]) -> Counter[tuple[str, ...]]:
    """How many cases share what others could know of them."""
    cases = {row["case"]: tuple(row[name] for name in QUASI_IDENTIFIERS) for row in rows}
    return Counter(cases.values())


def test_every_case_is_like_enough_others_and_says_how_coarse_it_is(node: Node) -> None:
    table = make_table(node.actor("analyst"), WISH)
    rows = read(table)

    assert min(count_alike(rows).values()) >= 5
    assert len({row["case"] for row in rows}) == 30
    assert {row["threshold"] for row in rows} == {"5"}
    for name in QUASI_IDENTIFIERS:
        assert {row[f"{name}_level"] for row in rows} <= set(LEVEL_WORDS[name])
    [known, unknown] = rows[:2]
    assert {name: known[name] for name in COLUMNS if known[name] and "level" not in name} == {
        "case": known["case"],
        **{name: known[name] for name in (*QUASI_IDENTIFIERS, "threshold")},
        "event_type": "serious-adverse-event",
        "outcome": "death",
        "signs": "miosis; vomiting",
        "substance": "carfentanil",
        "substance_words": "Carfentanil",
        "role": "contributory",
        "sampling_context": "post-mortem",
        "sampling_site": "femoral",
        "detection": "quantified",
        "amount": "0.5",
        "unit": "ng/ml",
        "lod": "0.05",
        "loq": "0.1",
    }
    assert (unknown["case"], unknown["substance"]) == (known["case"], "")
    told = str(table.content)
    assert "secret" not in told
    assert "unheard-of" not in told


def test_references_stay_within_one_exchange_and_differ_in_another(node: Node) -> None:
    first = make_table(node.actor("analyst"), WISH)
    again = make_table(node.actor("analyst"), WISH)
    sent = make_table(node.actor("analyst"), replace(WISH, audience=(node.partner.pk,)))

    def list_cases(table: StatisticalTable) -> set[str]:
        return {row["case"] for row in read(table)}

    assert list_cases(first) == list_cases(again)
    assert list_cases(first).isdisjoint(list_cases(sent))


def test_a_later_version_is_never_finer_in_another_column(node: Node) -> None:
    first = make_table(node.actor("analyst"), WISH)
    release_table(node.actor("releaser"), first.pk)
    hold(node, 60, 2)

    second = make_table(node.actor("analyst"), replace(WISH, reason="late results"))

    before, after = first.content["levels"], second.content["levels"]
    assert all(after[name] >= before[name] for name in QUASI_IDENTIFIERS)
    assert (first.content["cases"], second.content["cases"]) == (30, 90)
    assert min(count_alike(read(second)).values()) >= 5


def test_fewer_cases_than_the_threshold_are_no_table(node: Node) -> None:
    hold(node, 4, 3, country="SK", region="")

    with pytest.raises(RefusedError, match="4 cases; expected 5 or more"):
        make_table(node.actor("analyst"), replace(WISH, country="SK"))
