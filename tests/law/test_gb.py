"""The United Kingdom's fentanyls and nitazenes, as far as their words were read."""

import datetime

import pytest

from tocsin.law.classification import classify, get_instrument
from tocsin.law.lint import derive_verdict
from tocsin.law.loading import DATA, load_examples
from tocsin.law.model import Answer, Verdict
from tocsin.substances.formats.register_files import read_register

FOLDER = DATA / "gb" / "mda1971"
ON = datetime.date(2026, 9, 1)
NAMED = "Schedule 2, Part I, paragraph 1(a)"

# Named in paragraph 1(a), with a structure that two routes confirm.
NAMED_NITAZENES = [
    "etonitazene",
    "metonitazene",
    "isotonitazene",
    "protonitazene",
    "butonitazene",
    "clonitazene",
    "etodesnitazene",
    "n-desethyl-etonitazene",
    "n-desethyl-isotonitazene",
    "n-pyrrolidino-etonitazene",
    "n-pyrrolidino-protonitazene",
    "n-piperidinyl-etonitazene",
]
# Nothing on the benzimidazole: (i) and (ii) alone decide, and both were read. Metodesnitazene is
# named too, but its structure has one route.
BY_WORDS_READ = [
    "metodesnitazene",
    "isotodesnitazene",
    "protodesnitazene",
    "n-pyrrolidino-etodesnitazene",
]
# A group on the benzimidazole, or a ring fused to phenyl: what may stand there was not read.
BY_WORDS_UNREAD = [
    "isobutonitazene",
    "sec-butonitazene",
    "flunitazene",
    "bronitazene",
    "nitazene",
    "ethylnitazene",
    "methylthionitazene",
    "ethylthionitazene",
    "fluetonitazene",
    "4-hydroxynitazene",
    "n-desethyl-protonitazene",
    "n-desethyl-metonitazene",
    "n-pyrrolidino-metonitazene",
    "n-pyrrolidino-isotonitazene",
    "n-pyrrolidino-fluetonitazene",
    "n-piperidinyl-metonitazene",
    "n-piperidinyl-protonitazene",
    "n-piperidinyl-isotonitazene",
    "ethyleneoxynitazene",
    "methylenedioxynitazene",
    "dimetonitazene",
    "5-methyletodesnitazene",
    "etocyanazene",
    "5-aminoisotonitazene",
]

NAMED_FENTANYLS = ["fentanyl", "carfentanil", "alfentanil"]
OUTSIDE_THE_DEFINITION = {
    "no acyl group on the aniline": (
        "4-anpp phenethyl-4-anpp ethyl-4-anpp para-fluoro-4-anpp ortho-fluoro-4-anpp "
        "meta-fluoro-4-anpp 4-carbomethoxy-4-anpp meta-methyl-4-anpp ortho-chloro-4-anpp "
        "ortho-methyl-4-anpp para-fluorophenethyl-4-anpp para-fluoro-4-anbp"
    ),
    "one carbon atom between nitrogen and ring: no phenethyl": (
        "thenylfentanyl benzylfentanyl furanylbenzylfentanyl alpha-methylbenzylfentanyl "
        "benzoylbenzylfentanyl benzylacrylfentanyl meta-fluorobenzylcyclopropylfentanyl "
        "para-fluorobenzylfentanyl para-fluorocyclopropylbenzylfentanyl"
    ),
    "three carbon atoms between nitrogen and ring: no phenethyl": "homofentanyl",
    "no ring beyond the nitrogen: no phenethyl": (
        "norfentanyl n-methylnorfentanyl n-ethylnorfentanyl n-propionylnorfentanyl "
        "acetylnorfentanyl furanylnorfentanyl norcarfentanil remifentanil butyrylremifentanil "
        "remifentanil-acid"
    ),
    "phenyl at the 4-position": "4-phenylfentanyl",
    "pyrazine for the aniline ring": "mirfentanil",
}


def _answer(smiles: str, on: datetime.date = ON) -> Answer:
    return next(one for one in classify(smiles, on, ["GB"]) if one.instrument == "GB-MDA-1971")


@pytest.fixture(scope="module")
def register() -> dict[str, dict[str, str]]:
    """SMILES by key, by class, of the register's nitazenes and fentanyls."""
    held: dict[str, dict[str, str]] = {"nitazene": {}, "fentanyl": {}}
    for one in read_register().substances:
        if one.class_key in held and one.smiles:
            held[one.class_key][one.key] = one.smiles
    return held


@pytest.mark.parametrize("key", ["1(d)", "1(ea)"])
def test_examples_give_their_verdicts_and_are_fifteen_on_either_side(key: str) -> None:
    version = get_instrument("GB-MDA-1971").versions[-1]
    examples = load_examples(FOLDER)["2025", key]
    wrong = [
        (one.name, found.value)
        for one in examples
        if (found := derive_verdict(version, key, one.smiles)) is not one.verdict
    ]
    hits = [one for one in examples if one.verdict in (Verdict.CONTROLLED, Verdict.ARGUABLE)]
    assert wrong == []
    assert min(len(hits), len(examples) - len(hits)) >= 15


