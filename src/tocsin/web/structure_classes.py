"""The classes that a structure shows, with the atoms that show them, ready to be drawn."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from tocsin.errors import BadStructureError
from tocsin.science.structure_classes import (
    Agreement,
    RecognisedClass,
    derive_agreement,
    get_structure_class,
    recognise_classes,
)
from tocsin.science.structure_drawings import (
    SCAFFOLD,
    Mark,
    derive_marked_drawing_url,
    list_atom_numbers,
)
from tocsin.substances.models import Substance

_WIDTH_PX, _HEIGHT_PX = 320, 240


@dataclass(frozen=True, slots=True)
class ShownClass:
    """A class in words, and a drawing with its atoms marked.

    part_of: name of the class of which it is a part, or empty. atoms: numbers, from 0 in the order
    of the SMILES. drawing_url: empty for a class that has no pattern but those of its parts.
    """

    name: str
    definition: str
    part_of: str
    atoms: str
    drawing_url: str


@dataclass(frozen=True, slots=True)
class ClassesView:
    """The classes a structure shows, and how the class of the register fits them, in words."""

    shown: tuple[ShownClass, ...]
    agreement: str
    differs: bool


def describe_classes(smiles: str, substance: Substance | None = None) -> ClassesView | None:
    """Describe the classes of a structure; None where there is none or it cannot be read.

    substance: the member of the register that it is, if any, whose class is held against it.
    """
    try:
        found = recognise_classes(smiles) if smiles else None
    except BadStructureError:
        return None
    if found is None:
        return None
    agreement, words = None, ""
    if substance is not None:
        held = substance.substance_class
        agreement = derive_agreement(held.key, [one.id for one in found])
        words = _describe_agreement(agreement, held.name)
    return ClassesView(
        shown=tuple(_describe(one, smiles) for one in found),
        agreement=words,
        differs=agreement in (Agreement.DIFFERS, Agreement.NOT_SHOWN),
    )


def _describe(found: RecognisedClass, smiles: str) -> ShownClass:
    one = get_structure_class(found.id)
    drawing_url = ""
    if one.patterns:
        marks = (Mark(found.atoms, SCAFFOLD),)
        drawing_url = derive_marked_drawing_url(smiles, marks, width=_WIDTH_PX, height=_HEIGHT_PX)
    return ShownClass(
        name=one.name,
        definition=one.definition,
        part_of=get_structure_class(one.parent).name if one.parent else "",
        atoms=list_atom_numbers(found.atoms),
        drawing_url=drawing_url,
    )


def _describe_agreement(agreement: Agreement, name: str) -> str:
    words = {
        Agreement.FITS: _("The register's class, %(name)s, fits what the structure shows."),
        Agreement.DIFFERS: _(
            "The register holds it under %(name)s, but its structure shows other classes."
        ),
        Agreement.NOT_SHOWN: _(
            "The register holds it under %(name)s, but its structure does not show that class."
        ),
        Agreement.NOT_BY_STRUCTURE: _(
            "The register's class, %(name)s, is one of use or origin: no structure shows it."
        ),
    }[agreement]
    return words % {"name": name}
