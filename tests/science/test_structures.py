"""Structures give their identifiers, and drawings that a strict page may hold."""

import re
from itertools import pairwise

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import BadStructureError
from tocsin.science.structures import (
    Structure,
    draw_structure_svg,
    is_inchikey,
    parse_structure,
)

ISOTONITAZENE = "CCN(CC)CCn1c(Cc2ccc(OC(C)C)cc2)nc2cc([N+](=O)[O-])ccc12"
FENTANYL = "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1"
SVG = "{http://www.w3.org/2000/svg}"


# InChIKeys and formulas: PubChem CID 3345 (fentanyl), 1206 and 10836 (racemic and (S)-
# methamphetamine). Masses by hand from the IUPAC abridged weights C 12.011, H 1.008, N 14.007,
# O 15.999: fentanyl 22*12.011 + 28*1.008 + 2*14.007 + 15.999 = 336.479 (RDKit's weights: .479).
@pytest.mark.parametrize(
    ("smiles", "inchikey", "formula", "mass_da"),
    [
        (FENTANYL, "PJMPHNIQZUBGLI-UHFFFAOYSA-N", "C22H28N2O", 336.479),
        ("CNC(C)Cc1ccccc1", "MYWUZJCMWCOHBA-UHFFFAOYSA-N", "C10H15N", 149.237),
        ("CN[C@@H](C)Cc1ccccc1", "MYWUZJCMWCOHBA-VIFPVBQESA-N", "C10H15N", 149.237),
    ],
)
def test_parse_structure_gives_the_published_identifiers(
    smiles: str, inchikey: str, formula: str, mass_da: float
) -> None:
    structure = parse_structure(smiles)
    assert (structure.inchikey, structure.formula) == (inchikey, formula)
    assert structure.mass_da == pytest.approx(mass_da, abs=0.005)


def test_two_ways_of_writing_one_structure_are_equal() -> None:
    assert parse_structure("OCC") == parse_structure(" C(O)C ")
    assert parse_structure("[CH2:2]([OH:3])[CH3:1]") == parse_structure("OCC")
    assert parse_structure("OCC") == Structure(
        "CCO", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "C2H6O", 46.069
    )


@given(st.sampled_from([FENTANYL, ISOTONITAZENE, "CN[C@@H](C)Cc1ccccc1", "[O-][N+](=O)c1ccccc1"]))
def test_the_canonical_form_is_read_back_as_the_same_structure(smiles: str) -> None:
    structure = parse_structure(smiles)
    assert parse_structure(structure.smiles) == structure


@pytest.mark.parametrize(
    ("smiles", "found"),
    [
        pytest.param("", "found an empty text", id="empty"),
        pytest.param("C C", "a space or a character that no SMILES has", id="two words"),
        pytest.param("CÖ", "a space or a character that no SMILES has", id="not ASCII"),
        pytest.param("C1CC", "'C1CC': cannot be read", id="open ring"),
        pytest.param("CN(C)(C)(C)C", "cannot be read", id="five bonds at nitrogen"),
        pytest.param("fentanyl", "cannot be read", id="a name"),
        pytest.param("C*", "no InChIKey can be made", id="wildcard"),
        pytest.param("[H][H]", "found 0 heavy atoms", id="no heavy atom"),
        pytest.param("C" * 201, "found 201 heavy atoms", id="too many atoms"),
        pytest.param("C" * 2_001, "found 2001 characters", id="too long"),
        pytest.param("(" * 1_999, "cannot be read", id="only brackets"),
        pytest.param("C" * 1_999, "found 1999 heavy atoms; expected 1 to 200", id="polymer"),
        pytest.param(".".join("C" * 41), "found 41 parts; expected 1 to 40", id="many parts"),
        pytest.param("CCO>>CC=O", "found a reaction", id="reaction"),
        pytest.param("[999C]", "found C of mass number 999", id="unknown nuclide"),
        pytest.param("[9999C]", "a mass number above 999", id="mass number too long"),
        pytest.param("[Os+9]", "found the charge +9", id="impossible charge"),
        pytest.param("[C+200]", "a charge above 9", id="charge too long"),
    ],
)
def test_what_is_no_structure_is_refused_naming_what_was_found(
    smiles: str, found: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadStructureError, match=re.escape(found)) as refusal:
        parse_structure(smiles)
    assert len(str(refusal.value)) < 300
    assert capfd.readouterr() == ("", "")