def test_every_nitazene_of_the_register_has_the_answer_its_words_give(
    register: dict[str, dict[str, str]],
) -> None:
    expected = {
        **dict.fromkeys(NAMED_NITAZENES, ("controlled", NAMED)),
        **dict.fromkeys(BY_WORDS_READ, ("controlled", "1(ea)")),
        **dict.fromkeys(BY_WORDS_UNREAD, ("arguable", "1(ea)")),
    }
    found = {}
    for key, smiles in register["nitazene"].items():
        answer = _answer(smiles)
        clause = NAMED if answer.clause.startswith(NAMED) else answer.clause
        found[key] = (answer.verdict.value, clause)
    assert found == expected


def test_every_fentanyl_of_the_register_has_the_answer_its_words_give(
    register: dict[str, dict[str, str]],
) -> None:
    outside = {key for keys in OUTSIDE_THE_DEFINITION.values() for key in keys.split()}
    expected = {
        key: "controlled"
        if key in NAMED_FENTANYLS
        else ("not-found" if key in outside else "arguable")
        for key in register["fentanyl"]
    }
    assert outside <= set(expected)
    found = {key: _answer(smiles).verdict.value for key, smiles in register["fentanyl"].items()}
    assert found == expected


def test_named_medicines_are_found_by_name_and_not_by_the_generic_words() -> None:
    fentanyl = _answer("CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1")
    assert fentanyl.clause == f"{NAMED}, Fentanyl"
    assert fentanyl.traces[0].unverified
    alfentanil = _answer("CCC(=O)N(c1ccccc1)C1(COC)CCN(CCn2nnn(CC)c2=O)CC1")
    assert (alfentanil.verdict, alfentanil.clause) == (Verdict.CONTROLLED, f"{NAMED}, Alfentanil")


def test_words_that_were_not_read_are_arguable_and_say_so() -> None:
    nitazene = _answer("CCN(CC)CCn1c(Cc2ccccc2)nc2cc([N+](=O)[O-])ccc12")
    assert nitazene.verdict is Verdict.ARGUABLE
    assert nitazene.traces[0].reason == (
        "benzimidazole: what may stand at benzimidazole was not read"
    )
    acetylfentanyl = _answer("CC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1")
    assert acetylfentanyl.traces[0].reason == "the words that define it were not read"
    assert any("general knowledge" in note for note in acetylfentanyl.traces[0].unverified)


def test_the_nitazenes_begin_on_15_january_2025() -> None:
    isotodesnitazene = "CCN(CC)CCn1c(Cc2ccc(OC(C)C)cc2)nc2ccccc12"
    day = datetime.date(2025, 1, 15)
    assert _answer(isotodesnitazene, day).since == day
    before = _answer(isotodesnitazene, day - datetime.timedelta(days=1))
    assert before.verdict is Verdict.NOT_FOUND


def test_a_substance_of_the_rest_of_the_schedule_is_not_cleared() -> None:
    cocaine = _answer("COC(=O)C1C(OC(=O)c2ccccc2)CC2CCC1N2C")
    assert cocaine.verdict is Verdict.NOT_FOUND
    assert cocaine.traces[0].reason == (
        "not found in the part of this instrument that is loaded; the rest was not looked at"
    )


@pytest.mark.parametrize(
    ("name", "smiles", "germany", "kingdom"),
    [
        # The kingdom stops at alkyl of three carbon atoms on the nitrogen, Germany at six since 2025.
        ("N,N-dibutyl", "CCCCN(CCCC)CCn1c(Cc2ccccc2)nc2ccccc12", "controlled", "not-found"),
        # The kingdom names alkenyl on the nitrogen, Germany does not.
        ("N,N-diallyl", "C=CCN(CC=C)CCn1c(Cc2ccccc2)nc2ccccc12", "not-found", "controlled"),
        # The kingdom takes any ring of the nitrogen, Germany three rings by name.
        ("azepane", "C1CCCN(CC1)CCn1c(Cc2ccccc2)nc2ccccc12", "not-found", "controlled"),
        # The kingdom stops at 500 u, Germany at 600 u since 2025.
        (
            "501.3 u",
            "CCN(CC)CCn1c(Cc2ccc(I)c(C(F)(F)F)c2)nc2ccccc12",
            "controlled",
            "not-found",
        ),
        # Germany's words for the benzimidazole were read, the kingdom's were not.
        ("nitazene", "CCN(CC)CCn1c(Cc2ccccc2)nc2cc([N+](=O)[O-])ccc12", "controlled", "arguable"),
        ("both", "CCN(CC)CCn1c(Cc2ccc(OC(C)C)cc2)nc2ccccc12", "controlled", "controlled"),
    ],
)
def test_germany_and_the_kingdom_differ_where_their_words_do(
    name: str, smiles: str, germany: str, kingdom: str
) -> None:
    german = get_instrument("DE-NpSG").versions[-1]
    british = get_instrument("GB-MDA-1971").versions[-1]
    found = (
        derive_verdict(german, "7", smiles).value,
        derive_verdict(british, "1(ea)", smiles).value,
    )
    assert found == (germany, kingdom), name
