from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.web.conftest import Network
from tocsin.journal.models import JournalEntry
from tocsin.pipeline import run_detection
from tocsin.reports.queries import list_decided_names, list_unresolved_names
from tocsin.signals.models import Signal
from tocsin.substances.models import Substance

HEADINGS = "reference,event_type,event_on,country,substance\n"


def write(*names: str) -> str:
    """One seizure a name, on consecutive days from 1 May 2026."""
    return HEADINGS + "".join(
        f"R{number}-{name},seizure,2026-05-{number:02d},AT,{name}\n"
        for number, name in enumerate(names, start=1)
    )


def list_texts(network: Network, person: str = "analyst") -> list[str]:
    return [one.text for one in list_unresolved_names(network.actor(person))]


def decide(client: Client, text: str, substance: str, **more: str) -> Any:
    return client.post("/names/decide/", {"text": text, "substance": substance, **more})


def test_nothing_unknown_says_so(enter: Callable[[str], Client]) -> None:
    assert "No unknown names" in enter("analyst").get("/names/").content.decode()


def test_card_tells_rows_days_and_candidates_with_reasons(
    enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in(write("Isotonitazzene", "Isotonitazzene", "cocaine"))

    response = enter("analyst").get("/names/")

    [card] = response.context["cards"]
    name = card["name"]
    assert (name.text, name.rows) == ("Isotonitazzene", 2)
    assert (name.first_on.isoformat(), name.last_on.isoformat()) == ("2026-05-01", "2026-05-02")
    assert "isotonitazene" in [candidate.key for candidate in card["candidates"]]
    assert all(candidate.reason for candidate in card["candidates"])
    assert 'data-candidate="1"' in response.content.decode()


def test_one_decision_covers_every_row_and_reaches_the_signals(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(write("Isotonitazzene", "Isotonitazzene"))
    client = enter("analyst")

    response = decide(client, "Isotonitazzene", "isotonitazene")
    run_detection()

    assert response.headers["Location"] == "/names/"
    assert list_texts(network) == []
    assert Signal.objects.for_writing().filter(substance__key="isotonitazene").exists()


def test_decision_can_be_undone_from_the_notice_and_from_the_list(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(write("Isotonitazzene"))
    client = enter("analyst")
    decide(client, "Isotonitazzene", "isotonitazene")
    [decided] = list_decided_names(network.actor("analyst"))
    undo = f"/names/{decided.pk}/undo/"

    text = client.get("/names/").content.decode()
    assert "now means Isotonitazene" in text
    assert (undo in text, "data-undo" in text) == (True, True)
    assert "now means" not in client.get("/names/").content.decode()
    assert undo in client.get("/names/decided/").content.decode()

    client.post(undo)
    assert list_texts(network) == ["Isotonitazzene"]
    assert list(
        JournalEntry.objects.filter(record_type="written-name")
        .order_by("sequence")
        .values_list("action", flat=True)
    ) == ["name.decided", "name.decision-undone"]


def test_new_substance_is_added_and_decided_in_one_step(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(write("Neuonitazen"))

    response = enter("analyst").post(
        "/names/new-substance/",
        {"text": "Neuonitazen", "name": "Neuonitazene", "substance_class": "nitazene"},
    )

    added = Substance.objects.get(name="Neuonitazene")
    assert response.status_code == 302
    assert (added.origin, added.reviewed) == ("added", False)
    assert list_texts(network) == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        pytest.param({"name": "cocaine"}, "already held", id="held already"),
        pytest.param({"name": ""}, "expected 1 to", id="no name"),
        pytest.param({"smiles": "C1CC("}, "SMILES", id="unreadable structure"),
        pytest.param({"substance_class": "none"}, "class of substances", id="unknown class"),
    ],
)
def test_new_substance_that_cannot_be_is_refused_and_nothing_decided(
    values: dict[str, str],
    words: str,
    enter: Callable[[str], Client],
    take_in: Callable[..., Any],
    network: Network,
) -> None:
    take_in(write("Neuonitazen"))
    given = {"text": "Neuonitazen", "name": "Neuonitazene", "substance_class": "nitazene"}

    response = enter("analyst").post("/names/new-substance/", given | values)

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert words.lower() in response.content.decode().lower()
    assert list_texts(network) == ["Neuonitazen"]
    assert not Substance.objects.filter(name="Neuonitazene").exists()


def test_another_substance_is_found_with_and_without_htmx(enter: Callable[[str], Client]) -> None:
    client = enter("analyst")

    whole = client.get("/names/search/?text=Foo&q=protonitazene").content.decode()
    part = client.get(
        "/names/search/?text=Foo&q=protonitazene", headers={"HX-Request": "true"}
    ).content.decode()

    assert ("<html" in whole, "<html" in part) == (True, False)
    assert 'value="protonitazene"' in whole
    assert 'value="protonitazene"' in part


@pytest.mark.parametrize("person", ["reader", "reporter", "releaser", "administrator"])
def test_only_an_analyst_decides(
    person: str, enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(write("Isotonitazzene"))
    client = enter(person)

    assert decide(client, "Isotonitazzene", "isotonitazene").status_code == 403
    assert client.post("/names/new-substance/", {}).status_code == 403
    assert client.get("/names/search/").status_code == 403
    assert "Same as" not in client.get("/names/").content.decode()
    assert list_texts(network) == ["Isotonitazzene"]


def test_partner_never_meets_a_spelling_of_rows_not_shared(
    enter: Callable[[str], Client], take_in: Callable[..., Any], network: Network
) -> None:
    take_in(write("Geheimstoff"))
    take_in(write("Teilstoff"), audience=(network.partner.pk,))
    decide(enter("analyst"), "Geheimstoff", "cocaine")
    [held] = list_decided_names(network.actor("analyst"))
    take_in(write("Geheimstoff 2"))
    client = enter("partner-analyst")

    page = client.get("/names/").context["page"]
    exported = b"".join(client.get("/names/?format=csv"))
    assert ([one.text for one in page], page.paginator.count) == (["Teilstoff"], 1)
    assert client.get("/names/?q=Geheim").context["page"].paginator.count == 0
    assert b"Geheim" not in exported
    assert client.get("/names/decided/").context["page"].paginator.count == 0
    assert client.post(f"/names/{held.pk}/undo/").status_code == 404
    assert decide(client, "Geheimstoff 2", "cocaine").status_code == 404


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        pytest.param("", ["Bstoff", "Astoff", "Cstoff"], id="most rows first"),
        pytest.param("sort=text", ["Astoff", "Bstoff", "Cstoff"], id="by spelling"),
        pytest.param("sort=-last_on", ["Cstoff", "Bstoff", "Astoff"], id="newest first"),
        pytest.param("q=cst", ["Cstoff"], id="searched"),
    ],
)
def test_names_are_searched_and_sorted(
    query: str, texts: list[str], enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in(write("Astoff", "Bstoff", "Bstoff", "Cstoff"))

    page = enter("analyst").get(f"/names/?{query}").context["page"]

    assert [one.text for one in page] == texts


@pytest.mark.parametrize(
    ("back", "target"),
    [
        pytest.param("/names/?page=2", "/names/?page=2", id="a page of this node"),
        pytest.param("https://elsewhere.example/", "/names/", id="elsewhere"),
        pytest.param("//elsewhere.example/", "/names/", id="elsewhere, no scheme"),
    ],
)
def test_one_comes_back_to_pages_of_this_node_only(
    back: str, target: str, enter: Callable[[str], Client], take_in: Callable[..., Any]
) -> None:
    take_in(write("Isotonitazzene"))

    response = decide(enter("analyst"), "Isotonitazzene", "isotonitazene", back=back)

    assert response.headers["Location"] == target


def test_queries_do_not_grow_with_the_names(
    enter: Callable[[str], Client],
    take_in: Callable[..., Any],
    count_queries: Callable[[Client, str], int],
) -> None:
    client = enter("analyst")
    take_in(write("Astoff"))
    with_one = count_queries(client, "/names/")
    take_in(write("Bstoff", "Dstoff", "Estoff"))

    assert count_queries(client, "/names/") == with_one


def test_queries_do_not_grow_with_the_decisions(
    enter: Callable[[str], Client],
    take_in: Callable[..., Any],
    count_queries: Callable[[Client, str], int],
) -> None:
    client = enter("analyst")
    take_in(write("Astoff", "Bstoff", "Cstoff"))
    decide(client, "Astoff", "cocaine")
    with_one = count_queries(client, "/names/decided/")
    decide(client, "Bstoff", "cocaine")
    decide(client, "Cstoff", "cocaine")

    assert count_queries(client, "/names/decided/") == with_one
