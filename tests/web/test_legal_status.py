"""Legal status on a day: answers in words, their periods, and the days a page is asked for."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation

from tocsin.law.classification import classify, list_jurisdictions
from tocsin.law.loading import load_instruments
from tocsin.law.model import Citation, describe_clause
from tocsin.web.legal_pictures import draw_time_lines, list_change_days, verdict_map
from tocsin.web.legal_status import (
    NOT_IN_PART,
    NOT_LOADED,
    describe_jurisdiction,
    find_subject,
    get_answers,
    list_periods,
    list_rule_days,
    list_statuses,
)
from tocsin.web.legal_view import describe_legal_status, find_slider_address, read_day

ISOTONITAZENE = "CCN(CC)CCn1c(Cc2ccc(OC(C)C)cc2)nc2cc([N+](=O)[O-])ccc12"
# A nitazene of number 7 of the NpSG that no annex of the BtMG lists.
PLAIN_NITAZENE = "CCN(CC)CCn1c(Cc2ccccc2)nc2ccccc12"
ETHYLENEOXYNITAZENE = "CCN(CC)CCn1c(Cc2ccc3OCCc3c2)nc2cc([N+](=O)[O-])ccc12"
CAFFEINE = "Cn1cnc2c1c(=O)n(C)c(=O)n2C"
DAY = date(2026, 11, 22)

rf = RequestFactory()


def list_kinds(smiles: str, on: date) -> dict[str, str]:
    return {one.instrument.key: one.kind for one in list_statuses(smiles, on)}


@pytest.mark.parametrize("smiles", [ISOTONITAZENE, PLAIN_NITAZENE, ETHYLENEOXYNITAZENE, CAFFEINE])
def test_remembered_answers_are_those_of_the_day_itself(smiles: str) -> None:
    changes = {day for code in list_jurisdictions() for day in list_rule_days(smiles, code)}
    days = {day + timedelta(days=step) for day in changes for step in (-1, 0, 1)}

    for day in sorted(days)[:: max(1, len(days) // 40)]:
        fresh = {one.instrument: one for one in classify(smiles, day)}
        held = get_answers(smiles, day)
        # The words of "no text before …" hang on the instrument alone, not on the day.
        assert {key: (one.verdict, one.clause, one.since) for key, one in held.items()} == {
            key: (one.verdict, one.clause, one.since) for key, one in fresh.items()
        }


def test_listed_narcotic_is_controlled_and_the_later_act_gives_way() -> None:
    kinds = list_kinds(ISOTONITAZENE, DAY)

    assert kinds["DE-BtMG"] == "controlled"
    assert kinds["DE-NpSG"] == "excluded"


def test_weightiest_answer_comes_first_and_has_its_citation() -> None:
    first = list_statuses(ISOTONITAZENE, DAY)[0]

    assert first.kind == "controlled"
    assert first.words == "Controlled"
    assert first.citation is not None
    assert first.citation.consolidated_on <= DAY
    assert first.since is not None


def test_group_of_the_npsg_is_cited_and_drawn_atom_by_atom() -> None:
    status = next(
        one for one in list_statuses(PLAIN_NITAZENE, DAY) if one.instrument.key == "DE-NpSG"
    )

    assert (status.kind, status.clause) == ("controlled", "Anlage 1 Nummer 7")
    lead = next(one for one in status.traces if one.leads)
    assert lead.drawing_url.startswith("data:image/svg+xml;base64,")
    assert [part.words for part in lead.parts] == ["core", "fits the text", "fits the text"]
    assert [part.atoms for part in lead.parts[1:]] == ["0–1", "3–4"]
    assert status.unverified


def test_day_before_the_first_text_is_not_called_not_found() -> None:
    early = list_kinds(ISOTONITAZENE, date(1950, 1, 1))

    assert early["DE-BtMG"] == NOT_LOADED
    assert early["DE-NpSG"] == NOT_LOADED


def test_periods_join_without_gap_and_begin_with_the_day_of_change() -> None:
    for smiles in (ISOTONITAZENE, ETHYLENEOXYNITAZENE, CAFFEINE):
        for instrument, periods in list_periods(smiles):
            assert periods[0].since is None
            assert periods[-1].until is None
            for before, after in pairwise(periods):
                assert before.until is not None
                assert before.until + timedelta(days=1) == after.since
                assert (before.kind, before.clause) != (after.kind, after.clause)
            for period in periods:
                if period.since is not None:
                    assert list_kinds(smiles, period.since)[instrument.key] == period.kind


def test_amendment_of_2025_is_a_change_for_what_the_text_of_2024_missed() -> None:
    held = [one for one in list_periods(ETHYLENEOXYNITAZENE) if one[0].key == "DE-NpSG"]

    assert [one.kind for one in held[0][1]][-1] == "controlled"
    assert date(2025, 12, 17) in list_change_days(held)


def test_what_is_never_found_has_no_change_and_no_line() -> None:
    held = list_periods(CAFFEINE)

    assert list_change_days(held) == []
    assert draw_time_lines(held, on=DAY, today=DAY) == []


def test_lines_of_time_lie_within_their_length_and_mark_the_day() -> None:
    for on in (date(1950, 1, 1), date(2024, 7, 1), DAY, date(2040, 1, 1)):
        for line in draw_time_lines(list_periods(ISOTONITAZENE), on=on, today=DAY):
            assert all(0 <= one.left <= one.left + one.width <= 1_002 for one in line.stretches)
            assert sum(one.is_shown_day for one in line.stretches) == 1
            assert 0 <= line.day_at <= 1_000


def test_map_colours_only_countries_of_which_rules_are_loaded() -> None:
    drawn = verdict_map(list_statuses(ISOTONITAZENE, DAY), title="Status", identifier="m")
    loaded = {one.jurisdiction for one in load_instruments()}

    assert "Germany: Controlled" in drawn.svg
    assert "Malta: no rules loaded" in drawn.svg
    assert len(drawn.table_rows) == len(loaded)
    assert [(entry.symbol, entry.words) for entry in drawn.key if entry.mark == "none"] == [
        ("∅?", "Not found in the part loaded"),
        ("…", "No text loaded for this day"),
        ("–", "no rules loaded"),
    ]
    assert "step-5" in drawn.svg


def test_what_is_not_found_in_a_part_is_told_apart_from_what_is_not_found() -> None:
    kinds = list_kinds(CAFFEINE, DAY)

    assert kinds["DE-BtMG"] == "not-found"
    assert {kinds[key] for key in ("GB-MDA-1971", "NL-Opiumwet", "FR-Stupefiants")} == {NOT_IN_PART}
    assert kinds["SE-Narkotika"] == NOT_LOADED


def test_map_tells_the_kind_of_control_of_countries_of_which_nothing_is_loaded() -> None:
    drawn = verdict_map(list_statuses(ISOTONITAZENE, DAY), title="Status", identifier="m")
    rows = {str(name): str(words) for name, words in drawn.table_rows}

    assert "Sweden: Nothing loaded: substances by name only" in drawn.svg
    assert rows["Austria"].startswith("Nothing loaded: chemical classes")
    assert rows["France"] == "Controlled"
    assert rows["Netherlands"] == "Not found in the part loaded"
    # The United Kingdom has no tile among the member states; it stands beside the map.
    assert ("United Kingdom (not EU):", "Controlled") in [
        (place.name, place.count) for place in drawn.elsewhere
    ]


def test_page_says_of_each_silent_instrument_how_much_of_it_is_loaded() -> None:
    legal = describe_legal_status(CAFFEINE, read_day(rf.get("/", {"as-of": DAY.isoformat()})))
    assert legal is not None
    html = render_to_string(
        "web/substances/legal_status.html", {"day": legal.day, "legal": legal, "path": "/"}
    )

    assert "<strong>Not found in the part loaded</strong>" in html
    assert "<strong>Nothing loaded: substances by name only</strong>" in html
    assert "prop. 2017/18:221" in html


def test_scheduled_precursor_is_not_called_a_controlled_drug() -> None:
    ephedrine = next(
        one
        for one in list_statuses("CN[C@@H](C)[C@H](O)c1ccccc1", DAY)
        if one.instrument.key == "EU-Precursors"
    )

    assert (ephedrine.kind, ephedrine.words) == ("controlled", "Controlled as a precursor")


def test_clause_of_a_number_alone_is_given_its_place() -> None:
    citation = Citation("Anlage", "BGBl.", DAY, "a copy")

    assert describe_clause("7", citation) == "Anlage, 7"
    assert describe_clause("Anlage II, Isotonitazen", citation) == "Anlage II, Isotonitazen"
    paragraph = Citation("Schedule 2, paragraph 1(d)", "the Act", DAY, "a copy")
    assert describe_clause("1(d)", paragraph) == "Schedule 2, paragraph 1(d)"
    assert describe_clause("", None) == ""


def test_jurisdictions_have_names_in_the_readers_language() -> None:
    assert describe_jurisdiction("UN") == "United Nations"
    assert describe_jurisdiction("ZZ") == "ZZ"
    with translation.override("de"):
        assert describe_jurisdiction("DE")


@pytest.mark.parametrize("smiles", ["", "C(", "*C", "C" * 3_000])
def test_what_is_no_structure_has_no_status(smiles: str) -> None:
    assert find_subject(smiles) is None
    assert describe_legal_status(smiles, read_day(rf.get("/"))) is None


def test_status_of_a_mixture_and_a_radical_begins_with_a_note() -> None:
    day = read_day(rf.get("/"))

    for smiles in (f"{CAFFEINE}.{ISOTONITAZENE}", "C[CH2]"):
        view = describe_legal_status(smiles, day)
        assert view is not None
        assert view.notes


def test_day_is_today_unless_the_address_names_one() -> None:
    today = timezone.localdate()

    assert read_day(rf.get("/")).is_today
    assert read_day(rf.get("/?as-of=2024-02-29")).on == date(2024, 2, 29)
    for written in ("2023-02-29", "yesterday", "31.12.2025", "0001-01-01", "9999-12-31", "\0"):
        day = read_day(rf.get("/", {"as-of": written}))
        assert (day.on, bool(day.problem)) == (today, True), written


def test_slider_leads_to_the_day_of_a_change_and_keeps_the_question() -> None:
    changes = list_change_days(list_periods(ISOTONITAZENE))
    request = rf.get("/what-is-this/", {"q": "a b", "as-of": "2020-01-01", "change": "0"})

    address = find_slider_address(request, ISOTONITAZENE)

    assert address == f"/what-is-this/?q=a+b&as-of={changes[0].isoformat()}#legal"
    for strange in ("-1", "999", "x", "", "٣", "1" * 5_000):
        assert find_slider_address(rf.get("/", {"change": strange}), ISOTONITAZENE) == ""
    assert find_slider_address(rf.get("/?change=0"), "C(") == ""
    assert find_slider_address(rf.get("/?change=0"), "") == ""


def test_footnotes_number_each_note_once() -> None:
    view = describe_legal_status(ISOTONITAZENE, read_day(rf.get("/?as-of=2026-11-22")))
    assert view is not None

    assert len(view.footnotes) == len(set(view.footnotes))
    assert [one for one, _numbers in view.numbered_unfound] == view.unfound
    for status, numbers in (*view.numbered, *view.numbered_unfound):
        assert tuple(view.footnotes[number - 1] for number in numbers) == status.unverified


def test_statutory_dates_count_down_from_the_day_asked_about() -> None:
    two_mmc = "CNC(C)C(=O)c1ccccc1C"

    def list_dates(on: date) -> list[tuple[str, date, str]]:
        held = next(
            one for one in list_statuses(two_mmc, on) if one.instrument.key == "EU-FD-2004-757"
        )
        return [(one.words, one.step.on, one.left) for one in held.dates[-2:]]

    entry, deadline = date(2026, 1, 12), date(2026, 7, 12)
    assert list_dates(date(2026, 1, 11)) == [
        ("In force", entry, "1 day left"),
        ("To be transposed by", deadline, "182 days left"),
    ]
    assert list_dates(deadline) == [
        ("In force", entry, ""),
        ("To be transposed by", deadline, ""),
    ]
    assert list_dates(date(2025, 5, 19)) == []
