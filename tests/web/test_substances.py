import csv
import io
from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.web.response_examples import (
    HEADINGS,
    count_queries,
    days_ago,
    draft,
    read,
    write_row,
)
from tocsin.science.structures import parse_structure
from tocsin.substances.models import Substance
from tocsin.substances.queries import get_substance, list_substances

Enter = Callable[[str], Client]
TakeIn = Callable[..., Any]


def test_register_is_searched_by_synonym_filtered_and_sorted(enter: Enter) -> None:
    client = enter("reader")

    found = read(client, "/substances/?q=rompun")
    nitazenes = read(client, "/substances/?class=nitazene")
    heaviest = read(client, "/substances/?sort=-mass")

    assert 'href="/substances/xylazine/"' in found or "No entry matches" in found
    assert 'href="/substances/protonitazene/"' in nitazenes
    assert 'href="/substances/xylazine/"' not in nitazenes
    assert 'aria-sort="descending"' in heaviest
    assert "No entry matches" in read(client, "/substances/?q=zzzzzz")


def test_register_takes_strange_addresses(enter: Enter) -> None:
    for query in ("?q=%00", "?class=%00", "?kind=%00x", "?sort=nothing", "?page=9999"):
        assert enter("reader").get(f"/substances/{query}").status_code == 200


def test_register_counts_the_findings_the_reader_may_see(enter: Enter, take_in: TakeIn) -> None:
    take_in(
        HEADINGS
        + write_row("A1", days_ago(9), "protonitazene")
        + write_row("A2", days_ago(8), "protonitazene")
    )

    def count(name: str) -> str:
        text = read(enter(name), "/substances/?q=protonitazene&format=csv")
        rows = csv.DictReader(io.StringIO(text))
        return next(one["Findings visible to you"] for one in rows if one["Key"] == "protonitazene")

    assert count("analyst") == "2"
    assert count("partner-analyst") == "0"


def test_register_needs_as_many_queries_for_three_rows_as_for_one(enter: Enter) -> None:
    client = enter("reader")
    read(client, "/substances/?q=protonitazene")
    one = count_queries(client, "/substances/?q=protonitazene")

    assert list_substances("nitazene").count() >= 3
    assert count_queries(client, "/substances/?q=nitazene") == one


def test_substance_shows_identity_names_drawing_and_evidence(enter: Enter, take_in: TakeIn) -> None:
    take_in(
        HEADINGS
        + write_row("A1", days_ago(9), "protonitazene")
        + write_row("A2", days_ago(5), "protonitazene", country="DE", area="Bayern")
    )
    substance = get_substance("protonitazene")

    text = read(enter("analyst"), "/substances/protonitazene/")

    for value in (substance.inchikey, substance.formula, "data:image/svg+xml;base64,"):
        assert value in text
    assert "2 findings visible to you since" in text
    assert "findings by week" in text
    assert "Bayern (DE)" in text
    assert "Austria: 1" in text
    assert "first detection held here" in text


def test_unreviewed_structure_is_marked(enter: Enter) -> None:
    unreviewed = Substance.objects.exclude(smiles="").filter(reviewed=False).first()
    reviewed = Substance.objects.exclude(smiles="").filter(reviewed=True).first()

    if unreviewed is not None:
        assert "unreviewed" in read(enter("reader"), f"/substances/{unreviewed.key}/")
    assert reviewed is not None
    assert "unreviewed" not in read(enter("reader"), f"/substances/{reviewed.key}/")


def test_isomer_group_shows_what_it_may_stand_for(enter: Enter) -> None:
    group = Substance.objects.filter(member_rows__isnull=False).order_by("key").first()
    assert group is not None
    member = group.members.order_by("name").first()
    assert member is not None

    assert member.name in read(enter("reader"), f"/substances/{group.key}/")
    assert f'href="/substances/{group.key}/"' in read(enter("reader"), f"/substances/{member.key}/")


def test_partner_sees_the_register_but_no_evidence_or_draft(
    enter: Enter, network: Any, take_in: TakeIn
) -> None:
    take_in(HEADINGS + write_row("A1", days_ago(9), "protonitazene", area="Simmering"))
    version = draft(network.actor("analyst"))

    text = read(enter("partner-analyst"), "/substances/protonitazene/")

    assert "No finding of it is visible to you." in text
    assert "Simmering" not in text
    assert version.alert.identifier not in text
    assert "Simmering" not in read(enter("partner-analyst"), "/substances/protonitazene/places.csv")


def test_figures_are_handed_out_as_csv(enter: Enter, take_in: TakeIn) -> None:
    take_in(HEADINGS + write_row("A1", days_ago(9), "protonitazene"))
    client = enter("analyst")

    places = read(client, "/substances/protonitazene/places.csv")
    weeks = read(client, "/substances/protonitazene/weeks.csv")

    assert f"AT,Wien,1,{days_ago(9)},{days_ago(9)}" in places
    assert weeks.splitlines()[1].endswith(",1")


def test_unknown_substance_is_not_found(enter: Enter) -> None:
    read(enter("reader"), "/substances/no-such-thing/", status=404)


def test_what_is_this_finds_names_cas_and_structures(enter: Enter) -> None:
    client = enter("reader")
    substance = get_substance("xylazine")

    for text in ("xylazine", "XYLAZINE", substance.cas, substance.inchikey, substance.smiles):
        answer = client.get("/what-is-this/", {"q": text}).content.decode()
        assert 'href="/substances/xylazine/"' in answer, text
        assert "certain" in answer


def test_what_is_this_offers_candidates_and_takes_none(enter: Enter) -> None:
    answer = read(enter("reader"), "/what-is-this/?q=protonitazen%20x")

    assert "Candidates" in answer
    assert "Protonitazene" in answer
    assert "certain match" not in answer or "for you to judge" in answer


def test_what_is_this_says_not_found_and_what_next(enter: Enter) -> None:
    assert "Not in the register" in read(enter("reader"), "/what-is-this/?q=qqqqqqqqqq")
    assert "Names" in read(enter("analyst"), "/what-is-this/?q=qqqqqqqqqq")
    assert "0000" not in read(enter("reader"), "/what-is-this/?q=%00")


def test_unregistered_structure_gets_its_drawing_formula_and_inchikey(enter: Enter) -> None:
    smiles = "CCCCCCCCCC(=O)NCCCCCCBr"
    structure = parse_structure(smiles)

    answer = enter("reader").get("/what-is-this/", {"q": smiles}).content.decode()

    assert structure.inchikey in answer
    assert structure.formula in answer
    assert "data:image/svg+xml;base64," in answer
    assert "not in the register" in answer


def test_site_search_leads_to_what_is_this(enter: Enter) -> None:
    assert 'action="/what-is-this/"' in read(enter("reader"), "/substances/")


def test_substance_needs_as_many_queries_for_three_reports_as_for_one(
    enter: Enter, take_in: TakeIn
) -> None:
    client, path = enter("analyst"), "/substances/protonitazene/"
    take_in(HEADINGS + write_row("A1", days_ago(9), "protonitazene"))
    read(client, path)
    for_one = count_queries(client, path)
    take_in(
        HEADINGS
        + write_row("A2", days_ago(6), "protonitazene")
        + write_row("A3", days_ago(3), "protonitazene", country="DE", area="Bayern")
    )

    assert count_queries(client, path) == for_one
    assert "3 findings visible to you" in read(client, path)