def test_the_largest_structure_is_still_read() -> None:
    assert parse_structure("C" * 200).formula == "C200H402"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PJMPHNIQZUBGLI-UHFFFAOYSA-N", True),
        ("pjmphniqzubgli-uhfffaoysa-n", False),
        ("PJMPHNIQZUBGLI-UHFFFAOYSA", False),
        ("PJMPHNIQZUBGLI-UHFFFAOYSA-N\n", False),
        ("", False),
    ],
)
def test_is_inchikey_tells_the_form(text: str, expected: bool) -> None:
    assert is_inchikey(text) is expected


@pytest.mark.parametrize("dark", [False, True])
def test_a_drawn_nitazene_keeps_a_strict_page_strict(dark: bool) -> None:
    drawing = draw_structure_svg(ISOTONITAZENE, width=320, height=200, dark=dark)
    picture = fromstring(drawing)
    assert picture.tag == f"{SVG}svg"
    assert (picture.get("role"), picture.get("viewBox")) == ("img", "0 0 320 200")
    assert picture.findtext(f"{SVG}title") == "Structure of C23H30N4O3"
    assert {element.tag for element in picture.iter()} == {f"{SVG}svg", f"{SVG}title", f"{SVG}path"}
    attributes = {name for element in picture.iter() for name in element.attrib}
    assert not attributes & {"style", "class", "id", "onload", "href"}
    inks = {element.get(name) for element in picture.iter() for name in ("stroke", "fill")}
    assert "currentColor" in inks
    assert not {ink for ink in inks if ink and ink.upper() in ("#000000", "#FFFFFF")}
    # Two bonds at least for every one of the 32 bonds' halves drawn, and N, O, N+ and O- letters.
    assert sum(1 for _ in picture.iter(f"{SVG}path")) > 32


def test_the_title_is_escaped() -> None:
    drawing = draw_structure_svg("CCO", width=100, height=80, title="<b>“4-ANPP” & more")
    assert fromstring(drawing).findtext(f"{SVG}title") == "<b>“4-ANPP” & more"
    assert "<b>" not in drawing


@pytest.mark.parametrize(("width", "height"), [(0, 100), (100, 4_001), (-5, 100)])
def test_a_drawing_of_an_impossible_size_is_refused(width: int, height: int) -> None:
    with pytest.raises(BadStructureError, match="expected 16 to 4000 px"):
        draw_structure_svg("CCO", width=width, height=height)


@pytest.mark.parametrize(("dark", "ground"), [(False, "#FFFFFF"), (True, "#16181D")])
def test_every_colour_can_be_read_on_its_ground(dark: bool, ground: str) -> None:
    every_hetero_atom = "NCC(O)C(F)C(Cl)C(Br)C(I)CSCP"
    drawing = draw_structure_svg(every_hetero_atom, width=400, height=300, dark=dark)
    colours = set(re.findall(r'"(#[0-9A-Fa-f]{6})"', drawing))
    assert len(colours) == 7
    assert min(_contrast(colour, ground) for colour in colours) >= 4.5


def test_shapes_are_within_the_picture() -> None:
    drawing = draw_structure_svg(FENTANYL, width=300, height=200)
    numbers = [
        (float(x), float(y))
        for path in re.findall(r' d="([^"]+)"', drawing)
        for x, y in pairwise(re.findall(r"-?\d+\.?\d*", path))
    ]
    assert numbers
    assert all(0 <= x <= 300 and 0 <= y <= 300 for x, y in numbers)


def _contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours. Source: WCAG 2.2, definitions of contrast and luminance."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("smiles", ["[CH256]", "[UH12]", "C[CH10]"])
def test_more_hydrogens_than_rdkit_counts_are_refused(smiles: str) -> None:
    """One byte holds the count: [CH256] would be read as [C]."""
    with pytest.raises(BadStructureError, match="more than 9 hydrogens"):
        parse_structure(smiles)


def test_bond_of_no_order_has_no_identifier() -> None:
    with pytest.raises(BadStructureError, match="no InChIKey"):
        parse_structure("CN1CCC(N2C(=O)CC~C23=CC=CC=C3)CC1.Cc1ccccc1")
