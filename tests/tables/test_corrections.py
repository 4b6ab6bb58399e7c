"""A released table and its released correction, read together, tell no hidden count."""

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from django.test import Client

from tests.api.conftest import Node, open_node
from tocsin.reports.evidence import EvidenceFinding
from tocsin.reports.record.values import make_details
from tocsin.science.disclosure import PublishedTable, Suppression, audit, suppress
from tocsin.tables.models import StatisticalTable, TableBasis
from tocsin.tables.publishing import SEIZURES, read_secret
from tocsin.tables.queries import derive_document, derive_file, get_public_table
from tocsin.tables.services import TableWish, make_table, release_table
from tocsin.tables.vocabulary import Indicator

pytestmark = pytest.mark.django_db
WISH = TableWish("2025-Q1", country="AT", is_public=True)
CASES = {
    ("carfentanil", "powder", "police"): 9,
    ("carfentanil", "powder", "customs"): 12,
    ("carfentanil", "tablet", "police"): 13,
    ("carfentanil", "tablet", "customs"): 4,
    ("xylazine", "powder", "police"): 2,
}
LATE = ("carfentanil", "tablet", "customs")


def seize(node: Node, substance: str, form: str, authority: str, number: int) -> None:
    """Report one more seizure."""
    details = make_details({"physical_form": form})
    finding = EvidenceFinding(substance_text=substance, matrix="seized", details=details)
    node.report(
        reference=f"{substance}-{form}-{authority}-{number}",
        event_on=date(2025, 1, 1 + number),
        findings=(finding,),
        details=make_details({"authority": authority}),
    )


@pytest.fixture(scope="module")
def versions(module_db: Callable[[], AbstractContextManager[None]]) -> list[StatisticalTable]:
    """A table, and its correction for one late report, each made and released by the services."""
    with module_db():
        node = open_node()
        for case, number in CASES.items():
            for at in range(number):
                seize(node, *case, at)
        made = [make_table(node.actor("analyst"), WISH)]
        release_table(node.actor("releaser"), made[0].pk)
        seize(node, *LATE, CASES[LATE])
        made.append(make_table(node.actor("analyst"), replace(WISH, reason="a late report")))
        release_table(node.actor("releaser"), made[1].pk)
        return [get_public_table(one.identifier, one.number) for one in made]


def read_secrets(versions: list[StatisticalTable]) -> list[Suppression]:
    bases = TableBasis.objects.for_writing().filter(table__in=versions).order_by("table__number")
    held = [read_secret(one.secret["published"]) for one in bases]
    return [one.suppressions[SEIZURES] for one in held]


def read_published(table: StatisticalTable, secret: Suppression) -> PublishedTable:
    """The seizures as everybody reads them: from what was released, not from what was kept."""
    document = derive_document(table)
    assert document.threshold is not None
    cells = [one for one in document.observations if one.indicator == Indicator.SEIZURES]
    keys = [list(one.codes) for one in secret.table.dimensions]
    shape = [len(codes) for codes in keys]
    status, values = np.full(shape, "", dtype="U1"), np.zeros(shape, dtype=np.int64)
    for one in cells:
        key = one.substance, one.form, one.authority
        at = tuple(codes.index(code) for codes, code in zip(keys, key, strict=True))
        status[at] = one.status
        values[at] = int(one.value or 0)
    assert len(cells) == status.size
    dimensions = secret.table.dimensions
    return PublishedTable(dimensions, document.threshold, status == "Q", status == "O", values)


def test_who_reads_both_released_versions_computes_no_hidden_count(
    versions: list[StatisticalTable],
) -> None:
    secrets = read_secrets(versions)
    tables = [one.table for one in secrets]
    published = [read_published(one, secret) for one, secret in zip(versions, secrets, strict=True)]

    assert [one.find_count(LATE) for one in tables] == [4, 5]
    assert [one.get_cell(LATE).count for one in published] == [None, None]
    assert audit(*published, tables=tables) == []
    # Made as if there were no first version, the second would show the 5, and so tell the 4.
    apart = suppress(tables[1]).publish()
    assert LATE in {one.key for one in audit(published[0], apart, tables=tables)}


def test_no_file_or_page_says_that_a_hidden_count_is_small(
    versions: list[StatisticalTable],
) -> None:
    secret = read_secrets(versions)[0]
    large = secret.table.values[secret.hidden] >= secret.threshold
    files = {
        form: derive_file(versions[0], form).content.decode("utf-8-sig")
        for form in ("csv", "sdmx-csv", "json")
    }

    # Who read "fewer than 5" in each of these 23 cells would be told a falsehood in 12.
    assert (int(large.sum()), int((~large).sum())) == (12, 11)
    files["page"] = (
        Client()
        .get(f"/public/tables/{versions[0].identifier}/{versions[0].number}/")
        .content.decode()
    )
    assert "suppressed" in files["page"]
    assert {form for form, file in files.items() if re.search(r"(<|≤|&lt;)\s*\d", file)} == set()
    rows = list(csv.DictReader(io.StringIO(files["csv"])))
    told = {(row["value"], row["status"]) for row in rows if row["indicator"] == "SEIZURES"}
    assert {status: value for value, status in told if value in ("", "0")} == {
        "suppressed": "",
        "missing": "",
        "value": "0",
    }
