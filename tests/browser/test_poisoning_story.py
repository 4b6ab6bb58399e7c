"""A poisoning typed on a phone, completed by a laboratory, notified, corrected, notified anew."""

import io
import re
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pypdf
import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Locator, expect

from tests.browser.node import PASSWORD, Visitor, open_browser, serve_node
from tocsin.journal.queries import list_entries, verify_journal
from tocsin.notifications.documents.drug_alert import ALERT_ITEMS
from tocsin.organisations.services import SETUP, record_organisation, record_person
from tocsin.organisations.vocabulary import OrganisationKind, Role
from tocsin.reports.formats.record_tables import write_template

pytestmark = pytest.mark.browser

PHONE_PX = (360, 740)
REFERENCE = "T-2026-0007"
WHY_CORRECTED = "The hospital told how it ended."
WHY_REPLACED = "The outcome is known now."
FIRST_DETECTION = "first detection (formal notification)"
DRUG_ALERT = "drug alert notification"
TYPED: dict[str, str] = {
    "reference": REFERENCE,
    "event_type": "serious-adverse-event",
    "country": "AT",
    "severity": "3",
    "outcome": "recovering",
    "signs": "respiratory-depression; miosis",
    "treatments": "naloxone; ventilation",
    "naloxone_doses": "2",
    "naloxone_response": "partial",
    "substance": "Carfentanil",
    "role": "sole",
}
ANALYSED: dict[str, str] = {
    "exposure": "confirmed",
    "specimen": "blood",
    "sampling_context": "ante-mortem",
    "amount": "0.5",
    "unit": "ng/ml",
    "detection": "quantified",
    "techniques": "mass-spectrometry; liquid-chromatography",
    "mass_evidence": "library",
    "laboratory": "Institute of Forensic Chemistry",
}


def test_a_poisoning_is_typed_completed_notified_corrected_and_notified_anew(
    own_database: str, tmp_path: Path
) -> None:
    _set_people_up()
    day = timezone.localdate() - timedelta(days=3)
    workbook = tmp_path / "laboratory.xlsx"
    _fill_template(workbook, day)
    with serve_node(own_database) as address, open_browser() as browser:
        rosa = Visitor(browser, address, width=PHONE_PX[0])
        lena, anna, remi = (Visitor(browser, address) for _person in range(3))
        rosa.log_in("rosa")
        _type_poisoning(rosa, day)
        rosa.leave()
        lena.log_in("lena")
        _complete(lena, workbook)
        anna.log_in("anna")
        remi.log_in("remi")
        packages = [_notify(anna, kind) for kind in (FIRST_DETECTION, DRUG_ALERT)]
        for package in packages:
            _release(remi, package)
        assert "Outcome: recovering" in _read_alert(anna, packages[1], version=1)
        _correct(anna)
        replaced = [_replace(anna, package) for package in packages]
        for package, corrected in zip(packages, replaced, strict=True):
            _release(remi, corrected)
            _read_both(anna, package, corrected)
        assert "Outcome: recovered" in _read_alert(anna, replaced[1], version=2)
        complaints = [one for who in (rosa, lena, anna, remi) for one in who.complaints]
    assert complaints == []
    _check_journal()


def _set_people_up() -> None:
    own = record_organisation(
        SETUP,
        key="focal-point",
        name="Focal Point",
        kind=OrganisationKind.FOCAL_POINT,
        country="AT",
        is_own=True,
    )
    for username, role in (
        ("rosa", Role.REPORTER),
        ("lena", Role.REPORTER),
        ("anna", Role.ANALYST),
        ("remi", Role.RELEASER),
    ):
        roles = [Role.READER, role]
        record_person(SETUP, username=username, organisation=own, roles=roles, password=PASSWORD)


