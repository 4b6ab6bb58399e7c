from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import BODY, EVIDENCE, Caller, Node
from tocsin.journal.models import JournalEntry
from tocsin.reports.models import Report

Call = Callable[[str], Caller]


def expected_report(report: Report, **changes: Any) -> dict[str, Any]:
    """What the API says of a report with the evidence every test starts from."""
    return {
        "id": report.pk,
        "version": 1,
        "is_current": True,
        "is_retracted": False,
        "reason": "",
        "owner": {"key": "focal-point", "name": "Focal Point"},
        "tlp": "AMBER",
        "purposes": ["early-warning"],
        "reference": "L-1",
        "event_type": "seizure",
        "event_on": "2026-03-02",
        "event_precision": "day",
        "received_on": None,
        "reported_on": None,
        "country": "AT",
        "region": "AT13",
        "local_area": "",
        "border_post": "",
        "source": "Federal laboratory",
        "accepted_at": report.accepted_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "import_id": None,
        "source_row": None,
        "findings": [
            {
                "substance_text": "carfentanil",
                "substance": {"key": "carfentanil", "name": "Carfentanil"},
                "form": "",
                "matrix": "seized",
                "specimen": "",
                "amount": "12.5",
                "unit": "g",
                "purity_percent": "1.2",
                "technique": "GC-MS",
                "identification_level": "schymanski-1",
                "laboratory": "",
            },
            {
                "substance_text": "unheard-of thing",
                "substance": None,
                "form": "",
                "matrix": "seized",
                "specimen": "",
                "amount": None,
                "unit": "",
                "purity_percent": None,
                "technique": "",
                "identification_level": "",
                "laboratory": "",
            },
        ],
        **changes,
    }


def test_list_of_reports_is_a_page_of_whole_reports(node: Node, call: Call) -> None:
    report = node.report()

    answer = call("reader").get("/reports")

    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert answer.json() == {
        "total": 1,
        "limit": 100,
        "offset": 0,
        "next_offset": None,
        "items": [expected_report(report)],
    }


def test_one_report_is_shown_whole(node: Node, call: Call) -> None:
    report = node.report()

    answer = call("reader").get(f"/reports/{report.pk}")

    assert (answer.status_code, answer.json()) == (200, expected_report(report))


def test_form_that_a_written_name_states_is_told(node: Node, call: Call) -> None:
    findings = [{"substance": "fentanyl hydrochloride"}]

    [told] = call("reporter").post("/reports", BODY | {"findings": findings}).json()["findings"]

    assert (told["substance"]["key"], told["form"]) == ("fentanyl", "hydrochloride")


def test_pages_join_to_the_whole_list(node: Node, call: Call) -> None:
    for number in range(5):
        node.report(reference=f"L-{number}")
    reader = call("reader")

    pages = [reader.get("/reports", limit=2, offset=offset).json() for offset in (0, 2, 4)]

    assert [page["next_offset"] for page in pages] == [2, 4, None]
    assert [page["total"] for page in pages] == [5, 5, 5]
    assert [item["reference"] for page in pages for item in page["items"]] == [
        "L-4",
        "L-3",
        "L-2",
        "L-1",
        "L-0",
    ]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        pytest.param({}, ["L-2", "L-1"], id="all, newest first"),
        pytest.param({"order": "event_on"}, ["L-1", "L-2"], id="oldest first"),
        pytest.param({"search": "UNHEARD"}, ["L-1"], id="part of a written name"),
        pytest.param({"search": "L-2"}, ["L-2"], id="part of a reference"),
        pytest.param({"substance": "carfentanil"}, ["L-1"], id="substance"),
        pytest.param({"event_type": "seizure"}, ["L-1"], id="event"),
        pytest.param({"country": "SK"}, ["L-2"], id="country"),
        pytest.param({"area": "AT13"}, ["L-1"], id="area"),
        pytest.param({"matrix": "purchased"}, ["L-2"], id="matrix"),
        pytest.param({"since": "2026-03-03"}, ["L-2"], id="since"),
        pytest.param({"until": "2026-03-02"}, ["L-1"], id="until"),
        pytest.param({"import_id": 1}, [], id="import"),
        pytest.param({"purpose": "research"}, ["L-2", "L-1"], id="own for any purpose"),
    ],
)
def test_filter_keeps_exactly_these(
    node: Node, call: Call, query: dict[str, Any], kept: list[str]
) -> None:
    node.report()
    finding = EVIDENCE.findings[0]
    node.report(
        reference="L-2",
        event_type="online-purchase",
        event_on=EVIDENCE.event_on.replace(day=3),
        country="SK",
        region="",
        findings=(type(finding)(substance_text="xylazine", matrix="purchased"),),
    )

    answer = call("reader").get("/reports", **query)

    assert answer.status_code == 200, answer.content
    assert [item["reference"] for item in answer.json()["items"]] == kept


