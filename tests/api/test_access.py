import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from ninja.operation import PathView

from tests.api.conftest import BODY, Caller, Node
from tests.reports.formats.test_fhir import FENTANYL, bundle
from tocsin.api import api
from tocsin.journal.models import JournalEntry
from tocsin.notifications.services import make_event_package
from tocsin.organisations.models import ApiToken
from tocsin.organisations.services import change_person, revoke_token
from tocsin.organisations.vocabulary import Role
from tocsin.signals.models import Signal
from tocsin.tables.services import TableWish, make_table

Call = Callable[[str], Caller]

READS = {
    "/reports": {},
    "/reports/{report_id}": {},
    "/substances": {},
    "/substances/{key}": {},
    "/resolve": {"text": "xylazine"},
    "/signals": {},
    "/signals/{signal_id}": {},
    "/packages": {},
    "/packages/schema": {},
    "/reports/schema": {},
    "/packages/{package_id}": {},
    "/tables": {},
    "/tables/{table}": {},
    "/tables/{table}/{version}/{form}": {},
    "/alerts": {},
    "/alerts/{identifier}": {},
    "/alerts/{identifier}/cap.xml": {},
}
WRITES: dict[str, dict[str, Any]] = {
    "/reports": BODY | {"reference": "L-2"},
    "/reports/{report_id}/corrections": {
        "version": 1,
        "reason": "Other region",
        "report": BODY | {"region": "AT12"},
    },
    "/reports/{report_id}/retractions": {"version": 1, "reason": "Mixed-up sample"},
    "/fhir": json.loads(bundle(FENTANYL)),
    "/signals/{signal_id}/triage": {"to_state": "verifying"},
}


def list_routes() -> set[tuple[str, str]]:
    """Every method and path that the API answers to."""
    routes = set()
    for path, item in api.get_openapi_schema()["paths"].items():
        routes |= {(method.upper(), path.removeprefix("/api/v1")) for method in item}
    return routes


@pytest.fixture(scope="module")
def module_places(
    module_node: Node, module_db: Callable[[], AbstractContextManager[None]]
) -> dict[str, str]:
    with module_db():
        return make_places(module_node)


@pytest.fixture
def places(module_places: dict[str, str]) -> dict[str, str]:
    """Values for the places in a path, of records that everybody with a role may see."""
    return dict(module_places)


def make_places(node: Node) -> dict[str, str]:
    report = node.report()
    node.detect()
    version = node.release()
    signal = Signal.objects.visible_to(node.actor("reader"), purpose="early-warning").first()
    assert signal is not None
    package = make_event_package(node.actor("analyst"), [report.pk])
    table = make_table(node.actor("analyst"), TableWish("2025"))
    return {
        "package_id": str(package.pk),
        "report_id": str(report.pk),
        "signal_id": str(signal.pk),
        "identifier": version.alert.identifier,
        "key": "xylazine",
        "table": table.identifier,
        "version": "1",
        "form": "sdmx-csv",
    }


def knock(caller: Caller, method: str, path: str, places: dict[str, str]) -> Any:
    filled = path.format(**places)
    return (
        caller.get(filled, **READS[path]) if method == "GET" else caller.post(filled, WRITES[path])
    )


def test_every_route_is_in_the_tables_of_these_tests() -> None:
    assert list_routes() == {("GET", path) for path in READS} | {("POST", path) for path in WRITES}


@pytest.mark.parametrize(("method", "path"), sorted(list_routes()))
def test_without_a_token_nothing_is_told(
    node: Node, call: Call, places: dict[str, str], method: str, path: str
) -> None:
    answer = knock(call(""), method, path, places)

    assert (answer.status_code, answer["WWW-Authenticate"], answer.json()) == (
        401,
        "Bearer",
        {
            "code": "no-valid-token",
            "message": "token: missing, unknown, expired or revoked; "
            "expected Authorization: Bearer TOKEN",
        },
    )


def test_a_log_in_on_the_pages_opens_nothing_here(node: Node) -> None:
    client = Client()
    client.force_login(node.people["analyst"])

    assert client.get("/api/v1/reports").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"authorization": "Bearer nonsense"}, id="unknown"),
        pytest.param({"authorization": "Bearer "}, id="empty"),
        pytest.param({"authorization": "Bearer"}, id="only the scheme"),
        pytest.param({"authorization": "Basic cmVhZGVyOng="}, id="other scheme"),
        pytest.param({"authorization": "Bearer \udcff"}, id="no text"),
    ],
)
def test_what_is_no_token_is_refused_and_fills_no_journal(
    node: Node, headers: dict[str, str]
) -> None:
    before = JournalEntry.objects.count()

    answer = Client().get("/api/v1/reports", headers=headers)

    assert (answer.status_code, JournalEntry.objects.count()) == (401, before)


