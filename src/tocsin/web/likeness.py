"""The substances of the register that are most like a structure, and where they differ."""

from dataclasses import dataclass

from tocsin.science.likeness import Comparison, compare_structures, list_nearest
from tocsin.science.structure_drawings import DIFFERING, Mark, derive_marked_drawing_url
from tocsin.substances.models import Substance
from tocsin.substances.queries import list_substances
from tocsin.substances.vocabulary import SubstanceKind

MOST_SIMILAR = 4
LEAST_LIKENESS = 0.35
_SIDE_PX = (240, 180)
_SKELETON_CHARACTERS = 14


@dataclass(frozen=True, slots=True)
class Similar:
    """A substance of the register like the structure asked about.

    percent: Tanimoto likeness of Morgan fingerprints. comparison: None where it took too long or a
    structure is too large. asked_url, own_url: drawings with the differing atoms marked.
    """

    key: str
    name: str
    percent: int
    comparison: Comparison | None
    asked_url: str
    own_url: str


def list_similar(smiles: str, inchikey: str) -> list[Similar]:
    """List the substances most like a structure, except those of the same connectivity.

    inchikey: of the structure. After a comparison that took too long, no further one is made.
    """
    skeleton = inchikey[:_SKELETON_CHARACTERS]
    held = {
        key: (name, text)
        for key, name, text, own in list_substances(kind=SubstanceKind.SUBSTANCE).values_list(
            "key", "name", "smiles", "inchikey"
        )
        if text and not own.startswith(skeleton)
    }
    nearest = list_nearest(
        smiles,
        {key: text for key, (_name, text) in held.items()},
        most=MOST_SIMILAR,
        least=LEAST_LIKENESS,
    )
    found: list[Similar] = []
    for key, score in nearest:
        name, text = held[key]
        before = found[-1].comparison if found else None
        in_time = before is None or before.is_certain
        comparison = compare_structures(smiles, text) if in_time else None
        found.append(_draw_both(key, name, score, comparison, smiles, text))
    return found


def _draw_both(
    key: str, name: str, score: float, comparison: Comparison | None, asked: str, own: str
) -> Similar:
    width, height = _SIDE_PX
    asked_marks = (Mark(comparison.only_first, DIFFERING),) if comparison else ()
    own_marks = (Mark(comparison.only_second, DIFFERING),) if comparison else ()
    return Similar(
        key=key,
        name=name,
        percent=round(100 * score),
        comparison=comparison,
        asked_url=derive_marked_drawing_url(asked, asked_marks, width=width, height=height),
        own_url=derive_marked_drawing_url(own, own_marks, width=width, height=height),
    )


def list_same_connectivity(substance: Substance) -> list[Substance]:
    """List the other entries with the same atoms joined alike: stereoisomers, isotopologues."""
    if not substance.inchikey:
        return []
    skeleton = substance.inchikey[:_SKELETON_CHARACTERS]
    alike = list_substances().filter(inchikey__startswith=skeleton)
    return list(alike.exclude(pk=substance.pk))


def list_isomers(substance: Substance) -> list[Substance]:
    """List the other entries with the same formula but joined otherwise."""
    if not substance.formula or not substance.inchikey:
        return []
    skeleton = substance.inchikey[:_SKELETON_CHARACTERS]
    alike = list_substances(kind=SubstanceKind.SUBSTANCE).filter(formula=substance.formula)
    return list(alike.exclude(pk=substance.pk).exclude(inchikey__startswith=skeleton))
