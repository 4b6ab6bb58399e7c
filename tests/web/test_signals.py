import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.web.response_examples import (
    HEADINGS,
    confirm,
    count_queries,
    days_ago,
    get_first,
    read,
    write_row,
)
from tocsin.journal.queries import list_entries
from tocsin.organisations.vocabulary import Purpose
from tocsin.pipeline import run_detection
from tocsin.reports.queries import list_reports
from tocsin.reports.services import retract_report
from tocsin.signals.models import SignalDecision
from tocsin.signals.queries import get_signal, list_signals
from tocsin.signals.services import triage_signal

Enter = Callable[[str], Client]
TakeIn = Callable[..., Any]


@pytest.fixture
def firsts(take_in: TakeIn) -> None:
    """Three substances found for the first time, each new."""
    take_in(
        HEADINGS
        + write_row("A1", days_ago(9), "protonitazene")
        + write_row("A2", days_ago(6), "metonitazene")
        + write_row("A3", days_ago(3), "xylazine", country="DE", area="Bayern")
    )


def test_empty_queue_says_so_and_leads_to_what_is_there(enter: Enter) -> None:
    text = read(enter("analyst"), "/signals/")

    assert "No open signals" in text
    assert "?state=all&amp;older=1" in text


def test_queue_shows_the_sentence_state_tlp_and_findings(enter: Enter, firsts: None) -> None:
    text = read(enter("analyst"), "/signals/")

    assert "Protonitazene: first detection held here (seized material)" in text
    assert text.count("<tr data-row>") == 3
    assert "TLP:AMBER" in text
    assert "3 signals visible to you" in text


def test_queue_is_filtered_searched_and_sorted(enter: Enter, firsts: None) -> None:
    client = enter("analyst")

    assert read(client, "/signals/?country=DE").count("<tr data-row>") == 1
    assert read(client, "/signals/?q=metonit").count("<tr data-row>") == 1
    assert "No signal matches" in read(client, "/signals/?matrix=wastewater")
    by_name = read(client, "/signals/?sort=substance")
    assert by_name.index("Metonitazene:") < by_name.index("Protonitazene:")
    newest = read(client, "/signals/?sort=-on")
    assert newest.index("Xylazine:") < newest.index("Protonitazene:")


def test_queue_takes_strange_addresses(enter: Enter, firsts: None) -> None:
    for query in ("?q=%00", "?state=%00", "?kind=nothing", "?page=zzz&sort=-", "?country=%F0%9F"):
        assert enter("analyst").get(f"/signals/{query}").status_code == 200


def test_closed_signals_are_shown_when_asked_for(enter: Enter, network: Any, firsts: None) -> None:
    analyst = network.actor("analyst")
    confirm(analyst, get_first(analyst, "xylazine"))

    assert "Xylazine:" not in read(enter("analyst"), "/signals/")
    assert "Xylazine:" in read(enter("analyst"), "/signals/?state=confirmed")
    assert read(enter("analyst"), "/signals/?state=all").count("<tr data-row>") == 3


def test_queue_needs_as_many_queries_for_three_rows_as_for_one(
    enter: Enter, take_in: TakeIn
) -> None:
    client = enter("analyst")
    take_in(HEADINGS + write_row("A1", days_ago(9), "protonitazene"))
    read(client, "/signals/")
    for_one = count_queries(client, "/signals/")
    take_in(
        HEADINGS
        + write_row("A2", days_ago(6), "metonitazene")
        + write_row("A3", days_ago(3), "xylazine")
    )

    assert count_queries(client, "/signals/") == for_one
    assert read(client, "/signals/").count("<tr data-row>") == 3


def test_export_has_the_rows_of_the_queue(enter: Enter, firsts: None) -> None:
    rows = list(csv.DictReader(io.StringIO(read(enter("analyst"), "/signals/?format=csv"))))

    assert {row["Substance"] for row in rows} == {"Protonitazene", "Metonitazene", "Xylazine"}
    assert {row["State"] for row in rows} == {"new"}


def test_partner_never_sees_signals(enter: Enter, network: Any, firsts: None) -> None:
    partner = enter("partner-analyst")
    signal = get_first(network.actor("analyst"), "protonitazene")

    assert "Protonitazene" not in read(partner, "/signals/?state=all&older=1")
    assert "Protonitazene" not in read(partner, "/signals/?state=all&format=csv")
    read(partner, f"/signals/{signal.pk}/", status=404)
    read(partner, f"/signals/{signal.pk}/series.csv", status=404)
    posted = partner.post(f"/signals/{signal.pk}/triage/", {"to_state": "verifying"})
    assert posted.status_code == 404
    assert get_signal(network.actor("analyst"), signal.pk).state == "new"


def test_signal_shows_evidence_elsewhere_method_and_series(
    enter: Enter, network: Any, take_in: TakeIn
) -> None:
    take_in(
        HEADINGS
        + write_row("A1", days_ago(9), "protonitazene")
        + write_row("A2", days_ago(5), "protonitazene", area="Graz")
    )
    signal = get_first(network.actor("analyst"), "protonitazene")

    text = read(enter("analyst"), f"/signals/{signal.pk}/")

    assert "2 reports visible to you" in text
    assert "Graz (AT)" in text
    assert signal.method in text
    assert "As known on" in text
    assert "Verify: take it" in text
    assert "Draft an alert" not in text
    assert f"/reports/?substance=protonitazene&amp;matrix=seized&amp;since={signal.on}" in text


