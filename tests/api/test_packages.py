"""Packages over the API: the list and the document, for who may see them."""

from collections.abc import Callable

import jsonschema

from tests.api.conftest import Caller, Node
from tests.notifications.examples import SEIZURE
from tocsin.journal.models import JournalEntry
from tocsin.notifications.formats.json_document import derive_json
from tocsin.notifications.queries import derive_document
from tocsin.notifications.services import make_edas, release_package
from tocsin.organisations.services import ensure_handling
from tocsin.reports.services import record_report


def test_packages_are_listed_and_shown_to_who_may_see_them(
    node: Node, call: Callable[[str], Caller]
) -> None:
    handling = ensure_handling(owner_id=node.own.pk, tlp="AMBER")
    report = record_report(node.actor("reporter"), handling, SEIZURE)
    package = make_edas(node.actor("analyst"), [report.pk])
    draft = call("reader").get("/packages").json()
    hidden = call("partner-analyst").get(f"/packages/{package.pk}")
    released = release_package(node.actor("releaser"), package.pk, audience=[node.partner.pk])
    listed = call("partner-analyst").get("/packages", kind="edas", search="carfent").json()
    shown = call("partner-analyst").get(f"/packages/{package.pk}")
    entry = JournalEntry.objects.order_by("-sequence").first()

    assert [(one["id"], one["state"]) for one in draft["items"]] == [(package.pk, "draft")]
    assert hidden.status_code == 404
    assert released.released_at is not None
    assert listed["total"] == 1
    assert listed["items"][0] | {"made_at": "", "released_at": ""} == {
        "id": package.pk,
        "identifier": "EDAS-AT-2026-0001",
        "version": 1,
        "kind": "edas",
        "state": "released",
        "is_outdated": False,
        "owner": {"key": "focal-point", "name": "Focal Point"},
        "tlp": "AMBER",
        "substance": {"key": "carfentanil", "name": "Carfentanil"},
        "replaces": None,
        "reason": "",
        "made_at": "",
        "released_at": "",
        "ended_at": None,
    }
    assert shown.json() == derive_json(derive_document(node.actor("reader"), released))
    assert shown["Cache-Control"] == "private, no-store"
    assert entry is not None
    assert (entry.action, entry.details["record"]) == ("api.read", "EDAS-AT-2026-0001")


def test_an_unknown_kind_or_another_purpose_is_told(
    node: Node, call: Callable[[str], Caller]
) -> None:
    assert call("reader").get("/packages", kind="letter").status_code == 422
    assert call("nobody").get("/packages").status_code == 403
    assert call("reader").get("/packages/99999").status_code == 404


def test_the_schema_that_is_handed_out_holds_for_a_package(
    node: Node, call: Callable[[str], Caller]
) -> None:
    handling = ensure_handling(owner_id=node.own.pk, tlp="AMBER")
    report = record_report(node.actor("reporter"), handling, SEIZURE)
    package = make_edas(node.actor("analyst"), [report.pk])
    schema = call("reader").get("/packages/schema").json()
    shown = call("reader").get(f"/packages/{package.pk}").json()

    assert schema["$id"] == shown["schema"]
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(shown)) == []
