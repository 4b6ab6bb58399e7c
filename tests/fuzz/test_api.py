"""The API against its own document, by requests made from it: valid, nearly valid and not at all."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import CHECKS

from tests.api.conftest import BODY, Node, open_node
from tests.fuzz.bounds import bounded
from tests.fuzz.edits import Choices, edit_document
from tests.fuzz.invariants import derive_digest, list_changed, require_whole_records
from tests.fuzz.targets import BUNDLE
from tocsin.api import api
from tocsin.reports.queries import list_reports
from tocsin.signals.queries import list_signals
from tocsin.substances.queries import list_substances

PREFIX = "/api/v1/"
AnyCase = Case[Any]
DOCUMENT: dict[str, Any] = json.loads(
    json.dumps(api.get_openapi_schema(path_prefix=PREFIX), default=str)
)
# The token is the fuzz's own business.
DOCUMENT["components"].pop("securitySchemes")
for path in DOCUMENT["paths"].values():
    for operation in path.values():
        operation.pop("security")
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS: dict[str, Any] = {
    result.ok().label: result.ok()  # type: ignore[union-attr]
    for result in SCHEMA.get_all_operations()
}
PROMISES: Any = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
REFUSES: Any = CHECKS.get_by_names(["negative_data_rejection"])
"""Of a request that is just as it was made; schemathesis knows nothing of later changes."""

PEOPLE = (*["analyst"] * 6, "reporter", "reader", "partner-analyst", "")
EXAMPLES = 20
FEWER_EXAMPLES = 8
"""Of reads."""

MODES = (*[GenerationMode.POSITIVE] * 3, GenerationMode.NEGATIVE)
NOTHING_THERE = {
    "GET /api/v1/packages/{package_id}",
    "GET /api/v1/tables/{table}",
    "GET /api/v1/tables/{table}/{version}/{form}",
}


@dataclass(frozen=True)
class Held:
    """A node with people, and what the path of a request can name of it."""

    node: Node
    names: dict[str, list[Any]]


@pytest.fixture(scope="module")
def module_held(module_db: Callable[[], AbstractContextManager[None]]) -> Held:
    with module_db():
        node = open_node()
        reports = [node.report(reference=f"L-{number}") for number in range(3)]
        reports.append(node.report("partner-analyst", reference="P-1"))
        node.detect()
        signals = list_signals(node.actor("analyst"))
        alert = node.release().alert.identifier
        keys = [one.key for one in list_substances()[:2]]
        names: dict[str, list[Any]] = {
            "report_id": [one.pk for one in reports],
            "signal_id": [one.pk for one in signals],
            "identifier": [alert],
            "key": keys,
        }
    assert all(names.values())
    return Held(node, names)


@pytest.fixture
def held(module_held: Held, db: None) -> Held:
    return deepcopy(module_held)


def send(case: AnyCase, token: str) -> Response:
    """Send a case to the application in this process; an error of the server is raised as it is."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    wanted = requests.Request(**case.as_transport_kwargs("http://testserver", headers)).prepare()
    body: Any = wanted.body or b""
    said = {key: str(value) for key, value in wanted.headers.items()}
    answer = Client().generic(
        str(wanted.method),
        wanted.path_url,
        body.encode() if isinstance(body, str) else bytes(body),
        content_type=said.get("Content-Type", "application/json"),
        headers={key: value for key, value in said.items() if key != "Content-Length"},
    )
    return Response(
        status_code=answer.status_code,
        headers={name.lower(): [value] for name, value in answer.headers.items()},
        content=answer.content,
        request=wanted,
        elapsed=0.0,
        verify=False,
    )


@st.composite
def cases(draw: st.DrawFn, label: str, held: Held) -> tuple[AnyCase, bool]:
    """A request of an operation as its document allows it, or not; often about what is there.

    The second value tells whether it was changed after schemathesis made it.
    """
    is_changed = False
    mode = draw(st.sampled_from(MODES))
    case: AnyCase = draw(OPERATIONS[label].as_strategy(generation_mode=mode))
    for name, known in held.names.items():
        if name in case.path_parameters and draw(st.integers(0, 3)):
            case.path_parameters[name] = draw(st.sampled_from(known))
            is_changed = True
    if mode is GenerationMode.POSITIVE and draw(st.integers(0, 7)):
        body = _mend(draw, label, held, case)
        if body is not None:
            case.body = body
            is_changed = True
    return case, is_changed


def _mend(draw: st.DrawFn, label: str, held: Held, case: AnyCase) -> Any:
    """Return a body that a sender could mean, with some of what was made for the document."""
    if label.endswith("/fhir"):
        case.query = {}
        edits = st.just(b"") | st.binary(min_size=1, max_size=12)
        return edit_document(BUNDLE, Choices(draw(edits)))
    if label.endswith("/triage"):
        return {
            "to_state": draw(st.sampled_from([*["verifying"] * 5, "confirmed", "merged"])),
            "reason": draw(st.sampled_from([*["Seen twice."] * 5, "", "x" * 3_000])),
            "merge_into": draw(st.sampled_from([*[None] * 8, 1, 0, 2**70])),
        }
    if not isinstance(case.body, dict):
        return None
    version, own = 1, ""
    current = list(list_reports(held.node.actor("analyst")))
    if "report_id" in case.path_parameters and current:
        report = draw(st.sampled_from(current))
        case.path_parameters["report_id"] = report.pk
        version, own = report.version, report.reference
    if label.endswith("/retractions"):
        return {"version": version, "reason": "Taken for another."}
    is_whole = not label.endswith("/corrections")
    made = case.body if is_whole else case.body.get("report")
    if not isinstance(made, dict):
        return None
    some = st.lists(st.sampled_from(sorted(made)), max_size=3) if made else st.just([])
    chosen = draw(st.one_of(*[st.just([])] * 3, some))
    body = {
        **deepcopy(BODY),
        "reference": draw(st.sampled_from(["", "L-1", "L-2", "N-1"])),
        "event_on": date(2026, 3, draw(st.integers(1, 31))).isoformat(),
        **{key: made[key] for key in chosen},
    }
    if is_whole:
        return body
    body["reference"] = draw(st.sampled_from([own, own, own, own, "N-2"]))
    return {"version": version, "reason": "Weighed again.", "report": body}


@pytest.mark.parametrize("label", OPERATIONS)
def test_operation_keeps_to_its_document_and_stores_whole_records(label: str, held: Held) -> None:
    found: set[int] = set()

    @bounded(EXAMPLES if label.startswith("POST") else FEWER_EXAMPLES)
    @given(made=cases(label, held), name=st.sampled_from(PEOPLE))
    def check(made: tuple[AnyCase, bool], name: str) -> None:
        case, is_changed = made
        before = derive_digest()
        response = send(case, held.node.tokens.get(name, ""))
        found.add(response.status_code // 100)
        case.validate_response(response, checks=PROMISES if is_changed else PROMISES + REFUSES)
        if response.status_code >= 400 or case.method == "GET":
            assert list_changed(before) == []

    check()
    require_whole_records()
    # It reaches beyond refusals, or it would tell nothing of what is stored and shown.
    assert 2 in found or label in NOTHING_THERE