def test_partner_sees_for_the_permitted_purpose_only(node: Node, call: Call) -> None:
    node.report(to=(node.partner.pk,))
    partner = call("partner-analyst")

    totals = {
        purpose: partner.get("/reports", purpose=purpose).json()["total"]
        for purpose in ("early-warning", "public-health", "law-enforcement", "research")
    }

    assert totals == {
        "early-warning": 1,
        "public-health": 0,
        "law-enforcement": 0,
        "research": 0,
    }


def test_new_report_is_stored_and_the_same_again_is_not(node: Node, call: Call) -> None:
    reporter = call("reporter")

    first, second = reporter.post("/reports", BODY), reporter.post("/reports", BODY)

    report = Report.objects.visible_to(node.actor("reporter"), purpose="early-warning").get()
    assert (first.status_code, first.json()) == (201, expected_report(report))
    assert (second.status_code, second.json()) == (200, expected_report(report))


def test_handling_of_a_new_report_is_the_one_asked_for(node: Node, call: Call) -> None:
    handling = {
        "tlp": "GREEN",
        "audience": ["customs", "everybody"],
        "purposes": ["early-warning", "research"],
    }

    answer = call("reporter").post("/reports", BODY | {"handling": handling})

    assert answer.status_code == 201, answer.content
    report = Report.objects.visible_to(node.actor("reporter"), purpose="early-warning").get()
    held = report.handling
    assert (held.owner_id, held.tlp, held.audience, held.purposes) == (
        node.own.pk,
        "GREEN",
        [0, node.partner.pk],
        ["early-warning", "research"],
    )
    assert call("partner-analyst").get("/reports").json()["total"] == 1


def test_other_content_under_a_held_reference_is_a_new_version(node: Node, call: Call) -> None:
    reporter = call("reporter")
    reporter.post("/reports", BODY)

    answer = reporter.post("/reports", BODY | {"region": "AT12"})

    assert (answer.status_code, answer.json()["version"], answer.json()["region"]) == (
        201,
        2,
        "AT12",
    )


def test_event_is_held_by_the_first_day_of_its_period(node: Node, call: Call) -> None:
    # 2026-03-05 is a Thursday; its week began on Monday 2 March.
    weekly = BODY | {"event_on": "2026-03-05", "event_precision": "week"}

    answer = call("reporter").post("/reports", weekly)

    assert (answer.status_code, answer.json()["event_on"]) == (201, "2026-03-02")


def test_correction_names_its_reason_and_replaces_the_version(node: Node, call: Call) -> None:
    held = node.report()
    correction = {"version": 1, "reason": "Other region", "report": BODY | {"region": "AT12"}}

    answer = call("reporter").post(f"/reports/{held.pk}/corrections", correction)

    newest = Report.objects.visible_to(node.actor("reader"), purpose="early-warning").get(
        is_current=True
    )
    assert (answer.status_code, answer.json()) == (
        201,
        expected_report(newest, version=2, reason="Other region", region="AT12"),
    )
    assert call("reader").get(f"/reports/{held.pk}").json()["is_current"] is False


