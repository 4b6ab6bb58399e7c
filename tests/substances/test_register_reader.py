"""The seed files are read whole or refused with the place that is wrong."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tocsin.errors import BadRegisterError
from tocsin.substances.formats.register_files import (
    RegisterClass,
    RegisterMember,
    RegisterName,
    RegisterSubstance,
    read_register,
)

FENTANYLS = "register/fentanyls.csv"


def test_every_file_is_read(write_register: Callable[..., Path]) -> None:
    register = read_register(write_register())
    assert register.classes == (
        RegisterClass("fentanyls", "Fentanyls"),
        RegisterClass("stimulants", "Stimulants"),
    )
    assert [substance.key for substance in register.substances] == [
        "fentanyl",
        "4-anpp",
        "methamphetamine",
        "khat",
        "fentanyl-analogue",
    ]
    assert register.substances[0] == RegisterSubstance(
        key="fentanyl",
        name="Fentanyl",
        kind="substance",
        class_key="fentanyls",
        smiles="CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1",
        inchikey="PJMPHNIQZUBGLI-UHFFFAOYSA-N",
        formula="C22H28N2O",
        mass_da=Decimal("336.479"),
        cas="437-38-7",
        reviewed=True,
        route_1="systematic name",
        route_2="PubChem",
    )
    assert register.names[0] == RegisterName("fentanyl", "Fentanylum", "la", "INN", "WHO")
    assert register.members == (
        RegisterMember("fentanyl-analogue", "fentanyl"),
        RegisterMember("fentanyl-analogue", "4-anpp"),
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            FENTANYLS,
            "437-38-7",
            "437-38-8",
            "register/fentanyls.csv, line 2, column cas: found '437-38-8'; expected a CAS number "
            "or nothing (CAS number 437-38-8: found check digit 8; expected 7)",
        ),
        (
            FENTANYLS,
            "336.479",
            "336.500",
            "register/fentanyls.csv, line 2, column mass_da: found '336.500'; expected 336.479 Da",
        ),
        (
            FENTANYLS,
            "C22H28N2O,",
            "C22H28N2O2,",
            "register/fentanyls.csv, line 2, column formula: found 'C22H28N2O2'; "
            "expected C22H28N2O, which the SMILES gives",
        ),
        (
            FENTANYLS,
            "ZCMDXDQUYIWEKB",
            "ZCMDXDQUYIWEKX",
            "register/fentanyls.csv, line 3, column inchikey: found "
            "'ZCMDXDQUYIWEKX-UHFFFAOYSA-N'; expected ZCMDXDQUYIWEKB-UHFFFAOYSA-N, "
            "which the SMILES gives",
        ),
        (
            FENTANYLS,
            "true,systematic name,PubChem",
            "true,PubChem,pubchem",
            "register/fentanyls.csv, line 2, column route_2: found 'pubchem'; expected a route "
            "that differs from the first",
        ),
        (
            FENTANYLS,
            "true,systematic name,PubChem",
            "yes,,",
            "register/fentanyls.csv, line 2, column reviewed: found 'yes'; expected true or false",
        ),
        (
            FENTANYLS,
            "4-anpp,4-ANPP",
            "4-anpp,fentanyl HCl",
            "register/fentanyls.csv, line 3, column name: found 'fentanyl HCl'; expected one not "
            "held in register/fentanyls.csv, line 2",
        ),
        (
            FENTANYLS,
            "id,name,kind",
            "id,label,kind",
            "register/fentanyls.csv, line 1: found headings 'id,label,kind,smiles,inchikey,"
            "formula,mass_da,cas,reviewed,route_1,route_2,note'; expected 'id,name,kind,smiles,"
            "inchikey,formula,mass_da,cas,reviewed,route_1,route_2,note'",
        ),
        (
            "register/stimulants.csv",
            "false,,,a plant",
            "false,,a plant",
            "register/stimulants.csv, line 3: found 11 cells; expected 12",
        ),
        (
            "classes.csv",
            "stimulants,",
            "other,",
            "register/stimulants.csv: found no class 'stimulants' in classes.csv; expected one "
            "file for each class",
        ),
        (
            "names/fentanyls.csv",
            "4-anpp,Despropionyl",
            "4-anp,Despropionyl",
            "names/fentanyls.csv, line 4, column substance: found '4-anp'; expected a substance "
            "of the register",
        ),
        (
            "names/fentanyls.csv",
            "street",
            "slang",
            "names/fentanyls.csv, line 3, column kind: found 'slang'; expected one of INN, "
            "common, chemical, street, code, abbreviation",
        ),
        (
            "group_members.csv",
            "fentanyl-analogue,4-anpp",
            "fentanyl,4-anpp",
            "group_members.csv, line 3, column group: found 'fentanyl'; expected a group of "
            "groups.csv",
        ),
        (
            "group_members.csv",
            "fentanyl-analogue,4-anpp",
            "fentanyl-analogue,fentanyl",
            "group_members.csv, line 3, column substance: found 'fentanyl'; expected each member "
            "once",
        ),
    ],
)
def test_a_contradiction_is_refused_with_its_place(
    write_register: Callable[..., Path], file: str, old: str, new: str, message: str
) -> None:
    with pytest.raises(BadRegisterError) as refusal:
        read_register(write_register((file, old, new)))
    assert str(refusal.value) == message


def test_a_missing_file_is_named(write_register: Callable[..., Path]) -> None:
    directory = write_register()
    (directory / "groups.csv").unlink()
    with pytest.raises(BadRegisterError, match=r"^groups\.csv: found no such file"):
        read_register(directory)


def test_a_file_in_another_encoding_is_refused(write_register: Callable[..., Path]) -> None:
    directory = write_register()
    (directory / "classes.csv").write_bytes("id,name\nx,Präparat\n".encode("latin-1"))
    with pytest.raises(BadRegisterError, match=r"^classes\.csv: found .* expected CSV in UTF-8"):
        read_register(directory)
