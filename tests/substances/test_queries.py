"""A text is resolved in tiers, lists hold each substance once, and the index is never stale."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.substances.conftest import CURATOR, write_files
from tocsin.errors import NotFoundError
from tocsin.journal.services import ActorName
from tocsin.science.names import normalise_name
from tocsin.substances.queries import (
    ResolvedSubstance,
    get_substance,
    list_classes,
    list_groups,
    list_members,
    list_names,
    list_substances,
    load_name_index,
    resolve_text,
)
from tocsin.substances.services import add_name, add_substance, load_register

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def small_register(
    without_register: None,
    module_db: Callable[[], AbstractContextManager[None]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with module_db():
        load_register(CURATOR, write_files(tmp_path_factory.mktemp("register")))


@pytest.fixture(autouse=True)
def register(small_register: None, db: None) -> None:
    """The small register; what the test changes is rolled back."""


@pytest.mark.parametrize(
    ("text", "tier", "key"),
    [
        ("PJMPHNIQZUBGLI-UHFFFAOYSA-N", "inchikey", "fentanyl"),
        ("inchikey=pjmphniqzubgli-uhfffaoysa-n", "inchikey", "fentanyl"),
        ("437-38-7", "cas", "fentanyl"),
        ("437\u201038\u20107", "cas", "fentanyl"),
        ("Fentanyl", "exact", "fentanyl"),
        ("Despropionyl fentanyl", "exact", "4-anpp"),
        ("FENTANYL HCL", "normalised", "fentanyl"),
        ("4 - anpp", "normalised", "4-anpp"),
        ("fentanyl analogue, unspecified", "normalised", "fentanyl-analogue"),
        ("C1CN(CCC1N(C(=O)CC)c1ccccc1)CCc1ccccc1", "smiles", "fentanyl"),
        ("CN[C@@H](C)Cc1ccccc1", "smiles", "methamphetamine"),
    ],
)
def test_each_tier_takes_the_one_substance_that_is_meant(text: str, tier: str, key: str) -> None:
    resolution = resolve_text(text)
    assert (resolution.tier, resolution.substance, resolution.candidates) == (
        tier,
        ResolvedSubstance(key, get_substance(key).name),
        (),
    )


FENTANYL_SALT = "CCC(=O)N(c1ccccc1)C1CC[NH+](CCc2ccccc2)CC1.[Cl-]"
FENTANYL_INCHI = (
    "InChI=1S/C22H28N2O/c1-2-22(25)24(20-11-7-4-8-12-20)21-14-17-23(18-15-21)16-13-19-9-5-3-6-"
    "10-19/h3-12,21H,2,13-18H2,1H3"
)


@pytest.mark.parametrize(
    ("text", "stage", "form"),
    [
        (FENTANYL_INCHI, "identifier", ""),
        (FENTANYL_SALT, "identifier", "hydrochloride"),
        ("PJMPHNIQZUBGLI", "identifier", ""),
        ("PJMPHNIQZUBGLI-UHFFFAOYSA-O", "identifier", "ion"),
        ("PJMPHNIQZUBGLI-AAAAAAAASA-N", "identifier", "stereoisomer or isotopologue"),
        (
            "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1.O",
            "identifier",
            "hydrate",
        ),
        ("[13CH3]CC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1", "identifier", "isotopologue"),
        ("Fentanyl citrate", "normalised", "citrate"),
        ("Fentanyl", "exact", ""),
    ],
)
def test_a_form_of_a_substance_is_that_substance(text: str, stage: str, form: str) -> None:
    resolution = resolve_text(text)
    assert resolution.substance == ResolvedSubstance("fentanyl", "Fentanyl")
    assert (resolution.stage, resolution.form, resolution.needs_person) == (stage, form, False)


def test_another_configuration_of_a_flat_structure_is_a_form_of_it(actor: ActorName) -> None:
    add_substance(
        actor, name="Mephedrone", substance_class="stimulants", smiles="CNC(C)C(=O)c1ccc(C)cc1"
    )
    found = resolve_text("CN[C@@H](C)C(=O)c1ccc(C)cc1")
    assert found.substance == ResolvedSubstance("mephedrone", "Mephedrone")
    assert (found.stage, found.form) == ("identifier", "stereoisomer")
    salt = resolve_text("CN[C@@H](C)C(=O)c1ccc(C)cc1.Cl")
    assert (salt.substance, salt.form) == (found.substance, "hydrochloride, stereoisomer")


def test_the_first_block_of_a_configured_structure_is_offered() -> None:
    found = resolve_text("MYWUZJCMWCOHBA")
    assert (found.stage, found.substance) == ("fuzzy", None)
    assert [one.key for one in found.candidates] == ["methamphetamine"]


@pytest.mark.parametrize(
    "text", ["QQQQQQQQQQQQQQ", "InChI=1S/C2", "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3"]
)
def test_an_identifier_that_means_nothing_here_is_not_found(text: str) -> None:
    assert (resolve_text(text).stage, resolve_text(text).substance) == ("not-found", None)


def test_a_mixture_is_none_of_its_parts() -> None:
    found = resolve_text("CN[C@@H](C)Cc1ccccc1.CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1")
    assert (found.stage, found.substance, found.candidates) == ("not-found", None, ())
    assert "mixture" in found.reason


def test_a_few_atoms_are_offered_because_they_may_be_an_abbreviation(actor: ActorName) -> None:
    add_substance(actor, name="Ethanol", substance_class="stimulants", smiles="OCC")
    found = resolve_text("CCO")
    assert (found.stage, found.substance) == ("fuzzy", None)
    assert [(one.key, one.score) for one in found.candidates] == [("ethanol", 95)]


@pytest.mark.parametrize("text", ["No Drug Found", "NEGATIVE", "kein Befund", "n. n."])
def test_a_statement_names_no_substance_and_needs_nobody(text: str) -> None:
    found = resolve_text(text)
    assert (found.stage, found.substance, found.candidates) == ("no-substance", None, ())
    assert (found.statement, found.needs_person) == ("nothing was found", False)
    assert found.reason == "a statement that names no substance: nothing was found"


def test_a_statement_that_is_a_street_name_is_left_to_a_person(actor: ActorName) -> None:
    add_name(actor, "fentanyl", "Unknown", kind="street")
    assert resolve_text("unknown").stage == "fuzzy"
    add_name(actor, "fentanyl", "Negative")
    assert resolve_text("Negative").stage == "exact"


@pytest.mark.parametrize(
    ("smiles", "stage", "key"),
    [
        ("CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1", "systematic", "fentanyl"),
        ("CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1.Cl", "systematic", "fentanyl"),
        ("CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1.CC(=O)O", "not-found", None),
        ("CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1.c1ccccc1", "not-found", None),
        ("CCO.OS(=O)(=O)O", "not-found", None),
        ("CNC(C)Cc1ccccc1", "fuzzy", None),
        ("OC(=O)c1ccccc1", "not-found", None),
        ("O=C([O-])c1ccccc1", "not-found", None),
        ("not a structure", "not-found", None),
        (None, "not-found", None),
    ],
)
def test_a_systematic_name_is_taken_by_the_structure_it_spells(
    smiles: str | None, stage: str, key: str | None
) -> None:
    asked: list[str] = []

    def read(name: str) -> str | None:
        asked.append(name)
        return smiles

    found = resolve_text("N-phenyl-fentanylid", None, read)
    assert (found.stage, found.substance and found.substance.key) == (stage, key)
    assert asked == ["N-phenyl-fentanylid"]
    for other in (
        "Fentanyl",
        "JWH-999",
        "fentanil",
        "1-x" * 200,
        "",
        "4-ethylfentanyl",
        "2-methylacetophenone",
    ):
        resolve_text(other, None, read)
    assert asked == ["N-phenyl-fentanylid"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the text is empty"),
        ("437-38-8", "CAS number 437-38-8: found check digit 8; expected 7"),
        ("50-00-0", "no substance with the CAS number 50-00-0 is in the register"),
        (
            "LFQSCWFLJHTTHZ-UHFFFAOYSA-N",
            "no substance with the InChIKey LFQSCWFLJHTTHZ-UHFFFAOYSA-N is in the register",
        ),
        (
            "OC(=O)c1ccccc1",
            "a structure of the formula C7H6O2; no substance with its InChIKey "
            "WPYMKLBDIGXBTP-UHFFFAOYSA-N is in the register",
        ),
        ("zzzzqqqq", "no name in the register is like it"),
        (
            "fentanyl " * 1_112,
            "the text has 10007 characters; no name or SMILES is that long",
        ),
        (
            "no name " * 100,
            "neither a readable structure nor a name: 799 characters, and names have at most 500",
        ),
        ("\0", "no name in the register is like it"),
    ],
)
def test_what_is_not_found_says_why(text: str, reason: str) -> None:
    resolution = resolve_text(text)
    assert (resolution.tier, resolution.substance, resolution.candidates, resolution.reason) == (
        "not-found",
        None,
        (),
        reason,
    )


@pytest.mark.parametrize(
    ("text", "keys", "reason"),
    [
        ("Fentanil", ["fentanyl"], "one character differs from “Fentanyl”"),
        (
            "china white",
            ["fentanyl"],
            "“China White” is a street name, which can mean several substances",
        ),
        (
            "CNC(C)Cc1ccccc1",
            ["methamphetamine"],
            "same connectivity, other stereochemistry or isotopes",
        ),
        (
            "MYWUZJCMWCOHBA-SECBINFHSA-N",
            ["methamphetamine"],
            "same connectivity, other stereochemistry or isotopes",
        ),
    ],
)
def test_what_is_only_likely_is_offered_and_not_taken(
    text: str, keys: list[str], reason: str
) -> None:
    resolution = resolve_text(text)
    assert (resolution.tier, resolution.substance) == ("candidates", None)
    assert [candidate.key for candidate in resolution.candidates][: len(keys)] == keys
    assert resolution.candidates[0].reason == reason


def test_a_name_of_two_substances_is_never_chosen_between(actor: ActorName) -> None:
    add_name(actor, "4-anpp", "Substance X")
    add_name(actor, "methamphetamine", "substance x")
    exact, normalised = resolve_text("Substance X"), resolve_text("SUBSTANCE X")
    assert (exact.tier, exact.substance and exact.substance.key) == ("exact", "4-anpp")
    assert (normalised.tier, normalised.substance) == ("candidates", None)
    assert [(c.key, c.score, c.reason) for c in normalised.candidates] == [
        ("4-anpp", 100, "several substances share this name"),
        ("methamphetamine", 100, "several substances share this name"),
    ]


def test_a_name_added_just_now_is_found_at_once(actor: ActorName) -> None:
    assert resolve_text("Apache powder").tier != "exact"
    before = load_name_index()
    assert load_name_index() is before
    add_name(actor, "fentanyl", "Apache powder")
    assert load_name_index() is not before
    assert resolve_text("Apache powder").substance == ResolvedSubstance("fentanyl", "Fentanyl")


def test_a_substance_added_just_now_is_found_by_its_names_and_structure(actor: ActorName) -> None:
    added = add_substance(actor, name="Ethanol", substance_class="stimulants", smiles="OCC")
    found = ResolvedSubstance(added.key, "Ethanol")
    texts = ["Ethanol", "ethanol", "C(O)C", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"]
    assert [(resolve_text(text).tier, resolve_text(text).substance) for text in texts] == [
        ("exact", found),
        ("normalised", found),
        ("smiles", found),
        ("inchikey", found),
    ]


def test_with_the_index_loaded_names_are_found_without_a_query(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    index = load_name_index()
    with django_assert_num_queries(0):
        assert [resolve_text(text, index).tier for text in ("Fentanyl", "fentanyl", "Fentanil")] == [
            "exact",
            "normalised",
            "candidates",
        ]  # fmt: skip


@given(
    st.one_of(
        st.text(max_size=30),
        st.text(alphabet="fentaylc-hiw 4ANP1C()=O", max_size=20),
        st.sampled_from(["china white", "CHINA WHITE", "4ANPP", "fentanyl  citrate"]),
    )
)
def test_a_substance_is_taken_only_for_a_registered_form_or_a_structure(text: str) -> None:
    resolution = resolve_text(text)
    taken = resolution.substance is not None
    assert taken == (resolution.tier not in ("candidates", "not-found"))
    assert resolution.reason
    if taken and resolution.stage != "identifier":
        index = load_name_index()
        assert resolution.substance
        assert resolution.substance.key in {*index.find_normalised(text), *index.find_exact(text)}
        assert normalise_name(text) != "china white"


def test_ten_thousand_names_are_resolved_in_a_few_seconds_at_most() -> None:
    index = load_name_index()
    texts = [f"{text}{' ' * (at % 3)}" for at in range(2_500) for text in TEXTS]
    started = time.perf_counter()
    tiers = {resolve_text(text, index).tier for text in texts}
    assert tiers == {"exact", "normalised"}
    assert time.perf_counter() - started < 5.0


TEXTS = ["Fentanyl", "FENTANYL CITRATE", "4 - ANPP", "Despropionyl  fentanyl"]


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        ({}, ["4-anpp", "fentanyl", "fentanyl-analogue", "khat", "methamphetamine"]),
        ({"search": "fentanyl"}, ["4-anpp", "fentanyl", "fentanyl-analogue"]),
        ({"search": "4 anpp"}, ["4-anpp"]),
        ({"search": "437-38-7"}, ["fentanyl"]),
        ({"search": "MYWUZJCMWCOHBA"}, ["methamphetamine"]),
        ({"search": "china"}, ["fentanyl"]),
        ({"search": "no such thing"}, []),
        ({"search": "%_\0"}, []),
        ({"substance_class": "stimulants"}, ["khat", "methamphetamine"]),
        ({"kind": "class-group"}, ["fentanyl-analogue"]),
        ({"search": "fentanyl", "kind": "substance", "order": "-name"}, ["fentanyl", "4-anpp"]),
        ({"kind": "substance", "order": "mass"}, ["methamphetamine", "4-anpp", "fentanyl", "khat"]),
        ({"order": "; DROP", "kind": "substance", "substance_class": "stimulants"},
         ["khat", "methamphetamine"]),
    ],
)  # fmt: skip
def test_list_substances_finds_each_once_in_order(
    arguments: dict[str, str], keys: list[str]
) -> None:
    assert [substance.key for substance in list_substances(**arguments)] == keys


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_one_query_however_long_it_is(
    count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_num_queries(1):
        assert len([one.substance_class.name for one in list_substances()[:count]]) == count


def test_one_substance_has_its_names_groups_and_members() -> None:
    fentanyl, group = get_substance("fentanyl"), get_substance("fentanyl-analogue")
    assert [name.text for name in list_names(fentanyl)] == ["Fentanylum", "China White"]
    assert [one.key for one in list_groups(fentanyl)] == ["fentanyl-analogue"]
    assert [one.key for one in list_members(group)] == ["4-anpp", "fentanyl"]
    assert (fentanyl.is_group, group.is_group) == (False, True)
    assert [one.key for one in list_classes()] == ["fentanyls", "stimulants"]


@pytest.mark.parametrize("key", ["fentanil", "", "\0", "x" * 500])
def test_get_substance_refuses_a_key_that_is_not_held(key: str) -> None:
    with pytest.raises(NotFoundError, match="not found"):
        get_substance(key)
