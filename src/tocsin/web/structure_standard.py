"""What standardising changed in a structure, and what may be its tautomer, in words for people."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from tocsin.errors import BadStructureError
from tocsin.science.standardising import Change
from tocsin.science.tautomers import TautomerReason
from tocsin.substances.queries import PossibleTautomer, list_possible_tautomers


def describe_changes(changes: Iterable[Change]) -> list[str]:
    """Say each change that standardising made to a structure as it was drawn."""
    words = {
        "nitro": _("nitro groups are written with separate charges"),
        "imidic-acid": _("an imidic acid is written as the amide it is a tautomer of"),
        "metal-bond": _("a bond to an alkali metal is written as two ions"),
        "charge": _("charges that a hydrogen ion explains are neutralised"),
        "tartrate": _("the configuration of the tartaric acid is left out"),
        "writing": _("the same structure is written in another notation"),
    }
    return [words[change] for change in changes]


def describe_tautomers(smiles: str, *, but: str = "") -> list[tuple[PossibleTautomer, str]]:
    """List what may be a tautomer of a structure, each with the reason; not the key ``but``.

    Empty for a structure that cannot be read.
    """
    try:
        found = list_possible_tautomers(smiles) if smiles else []
    except BadStructureError:
        return []
    return [(one, _describe_reason(one.reason)) for one in found if one.key != but]


def _describe_reason(reason: TautomerReason) -> str:
    return {
        "mobile-hydrogen": _("InChI regards both as one: a hydrogen is drawn in another place"),
        "keto-enol": _("as ketone and enol, or over a longer chain"),
        "hetero-atoms": _("by hydrogens that move between nitrogen, oxygen, sulfur and carbon"),
    }[reason]
