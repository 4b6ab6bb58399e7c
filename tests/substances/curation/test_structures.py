"""Every structure of the register is standardised and its own parent; tautomers are shown."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.substances.curation.structures import list_structure_faults, main
from tocsin.substances.formats.register_files import RegisterSubstance


def make(key: str, smiles: str) -> RegisterSubstance:
    return RegisterSubstance(key=key, name=key, kind="substance", class_key="other", smiles=smiles)


def test_the_registers_structures_are_sound_and_no_two_are_tautomers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main()
    assert capsys.readouterr().out == "0 structures to mend, 0 pairs to look at\n"


def test_a_structure_that_is_not_the_registers_own_is_named() -> None:
    faults = list_structure_faults(
        [
            make("parent", "CCN"),
            make("plant", ""),
            make("salt", "CCN.Cl"),
            make("mixture", "CCN.c1ccccc1"),
            make("sulfoxide", "C[S+](C)[O-]"),
            make("mineral", "[Cl-].[Na+]"),
        ]
    )
    assert list(faults) == [
        "salt: is the hydrochloride of CCN",
        "mixture: is a mixture",
        "sulfoxide: found C[S+](C)[O-]; expected CS(C)=O",
    ]


def test_what_is_wrong_is_printed_with_a_code_for_programs(
    write_register: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    salt = (
        "4-anpp-hcl,4-ANPP salt,substance,Cl.c1ccc(CCN2CCC(Nc3ccccc3)CC2)cc1,"
        "QCLDASYMHSTRGH-UHFFFAOYSA-N,C19H25ClN2,316.876,,false,hand,,"
    )
    directory = write_register(("register/stimulants.csv", "khat,", f"{salt}\nkhat,"))
    with pytest.raises(SystemExit) as end:
        main(directory)
    printed = capsys.readouterr().out
    assert end.value.code == 1
    assert "4-anpp-hcl: is the hydrochloride of c1ccc(CCN2CCC(Nc3ccccc3)CC2)cc1" in printed
    assert printed.endswith("1 structures to mend, 0 pairs to look at\n")
