from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from tests.api.conftest import Caller, Node
from tocsin.alerts.formats.json_document import derive_json
from tocsin.alerts.models import AlertVersion
from tocsin.alerts.queries import get_document
from tocsin.alerts.services import cancel_alert
from tocsin.journal.models import JournalEntry

Call = Callable[[str], Caller]


def write_moment(moment: Any) -> str:
    return str(moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"))


def expected_alert(version: AlertVersion, **changes: Any) -> dict[str, Any]:
    return {
        "identifier": version.alert.identifier,
        "version": 1,
        "message_type": "Alert",
        "standing": "live",
        "is_in_force": True,
        "owner": {"key": "focal-point", "name": "Focal Point"},
        "tlp": "AMBER",
        "severity": "Severe",
        "urgency": "Immediate",
        "certainty": "Observed",
        "substance": {"key": "carfentanil", "name": "Carfentanil"},
        "identification": {"level": None, "isomer_open": False},
        "country": "AT",
        "region": "AT13",
        "headlines": [{"language": "en", "text": "Carfentanil in powder"}],
        "drafted_at": write_moment(version.drafted_at),
        "released_at": version.released_at and write_moment(version.released_at),
        "expires_at": write_moment(version.expires_at),
        **changes,
    }


def test_list_of_alerts_is_a_page_of_newest_versions(node: Node, call: Call) -> None:
    released, draft = node.release(), node.draft()

    answer = call("reader").get("/alerts")

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "total": 2,
            "limit": 100,
            "offset": 0,
            "next_offset": None,
            "items": [
                expected_alert(draft, standing="draft", is_in_force=False),
                expected_alert(released),
            ],
        },
    )


def test_one_alert_is_the_json_document_of_its_newest_message(node: Node, call: Call) -> None:
    version = node.release()
    identifier = version.alert.identifier

    answer = call("reader").get(f"/alerts/{identifier}")

    assert (answer.status_code, answer.json()) == (
        200,
        derive_json(get_document(node.actor("reader"), identifier)),
    )
    assert answer.json()["texts"][0]["hazard"] == "Very small amounts stop breathing."


def test_cap_is_the_message_as_it_was_sent(node: Node, call: Call) -> None:
    version = node.release()

    answer = call("reader").get(f"/alerts/{version.alert.identifier}/cap.xml")

    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200,
        "application/cap+xml; charset=utf-8",
        "private, no-store",
    )
    assert version.cap is not None
    assert answer.content == bytes(version.cap)
    assert etree.fromstring(answer.content).tag == "{urn:oasis:names:tc:emergency:cap:1.2}alert"


def test_cancelling_reaches_every_form(node: Node, call: Call) -> None:
    identifier = node.release().alert.identifier
    cancel_alert(node.actor("releaser"), identifier, reason="Wrong substance")
    reader = call("reader")

    listed = reader.get("/alerts").json()["items"][0]
    document = reader.get(f"/alerts/{identifier}").json()
    cap = reader.get(f"/alerts/{identifier}/cap.xml").content

    assert (listed["standing"], listed["is_in_force"]) == ("cancelled", False)
    assert (document["cancelled"], document["note"]) == (True, "Wrong substance")
    assert document["texts"][0]["advice_public"] is None
    assert b"<msgType>Cancel</msgType>" in cap


@pytest.mark.parametrize("form", ["", "/cap.xml"])
def test_draft_has_no_message_yet(node: Node, call: Call, form: str) -> None:
    version = node.draft()

    answer = call("analyst").get(f"/alerts/{version.alert.identifier}{form}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_partner_gets_what_was_released_to_it_and_no_drafts(node: Node, call: Call) -> None:
    shared = node.release(to=(node.partner.pk,))
    node.release()
    node.draft(to=(node.partner.pk,))

    answer = call("partner-analyst").get("/alerts")

    assert [item["identifier"] for item in answer.json()["items"]] == [shared.alert.identifier]


@pytest.mark.parametrize(
    ("query", "total"),
    [
        pytest.param({"search": "powder"}, 1, id="part of the headline"),
        pytest.param({"search": "CARFENT"}, 1, id="part of the substance"),
        pytest.param({"search": "xylazine"}, 0, id="something else"),
        pytest.param({"order": "severity"}, 1, id="by severity"),
        pytest.param({"order": "-released_at"}, 1, id="by release"),
    ],
)
def test_filter_keeps_so_many(node: Node, call: Call, query: dict[str, Any], total: int) -> None:
    node.release()

    assert call("reader").get("/alerts", **query).json()["total"] == total


def test_reading_is_journalled(node: Node, call: Call) -> None:
    identifier = node.release().alert.identifier
    call("reader").get(f"/alerts/{identifier}/cap.xml", purpose="public-health")

    last = JournalEntry.objects.order_by("-sequence").first()
    assert last is not None
    assert (last.person, last.action, last.record_id, last.details) == (
        "reader",
        "api.read",
        "GET /api/v1/alerts/<identifier>/cap.xml",
        {"rows": 1, "purpose": "public-health", "record": identifier},
    )
