"""Names meet where only the writing differs, and never where the substance may differ."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.science.names import (
    LONGEST_NAME_CHARACTERS,
    NameCandidate,
    NameIndex,
    fold_name,
    is_name_shaped,
    normalise_name,
)
from tocsin.science.names.folding import squash_code

NAMES = [
    ("Fentanyl", "fentanyl", "INN"),
    ("Phentanyl", "fentanyl", "common"),
    ("China White", "fentanyl", "street"),
    ("para-Fluorofentanyl", "4-fluorofentanyl", "common"),
    ("4-Fluorofentanyl", "4-fluorofentanyl", "common"),
    ("ortho-Fluorofentanyl", "2-fluorofentanyl", "common"),
    ("3-Methylfentanyl", "3-methylfentanyl", "common"),
    ("alpha-Methylfentanyl", "alpha-methylfentanyl", "common"),
    ("beta-Methylfentanyl", "beta-methylfentanyl", "common"),
    ("Butyrylfentanyl", "butyrylfentanyl", "common"),
    ("Isobutyrylfentanyl", "isobutyrylfentanyl", "common"),
    ("Valerylfentanyl", "valerylfentanyl", "common"),
    ("Methylone", "methylone", "common"),
    ("Mephedrone", "mephedrone", "common"),
    ("Methedrone", "methedrone", "common"),
    ("Butylone", "butylone", "common"),
    ("Eutylone", "eutylone", "common"),
    ("Etonitazene", "etonitazene", "common"),
    ("Metonitazene", "metonitazene", "common"),
    ("Protonitazene", "protonitazene", "common"),
    ("Isotonitazene", "isotonitazene", "common"),
    ("Etodesnitazene", "etodesnitazene", "common"),
    ("Clonazolam", "clonazolam", "common"),
    ("Clonazepam", "clonazepam", "INN"),
    ("Flubromazolam", "flubromazolam", "common"),
    ("Flubromazepam", "flubromazepam", "common"),
    ("Codeine", "codeine", "common"),
    ("Cocaine", "cocaine", "common"),
    ("JWH-018", "jwh-018", "code"),
    ("JWH-019", "jwh-019", "code"),
    ("5F-ADB", "5f-adb", "code"),
    ("5F-AMB", "5f-amb", "code"),
    ("U-47700", "u-47700", "code"),
    ("U-47931E", "bromadoline", "code"),
    ("2C-B", "2c-b", "code"),
    ("2C-B-FLY", "2c-b-fly", "code"),
    ("4-ANPP", "4-anpp", "common"),
    ("Despropionyl fentanyl", "4-anpp", "common"),
    ("N,N-Dimethylpentylone", "n-n-dimethylpentylone", "common"),
    ("Phenyl acetate", "phenyl-acetate", "chemical"),
    ("Molly", "mdma", "street"),
    ("MDMA", "mdma", "code"),
    ("Molly", "methylone", "street"),
    ("Twin", "twin-a", "common"),
    ("Twin", "twin-b", "common"),
]
INDEX = NameIndex(NAMES)
SILENT = {normalise_name(text) for text, _, kind in NAMES if kind != "street"}
FOLDED = {fold_name(name) for name in SILENT}
CODES = {squash_code(name) for name in SILENT}

any_text = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="aenoxyltf0123459 -'’,()[]αβΔ\u2010_.", max_size=40),
    st.lists(
        st.sampled_from(["para", "fluoro", "fentanyl", "-", " ", "4", "N,N", "HCl", "α", "(S)"]),
        max_size=8,
    ).map("".join),
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("para-Fluorofentanyl", "parafluorofentanyl"),
        ("PARA FLUOROFENTANYL", "parafluorofentanyl"),
        ("para\u2011fluorofentanyl", "parafluorofentanyl"),
        ("p-Fluorofentanyl", "pfluorofentanyl"),
        ("4 - ANPP", "4anpp"),
        ("4_ANPP", "4anpp"),
        ("N,N\u2011dimethylpentylone", "n,ndimethylpentylone"),
        ("N, N\u2013Dimethylpentylone", "n,ndimethylpentylone"),
        ("5-F-ADB", "5fadb"),
        ("5f adb", "5fadb"),
        ("2C-B hydrochloride", "2cb"),
        ("2cb fly", "2cbfly"),
        ("α-PVP", "alphapvp"),
        ("alpha PVP", "alphapvp"),
        ("Δ⁹‑THC", "delta9thc"),
        ("delta-9-THC", "delta9thc"),
        ("λ-σ-ς-ω-x", "lambdasigmasigmaomega x"),
        ("(S)-Ketamine", "(s)ketamine"),
        ("(−)-Methamphetamine", "(minus)methamphetamine"),
        ("(+)-methamphetamine", "(plus)methamphetamine"),
        ("2,2′-dichloro-x", "2,2'dichloro x"),
        ("Cocaine HCl", "cocaine"),
        ("ketamine (hydrochloride)", "ketamine"),
        ("Amphetamine sulphate", "amphetamine"),
        ("morphine-3-sulfate", "morphine3sulfate"),
        ("Chloral hydrate", "chloral hydrate"),
        ("Citrate", "citrate"),
        ("  “Heroin”  ", "heroin"),
        ("fen\u200btanyl", "fentanyl"),
        ("", ""),
        (" - ", ""),
    ],
)
def test_normalise_name_gives_this_form(text: str, normal: str) -> None:
    assert normalise_name(text) == normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("phenyl acetate", "phenylacetate"),
        ("para-fluorofentanyl", "p-fluorofentanyl"),
        ("ortho-fluorofentanyl", "o-fluorofentanyl"),
        ("meta-fluorofentanyl", "para-fluorofentanyl"),
        ("JWH-018", "JWH-18"),
        ("2C-T-2", "2C-T-21"),
        ("1-11", "11-1"),
        ("chloral", "chloral hydrate"),
        ("fentanyl", "fentanyl acetate"),
        ("(+)-methorphan", "(-)-methorphan"),
        ("methylfentanyl", "3-methylfentanyl"),
        ("N-ethylpentylone", "N,N-ethylpentylone"),
        ("vitamin E", "vitamine"),
        ("vitamin E", "vitamin A"),
        ("m-ethylphenol", "methylphenol"),
        ("m-ethoxyphenol", "methoxyphenol"),
    ],
)
def test_normalise_name_keeps_these_apart(one: str, other: str) -> None:
    assert normalise_name(one) != normalise_name(other)


@given(any_text)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise_name(normalise_name(text)) == normalise_name(text)


@given(any_text)
def test_no_key_is_taken_silently_for_a_form_that_is_not_registered(text: str) -> None:
    match = INDEX.find(text)
    taken = INDEX.find_exact(text) + INDEX.find_normalised(text)
    assert bool(taken) == (match is not None)
    if match and normalise_name(text) not in SILENT:
        assert (
            fold_name(normalise_name(text)) in FOLDED or squash_code(normalise_name(text)) in CODES
        )


@given(any_text)
def test_candidates_are_ordered_scored_explained_and_once_each(text: str) -> None:
    candidates = INDEX.list_candidates(text)
    assert len(candidates) <= 5
    assert len({candidate.key for candidate in candidates}) == len(candidates)
    assert [c.score for c in candidates] == sorted((c.score for c in candidates), reverse=True)
    assert all(0 < c.score <= 100 and c.reason and c.name for c in candidates)


@given(st.permutations(NAMES[:12]))
def test_the_order_of_the_names_does_not_change_what_is_found(
    names: list[tuple[str, str, str]],
) -> None:
    index = NameIndex(names)
    assert [index.find_exact(text) for text, _, _ in NAMES[:12]] == [
        INDEX.find_exact(text) for text, _, _ in NAMES[:12]
    ]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Fentanyl", ["fentanyl"]),
        ("fentanyl", []),
        ("China White", []),
        ("Twin", ["twin-a", "twin-b"]),
        (" U-47700 ", ["u-47700"]),
    ],
)
def test_find_exact_takes_the_very_name_only(text: str, keys: list[str]) -> None:
    assert INDEX.find_exact(text) == keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("FENTANYL CITRATE", ["fentanyl"]),
        ("u 47700", ["u-47700"]),
        ("Para Fluorofentanyl", ["4-fluorofentanyl"]),
        ("p-fluorofentanyl", ["4-fluorofentanyl"]),
        ("q-fluorofentanyl", []),
        ("acetylfentanyl", []),
        ("china white", []),
        ("molly", []),
        ("twin", ["twin-a", "twin-b"]),
        ("2cb fly", ["2c-b-fly"]),
    ],
)
def test_find_normalised_takes_these(text: str, keys: list[str]) -> None:
    assert INDEX.find_normalised(text) == keys


@pytest.mark.parametrize(
    ("wrong", "traps"),
    [
        ("Fentanil", {"fentanyl"}),
        ("Etonitazine", {"etonitazene"}),
        ("Metonitazin", {"metonitazene", "etonitazene"}),
        ("Clonazolan", {"clonazolam", "clonazepam"}),
        ("JWH-017", {"jwh-018", "jwh-019"}),
        ("Methadrone", {"methedrone", "mephedrone"}),
        ("4-Methylfentanyl", {"3-methylfentanyl"}),
        ("gamma-Methylfentanyl", {"alpha-methylfentanyl", "beta-methylfentanyl"}),
        ("Phenylacetate", {"phenyl-acetate"}),
        ("Codaine", {"codeine", "cocaine"}),
    ],
)
def test_a_neighbouring_name_is_offered_and_never_taken(wrong: str, traps: set[str]) -> None:
    assert INDEX.find_exact(wrong) == []
    assert INDEX.find_normalised(wrong) == []
    assert traps <= {candidate.key for candidate in INDEX.list_candidates(wrong)}


def test_every_registered_trap_name_finds_its_own_substance_only() -> None:
    own = [(text, key) for text, key, kind in NAMES if kind != "street" and text != "Twin"]
    assert [(text, INDEX.find_normalised(text.upper())) for text, _ in own] == [
        (text, [key]) for text, key in own
    ]


def test_a_street_name_gives_every_substance_it_may_mean_as_candidates() -> None:
    assert [c for c in INDEX.list_candidates("molly") if c.score == 100] == [
        NameCandidate(
            "mdma", "Molly", 100, "“Molly” is a street name, which can mean several substances"
        ),
        NameCandidate(
            "methylone",
            "Methylone",
            100,
            "“Molly” is a street name, which can mean several substances",
        ),
    ]


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("JWH-017", "jwh-018", "differs from “JWH-018” in the numbers, so perhaps another substance"),
        ("Methylfentanyl", "3-methylfentanyl", "differs from “3-Methylfentanyl” in the position that is stated"),
        ("Phenylacetate", "phenyl-acetate", "differs from “Phenyl acetate” only in spaces or hyphens"),
        ("Fentanil", "fentanyl", "one character differs from “Fentanyl”"),
        ("Fentanil patsh", "fentanyl", "spelled much like “Fentanyl”"),
        ("Codeine/Promethazine", "codeine", "the text contains “Codeine”"),
    ],
)  # fmt: skip
def test_a_candidate_says_why_it_is_offered(text: str, key: str, reason: str) -> None:
    reasons = {candidate.key: candidate.reason for candidate in INDEX.list_candidates(text)}
    assert reasons.get(key) == reason


@pytest.mark.parametrize("text", ["N", "4", "5F", "-", "?", "物"])
def test_a_text_too_short_to_say_anything_has_no_candidates(text: str) -> None:
    assert INDEX.list_candidates(text) == []


def test_only_a_name_of_the_same_form_scores_100() -> None:
    texts = ["Phenylacetate", "Fentanil", "fentanyl, xylazine", "china white"]
    assert [INDEX.list_candidates(text)[0].score == 100 for text in texts] == [
        False,
        False,
        False,
        True,
    ]


def test_the_preferred_name_is_shown_and_found() -> None:
    index = NameIndex([("Apache", "fentanyl", "street")], preferred_names={"fentanyl": "Fentanyl"})
    assert index.find_exact("Fentanyl") == ["fentanyl"]
    assert [(c.key, c.name) for c in index.list_candidates("apache")] == [("fentanyl", "Fentanyl")]


@pytest.mark.parametrize(
    "text", ["fentanyl" * 1_250, "-" * 10_000, "1 " * 5_000, "\ufdfa" * 10_000, " HCl" * 2_500]
)
def test_a_name_of_ten_thousand_characters_is_answered_at_once(text: str) -> None:
    started = time.perf_counter()
    answer = (INDEX.find_exact(text), INDEX.find_normalised(text), INDEX.list_candidates(text))
    assert answer == ([], [], [])
    assert time.perf_counter() - started < 1.0
    assert not is_name_shaped(text)


def test_a_name_at_the_limit_is_still_looked_up() -> None:
    text = "x" * LONGEST_NAME_CHARACTERS
    assert NameIndex([(text, "long", "chemical")]).find_normalised(text.upper()) == ["long"]


def test_a_name_given_twice_or_without_visible_characters_is_held_once_or_not() -> None:
    index = NameIndex(
        [("Ketamine", "ketamine", "INN"), ("Ketamine", "ketamine", "common"), (" - ", "x", "code")]
    )
    assert index.find_exact("Ketamine") == ["ketamine"]
    assert index.find_normalised("ketamine") == ["ketamine"]
    assert len(index) == 1
    assert index.get_preferred_name("ketamine") == "Ketamine"


def test_what_one_pass_brings_together_is_normalised_again() -> None:
    # The combining iota becomes a word only in the first pass, and leaves a comma to be joined.
    once = normalise_name("\u0130)HCl-,\u0345")
    assert once == "i\u0307)hcl,iota"
    assert normalise_name(once) == once


def test_a_hyphen_beside_a_bracket_is_no_part_of_a_name() -> None:
    assert normalise_name("(phenyl)-methyl") == normalise_name("(phenyl)methyl")
    assert normalise_name("methyl-(phenyl)") == normalise_name("methyl(phenyl)")


def test_a_candidate_of_the_same_normal_form_says_so() -> None:
    candidates = NameIndex([("Ketamine", "ketamine", "INN")]).list_candidates("ketamine")
    assert [(one.key, one.score, one.reason) for one in candidates] == [
        ("ketamine", 100, "“Ketamine” is a name of this substance")
    ]
