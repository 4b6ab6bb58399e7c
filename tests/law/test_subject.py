"""A structure made ready: salts, charges, isotopes and stereochemistry fall away."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import BadStructureError
from tocsin.law.subject import read_subject


@pytest.mark.parametrize(
    "smiles",
    [
        "CC(N)Cc1ccccc1",
        "C[C@@H](N)Cc1ccccc1",
        "CC([NH3+])Cc1ccccc1.[Cl-]",
        "CC(N)Cc1ccccc1.OS(O)(=O)=O",
        "[2H]C([2H])([2H])C(N)Cc1ccccc1",
        "[11CH3]C(N)Cc1ccccc1",
    ],
)
def test_forms_of_amphetamine_are_one_part(smiles: str) -> None:
    subject = read_subject(smiles)
    assert [part.smiles for part in subject.parts] == ["CC(N)Cc1ccccc1"]
    assert subject.parts[0].skeleton == "KWTSXDURSIMDCE"


def test_stereochemistry_of_the_part_is_kept_in_its_full_key() -> None:
    subject = read_subject("C[C@H](N)Cc1ccccc1.Cl")
    assert subject.full_inchikeys == ("KWTSXDURSIMDCE-QMMMGPOBSA-N",)


def test_a_mixture_has_several_parts_and_says_so() -> None:
    subject = read_subject("CC(N)Cc1ccccc1.Cn1cnc2c1c(=O)n(C)c(=O)n2C")
    assert len(subject.parts) == 2
    assert subject.notes == ("the structure has several organic parts; each is examined",)


def test_a_metal_and_a_radical_are_noted() -> None:
    assert "metal" in read_subject("C[Hg]C").notes[0]
    assert "unpaired" in read_subject("C[CH2]").notes[0]


def test_a_salt_without_carbon_is_its_largest_piece() -> None:
    assert read_subject("[Na+].[Cl-]").parts != ()


@pytest.mark.parametrize(
    "smiles",
    [
        "",
        "   ",
        "C1CC(",
        "C(C)(C)(C)(C)C",
        "C" * 10_000,
        "C" * 250,
        "not a structure",
        "C\u0421C",
        "*",
        ".".join(["C" * length for length in range(1, 15)]),
        "(" * 1_900,
        "C1" * 900,
    ],
)
def test_what_cannot_be_read_is_refused_within_two_seconds(smiles: str) -> None:
    start = time.perf_counter()
    with pytest.raises(BadStructureError):
        read_subject(smiles)
    assert time.perf_counter() - start < 2


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="CNOScn()=#123[]+-@.FClBr%", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        subject = read_subject(text)
    except BadStructureError:
        return
    assert subject.parts
