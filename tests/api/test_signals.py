from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Caller, Node
from tocsin.journal.models import JournalEntry
from tocsin.signals.models import Signal

Call = Callable[[str], Caller]


@pytest.fixture
def signal(node: Node) -> Signal:
    """The first detection that the evidence every test starts from is."""
    node.report()
    node.detect()
    held: Signal = Signal.objects.visible_to(node.actor("reader"), purpose="early-warning").get()
    return held


def expected_signal(signal: Signal, **changes: Any) -> dict[str, Any]:
    moments = {
        name: getattr(signal, name).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for name in ("created_at", "changed_at")
    }
    return {
        "id": signal.pk,
        "kind": "first-detection",
        "substance": {"key": "carfentanil", "name": "Carfentanil"},
        "matrix": "seized",
        "country": "AT",
        "area": "AT13",
        "places": ["AT13"],
        "on": "2026-03-02",
        "last_on": "2026-03-02",
        "evidence_count": 1,
        "state": "new",
        "is_backlog": True,
        "tlp": "AMBER",
        "method": signal.method,
        "method_version": signal.method_version,
        "sentence": "Carfentanil: first detection held here (seized material), on 2 March 2026, "
        "AT13 (Austria). No earlier findings of this kind are held.",
        **moments,
        **changes,
    }


def test_list_of_signals_is_a_page_of_whole_signals(node: Node, call: Call, signal: Signal) -> None:
    answer = call("reader").get("/signals")

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "total": 1,
            "limit": 100,
            "offset": 0,
            "next_offset": None,
            "items": [expected_signal(signal)],
        },
    )


def test_one_signal_is_shown_with_series_and_triage(node: Node, call: Call, signal: Signal) -> None:
    answer = call("reader").get(f"/signals/{signal.pk}")

    assert (answer.status_code, answer.json()) == (
        200,
        expected_signal(
            signal,
            facts=signal.facts,
            settings=signal.settings,
            series=signal.series,
            merged_into=None,
            decisions=[],
        ),
    )
    assert sum(answer.json()["series"]["counts"]) == 1


@pytest.mark.parametrize(
    ("query", "total"),
    [
        pytest.param({"search": "carfent"}, 1, id="part of the name"),
        pytest.param({"search": "xylazine"}, 0, id="another name"),
        pytest.param({"state": "open"}, 1, id="open"),
        pytest.param({"state": "confirmed"}, 0, id="confirmed"),
        pytest.param({"kind": "first-detection"}, 1, id="kind"),
        pytest.param({"kind": "spike"}, 0, id="another kind"),
        pytest.param({"matrix": "seized"}, 1, id="matrix"),
        pytest.param({"country": "DE"}, 0, id="another country"),
        pytest.param({"substance": "carfentanil"}, 1, id="substance"),
        pytest.param({"with_backlog": "false"}, 0, id="no backlog"),
        pytest.param({"since": "2026-03-02"}, 1, id="since"),
        pytest.param({"since": "2026-03-03"}, 0, id="since later"),
        pytest.param({"purpose": "research"}, 1, id="own for any purpose"),
    ],
)
def test_filter_keeps_so_many(
    node: Node, call: Call, signal: Signal, query: dict[str, Any], total: int
) -> None:
    answer = call("reader").get("/signals", **query)

    assert (answer.status_code, answer.json()["total"]) == (200, total)


def test_triage_moves_a_signal_on_and_keeps_who_and_why(
    node: Node, call: Call, signal: Signal
) -> None:
    analyst = call("analyst")
    path = f"/signals/{signal.pk}/triage"
    first = analyst.post(path, {"to_state": "verifying"})
    second = analyst.post(path, {"to_state": "confirmed", "reason": "Second laboratory agrees"})

    assert (first.status_code, first.json()["state"]) == (200, "verifying")
    assert (second.status_code, second.json()["state"]) == (200, "confirmed")
    steps = [
        (step["from_state"], step["to_state"], step["reason"], step["decided_by"])
        for step in second.json()["decisions"]
    ]
    assert steps == [
        ("verifying", "confirmed", "Second laboratory agrees", "analyst"),
        ("new", "verifying", "", "analyst"),
    ]
    assert JournalEntry.objects.filter(action="signal.triaged").count() == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"to_state": "confirmed", "reason": "x"}, 409, "wrong-state", id="a leap"),
        pytest.param({"to_state": "lost"}, 422, "bad-request", id="no state"),
        pytest.param({}, 422, "bad-request", id="nothing"),
        pytest.param(
            {"to_state": "verifying", "reason": "ask a@b.org"}, 422, "personal-data", id="personal"
        ),
        pytest.param({"to_state": "verifying", "by": "me"}, 422, "bad-request", id="unknown field"),
        pytest.param(
            {"to_state": "verifying", "merge_into": 2**63}, 422, "bad-request", id="no number"
        ),
    ],
)
def test_bad_step_is_refused(
    node: Node, call: Call, signal: Signal, body: dict[str, Any], status: int, code: str
) -> None:
    answer = call("analyst").post(f"/signals/{signal.pk}/triage", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    signal.refresh_from_db()
    assert signal.state == "new"


def test_confirming_needs_a_reason(node: Node, call: Call, signal: Signal) -> None:
    analyst = call("analyst")
    analyst.post(f"/signals/{signal.pk}/triage", {"to_state": "verifying"})

    answer = analyst.post(f"/signals/{signal.pk}/triage", {"to_state": "confirmed", "reason": " "})

    assert (answer.status_code, answer.json()["code"]) == (409, "refused")
