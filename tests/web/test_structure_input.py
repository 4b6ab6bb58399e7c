"""Structures as people give them, and what they are told when one cannot be read."""

import pytest
from rdkit import Chem

from tocsin.errors import BadStructureError
from tocsin.science.structures import parse_structure
from tocsin.web.structure_input import MOST_MOLFILE_BYTES, find_given_smiles, parse_molfile

ALANINE = "C[C@H](N)C(=O)O"


def write_molfile(smiles: str) -> bytes:
    molecule = Chem.MolFromSmiles(smiles)
    Chem.rdDepictor.Compute2DCoords(molecule)
    return Chem.MolToMolBlock(molecule).encode()


@pytest.mark.parametrize(
    "text",
    [
        "fentanyl",
        "2-MMC",
        "N-ethylpentedrone",
        "4-(dimethylamino)phenyl",
        "nothing found",
        "COC",
        "NO",
        "52-53-9",
        "",
        "Ποίημα",
    ],
)
def test_words_are_no_structures(text: str) -> None:
    assert find_given_smiles(text) is None


@pytest.mark.parametrize(
    "text", ["CN(C)CCc1c[nH]c2ccccc12", "C1CC1", "CC(=O)O", "[Na+].[Cl-]", ALANINE]
)
def test_smiles_are_structures(text: str) -> None:
    assert find_given_smiles(text) == text


def test_inchi_is_read() -> None:
    assert find_given_smiles("InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3") == "CCO"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C1CC", "left open"),
        ("CC(C", "left open"),
        ("C[C@H", "left open"),
        ("CN(C)(C)(C)C", "N, atom 2, has more bonds than it can have"),
        ("c1cccc1", "aromatic ring"),
        ("C(" * 1500 + "C" + ")" * 1500, "at most 2000"),
        ("C=" * 250 + "C", "heavy atoms"),
        ("InChI=1S/nonsense", "cannot be read"),
        ("InChI=1S/" + "C" * 10_000, "at most 2000"),
        ("C*(=O)O", "without wildcard atoms"),
    ],
)
def test_structure_that_cannot_be_read_is_told_why(text: str, words: str) -> None:
    with pytest.raises(BadStructureError, match=words):
        find_given_smiles(text)


def test_molfile_keeps_its_stereochemistry() -> None:
    read = parse_molfile(write_molfile(ALANINE))

    assert parse_structure(read).inchikey == parse_structure(ALANINE).inchikey
    assert parse_molfile(write_molfile("CCO").replace(b"\n", b"\r\n")) == "CCO"


def test_molfile_may_stand_in_an_sd_file_of_one_record() -> None:
    assert parse_molfile(write_molfile("CCO") + b"$$$$\n") == "CCO"
    with pytest.raises(BadStructureError, match="several structures"):
        parse_molfile(write_molfile("CCO") + b"$$$$\n" + write_molfile("CCC"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no molfile"),
        (b"CCO", "no molfile"),
        (b"\x00\xff" * 50, "no molfile"),
        (b"\n\n\n  0  0  0  0  0  0            999 V2000\nM  END\n", "cannot be read"),
        (b"\n\n\n  9  9  0  0  0  0            999 V2000\nM  END\n", "cannot be read"),
        (b"x" * (MOST_MOLFILE_BYTES + 1), "bytes"),
        (b"\n\n\n999  0  0  0  0  0            999 V2000\n" + b"a\n" * 3_000, "too many atoms"),
        (write_molfile("CCN(C)C").replace(b"M  END", b"M  CHG  1   3  -3\nM  END"), "rules"),
    ],
)
def test_bad_molfile_is_told_why(content: bytes, words: str) -> None:
    with pytest.raises(BadStructureError, match=words):
        parse_molfile(content)
