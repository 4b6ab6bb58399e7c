"""The whole story in a real browser: a laboratory's workbook in, a warning out, and back."""

import re
import urllib.request
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.node import PASSWORD, Visitor, open_browser, serve_node
from tocsin.alerts.formats.cap import parse_cap
from tocsin.journal.queries import list_entries, verify_journal
from tocsin.organisations.services import SETUP, record_organisation, record_person
from tocsin.organisations.vocabulary import OrganisationKind, Role

pytestmark = pytest.mark.browser

HEADINGS = (
    "Probennummer",
    "Ereignisdatum",
    "Art",
    "Bundesland (NUTS)",
    "Substanz",
    "Menge",
    "Einheit",
)
ADVICE = "Do not use alone. Carry naloxone. If someone cannot be woken, call 112."


def _write_workbook(path: Path, today: date) -> None:
    def day(days_ago: int) -> str:
        return (today - timedelta(days=days_ago)).strftime("%d.%m.%Y")

    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (
        HEADINGS,
        ("L-1", day(9), "Sicherstellung", "DE30", "Kokain", "12,5", "Gramm"),
        ("L-2", day(6), "Biologische Probe", "DE30", "Protonitazeen", "", ""),
        ("L-3", day(5), "Sicherstellung", "DE30", "Ketamin", "3", "Gramm"),
        ("L-4", f"31.02.{today.year}", "Sicherstellung", "DE30", "Xylazin", "1", "Gramm"),
    ):
        sheet.append(row)
    workbook.save(path)


def _mend(path: Path, today: date) -> None:
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.active
    assert sheet is not None
    assert sheet.cell(1, 8).value == "Tocsin: problems"
    assert "DD.MM.YYYY" in str(sheet.cell(5, 8).value)
    sheet.cell(5, 2).value = (today - timedelta(days=4)).strftime("%d.%m.%Y")
    workbook.save(path)


def _upload(visitor: Visitor, path: Path) -> None:
    visitor.go("/inbox/import/")
    visitor.page.set_input_files("[name=file]", str(path))
    visitor.page.select_option("[name=profile]", "laboratory_workbook")
    visitor.press("Look at the file")
    visitor.page.wait_for_url("**/check/")


