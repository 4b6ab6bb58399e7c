import io
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from tests.web.conftest import Network
from tocsin.journal.models import JournalEntry
from tocsin.journal.queries import list_entries
from tocsin.pipeline import run_round
from tocsin.reports.models import EvidenceImport, ImportState
from tocsin.reports.queries import list_imports, list_reports
from tocsin.web.uploads import KEPT_SECONDS, clean_file_name, remove_old_uploads

HEADINGS = "reference,event_type,event_on,country,substance\n"
GOOD = "L1,seizure,2026-05-03,AT,cocaine\n"
UNKNOWN = "L2,seizure,2026-05-03,AT,Wundermittel X\n"
BAD = "L3,seizure,2026-02-31,AT,cocaine\n"
UPLOADS = Path(settings.HOME) / "uploads"


def send(
    client: Client,
    content: str | bytes,
    *,
    name: str = "lab.csv",
    profile: str = "generic",
    **more: Any,
) -> Any:
    body = content.encode() if isinstance(content, str) else content
    values = {
        "file": SimpleUploadedFile(name, body),
        "profile": profile,
        "tlp": "AMBER",
        "purposes": ["early-warning"],
        **more,
    }
    return client.post("/inbox/import/", values)


def list_kept_files(folder: str) -> list[Path]:
    return [path for path in (Path(settings.HOME) / folder).rglob("*") if path.is_file()]


@pytest.fixture(autouse=True)
def clean_uploads() -> None:
    for path in list_kept_files("uploads"):
        path.unlink()