def test_correction_may_go_back_to_what_an_earlier_version_said(node: Node, call: Call) -> None:
    held = node.report()
    reporter = call("reporter")
    wrong = {"version": 1, "reason": "Other region", "report": BODY | {"region": "AT12"}}
    second = reporter.post(f"/reports/{held.pk}/corrections", wrong).json()
    back = {"version": 2, "reason": "It was right before", "report": BODY}

    answer = reporter.post(f"/reports/{second['id']}/corrections", back)

    assert (answer.status_code, answer.json()["version"], answer.json()["region"]) == (
        201,
        3,
        "AT13",
    )


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        pytest.param({"version": 2}, 409, "stale-report", id="not the version held"),
        pytest.param({"reason": ""}, 422, "bad-request", id="no reason"),
        pytest.param({"reason": "ask a@b.org"}, 422, "personal-data", id="personal reason"),
        pytest.param(
            {"report": BODY | {"reference": "L-9"}}, 409, "refused", id="another reference"
        ),
        pytest.param({"report": BODY}, 409, "refused", id="nothing differs"),
    ],
)
def test_correction_is_refused(
    node: Node, call: Call, change: dict[str, Any], status: int, code: str
) -> None:
    held = node.report()
    correction = {"version": 1, "reason": "Other region", "report": BODY | {"region": "AT12"}}

    answer = call("reporter").post(f"/reports/{held.pk}/corrections", correction | change)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Report.objects.visible_to(node.actor("reader"), purpose="early-warning").count() == 1


def test_retracted_report_is_listed_no_longer_and_stays_on_record(node: Node, call: Call) -> None:
    held = node.report()
    reporter = call("reporter")

    answer = reporter.post(
        f"/reports/{held.pk}/retractions", {"version": 1, "reason": "Mixed-up sample"}
    )

    retraction = Report.objects.visible_to(node.actor("reader"), purpose="early-warning").get(
        is_current=True
    )
    assert (answer.status_code, answer.json()) == (
        201,
        expected_report(retraction, version=2, is_retracted=True, reason="Mixed-up sample"),
    )
    assert reporter.get("/reports").json()["total"] == 0
    again = reporter.post(f"/reports/{held.pk}/retractions", {"version": 2, "reason": "Again"})
    assert (again.status_code, again.json()["code"]) == (409, "refused")


@pytest.mark.parametrize("step", ["corrections", "retractions"])
def test_another_organisations_report_cannot_be_changed(node: Node, call: Call, step: str) -> None:
    report = node.report(to=(node.partner.pk,))
    change: dict[str, Any] = {"version": 1, "reason": "Not ours"}
    if step == "corrections":
        change["report"] = BODY | {"region": "AT12"}

    answer = call("partner-analyst").post(f"/reports/{report.pk}/{step}", change)

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert Report.objects.visible_to(node.actor("reader"), purpose="early-warning").count() == 1


