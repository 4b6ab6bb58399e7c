"""Released tables that are made again: for recipients, of cases, and for everybody with amounts."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.api.conftest import Node, open_node
from tests.tables.test_exchange import FINDING
from tests.tables.test_exchange import hold as hold_cases
from tocsin.cli import tables
from tocsin.cli.commands import app
from tocsin.reports.evidence import EvidenceFinding
from tocsin.reports.models import Report
from tocsin.reports.record.values import make_details
from tocsin.reports.services import retract_report
from tocsin.tables.models import StatisticalTable, TableBasis
from tocsin.tables.queries import derive_document
from tocsin.tables.services import TableWish, make_table, release_table

pytestmark = pytest.mark.django_db
WISH = TableWish("2025", country="AT")
PUBLIC_WISH = replace(WISH, is_public=True)
EXCHANGE_WISH = replace(WISH, kind="toxicology-exchange")


def seize(node: Node, number: int, amount: str = "10", day: int = 1) -> Report:
    """Report a seizure of carfentanil, or correct the one of that number."""
    return node.report(
        "reporter",
        reference=f"seizure {number}",
        event_on=date(2025, 2, day),
        findings=(
            EvidenceFinding(
                substance_text="carfentanil",
                matrix="seized",
                amount=Decimal(amount),
                unit="g",
                details=make_details({"physical_form": "powder"}),
            ),
        ),
        details=make_details({"authority": "police"}),
    )


@pytest.fixture(scope="module")
def module_node(module_db: Callable[[], AbstractContextManager[None]]) -> Node:
    with module_db():
        node = open_node()
        hold_cases(node, 6, 1, event_on=date(2025, 6, 1))
        for number in range(12):
            seize(node, number)
        return node


@pytest.fixture
def node(module_node: Node, db: None) -> Node:
    return deepcopy(module_node)


def publish(node: Node, wish: TableWish = PUBLIC_WISH, reason: str = "") -> StatisticalTable:
    made = make_table(node.actor("analyst"), replace(wish, reason=reason))
    return release_table(node.actor("releaser"), made.pk)


def read_mass(table: StatisticalTable) -> tuple[str, Decimal | None]:
    found = {one.key: one for one in derive_document(table).observations}
    mass = found["MASS", "carfentanil", "_T", "_T"]
    return mass.status, mass.value


@pytest.mark.parametrize("wish", [WISH, EXCHANGE_WISH], ids=["aggregated", "exchange"])
def test_a_table_for_recipients_is_replaced(node: Node, wish: TableWish) -> None:
    wish = replace(wish, audience=(node.partner.pk,))
    first = publish(node, wish)
    node.report(
        event_type="serious-adverse-event",
        reference="late",
        event_on=date(2025, 6, 2),
        region="AT130",
        findings=(FINDING,),
        details=make_details({"outcome": "death"}),
    )

    second = publish(node, wish, "a late report")
    third = publish(node, wish, "once more")

    states = StatisticalTable.objects.for_writing().order_by("number")
    assert list(states.values_list("number", "state", "replaces")) == [
        (1, "replaced", None),
        (2, "replaced", first.pk),
        (3, "released", second.pk),
    ]
    counted = [len(one.basis.sources) for one in (first, second, third)]
    assert counted == ([6, 7, 7] if wish.kind == EXCHANGE_WISH.kind else [18, 19, 19])


@pytest.mark.parametrize("kind", ["aggregated-table", "toxicology-exchange"])
def test_the_command_line_replaces_a_table_for_recipients(
    node: Node, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(tables, "open_node", nullcontext)

    def run(*words: str) -> Result:
        result = CliRunner().invoke(app, ["tables", *words])
        assert result.exit_code == 0, result.exception
        return result

    for words in ((), ("--reason", "late reports")):
        made = run("make", "2025", "--country", "AT", "--kind", kind, *words)
        run("release", made.stdout.split(":")[0], "--as", "releaser")

    listed = json.loads(run("list", "--json").stdout)
    assert [(one["version"], one["state"]) for one in listed] == [(2, "released"), (1, "replaced")]


def retract(node: Node, number: int) -> Report:
    held = Report.objects.for_writing().get(reference=f"seizure {number}", is_current=True)
    return retract_report(
        node.actor("reporter"), held.pk, version=held.version, reason="entered twice"
    )


CHANGES: dict[str, tuple[Callable[[Node], Any], tuple[str, Decimal | None]]] = {
    "one is corrected": (lambda node: seize(node, 3, "12"), ("Q", None)),
    "six are corrected": (
        lambda node: [seize(node, at, "12") for at in range(6)],
        ("A", Decimal(132)),
    ),
    "six are corrected, of which one by nearly all": (
        lambda node: [seize(node, at, "500" if at == 3 else "10.1") for at in range(6)],
        ("Q", None),
    ),
    "one is retracted": (lambda node: retract(node, 3), ("Q", None)),
    "five are retracted": (
        lambda node: [retract(node, at) for at in range(5)],
        ("A", Decimal(70)),
    ),
    "something else of one is corrected": (
        lambda node: seize(node, 3, day=9),
        ("A", Decimal(120)),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_amount_that_was_published_changes_by_what_enough_reports_give(
    node: Node, name: str
) -> None:
    change, told = CHANGES[name]
    first = publish(node)
    change(node)

    second = publish(node, reason="corrected")

    assert (read_mass(first), read_mass(second)) == (("A", Decimal(120)), told)


def test_what_is_kept_of_published_amounts_are_sums(node: Node) -> None:
    table = publish(node)

    secret = TableBasis.objects.for_writing().get(table=table).secret["published"]
    assert {key: Decimal(one["g"]) for key, one in secret["amounts"].items()} == {
        "carfentanil": Decimal(120)
    }