@pytest.mark.parametrize("what", ["revoked", "expired", "person off", "organisation off"])
def test_token_that_no_longer_holds_is_refused_and_journalled(
    node: Node, call: Call, what: str
) -> None:
    reader = call("reader")
    assert reader.get("/reports").status_code == 200
    token = ApiToken.objects.get(person=node.people["reader"])
    if what == "revoked":
        revoke_token(node.actor("reader"), token.pk)
    elif what == "expired":
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif what == "person off":
        change_person(
            node.actor("administrator"), username="reader", roles=[Role.READER], is_active=False
        )
    else:
        node.own.is_active = False
        node.own.save()

    answer = reader.get("/reports")

    last = JournalEntry.objects.order_by("-sequence").first()
    assert last is not None
    assert (answer.status_code, last.person, last.action, last.record_id) == (
        401,
        "reader",
        "refused.token",
        "GET /api/v1/reports",
    )


EVIDENCE_READERS = {"reader", "reporter", "analyst", "releaser", "administrator"}
REPORTERS = {"reporter", "analyst"}
PERMITTED = {
    **{("GET", path): EVIDENCE_READERS for path in READS},
    ("GET", "/tables/{table}/{version}/{form}"): EVIDENCE_READERS - {"reader", "administrator"},
    ("POST", "/reports"): REPORTERS,
    ("POST", "/fhir"): REPORTERS,
    ("POST", "/reports/{report_id}/corrections"): REPORTERS,
    ("POST", "/reports/{report_id}/retractions"): REPORTERS,
    ("POST", "/signals/{signal_id}/triage"): {"analyst"},
}


@pytest.mark.parametrize("name", ["nobody", *sorted(EVIDENCE_READERS)])
def test_role_opens_exactly_its_routes(
    node: Node, call: Call, places: dict[str, str], name: str
) -> None:
    opened = {}
    # Retracting comes last: after it, there is nothing left to correct.
    for method, path in sorted(list_routes(), key=lambda route: (route[0], route[1])):
        if path.endswith("retractions") and name in REPORTERS:
            places = {**places, "report_id": str(node.report(reference="L-9").pk)}
        answer = knock(call(name), method, path, places)
        opened[method, path] = answer.status_code in {200, 201}
        if not opened[method, path]:
            assert (answer.status_code, answer.json()["code"]) == (403, "permission-refused")

    assert opened == {route: name in roles for route, roles in PERMITTED.items()}


def test_refusal_is_journalled(node: Node, call: Call) -> None:
    call("reader").post("/reports", BODY)

    last = JournalEntry.objects.order_by("-sequence").first()
    assert last is not None
    assert (last.person, last.organisation, last.action, last.record_type, last.record_id) == (
        "reader",
        "focal-point",
        "refused.permission-refused",
        "api",
        "POST /api/v1/reports",
    )


@pytest.mark.parametrize(
    "path",
    sorted(path for path in READS if "{" in path and "key" not in path),
)
def test_invisible_and_absent_have_the_same_answer(
    node: Node, call: Call, places: dict[str, str], path: str
) -> None:
    partner = call("partner-analyst")
    none = {
        "package_id": "987654321",
        "report_id": "987654321",
        "signal_id": "987654321",
        "identifier": "XX-1999-9999",
        "table": "TAB-nobody-ALL-1999",
        "version": "1",
        "form": "csv",
    }

    hidden, absent = partner.get(path.format(**places)), partner.get(path.format(**none))

    assert (hidden.status_code, absent.status_code) == (404, 404)
    texts = [answer.content.decode() for answer in (hidden, absent)]
    for place, value in none.items():
        texts = [text.replace(f" {places[place]}:", " …:") for text in texts]
        texts = [text.replace(f" {value}:", " …:") for text in texts]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("path", sorted(path for path in WRITES if "{" in path))
def test_writing_to_the_invisible_is_as_writing_to_the_absent(
    node: Node, call: Call, places: dict[str, str], path: str
) -> None:
    partner = call("partner-analyst")
    none = {"report_id": "987654321", "signal_id": "987654321"}

    hidden = partner.post(path.format(**places), WRITES[path])
    absent = partner.post(path.format(**none), WRITES[path])

    assert (hidden.status_code, absent.status_code) == (404, 404)
    number = places["report_id"] if "report_id" in path else places["signal_id"]
    assert hidden.json()["message"].replace(f" {number}:", ":") == absent.json()["message"].replace(
        " 987654321:", ":"
    )