def test_series_is_handed_out_as_csv(enter: Enter, network: Any, firsts: None) -> None:
    signal = get_first(network.actor("analyst"), "protonitazene")

    rows = list(csv.reader(io.StringIO(read(enter("analyst"), f"/signals/{signal.pk}/series.csv"))))

    assert rows[0] == ["Week from", "Observed"]
    assert sum(int(row[1]) for row in rows[1:]) == 1


def test_taking_a_signal_names_who_has_it_and_can_be_undone(
    enter: Enter, network: Any, firsts: None
) -> None:
    client = enter("analyst")
    signal = get_first(network.actor("analyst"), "protonitazene")
    path = f"/signals/{signal.pk}/"

    client.post(f"{path}triage/", {"to_state": "verifying"})
    taken = read(client, path)
    client.post(f"{path}undo/")
    put_back = read(client, path)

    assert "with analyst" in taken
    assert "data-undo-seconds" in taken
    assert "Is it real?" in taken
    assert "Verify: take it" in put_back
    assert get_signal(network.actor("analyst"), signal.pk).state == "new"


def test_confirming_without_a_reason_is_asked_for_again(
    enter: Enter, network: Any, firsts: None
) -> None:
    client = enter("analyst")
    signal = get_first(network.actor("analyst"), "protonitazene")
    triage_signal(network.actor("analyst"), signal.pk, to_state="verifying")

    response = client.post(f"/signals/{signal.pk}/triage/", {"to_state": "confirmed"})

    assert response.status_code == 422
    text = response.content.decode()
    assert "There is a problem" in text
    assert 'href="#id_reason"' in text
    assert get_signal(network.actor("analyst"), signal.pk).state == "verifying"


def test_reason_with_personal_data_is_not_kept(enter: Enter, network: Any, firsts: None) -> None:
    analyst = network.actor("analyst")
    signal = get_first(analyst, "xylazine")
    triage_signal(analyst, signal.pk, to_state="verifying")
    answer = enter("analyst").post(
        f"/signals/{signal.pk}/triage/",
        {"to_state": "confirmed", "reason": "Ask anna.example@hospital.example about it."},
    )
    assert answer.status_code == 422
    assert get_signal(analyst, signal.pk).state == "verifying"


def test_confirmed_signal_offers_a_draft_and_keeps_the_reason(
    enter: Enter, network: Any, firsts: None
) -> None:
    client = enter("analyst")
    signal = get_first(network.actor("analyst"), "protonitazene")
    triage_signal(network.actor("analyst"), signal.pk, to_state="verifying")

    client.post(
        f"/signals/{signal.pk}/triage/", {"to_state": "confirmed", "reason": "Seen by two."}
    )

    text = read(client, f"/signals/{signal.pk}/")
    assert f"/alerts/new/?signal={signal.pk}" in text
    assert "Seen by two." in text


def test_merging_leads_to_the_other_signal(enter: Enter, network: Any, take_in: TakeIn) -> None:
    take_in(
        HEADINGS
        + write_row("A1", days_ago(20), "protonitazene")
        + write_row("A2", days_ago(5), "protonitazene", country="DE", area="Bayern")
    )
    analyst = network.actor("analyst")
    first, second = (
        list_signals(analyst, kind="first-detection").get(),
        list_signals(analyst, country="DE", kind="first-in-country").get(),
    )
    triage_signal(analyst, second.pk, to_state="verifying")

    without = enter("analyst").post(
        f"/signals/{second.pk}/triage/", {"to_state": "merged", "reason": "Same batch."}
    )
    merged = enter("analyst").post(
        f"/signals/{second.pk}/triage/",
        {"to_state": "merged", "reason": "Same batch.", "merge_into": first.pk},
    )

    assert (without.status_code, merged.status_code) == (422, 302)
    assert f'href="/signals/{first.pk}/"' in read(enter("analyst"), f"/signals/{second.pk}/")
    assert SignalDecision.objects.filter(signal_id=second.pk).count() == 2


def test_reader_sees_signals_but_no_triage(enter: Enter, network: Any, firsts: None) -> None:
    signal = get_first(network.actor("analyst"), "protonitazene")
    client = enter("reader")

    assert "Verify: take it" not in read(client, f"/signals/{signal.pk}/")
    refused = client.post(f"/signals/{signal.pk}/triage/", {"to_state": "verifying"})

    assert refused.status_code == 403
    assert list_entries(action="refused").first() is not None


def test_withdrawn_evidence_is_said(enter: Enter, network: Any, take_in: TakeIn) -> None:
    take_in(HEADINGS + write_row("A1", days_ago(9), "protonitazene"))
    analyst = network.actor("analyst")
    signal = get_first(analyst, "protonitazene")
    report = list_reports(analyst, purpose=Purpose.EARLY_WARNING).get()
    retract_report(analyst, report.pk, version=report.version, reason="Mixed up samples.")
    run_detection()

    text = read(enter("analyst"), f"/signals/{signal.pk}/")

    assert "No longer told." in text
    assert "No report behind this signal is visible to you now." in text


def test_signal_needs_as_many_queries_for_three_reports_as_for_one(
    enter: Enter, network: Any, take_in: TakeIn
) -> None:
    client = enter("analyst")
    take_in(HEADINGS + write_row("A1", days_ago(9), "protonitazene"))
    path = f"/signals/{get_first(network.actor('analyst'), 'protonitazene').pk}/"
    read(client, path)
    for_one = count_queries(client, path)
    take_in(
        HEADINGS
        + write_row("A2", days_ago(6), "protonitazene")
        + write_row("A3", days_ago(3), "protonitazene")
    )

    assert count_queries(client, path) == for_one
    assert "3 reports visible to you" in read(client, path)