def _read_outside(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        content: bytes = answer.read()
        return content


def test_a_workbook_becomes_a_warning_that_a_second_person_released(
    own_database: str, tmp_path: Path
) -> None:
    today = timezone.localdate()
    own = record_organisation(
        SETUP,
        key="focal-point",
        name="Focal Point",
        kind=OrganisationKind.FOCAL_POINT,
        country="DE",
        is_own=True,
    )
    for username, roles in (
        ("anna", [Role.READER, Role.REPORTER, Role.ANALYST, Role.RELEASER]),
        ("remi", [Role.READER, Role.RELEASER]),
    ):
        record_person(SETUP, username=username, organisation=own, roles=roles, password=PASSWORD)
    workbook = tmp_path / "lab_week.xlsx"
    _write_workbook(workbook, today)
    with serve_node(own_database) as address, open_browser() as browser:
        anna, remi = Visitor(browser, address), Visitor(browser, address)
        reader = Visitor(browser, address, width=320)
        anna.log_in("anna")
        _import_and_mend(anna, workbook, today, tmp_path)
        _resolve_name(anna)
        _confirm_signal(anna)
        identifier = _draft_alert(anna)
        _be_refused(anna)
        remi.log_in("remi")
        _release(remi)
        _read_public(reader, identifier)
        _cancel(remi, identifier)
        _read_cancelled(reader, identifier)
        complaints = [*anna.complaints, *remi.complaints, *reader.complaints]
    assert complaints == []
    _check_journal()


def _import_and_mend(anna: Visitor, workbook: Path, today: date, tmp_path: Path) -> None:
    _upload(anna, workbook)
    assert "Read 4 = 3 ready + 0 already held + 1 refused" in anna.read()
    with anna.page.expect_download() as download:
        anna.page.get_by_role("link", name="My spreadsheet, problems marked").click()
    marked = tmp_path / "marked.xlsx"
    download.value.save_as(marked)
    anna.press("Accept 3 rows")
    expect(anna.page.locator("main")).to_contain_text(
        "Read 4 = 3 accepted + 0 already held + 1 refused", timeout=30_000
    )
    _mend(marked, today)
    _upload(anna, marked)
    assert "Read 4 = 1 ready + 3 already held + 0 refused" in anna.read()
    anna.press("Accept 1 row")
    expect(anna.page.locator("main")).to_contain_text(
        "Read 4 = 1 accepted + 3 already held + 0 refused", timeout=30_000
    )


def _resolve_name(anna: Visitor) -> None:
    anna.go("/names/")
    assert "Protonitazeen" in anna.read()
    anna.press("Same as Protonitazene")
    expect(anna.page.locator("main")).to_contain_text("No unknown names")


def _confirm_signal(anna: Visitor) -> None:
    link = anna.page.get_by_role("link", name="Protonitazene: first detection held here")
    for _attempt in range(30):
        anna.go("/signals/?q=Protonitazene")
        if link.count():
            break
        anna.page.wait_for_timeout(500)
    link.first.click()
    assert "biological sample" in anna.read()
    anna.press("Verify: take it")
    anna.page.fill("[name=reason]", "A second laboratory confirmed it with reference material.")
    anna.press("Confirm")
    expect(anna.page.locator("main")).to_contain_text("Confirmed")


def _draft_alert(anna: Visitor) -> str:
    anna.page.get_by_role("link", name="Draft an alert").click()
    page = anna.page
    assert "first detection held here" in page.input_value("[name=texts-0-what_was_seen]")
    page.fill("[name=texts-0-headline]", "A nitazene was found in Region X")
    page.fill("[name=texts-0-area_description]", "Region X")
    page.fill("[name=texts-0-hazard]", "Nitazenes can stop a person's breathing.")
    page.fill("[name=texts-0-advice_public]", ADVICE)
    page.fill("[name=texts-0-advice_practitioners]", "Think of opioid overdose.")
    page.select_option("[name=severity]", "Severe")
    page.select_option("[name=tlp]", "CLEAR")
    expect(page.locator("#preview")).to_contain_text("A nitazene was found in Region X")
    anna.press("Save and ask for release")
    page.wait_for_load_state()
    found = re.search(r"DE-\d{4}-\d{4}", page.content())
    assert found is not None
    return found[0]


def _be_refused(anna: Visitor) -> None:
    """The author sees no release button and why; asking all the same is refused."""
    anna.go("/alerts/")
    anna.page.get_by_role("link", name="A nitazene was found in Region X").first.click()
    anna.page.get_by_role("link", name="Review for release").click()
    assert anna.page.get_by_role("button", name=re.compile("^Release to")).count() == 0
    assert "another releaser" in anna.read()
    token = anna.page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value")
    answer = anna.page.request.post(
        anna.page.url,
        form={"csrfmiddlewaretoken": token or ""},
        headers={"Referer": anna.page.url},
    )
    assert answer.status == 409
    assert "you wrote this version" in answer.text()


def _release(remi: Visitor) -> None:
    remi.go("/alerts/")
    remi.page.get_by_role("link", name="A nitazene was found in Region X").first.click()
    remi.page.get_by_role("link", name="Review for release").click()
    remi.page.get_by_role("button", name=re.compile("^Release to everybody")).click()
    expect(remi.page.locator("main")).to_contain_text("Public page")


def _read_public(reader: Visitor, identifier: str) -> None:
    reader.go(f"/public/alerts/{identifier}")
    assert "A nitazene was found in Region X" in reader.read()
    assert ADVICE in reader.read()
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= 320
    feed = _read_outside(f"{reader.address}/public/alerts/feed.atom").decode()
    assert f"/public/alerts/{identifier}" in feed
    assert ADVICE in feed
    message = parse_cap(_read_outside(f"{reader.address}/public/alerts/{identifier}/cap.xml"))
    assert (message.message_type, message.infos[0].language) == ("Alert", "en")
    assert ("substance", "Protonitazene") in message.infos[0].parameters


def _cancel(remi: Visitor, identifier: str) -> None:
    remi.go(f"/alerts/{identifier}/withdraw/")
    remi.page.fill("[name=reason]", "The samples had been exchanged.")
    remi.press("Withdraw from everybody")
    expect(remi.page.locator("main")).to_contain_text("The samples had been exchanged.")


def _read_cancelled(reader: Visitor, identifier: str) -> None:
    reader.go(f"/public/alerts/{identifier}")
    text = reader.read()
    assert "This alert was withdrawn" in text
    assert "The samples had been exchanged." in text
    assert ADVICE not in text
    feed = _read_outside(f"{reader.address}/public/alerts/feed.atom").decode()
    assert "The samples had been exchanged." in feed
    assert ADVICE not in feed
    message = parse_cap(_read_outside(f"{reader.address}/public/alerts/{identifier}/cap.xml"))
    assert message.message_type == "Cancel"
    assert len(message.references) == 1


def _check_journal() -> None:
    connection.close()
    assert verify_journal().is_intact
    actions = [entry.action for entry in list_entries().order_by("sequence")]
    story = [
        "person.logged-in",
        "import.received",
        "report.accepted",
        "import.finished",
        "name.decided",
        "signal.triaged",
        "alert.drafted",
        "alert.release-asked",
        "refused.four-eyes",
        "alert.released",
        "alert.cancelled",
    ]
    places = [actions.index(action) for action in story]
    assert places == sorted(places)
    assert actions.count("report.accepted") == 4
