"""The pages about tables: made, released, downloaded; and what everybody reads."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from tests.web.conftest import Network
from tocsin.reports.models import EvidenceImport
from tocsin.tables.models import StatisticalTable

pytestmark = pytest.mark.django_db
HEAD = "reference,event_type,date,country,substance\n"
FORM = {"kind": "aggregated-table", "period": "2025", "country": "AT"}


def make_text(number: int, start: int = 0) -> str:
    rows = (f"L-{at},seizure,2025-03-02,AT,carfentanil" for at in range(start, start + number))
    return HEAD + "\n".join(rows) + "\n"


def make(client: Client, **more: str) -> StatisticalTable:
    answer = client.post("/tables/new/", {**FORM, "readers": "public", **more})
    assert answer.status_code == 302, answer.content.decode()
    table: StatisticalTable = StatisticalTable.objects.for_writing().latest("pk")
    return table


def read(answer: object) -> list[dict[str, str]]:
    text = answer.content.decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def test_a_table_is_made_released_corrected_and_read_by_everybody(
    enter: Callable[[str], Client], take_in: Callable[..., EvidenceImport]
) -> None:
    take_in(make_text(7))
    analyst, releaser, anybody = enter("analyst"), enter("releaser"), Client()

    first = make(analyst)
    page = analyst.get(f"/tables/{first.pk}/").content.decode()
    assert "PUB-focal-point-AT-2025" in page
    assert "Release it" not in page
    assert anybody.get("/public/tables/").content.decode().count("PUB-") == 0
    assert anybody.get(f"/public/tables/{first.identifier}/1/").status_code == 404
    assert "Release it" in releaser.get(f"/tables/{first.pk}/").content.decode()
    assert releaser.post(f"/tables/{first.pk}/release/").status_code == 302
    shown = anybody.get(f"/public/tables/{first.identifier}/1/").content.decode()
    assert "Carfentanil" in shown

    take_in(make_text(6, start=7))
    outdated = analyst.get(f"/tables/{first.pk}/").content.decode()
    assert "6 new" in outdated
    assert "Carfentanil · not stated · not stated · seizures: 7 → 13" in outdated
    # What changed is told in true counts: the page is not for everybody.
    assert 'data-tlp="amber"' in outdated
    prefilled = analyst.get("/tables/new/?period=2025&country=AT&readers=public&audience=x")
    assert prefilled.status_code == 200
    again = analyst.post("/tables/new/", {**FORM, "readers": "public"})
    assert (again.status_code, "no reason of the correction" in again.content.decode()) == (
        422,
        True,
    )
    second = make(analyst, reason="late reports")
    releaser.post(f"/tables/{second.pk}/release/")

    corrections = anybody.get(f"/public/tables/{first.identifier}/2/corrections")
    rows = read(corrections)
    assert {(row["ACTION"], row["OBS_VALUE"]) for row in rows} == {("R", "13")}
    assert corrections["Content-Disposition"].endswith('-v2.corrections.sdmx.csv"')
    assert anybody.get(f"/public/tables/{first.identifier}/1/corrections").status_code == 404
    listed = anybody.get("/public/tables/").content.decode()
    assert listed.count("late reports") == 1


def test_files_need_the_permission_and_others_see_nothing(
    enter: Callable[[str], Client], take_in: Callable[..., EvidenceImport], network: Network
) -> None:
    take_in(make_text(3))
    analyst = enter("analyst")
    table = make(analyst, readers="chosen", audience=str(network.partner.pk))

    for form in ("csv", "xlsx", "sdmx-csv", "structure"):
        assert analyst.get(f"/tables/{table.pk}/files/{form}/").status_code == 200, form
    assert analyst.get(f"/tables/{table.pk}/files/pdf/").status_code == 404
    # A reader sees the page and takes no file; the partner sees it once it is released.
    assert enter("reader").get(f"/tables/{table.pk}/").status_code == 200
    assert enter("reader").get(f"/tables/{table.pk}/files/csv/").status_code == 403
    partner = enter("partner-analyst")
    assert partner.get(f"/tables/{table.pk}/").status_code == 404
    enter("releaser").post(f"/tables/{table.pk}/release/")
    assert partner.get(f"/tables/{table.pk}/").status_code == 200
    assert Client().get(f"/public/tables/{table.identifier}/1/").status_code == 404
    # It may read none of the reports: their owner shares how many they are.
    found = {
        row["substance"]: row["value"]
        for row in read(partner.get(f"/tables/{table.pk}/files/csv/"))
        if row["indicator"] == "SEIZURES" and row["form"] == row["authority"] == "_T"
    }
    assert found["carfentanil"] == "3"
    enter("releaser").post(f"/tables/{table.pk}/withdraw/", {"reason": "sent by mistake"})
    assert "sent by mistake" in analyst.get(f"/tables/{table.pk}/").content.decode()


def test_a_wrong_wish_is_told_in_the_form(enter: Callable[[str], Client], network: Network) -> None:
    analyst = enter("analyst")
    for wish, words in (
        ({"period": "soon"}, "expected a month such as"),
        ({"country": "XX"}, "XX is not one of the available choices"),
        ({"readers": "public", "audience": str(network.partner.pk)}, "either everybody"),
        ({"kind": "toxicology-exchange"}, "0 cases; expected 5 or more"),
    ):
        answer = analyst.post("/tables/new/", {**FORM, "readers": "chosen", **wish})
        assert (answer.status_code, words in answer.content.decode()) == (422, True), wish
    assert enter("reader").get("/tables/new/").status_code == 403
    assert "No tables yet" in enter("reader").get("/tables/").content.decode()
