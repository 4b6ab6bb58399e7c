"""Which entries of the register may be tautomers of a structure."""

from dataclasses import dataclass

from tocsin.science.chemical_forms import derive_parent
from tocsin.science.tautomers import TautomerReason, list_tautomer_alerts
from tocsin.substances.models import Substance


@dataclass(frozen=True, slots=True)
class PossibleTautomer:
    """A substance that may be a tautomer of a structure, and how that was seen."""

    key: str
    name: str
    reason: TautomerReason


def list_possible_tautomers(smiles: str) -> list[PossibleTautomer]:
    """List the substances that may be tautomers of a structure, or of its parent, by key.

    They are shown to a person, and never merged. One query: tautomers have one formula.
    Raises BadStructureError as parse_structure.
    """
    parent = derive_parent(smiles)
    entries = {
        key: (name, held)
        for key, name, held in Substance.objects.filter(formula=parent.formula)
        .exclude(smiles="")
        .order_by("key")
        .values_list("key", "name", "smiles")
    }
    alerts = list_tautomer_alerts(
        parent.smiles, ((key, held) for key, (_name, held) in entries.items())
    )
    return [PossibleTautomer(one.key, entries[one.key][0], one.reason) for one in alerts]