FINDING = BODY["findings"][0]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"reference": "anna@example.org"}, "reference", id="reference"),
        pytest.param({"local_area": "tel 0664 1234567"}, "local_area", id="local area"),
        pytest.param({"source": "+43 664 1234567"}, "source", id="source"),
        pytest.param({"border_post": "a@b.org"}, "border_post", id="border post"),
        pytest.param(
            {"findings": [FINDING, {**FINDING, "specimen": "RSSMRA85T10A562S"}]},
            "findings.1.specimen",
            id="specimen",
        ),
        pytest.param(
            {"findings": [{"substance": "a@b.org"}]}, "findings.0.substance", id="substance"
        ),
        pytest.param(
            {"findings": [{**FINDING, "laboratory": "a@b.org"}]},
            "findings.0.laboratory",
            id="laboratory",
        ),
        pytest.param(
            {"findings": [{**FINDING, "technique": "a@b.org"}]},
            "findings.0.technique",
            id="technique",
        ),
    ],
)
def test_personal_text_is_refused_naming_the_field_and_not_the_text(
    node: Node, call: Call, change: dict[str, Any], field: str
) -> None:
    answer = call("reporter").post("/reports", BODY | change)

    assert (answer.status_code, answer.json()["code"]) == (422, "personal-data")
    assert answer.json()["message"].startswith(f"body.{field}: looks like ")
    assert "anna" not in answer.json()["message"]
    assert Report.objects.visible_to(node.actor("reader"), purpose="early-warning").count() == 0


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in BODY.items() if name != key}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(without("event_type"), id="no event"),
        pytest.param(without("event_on"), id="no day"),
        pytest.param(without("country"), id="no country"),
        pytest.param(without("findings"), id="no findings"),
        pytest.param(BODY | {"findings": []}, id="empty findings"),
        pytest.param(BODY | {"findings": [FINDING] * 101}, id="too many findings"),
        pytest.param(BODY | {"event_type": "party"}, id="unknown event"),
        pytest.param(BODY | {"event_on": "2999-01-01"}, id="future"),
        pytest.param(BODY | {"event_on": "1899-12-31"}, id="too old"),
        pytest.param(BODY | {"event_on": "02.03.2026"}, id="other form of date"),
        pytest.param(BODY | {"country": "Austria"}, id="country in words"),
        pytest.param(BODY | {"country": "XX"}, id="no country's code"),
        pytest.param(BODY | {"region": "DE21"}, id="region of another country"),
        pytest.param(BODY | {"region": "Vienna"}, id="region in words"),
        pytest.param(BODY | {"reference": "x" * 101}, id="too long"),
        pytest.param(BODY | {"reference": "a\0b"}, id="NUL"),
        pytest.param(BODY | {"reference": "\ud800"}, id="half a character"),
        pytest.param(BODY | {"reference": 7}, id="number for text"),
        pytest.param(BODY | {"patient": "x"}, id="unknown field"),
        pytest.param(BODY | {"findings": [FINDING | {"dose": 1}]}, id="unknown field of finding"),
        pytest.param(BODY | {"findings": [{"substance": "  "}]}, id="blank substance"),
        pytest.param(BODY | {"findings": [FINDING | {"amount": -1}]}, id="negative amount"),
        pytest.param(BODY | {"findings": [FINDING | {"amount": "NaN"}]}, id="not a number"),
        pytest.param(BODY | {"findings": [FINDING | {"amount": 1e300}]}, id="huge amount"),
        pytest.param(BODY | {"findings": [FINDING | {"purity_percent": 101}]}, id="over 100 %"),
        pytest.param(BODY | {"findings": [FINDING | {"unit": "stone"}]}, id="unknown unit"),
        pytest.param(
            BODY | {"findings": [{"substance": "MDMA", "unit": "g"}]}, id="unit without amount"
        ),
        pytest.param(BODY | {"handling": {"tlp": "WHITE"}}, id="unknown level"),
        pytest.param(BODY | {"handling": {"audience": ["nowhere"]}}, id="unknown organisation"),
        pytest.param(BODY | {"handling": {"purposes": ["fun"]}}, id="unknown purpose"),
        pytest.param([], id="a list"),
        pytest.param("null", id="null"),
        pytest.param("", id="nothing"),
    ],
)
def test_bad_report_is_refused_and_nothing_stored(node: Node, call: Call, body: Any) -> None:
    answer = call("reporter").post("/reports", body)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad-request")
    assert Report.objects.visible_to(node.actor("reader"), purpose="early-warning").count() == 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="cut off"),
        pytest.param('{"reference": NaN}', id="NaN"),
        pytest.param('{"country": "AT", "country": "DE"}', id="a key twice"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
        pytest.param("[" * 100_000, id="too deep"),
        pytest.param('{"version": ' + "9" * 5_000 + "}", id="a number too long to read"),
    ],
)
def test_body_that_is_no_json_is_refused(node: Node, call: Call, text: str | bytes) -> None:
    answer = call("reporter").post("/reports", text)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad-json")


def test_body_past_the_limit_is_refused(node: Node, call: Call) -> None:
    answer = call("reporter").post("/reports", BODY | {"source": "x" * 1_100_000})

    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_reading_is_journalled_once_a_call_without_what_was_searched(
    node: Node, call: Call
) -> None:
    report = node.report()
    before = JournalEntry.objects.count()
    call("reader").get("/reports", search="somebody", purpose="research")
    call("reader").get(f"/reports/{report.pk}")

    entries = JournalEntry.objects.order_by("sequence")[before:]

    assert [(entry.person, entry.action, entry.record_id, entry.details) for entry in entries] == [
        ("reader", "api.read", "GET /api/v1/reports", {"rows": 0, "purpose": "research"}),
        (
            "reader",
            "api.read",
            "GET /api/v1/reports/<report_id>",
            {"rows": 1, "purpose": "early-warning", "record": str(report.pk)},
        ),
    ]