@pytest.mark.parametrize(
    ("path", "query"),
    [
        pytest.param("/reports", {"contry": "AT"}, id="misspelled filter"),
        pytest.param("/reports", {"purpose": "curiosity"}, id="unknown purpose"),
        pytest.param("/reports", {"purpose": ""}, id="empty purpose"),
        pytest.param("/reports", {"limit": 0}, id="no rows"),
        pytest.param("/reports", {"limit": 501}, id="too many rows"),
        pytest.param("/reports", {"limit": "many"}, id="rows in words"),
        pytest.param("/reports", {"offset": -1}, id="offset before the start"),
        pytest.param("/reports", {"offset": 10**30}, id="offset past all numbers"),
        pytest.param("/reports", {"order": "owner__people__password"}, id="order by anything"),
        pytest.param("/reports", {"since": "yesterday"}, id="day in words"),
        pytest.param("/reports", {"since": "0000-01-01"}, id="year 0"),
        pytest.param("/reports", {"search": "a\0b"}, id="NUL"),
        pytest.param("/reports", {"search": "x" * 501}, id="too long"),
        pytest.param("/reports", {"import_id": 2**63}, id="import past all numbers"),
        pytest.param("/reports/0", {}, id="report 0"),
        pytest.param("/reports/x", {}, id="report in words"),
        pytest.param("/reports/9223372036854775808", {}, id="report past all numbers"),
        pytest.param("/signals", {"state": "lost"}, id="unknown state"),
        pytest.param("/signals", {"order": "handling"}, id="order of no list"),
        pytest.param("/signals", {"with_backlog": "perhaps"}, id="neither yes nor no"),
        pytest.param("/signals/-1", {}, id="signal before 1"),
        pytest.param("/alerts", {"order": "note"}, id="alerts by anything"),
        pytest.param("/tables", {"state": "public"}, id="unknown state of a table"),
        pytest.param("/tables/TAB/0/csv", {}, id="version 0 of a table"),
        pytest.param("/alerts/a%00b", {}, id="NUL in a path"),
        pytest.param("/substances", {"kind": "salt"}, id="unknown kind"),
        pytest.param("/resolve", {}, id="nothing to resolve"),
        pytest.param("/resolve", {"text": "x" * 2_001}, id="too much to resolve"),
    ],
)
def test_bad_query_is_refused(node: Node, call: Call, path: str, query: dict[str, Any]) -> None:
    answer = call("reader").get(path, **query)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad-request")


def test_writing_takes_no_query_parameters(node: Node, call: Call) -> None:
    answer = call("reporter").post("/reports?purpose=research", BODY)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad-request")


def test_description_is_public_and_tells_every_route(db: None) -> None:
    answer = Client().get("/api/v1/openapi.json")

    description = answer.json()
    assert (answer.status_code, description["info"]["title"]) == (200, "Tocsin")
    assert set(description["paths"]) == {f"/api/v1{path}" for _method, path in list_routes()}
    undocumented = [
        path
        for path, item in description["paths"].items()
        for operation in item.values()
        if not operation.get("description")
    ]
    assert undocumented == []


def test_pages_of_documentation_that_load_foreign_scripts_are_off(db: None) -> None:
    assert Client().get("/api/v1/docs").status_code == 404


def test_every_operation_asks_for_a_token() -> None:
    views = [
        operation
        for _prefix, router in api._routers
        for view in router.path_operations.values()
        if isinstance(view, PathView)
        for operation in view.operations
    ]

    assert len(views) == len(list_routes())
    assert [view.path for view in views if view.auth_param is None] == []


@pytest.mark.parametrize("path", ["/reports", "/signals", "/alerts", "/substances"])
def test_number_of_queries_does_not_grow_with_the_rows(node: Node, call: Call, path: str) -> None:
    def count_queries(limit: int) -> tuple[int, int]:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = call("reader").get(path, limit=limit)
        return len(queries), len(answer.json()["items"])

    for number in range(3):
        node.report(reference=f"L-{number}", country=["AT", "SK", "HU"][number], region="")
        node.release()
    node.detect()
    one, three = count_queries(1), count_queries(3)

    assert (one[1], three[1]) == (1, 3)
    assert one[0] == three[0]
