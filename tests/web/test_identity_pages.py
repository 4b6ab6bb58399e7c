"""Pages that say what is one and the same: who may, what they say before, what they do."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import Network
from tocsin.pipeline import run_detection
from tocsin.reports.models import Report
from tocsin.reports.queries import list_reports
from tocsin.reports.services import merge_substances, resolve_group
from tocsin.signals.models import Signal
from tocsin.substances.models import IdentityEvent, Substance
from tocsin.substances.queries import list_names
from tocsin.substances.services import record_product
from tocsin.substances.services.recording import Component

pytestmark = pytest.mark.django_db

Enter = Callable[[str], Client]
TakeIn = Callable[..., Any]
HEADINGS = "reference,event_type,date,country,substance\n"
GROUP = "fluorofentanyl-isomer-undetermined"


def write_rows(*rows: tuple[str, str]) -> str:
    lines = [f"{reference},seizure,2026-03-02,AT,{text}" for reference, text in rows]
    return HEADINGS + "\n".join(lines) + "\n"


def read(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def test_merging_says_how_much_follows_and_does_it_with_a_reason(
    enter: Enter, take_in: TakeIn
) -> None:
    take_in(write_rows(("A-1", "xylazine"), ("A-2", "Xylazin")))
    client = enter("analyst")
    before = read(client, "/substances/xylazine/merge/")
    without = client.post("/substances/xylazine/merge/", {"into": "medetomidine", "reason": ""})
    done = client.post(
        "/substances/xylazine/merge/",
        {"into": "Medetomidin", "reason": "one reference standard shows it"},
    )

    assert "2 in 2 reports" in before
    assert without.status_code == 422
    assert (done.status_code, done.headers["Location"]) == (302, "/substances/xylazine/identity/")
    assert "Medetomidine" in read(client, "/substances/xylazine/identity/")
    moved = client.get("/substances/xylazine/")
    assert (moved.status_code, moved.headers["Location"]) == (302, "/substances/medetomidine/")
    signal = Signal.objects.for_writing().get(substance__key="xylazine")
    assert "Xylazine is now" in read(client, f"/signals/{signal.pk}/")
    text = read(client, "/substances/medetomidine/")
    assert "one reference standard shows it" in text
    assert "2 findings visible to you" in text
    assert (
        client.post("/substances/xylazine/undo-merge/", {"reason": "it was not"}).status_code == 302
    )
    assert "2 findings visible to you" in read(client, "/substances/xylazine/")


def test_others_may_not_change_the_register_and_are_offered_no_button(enter: Enter) -> None:
    given = {"into": "medetomidine", "reason": "because"}
    for name in ("reader", "reporter", "partner-analyst"):
        client = enter(name)
        text = read(client, "/substances/xylazine/")
        for page in ("merge", "split", "undo-merge"):
            address = f"/substances/xylazine/{page}/"
            assert client.get(address).status_code == 403, (name, page)
            assert client.post(address, given).status_code == 403, (name, page)
            assert address not in text, (name, page)


def test_splitting_gives_the_chosen_name_to_another(enter: Enter, take_in: TakeIn) -> None:
    take_in(write_rows(("A-1", "Xylazin")))
    client = enter("analyst")
    name = list_names(Substance.objects.get(key="xylazine")).get(text="Xylazin")
    nothing = client.post(
        "/substances/xylazine/split/", {"into": "medetomidine", "reason": "two things"}
    )
    done = client.post(
        "/substances/xylazine/split/",
        {"into": "medetomidine", "names": [str(name.pk)], "reason": "two things"},
    )

    assert (nothing.status_code, done.status_code) == (422, 302)
    assert "Xylazin</span>" in read(client, "/substances/medetomidine/")


def test_a_group_is_resolved_in_own_reports_and_taken_back(enter: Enter, take_in: TakeIn) -> None:
    take_in(write_rows(("A-1", "fluorofentanyl"), ("A-2", "fluorofentanyl")))
    client = enter("reporter")
    report = Report.objects.for_writing().get(reference="A-1")
    assert "A-1" in read(client, f"/substances/{GROUP}/resolve/")
    done = client.post(
        f"/substances/{GROUP}/resolve/",
        {"member": "para-fluorofentanyl", "reports": [str(report.pk)], "reason": "NMR"},
    )
    event = IdentityEvent.objects.get()
    run_detection()

    assert done.status_code == 302
    assert "1 finding visible to you" in read(client, "/substances/para-fluorofentanyl/")
    current = Report.objects.for_writing().get(reference="A-1", is_current=True)
    assert "resolved later" in read(client, f"/reports/{current.pk}/")
    assert enter("partner-analyst").get(f"/identity-events/{event.pk}/undo/").status_code == 404
    back = client.post(f"/identity-events/{event.pk}/undo/", {"reason": "another sample"})
    run_detection()
    assert back.status_code == 302
    assert "2 findings visible to you" in read(client, f"/substances/{GROUP}/")


def test_an_unknown_feature_is_held_shown_and_becomes_known(enter: Enter, take_in: TakeIn) -> None:
    client = enter("analyst")
    given = {
        "name": "Unknown 2026-17",
        "precursor_mz": "383.24420",
        "polarity": "positive",
        "adduct": "[M+H]+",
        "formula": "C22H30N4O2",
        "error_ppm": "1.2",
        "likely_class": "nitazene",
        "probability": "0.8",
    }
    assert client.post("/unknown-features/new/", {**given, "probability": ""}).status_code == 422
    assert client.post("/unknown-features/new/", {**given, "name": "xylazine"}).status_code == 422
    address = client.post("/unknown-features/new/", given).headers["Location"]
    take_in(write_rows(("A-1", "Unknown 2026-17")))
    text = read(client, address)
    for words in ("m/z 383.24420", "C22H30N4O2", "0.8000", "1 finding visible to you"):
        assert words in text
    merged = client.post(f"{address}merge/", {"into": "protonitazene", "reason": "NMR"})
    assert merged.status_code == 302, merged.content.decode()
    known = read(client, "/substances/protonitazene/")
    for words in ("m/z 383.24420", "unknown resolved", "1 finding visible to you"):
        assert words in known


def test_a_product_shows_its_claim_apart_from_what_was_found(enter: Enter) -> None:
    client = enter("analyst")
    given = {
        "name": "Blue tablet with a crown",
        "brand": "crown",
        "label_claim": "oxycodone 30 mg",
        "form-TOTAL_FORMS": "2",
        "form-INITIAL_FORMS": "0",
        "form-0-substance": "Protonitazen",
        "form-0-role": "active",
        "form-0-percent": "1.5",
        "form-1-substance": "",
        "form-1-role": "unknown",
    }
    assert client.post("/products/new/", {**given, "form-0-substance": "?"}).status_code == 422
    assert client.post("/products/new/", {**given, "form-0-substance": ""}).status_code == 422
    text = read(client, client.post("/products/new/", given).headers["Location"])
    assert text.index("oxycodone 30 mg") < text.index("What was found in it") < text.index("1.5000")
    assert "Blue tablet with a crown" in read(client, "/substances/protonitazene/")
    assert enter("reader").get("/products/new/").status_code == 403


def test_what_a_partner_decided_of_its_reports_is_told_to_it_alone(
    enter: Enter, network: Network, take_in: TakeIn
) -> None:
    actor = network.actor("partner-analyst")
    take_in(write_rows(("P-1", "fluorofentanyl")), sender="partner-analyst")
    [report] = list_reports(actor)
    resolve_group(
        actor, GROUP, "para-fluorofentanyl", report_ids=[report.pk], reason="a secret analysis"
    )

    for key in (GROUP, "para-fluorofentanyl"):
        assert "a secret analysis" in read(enter("partner-analyst"), f"/substances/{key}/identity/")
        assert "a secret analysis" not in read(enter("analyst"), f"/substances/{key}/identity/")
    assert "P-1" not in read(enter("analyst"), f"/substances/{GROUP}/resolve/")


def test_history_needs_as_many_queries_for_three_events_as_for_one(
    enter: Enter, network: Network, count_queries: Callable[[Client, str], int]
) -> None:
    client = enter("reader")
    actor = network.actor("analyst")
    merge_substances(actor, "xylazine", "medetomidine", reason="one")
    decided_by = '<span class="muted">analyst</span>'
    assert decided_by in read(client, "/substances/xylazine/identity/")
    assert decided_by not in read(enter("partner-analyst"), "/substances/xylazine/identity/")
    one = count_queries(client, "/substances/medetomidine/identity/")
    for key in ("ketamine", "fentanyl"):
        merge_substances(actor, key, "medetomidine", reason="more")
    assert count_queries(client, "/substances/medetomidine/identity/") == one


def test_a_key_that_was_merged_is_shown_in_products_as_what_it_is_now(
    enter: Enter, network: Network
) -> None:
    actor = network.actor("analyst")
    product = record_product(
        actor.journal_name, name="Powder 7", components=[Component("xylazine")]
    )
    merge_substances(actor, "xylazine", "medetomidine", reason="one")
    assert 'href="/substances/medetomidine/"' in read(
        enter("reader"), f"/substances/{product.key}/"
    )