def test_file_is_checked_accepted_and_stored_by_the_worker(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    sent = send(client, HEADINGS + GOOD + UNKNOWN + BAD)
    assert re.fullmatch(r"/inbox/import/[\w-]{22}/check/", sent.url)

    check = client.get(sent.url)
    text = check.content.decode()
    assert "Read 3 = 2 ready + 0 already held + 1 refused" in text
    assert "Accept 2 rows" in text
    assert "1 name the register does not know</a> in 1 ready row: kept, queued" in text
    assert list_reports(network.actor("reporter")).count() == 0

    accepted = client.post(sent.url.replace("check", "accept"))
    [held] = list_imports(network.actor("reporter"))
    assert accepted.headers["Location"] == f"/inbox/{held.pk}/"
    assert (held.state, held.handling.tlp, list_kept_files("uploads")) == ("waiting", "AMBER", [])
    assert 'hx-trigger="every 1s"' in client.get(f"/inbox/{held.pk}/").content.decode()

    run_round()
    text = client.get(f"/inbox/{held.pk}/").content.decode()
    assert "Read 3 = 2 accepted + 0 already held + 1 refused" in text
    assert "every 1s" not in text
    assert [one.reference for one in list_reports(network.actor("reporter"))] == ["L2", "L1"]


def test_check_lists_the_names_the_register_does_not_know_with_those_near_to_them(
    enter: Callable[[str], Client], take_in: Callable[..., Any], count_queries: Callable[..., int]
) -> None:
    take_in(HEADINGS + UNKNOWN, sender="reporter")
    client = enter("reporter")
    near = "{},seizure,2026-05-03,AT,Isotonitazenne\n"
    rows = "".join(near.format(f"N{number}") for number in range(3))
    others = "".join(f"M{number},seizure,2026-05-03,AT,Neues {number}\n" for number in range(20))

    sent = send(client, HEADINGS + GOOD + UNKNOWN + rows + others + BAD)
    context = client.get(sent.url).context

    first, *further = context["unknown_names"]
    assert (first.text, first.rows, "Isotonitazene" in first.candidates) == (
        "Isotonitazenne",
        3,
        True,
    )
    assert [one.rows for one in further] == [1] * 19
    # What is held already is not queued again.
    assert (context["outcome"].unresolved, context["names_left"]) == (23, 1)
    assert count_queries(client, sent.url) < 40

    shown = client.get(sent.url + "?rows=all")
    [ready] = [one["row"] for one in shown.context["rows"] if one["row"].number == 4]
    assert (ready.verdict, ready.unknown_names) == ("new", ("Isotonitazenne",))
    assert "unknown name: kept, queued" in shown.content.decode()


def test_check_counts_each_row_once(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in(HEADINGS + GOOD, sender="reporter")
    client = enter("reporter")

    outcome = client.get(send(client, HEADINGS + GOOD + UNKNOWN + BAD).url).context["outcome"]

    assert (outcome.rows, outcome.accepted, outcome.duplicates, outcome.refused) == (3, 1, 1, 1)


def test_row_held_as_an_earlier_version_only_is_told_before_and_after_and_in_the_spreadsheet(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(HEADINGS + GOOD, sender="reporter")
    take_in(HEADINGS + GOOD.replace("cocaine", "heroin"), sender="reporter")
    client = enter("reporter")
    sent = send(client, HEADINGS + GOOD)

    text = client.get(sent.url).content.decode()
    assert "Read 1 = 0 ready + 1 already held + 0 refused" in text
    assert "1 is held as an earlier version only" in text
    assert "held as version 1, corrected since" in text
    assert "to put it back, correct the report on its page" in text
    [first] = client.get(sent.url + "?rows=all").context["rows"]
    assert (first["row"].verdict, len(first["row"].problems)) == ("earlier-version", 1)
    marked: Any = client.get(sent.url.replace("check", "marked"))
    assert b"earlier-version" in b"".join(marked.streaming_content)

    client.post(sent.url.replace("check", "accept"))
    run_round()
    held = list_imports(network.actor("reporter")).order_by("-pk")[0]
    text = client.get(f"/inbox/{held.pk}/").content.decode()
    assert "Read 1 = 0 accepted + 1 already held + 0 refused" in text
    assert "1 is held as an earlier version only" in text
    assert "to put it back, correct the report on its page" in text
    assert "refused</h2>" not in text


def test_problem_names_row_column_found_and_expected(enter: Callable[[str], Client]) -> None:
    client = enter("reporter")

    [problem] = client.get(send(client, HEADINGS + GOOD + BAD).url).context["problems"]

    assert (problem.row, problem.column, problem.found) == (3, "event_on", "2026-02-31")
    assert problem.expected


def test_all_first_rows_can_be_shown_with_what_becomes_of_them(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in(HEADINGS + GOOD, sender="reporter")
    client = enter("reporter")

    rows = client.get(
        send(client, HEADINGS + GOOD + UNKNOWN + BAD + UNKNOWN).url + "?rows=all"
    ).context["rows"]

    assert [(shown["row"].number, shown["row"].verdict) for shown in rows] == [
        (2, "duplicate"),
        (3, "new"),
        (4, "refused"),
        (5, "duplicate"),
    ]


def test_file_with_personal_data_is_refused_and_leaves_nothing(
    enter: Callable[[str], Client],
) -> None:
    kept_before = list_kept_files("files")
    client = enter("reporter")

    response = send(client, "reference,Geburtsdatum,substance\nL1,1970-01-01,cocaine\n")

    text = response.content.decode()
    assert response.status_code == 422
    assert "There is a problem" in text
    assert "Geburtsdatum" in text
    assert "1970" not in text
    assert (list_kept_files("uploads"), list_kept_files("files")) == ([], kept_before)
    assert client.session.get("uploads", {}) == {}
    assert JournalEntry.objects.filter(action="refused.personal-data").count() == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("empty.csv", b"\n", id="no headings"),
        pytest.param("scan.pdf", b"%PDF-1.7\n", id="a PDF"),
        pytest.param("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9, id="an old workbook"),
        pytest.param("broken.xlsx", b"PK\x03\x04broken", id="a broken workbook"),
    ],
)
def test_unreadable_file_is_refused_by_its_name_and_kept_nowhere(
    name: str, content: bytes, enter: Callable[[str], Client]
) -> None:
    response = send(enter("reporter"), content, name=name)

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert name in response.content.decode()
    assert list_kept_files("uploads") == []


def test_profile_that_does_not_fit_leads_to_matching(enter: Callable[[str], Client]) -> None:
    client = enter("reporter")

    sent = send(client, "Datum;Stoff\n03.05.2026;Kokain\n", profile="laboratory_workbook")

    assert sent.url.endswith("/match/")
    assert "The profile does not fit" in client.get(sent.url).content.decode()


def test_upload_belongs_to_the_session_that_sent_it(enter: Callable[[str], Client]) -> None:
    sent = send(enter("reporter"), HEADINGS + GOOD)
    other = enter("analyst")

    assert other.get(sent.url).status_code == 404
    assert other.post(sent.url.replace("check", "accept")).status_code == 404
    assert other.get("/inbox/import/..%2F..%2Fsecret/check/").status_code == 404


def test_discarded_upload_is_gone(enter: Callable[[str], Client]) -> None:
    client = enter("reporter")
    sent = send(client, HEADINGS + GOOD)
    assert len(list_kept_files("uploads")) == 1

    client.post(sent.url.replace("check", "discard"))

    assert list_kept_files("uploads") == []
    assert client.get(sent.url).status_code == 404


def test_upload_is_removed_after_a_day(enter: Callable[[str], Client]) -> None:
    send(enter("reporter"), HEADINGS + GOOD)
    [path] = list_kept_files("uploads")
    moment = time.time() - KEPT_SECONDS - 60
    os.utime(path.parent, (moment, moment))

    remove_old_uploads()

    assert list_kept_files("uploads") == []


@pytest.mark.parametrize("person", ["reader", "releaser", "administrator"])
def test_only_who_may_import_gets_in(person: str, enter: Callable[[str], Client]) -> None:
    client = enter(person)

    assert client.get("/inbox/import/").status_code == 403
    assert send(client, HEADINGS + GOOD).status_code == 403
    assert list_kept_files("uploads") == []


def test_audience_and_purposes_reach_the_rows(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    sent = send(client, HEADINGS + GOOD, tlp="GREEN", audience=[network.partner.pk])
    client.post(sent.url.replace("check", "accept"))
    run_round()

    [report] = list_reports(network.actor("partner-analyst"))
    handling = report.handling
    assert (handling.tlp, handling.audience) == ("GREEN", [network.partner.pk])


def test_red_rows_are_shared_with_nobody(enter: Callable[[str], Client], network: Network) -> None:
    client = enter("reporter")
    sent = send(client, HEADINGS + GOOD, tlp="RED", audience=[network.partner.pk])
    client.post(sent.url.replace("check", "accept"))
    run_round()

    assert list_reports(network.actor("partner-analyst")).count() == 0
    [report] = list_reports(network.actor("reporter"))
    assert (report.handling.tlp, report.handling.audience) == ("RED", [])


def test_marked_csv_comes_back_mended_and_doubles_nothing(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    sent = send(client, HEADINGS + GOOD + BAD)
    marked_before = b"".join(client.get(sent.url.replace("check", "marked")))
    client.post(sent.url.replace("check", "accept"))
    run_round()
    [held] = list_imports(network.actor("reporter"))

    response = client.get(f"/inbox/{held.pk}/marked/")
    marked = b"".join(response)

    assert marked == marked_before
    assert 'filename="lab.marked.csv"' in response.headers["Content-Disposition"]
    assert b"Tocsin: problems" in marked
    handed_out = list_entries(action="import.exported").get()
    assert (handed_out.record_id, handed_out.details) == (str(held.pk), {"marked_rows": 1})
    mended = marked.replace(b"2026-02-31", b"2026-02-28")
    again = send(client, mended, name="lab.marked.csv")
    outcome = client.get(again.url).context["outcome"]
    assert (outcome.rows, outcome.accepted, outcome.duplicates, outcome.refused) == (2, 1, 1, 0)


def test_marked_workbook_keeps_the_cells_and_names_the_problem(
    enter: Callable[[str], Client],
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (HEADINGS + GOOD + BAD).splitlines():
        sheet.append(line.split(","))
    stream = io.BytesIO()
    book.save(stream)
    client = enter("reporter")
    sent = send(client, stream.getvalue(), name="lab.xlsx")

    marked = b"".join(client.get(sent.url.replace("check", "marked")))

    sheet = load_workbook(io.BytesIO(marked)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][-1] == "Tocsin: problems"
    assert rows[1][:5] == GOOD.strip().split(",")
    assert "2026-02-31" in str(rows[2][-1])


def test_only_the_beginning_of_a_long_file_is_checked_and_the_page_says_so(
    enter: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.web.views.imports.MOST_ROWS_CHECKED", 1_000)
    rows = "".join(f"L{number},seizure,2026-05-03,AT,cocaine\n" for number in range(1_500))
    client = enter("reporter")

    response = client.get(send(client, HEADINGS + rows).url)

    assert response.context["outcome"].rows == 1_000
    assert "Only the first 1000 rows were checked" in response.content.decode()
    assert "Accept every row that is ready" in response.content.decode()


def test_import_is_stopped_by_its_own_organisation_only(
    enter: Callable[[str], Client], network: Network
) -> None:
    client = enter("reporter")
    sent = send(client, HEADINGS + GOOD)
    client.post(sent.url.replace("check", "accept"))
    [held] = list_imports(network.actor("reporter"))

    assert enter("partner-analyst").post(f"/inbox/{held.pk}/stop/").status_code == 404
    assert enter("reader").post(f"/inbox/{held.pk}/stop/").status_code == 403
    assert client.post(f"/inbox/{held.pk}/stop/").headers["Location"] == f"/inbox/{held.pk}/"
    run_round()

    [held] = list_imports(network.actor("reporter"))
    assert (held.state, held.accepted) == ("stopped", 0)
    assert "Stopped before its end" in client.get(f"/inbox/{held.pk}/").content.decode()


def test_finished_status_asks_the_page_to_load_again(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    held = take_in(HEADINGS + GOOD)

    response = enter("analyst").get(f"/inbox/{held.pk}/status/")

    assert response.headers["HX-Refresh"] == "true"


def test_failed_import_says_why_and_what_stays(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    held = take_in(HEADINGS + GOOD)
    EvidenceImport.objects.for_writing().filter(pk=held.pk).update(
        state=ImportState.FAILED, failure="the disk is full"
    )

    text = enter("analyst").get(f"/inbox/{held.pk}/").content.decode()

    assert "The import failed" in text
    assert "the disk is full" in text
    assert "What was stored before stays: 1 rows" in text


def test_queries_do_not_grow_with_the_problems(
    enter: Callable[[str], Client],
    take_in: Callable[..., Any],
    count_queries: Callable[[Client, str], int],
) -> None:
    client = enter("analyst")
    one = take_in(HEADINGS + BAD)
    three = take_in(HEADINGS + BAD + BAD.replace("L3", "L4") + BAD.replace("L3", "L5"))

    assert count_queries(client, f"/inbox/{one.pk}/") == count_queries(
        client, f"/inbox/{three.pk}/"
    )


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        pytest.param("../../etc/passwd", "passwd", id="path"),
        pytest.param("C:\\lab\\nov.xlsx", "nov.xlsx", id="path of Windows"),
        pytest.param("..", "file", id="no name"),
        pytest.param("", "file", id="empty"),
        pytest.param("a\r\nb.csv", "ab.csv", id="line break"),
        pytest.param("ä" * 200 + ".xlsx", "ä" * 97 + ".xlsx", id="long"),
    ],
)
def test_file_name_is_cleaned(name: str, cleaned: str) -> None:
    assert clean_file_name(name) == cleaned