def _fill_template(path: Path, day: date) -> None:
    """Fill the node's own template as a laboratory does that knows the whole case."""
    with path.open("wb") as stream:
        write_template("serious-adverse-event", stream)
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.worksheets[0]
    columns = {str(cell.value): cell.column for cell in sheet[1]}
    for key, text in {**TYPED, **ANALYSED, "event_on": day.isoformat()}.items():
        sheet.cell(2, columns[key] or 0, text)
    workbook.save(path)


def _find(visitor: Visitor, label: str) -> Locator:
    """Find the control whose label begins with these words."""
    return visitor.page.get_by_label(re.compile(f"^{re.escape(label)}"))


def _tick(visitor: Visitor, question: str, *answers: str) -> None:
    group = visitor.page.get_by_role("group", name=re.compile(f"^{re.escape(question)}"))
    for answer in answers:
        group.get_by_label(answer, exact=True).check()


def _read(visitor: Visitor) -> str:
    visitor.page.wait_for_load_state()
    return visitor.read()


def _stays_in_width(visitor: Visitor) -> bool:
    visitor.page.wait_for_load_state()
    return bool(visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def _type_poisoning(rosa: Visitor, day: date) -> None:
    page = rosa.page
    page.set_viewport_size({"width": PHONE_PX[0], "height": PHONE_PX[1]})
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Reports", exact=True).click()
    page.get_by_role("link", name="New report").click()
    page.get_by_role("link", name=re.compile("^Serious adverse event")).click()
    assert _stays_in_width(rosa)
    page.get_by_label("Reference", exact=True).fill(REFERENCE)
    _find(rosa, "Date of the event").fill(day.isoformat())
    expect(_find(rosa, "Country")).to_have_value("AT")
    _find(rosa, "Severity").select_option(label="3, severe")
    _find(rosa, "Outcome").select_option(label="recovering")
    _tick(rosa, "Signs", "slow or no breathing", "small pupils")
    _tick(rosa, "Treatment", "naloxone", "ventilation")
    _find(rosa, "Response to naloxone").select_option(label="partial")
    substance = page.get_by_role("combobox", name="Substance", exact=True)
    substance.press_sequentially("carfenta")
    page.get_by_role("option", name=re.compile("^Carfentanil")).first.click()
    expect(substance).to_have_value("Carfentanil")
    _find(rosa, "Role of the substance").select_option(label="sole cause")
    rosa.press("Store the report")
    # A response without a dose is asked about before anything is stored.
    asked = page.get_by_role("link", name=re.compile("^Naloxone, doses given: found nothing"))
    asked.click()
    assert _stays_in_width(rosa)
    _find(rosa, "Naloxone, doses given").fill("2")
    rosa.press("Store the report")
    page.get_by_text("The report is stored.").wait_for()
    assert f"Report {REFERENCE}" in _read(rosa)
    assert "Naloxone, doses given\n2" in _read(rosa)
    assert _stays_in_width(rosa)


def _complete(lena: Visitor, workbook: Path) -> None:
    """Send the laboratory's file, which has the same reference and so corrects the report."""
    page = lena.page
    lena.go("/inbox/")
    page.get_by_role("link", name="Import a file").first.click()
    _find(lena, "File").set_input_files(workbook)
    lena.press("Look at the file")
    # Every column of the template is proposed as the field that it is.
    expect(_find(lena, "signs")).to_have_value("signs")
    page.set_viewport_size({"width": PHONE_PX[0], "height": PHONE_PX[1]})
    assert _stays_in_width(lena)
    lena.press("Check the rows")
    assert "Read 1 = 1 ready + 0 already held + 0 refused" in _read(lena)
    lena.press("Accept 1 row")
    page.get_by_text("Every row was taken; none was refused.").wait_for(timeout=30_000)
    assert "1 corrects a report that was held" in _read(lena)
    _open_report(lena)
    text = _read(lena)
    assert "version 2" in text
    assert "0.5 ng/ml" in text
    assert "slow or no breathing" in text
    assert "liquid chromatography (retention time)" in text
    assert _stays_in_width(lena)
    assert "none: entered by hand" not in text


def _open_report(visitor: Visitor) -> None:
    visitor.go(f"/reports/?q={REFERENCE}")
    visitor.page.locator("tr", has_text=REFERENCE).get_by_role("link").first.click()
    visitor.page.get_by_role("heading", name=f"Report {REFERENCE}").wait_for()


def _notify(anna: Visitor, kind: str) -> str:
    """Make a notification on the report's page; return the path of its page."""
    _open_report(anna)
    anna.page.get_by_role("link", name="Make a notification").click()
    anna.page.get_by_label(kind).check()
    anna.press("Make the draft")
    anna.page.get_by_text("The draft is made.").wait_for()
    return anna.page.url.removeprefix(anna.address)


def _release(remi: Visitor, package: str) -> None:
    remi.go(package)
    remi.page.get_by_role("link", name="Review for release").click()
    remi.press("Release it")
    remi.page.get_by_text("The package is released.").wait_for()


def _read_alert(anna: Visitor, package: str, *, version: int) -> str:
    """Take the PDF of a drug alert; return its text once all ten items are seen to be in it."""
    anna.go(package)
    with anna.page.expect_download() as download:
        anna.page.get_by_role("link", name="PDF, to be sent").click()
    assert download.value.suggested_filename.endswith(f"-v{version}.pdf")
    answer = anna.page.request.get(download.value.url)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    content = answer.body()
    assert content.startswith(b"%PDF-")
    assert content == download.value.path().read_bytes()
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    places = [text.index(f"({one.letter}) {one.heading}") for one in ALERT_ITEMS]
    assert "".join(one.letter for one in ALERT_ITEMS) == "abcdefghij"
    assert places == sorted(places)
    return text


def _correct(anna: Visitor) -> None:
    _open_report(anna)
    anna.page.get_by_role("link", name="Correct", exact=True).click()
    _find(anna, "Outcome").select_option(label="recovered")
    anna.page.locator("[name=reason]").fill(WHY_CORRECTED)
    anna.press("Store the correction")
    anna.page.get_by_role("heading", name="Notifications made of it").wait_for()
    assert "version 3" in _read(anna)
    assert anna.page.get_by_text("out of date", exact=True).count() == 2


def _replace(anna: Visitor, package: str) -> str:
    """See on a package what changed, and make the one that replaces it; return its path."""
    anna.go(package)
    notice = anna.page.get_by_role("status").filter(has_text="This package is out of date")
    expect(notice).to_contain_text(f"{REFERENCE}: version 2 → 3")
    expect(notice).to_contain_text(WHY_CORRECTED)
    expect(notice.locator("dl")).to_have_text(
        re.compile(r"^\s*Outcome\s*recovering → recovered\s*$")
    )
    notice.get_by_role("link", name="Make a corrected package").click()
    _find(anna, "Why").fill(WHY_REPLACED)
    anna.press("Make a corrected package")
    anna.page.wait_for_url(lambda url: "/replace/" not in url)
    return anna.page.url.removeprefix(anna.address)


def _read_both(anna: Visitor, package: str, corrected: str) -> None:
    """The new package names the one it replaces; the old one says that it is replaced."""
    anna.go(corrected)
    assert f"version 1: {WHY_REPLACED}" in _read(anna)
    assert "out of date" not in _read(anna)
    link = anna.page.get_by_role("definition").get_by_role("link", name="version 1", exact=True)
    link.click()
    anna.page.wait_for_url(f"**{package}")
    assert f"Replaced by version 2: {WHY_REPLACED}" in _read(anna)


def _check_journal() -> None:
    connection.close()
    assert verify_journal().is_intact
    actions = [entry.action for entry in list_entries().order_by("sequence")]
    steps = [one for one in actions if one.startswith(("report.", "package."))]
    notified = ["package.made"] * 2 + ["package.released"] * 2
    assert [one for one in steps if one != "package.exported"] == [
        "report.accepted",
        "report.corrected",
        *notified,
        "report.corrected",
        *notified,
    ]
