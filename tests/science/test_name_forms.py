"""Salts, racemates and languages: what is folded, what is kept, and what stays ambiguous."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.science.names import (
    NameIndex,
    NameMatch,
    NameParts,
    NameTraits,
    NoSubstanceStatements,
    fold_name,
    normalise_name,
    normalise_statement,
    part_name,
    write_plainly,
)
from tocsin.science.names.folding import find_double, find_uninverted, is_code, squash_code
from tocsin.science.names.forms import find_racemic, take_form
from tocsin.science.names.lookalikes import replace_lookalikes

BASE = NameTraits(is_base=True, has_configuration=False)
NAMES = [
    ("Amphetamine", "amphetamine", "common"),
    ("Ephedrine", "ephedrine", "INN"),
    ("Testosterone", "testosterone", "INN"),
    ("Tilidine", "tilidine", "INN"),
    ("Special Tilidine hydrochloride", "special", "common"),
    ("special tilidine", "plain-special", "common"),
    ("Cocaine", "cocaine", "common"),
    ("Methylone", "methylone", "common"),
    ("para-Fluorofentanyl", "para-fluorofentanyl", "common"),
    ("AB-CHMINACA", "ab-chminaca", "code"),
    ("6-Acetylcodeine", "acetylcodeine", "common"),
    ("6-MAC", "acetylcodeine", "code"),
    ("Sildenafil", "sildenafil", "INN"),
    ("Viagra", "sildenafil", "street"),
    ("Speed", "amphetamine", "street"),
    ("Morphon", "one", "common"),
    ("Morphona", "other", "common"),
    ("Speedine", "amphetamine", "street"),
    ("Speedina", "cocaine", "common"),
]
TRAITS = {
    "amphetamine": BASE,
    "ephedrine": NameTraits(is_base=True, has_configuration=True),
    "testosterone": NameTraits(is_base=False, has_configuration=True),
}
INDEX = NameIndex(NAMES, traits=TRAITS)


@pytest.mark.parametrize(
    ("text", "name", "form"),
    [
        ("Cocaine HCl", "cocaine", "hydrochloride"),
        ("Cocaine dihydrochloride", "cocaine", "hydrochloride"),
        ("Kokainhydrochlorid", "kokain", "hydrochloride"),
        ("Amphetaminsulfat", "amphetamin", "sulfate"),
        ("Kokainbase", "kokain", "base"),
        ("cocaine free base", "cocaine", "base"),
        ("hydrocodone bitartrate", "hydrocodone", "tartrate"),
        ("codeine phosphate", "codeine phosphate", ""),
        ("morphine sulfate pentahydrate", "morphine sulfate pentahydrate", ""),
        ("X hydrochloride monohydrate", "x", "monohydrate, hydrochloride"),
        ("phenobarbital sodium", "phenobarbital", "sodium salt"),
        ("sodium citrate", "sodium citrate", ""),
        ("magnesium sulfate", "magnesium sulfate", ""),
        ("dimethyl sulfate", "dimethyl sulfate", ""),
        ("estrone sulfate", "estrone sulfate", ""),
        ("phenylsulfat", "phenylsulfat", ""),
        ("chlorhydrate de cocaïne", "cocaïne", "hydrochloride"),
        ("chlorhydrate d’éphédrine", "éphédrine", "hydrochloride"),
        ("sulfate de magnesium", "sulfate de magnesium", ""),
        ("siarczan amfetaminy", "amfetamina", "sulfate"),
        ("chlorowodorek mefedronu", "mefedron", "hydrochloride"),
        ("chlorowodorek fentanyl", "fentanyl", "hydrochloride"),
        ("citrate", "citrate", ""),
        ("", "", ""),
    ],
)
def test_a_name_is_parted_from_the_form_it_states(text: str, name: str, form: str) -> None:
    assert part_name(text) == NameParts(name, form)


@pytest.mark.parametrize("text", ["cocaine", "hcl", " hcl", "- hydrochloride", "siarczan ab"])
def test_no_form_is_taken_where_none_stands(text: str) -> None:
    assert take_form(text) is None


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("(plusminus)amphetamine", "amphetamine"),
        ("dl amphetamine", "amphetamine"),
        ("racemic amphetamine", "amphetamine"),
        ("racemiczna amfetamina", "amfetamina"),
        ("(r,s)ketamine", "ketamine"),
        ("d,lamphetamine", "amphetamine"),
        ("amphetamine (racemate)", "amphetamine"),
        ("amphetamine racemate", "amphetamine"),
        ("amphetamine", None),
        ("(s)ketamine", None),
        ("(plusminus)", None),
        ("dlx", None),
    ],
)
def test_a_racemate_is_told_by_its_mark(name: str, bare: str | None) -> None:
    assert find_racemic(name) == bare


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cocaine", "Kokain"),
        ("cocaine", "kokaina"),
        ("cocaine", "cocaína"),
        ("methadone", "metadon"),
        ("methadone", "Methadonum"),
        ("amphetamine", "amfetamina"),
        ("xylazine", "ksylazyna"),
        ("méphédrone", "mefedrona"),
        ("etonitazene", "Etonitazen"),
        ("toluene", "tolueno"),
        ("diazepam", "diazepamum"),
        ("meprobamate", "Meprobamat"),
        ("benzamide", "benzamida"),
        ("3-fluorophenmetrazine", "3-Fluorphenmetrazin"),
        ("N,N-dimethyltryptamine", "NN-Dimethyltryptamin"),
        ("m-fluorofentanyl", "meta-fluorofentanyl"),
        ("o-chloroketamine", "ortho-Chlorketamin"),
        ("fluoro isobutyryl fentanyl", "fluoroisobutyrylfentanyl"),
        ("2,5-dimethoxy-4-bromoamphetamine", "4-bromo-2,5-dimethoxyamphetamine"),
        ("5,2-dimethoxyphenethylamine", "2,5-dimethoxyphenethylamine"),
        ("4,3-methylenedioxyphenethylamine", "3,4-Methylendioxyphenethylamin"),
        ("N-[1-benzyl]propanamide", "N-(1-benzyl)propanamide"),
        ("ketobemidon", "ketobemidone"),
        ("m-ethylmethcathinone", "meta-ethylmethcathinone"),
        ("łobelina", "lobelin"),
    ],
)
def test_spellings_of_one_substance_meet_when_folded(one: str, other: str) -> None:
    assert fold_name(normalise_name(one)) == fold_name(normalise_name(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("phenyl acetate", "phenylacetate"),
        ("methyl phenyl ketone", "methylphenyl ketone"),
        ("methyl salicylate", "methylsalicylate"),
        ("fentanil", "fentanyl"),
        ("methadone", "methedrone"),
        ("clonazepam", "clonazolam"),
        ("etonitazene", "etonitazine"),
        ("o-desmethyltramadol", "ortho-desmethyltramadol"),
        ("β'-phenylfentanyl", "β-phenylfentanyl"),
        ("1-phenyl-2-methylaminopropane", "2-methyl-1-phenylaminopropane"),
        ("1,4,2-dioxazole", "1,2,4-dioxazole"),
        ("1,2-benzisoxazole", "2,1-benzisoxazole"),
        ("thieno[3,2-b]pyridine", "thieno[2,3-b]pyridine"),
        ("silicon", "silicone"),
        ("vitamin A", "vitamin E"),
        ("neomycin A", "neomycina"),
        ("m-ethylstyrene", "methyl styrene"),
        ("chlorin", "chlorine"),
        ("propyne", "propin"),
        ("JWH-018", "JWH-18"),
        ("2C-B", "2K-B"),
        ("quinine", "quinidine"),
        ("cathine", "cathinone"),
        ("methylone", "methylon-2"),
        ("PINACA", "PINAKA"),
    ],
)
def test_two_substances_never_meet_when_folded(one: str, other: str) -> None:
    assert fold_name(normalise_name(one)) != fold_name(normalise_name(other))


names_like = st.one_of(
    st.text(max_size=50),
    st.text(alphabet="acehiklmnoptuxyz 0123456789,-'()[]áïłβ", max_size=60),
    st.lists(
        st.sampled_from(
            [
                "2,5-",
                "4-",
                "N,N-",
                "di",
                "methoxy",
                "bromo",
                "fluoro",
                "phenethylamine",
                "fentanyl",
                "acetyl",
                "kokain",
                "th",
                "ph",
                "ks",
                "o-",
                "p-",
                "m-",
                "(",
                ")",
                "[",
                "]",
                "one",
                "ina",
                "yna",
                "hydrochloride",
            ]
        ),
        max_size=10,
    ).map("".join),
)


@given(names_like)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    folded = fold_name(normalise_name(text))
    assert fold_name(folded) == folded


@given(names_like)
def test_parting_a_parted_name_changes_nothing_more(text: str) -> None:
    name = part_name(text).name
    assert part_name(name) == NameParts(name, "")


@given(st.lists(st.tuples(names_like, st.sampled_from("abc")), max_size=8), names_like)
def test_names_of_two_substances_that_meet_are_both_found(
    names: list[tuple[str, str]], text: str
) -> None:
    index = NameIndex([(name, key, "common") for name, key in names])
    for name, key in names:
        if normalise_name(name) and len(name) <= 100:
            match = index.find(name)
            assert match is not None
            assert key in match.keys
    found = index.find(text)
    if found is not None and len(found.keys) == 1 and found.tier == "normalised":
        bearers = {
            key
            for name, key in names
            if fold_name(normalise_name(name)) == fold_name(normalise_name(text))
        }
        own = {key for name, key in names if normalise_name(name) == normalise_name(text)}
        assert found.keys[0] in bearers
        assert len(own or bearers) == 1


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("Amphetamine", NameMatch("exact", ("amphetamine",))),
        ("AMFETAMINA", NameMatch("normalised", ("amphetamine",))),
        ("amphetamine sulfate", NameMatch("normalised", ("amphetamine",), "sulfate")),
        ("(±)-amphetamine sulfate", NameMatch("normalised", ("amphetamine",), "racemate, sulfate")),
        ("dl-ephedrine", None),
        ("dl-unheard", None),
        ("cocaine hcl", NameMatch("normalised", ("cocaine",), "hydrochloride")),
        ("dl-cocaine", None),
        ("testosterone sulfate", None),
        ("testosterone base", NameMatch("normalised", ("testosterone",), "base")),
        (
            "special tilidine hcl",
            NameMatch("normalised", ("special",), "hydrochloride"),
        ),
        (
            "Special Tilidine hydrochloride",
            NameMatch("exact", ("special",), "hydrochloride"),
        ),
        ("Special-Tilidine", NameMatch("normalised", ("plain-special", "special"))),
        ("fluorofentanyl, para", NameMatch("normalised", ("para-fluorofentanyl",))),
        ("Fluorfentanyl, para", NameMatch("normalised", ("para-fluorofentanyl",))),
        ("ABCHMINACA", NameMatch("normalised", ("ab-chminaca",))),
        ("6-acetylcodeine (6-mac)", NameMatch("normalised", ("acetylcodeine",))),
        ("sildenafil citrate (Viagra)", NameMatch("normalised", ("sildenafil",), "citrate")),
        ("cocaine (speed)", None),
        ("cocaine (sildenafil)", None),
        ("cocaine (unheard)", None),
        ("unheard (cocaine)", None),
        ("morphone", NameMatch("normalised", ("one", "other"))),
        ("morphone (viagra)", None),
        ("speedin", NameMatch("normalised", ("amphetamine", "cocaine"))),
        ("speedine", None),
        ("speed", None),
        ("spéed", None),
        ("", None),
        ("(±)-", None),
        ("x" * 501, None),
    ],
)
def test_a_text_is_found_surely_or_not_at_all(text: str, match: NameMatch | None) -> None:
    assert INDEX.find(text) == match


def test_only_a_street_name_is_told_as_one() -> None:
    texts = ["SPEED", "viagra", "cocaine", "x" * 501]
    assert [INDEX.is_street_name(text) for text in texts] == [True, True, False, False]


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("4-fluoroethylamphetamine", "amphetamine"),
        ("6-Acetylmethylone HCl", "methylone"),
        ("amphetamine", None),
        ("1-phenylpropan-2-amine", None),
        ("", None),
    ],
)
def test_the_name_on_which_a_text_is_built_is_told(text: str, stem: str | None) -> None:
    assert INDEX.find_name_at_the_end(text) == stem


def test_what_is_built_of_two_names_or_turned_round_is_recognised() -> None:
    assert find_double("one (two)") == ("one", "two")
    assert find_double("one (two) three") is None
    assert find_uninverted("fluorofentanyl,ortho-") == "orthofluorofentanyl"
    assert find_uninverted("codeine,promethazine") is None
    assert (is_code("JWH-018"), is_code("Jwhite-018")) == (True, False)
    assert squash_code("a b 1 2 c") == "ab1 2c"


def test_a_very_long_name_is_not_folded() -> None:
    name = "é" * 201
    assert fold_name(name) == name


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("c\u043eca\u0456ne", "cocaine"),
        ("\u0444ентанил", "\u0444ентанил"),
        ("5F-\u0410DB", "5F-ADB"),
        ("c\u03bfcaine", "cocaine"),
        ("\u03b1-PVP", "\u03b1-PVP"),
        ("\u03b2k", "\u03b2k"),
    ],
)
def test_letters_that_look_alike_are_read_as_their_neighbours(text: str, latin: str) -> None:
    assert replace_lookalikes(text) == latin


def test_a_name_is_written_plainly_without_losing_its_capitals() -> None:
    assert write_plainly(" β\u2011Me\u2032\u2011N  \u00d7") == "beta-Me'-N \u00d7"


def test_statements_are_found_whole_and_never_as_a_part() -> None:
    statements = NoSubstanceStatements([("No drug found", "nothing"), ("n.n.", "nothing")])
    assert (len(statements), list(statements)) == (2, ["no drug found", "n n"])
    texts = ["NO DRUG FOUND.", "N. N.", "no drug found but cocaine", "", "x" * 201]
    assert [statements.find(text) for text in texts] == ["nothing", "nothing", None, None, None]
    assert normalise_statement(" -- ") == ""
