"""How the class that a register gives fits what the structure shows."""

import pytest

from tocsin.science.structure_classes import Agreement, derive_agreement


@pytest.mark.parametrize(
    ("held", "recognised", "agreement"),
    [
        pytest.param("fentanyl", ["fentanyl"], Agreement.FITS, id="the same class"),
        pytest.param("opioid-medicine", ["morphinan"], Agreement.FITS, id="class that holds it"),
        pytest.param("orphine", ["nitazene"], Agreement.DIFFERS, id="another class"),
        pytest.param("orphine", [], Agreement.NOT_SHOWN, id="no class"),
        pytest.param("medicine", ["tryptamine"], Agreement.NOT_BY_STRUCTURE, id="class of use"),
        pytest.param("medicine", [], Agreement.NOT_BY_STRUCTURE, id="class of use, none shown"),
    ],
)
def test_class_of_a_register_is_held_against_the_structure(
    held: str, recognised: list[str], agreement: Agreement
) -> None:
    assert derive_agreement(held, recognised) is agreement
