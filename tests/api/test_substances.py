from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Caller, Node
from tocsin.journal.models import JournalEntry

Call = Callable[[str], Caller]

# Source: the register's own line, which names its two routes of review.
CARFENTANIL = {
    "key": "carfentanil",
    "name": "Carfentanil",
    "kind": "substance",
    "smiles": "CCC(=O)N(c1ccccc1)C1(C(=O)OC)CCN(CCc2ccccc2)CC1",
    "inchikey": "YDSDEBIZUNNPOB-UHFFFAOYSA-N",
    "formula": "C24H30N2O3",
    "mass_da": "394.515",
    "reviewed": True,
}


def test_one_substance_is_found_by_its_inchikey(node: Node, call: Call) -> None:
    answer = call("reader").get("/substances", search="YDSDEBIZUNNPOB-UHFFFAOYSA-N")

    page = answer.json()
    assert (answer.status_code, page["total"], page["next_offset"]) == (200, 1, None)
    assert page["items"][0].items() >= CARFENTANIL.items()


def test_one_substance_is_shown_with_names_and_groups(node: Node, call: Call) -> None:
    answer = call("reader").get("/substances/carfentanil")

    detail = answer.json()
    assert answer.status_code == 200
    assert detail.items() >= CARFENTANIL.items()
    assert detail["routes"] == ["structure written by hand", "BtMG annex name by OPSIN"]
    assert {"text": "carfentanil", "language": "en", "kind": "INN"}.items() <= next(
        name for name in detail["names"] if name["kind"] == "INN"
    ).items()


def test_group_is_shown_with_its_members(node: Node, call: Call) -> None:
    page = call("reader").get("/substances", kind="isomer-group", search="fluorofentanyl").json()
    detail = call("reader").get(f"/substances/{page['items'][0]['key']}").json()

    assert (detail["kind"], detail["smiles"], detail["mass_da"]) == ("isomer-group", "", None)
    assert len(detail["members"]) > 1


@pytest.mark.parametrize("order", ["name", "-name", "class", "-class", "mass", "-mass", "kind"])
def test_register_is_paged_without_loss_in_every_order(node: Node, call: Call, order: str) -> None:
    reader, offset, keys = call("reader"), 0, []
    while offset is not None:
        page = reader.get("/substances", order=order, limit=200, offset=offset).json()
        keys += [item["key"] for item in page["items"]]
        offset = page["next_offset"]

    assert len(keys) == len(set(keys)) == page["total"] >= 300


@pytest.mark.parametrize("key", ["no-such-thing", "%00", "a" * 300])
def test_unknown_substance_is_not_found(node: Node, call: Call, key: str) -> None:
    answer = call("reader").get(f"/substances/{key}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("text", "tier", "key"),
    [
        pytest.param("carfentanil", "exact", "carfentanil", id="name"),
        pytest.param("YDSDEBIZUNNPOB-UHFFFAOYSA-N", "identifier", "carfentanil", id="InChIKey"),
        pytest.param(CARFENTANIL["smiles"], "identifier", "carfentanil", id="SMILES"),
        pytest.param("50-00-1", "not-found", None, id="CAS number with a wrong check digit"),
        pytest.param("qqqqqqqqqq", "not-found", None, id="nothing like it"),
        pytest.param("", "not-found", None, id="nothing"),
    ],
)
def test_text_is_resolved(node: Node, call: Call, text: str, tier: str, key: str | None) -> None:
    answer = call("reader").get("/resolve", text=text)

    found: dict[str, Any] = answer.json()
    assert (answer.status_code, found["text"], found["tier"]) == (200, text, tier)
    assert (found["substance"] or {}).get("key") == key


def test_near_spelling_is_offered_and_never_taken(node: Node, call: Call) -> None:
    found = call("reader").get("/resolve", text="carfentanyl").json()

    assert (found["tier"], found["substance"]) == ("fuzzy", None)
    assert found["candidates"][0]["key"] == "carfentanil"
    assert 0 < found["candidates"][0]["score"] <= 100


def test_reading_the_register_is_not_journalled(node: Node, call: Call) -> None:
    before = JournalEntry.objects.count()
    call("reader").get("/substances")
    call("reader").get("/resolve", text="xylazine")

    assert JournalEntry.objects.count() == before
