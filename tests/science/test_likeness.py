"""How alike structures are, and what two of them share."""

from tocsin.science.likeness import Comparison, compare_structures, list_nearest

ETHANOL, PROPANOL, BENZENE = "CCO", "CCCO", "c1ccccc1"


def test_most_alike_comes_first_and_the_unlike_is_left_out() -> None:
    others = {"propanol": PROPANOL, "benzene": BENZENE, "same": ETHANOL, "broken": "C("}

    found = list_nearest(ETHANOL, others, most=2, least=0.2)

    assert [key for key, _score in found] == ["same", "propanol"]
    assert found[0][1] == 1.0
    assert list_nearest("C(", others, most=2, least=0.2) == []


def test_what_only_one_of_two_structures_has_is_told() -> None:
    assert compare_structures(ETHANOL, PROPANOL) == Comparison((), (0,), 3, is_certain=True)
    # A chain shares no whole ring; nothing is left in common but what stands outside.
    assert compare_structures(BENZENE, "[Na]") is None
    assert compare_structures("C" * 71, ETHANOL) is None
    assert compare_structures("C(", ETHANOL) is None
