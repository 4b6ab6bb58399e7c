"""Whether the class that a register gives a substance fits the classes its structure shows."""

import enum
from collections.abc import Collection

from tocsin.science.structure_classes.definitions import get_structure_class, list_structure_classes


class Agreement(enum.StrEnum):
    """What a class of a register and the classes of a structure say of each other."""

    FITS = "fits"
    DIFFERS = "differs"
    NOT_SHOWN = "not-shown"
    NOT_BY_STRUCTURE = "not-by-structure"


def derive_agreement(register_class: str, recognised: Collection[str]) -> Agreement:
    """Derive whether a register's class fits the classes recognised, by their ids.

    FITS: members of a class recognised are held in that class. DIFFERS: classes were recognised,
    none of them held there. NOT_SHOWN: no class was recognised although structures show that
    class. NOT_BY_STRUCTURE: the register's class is one of use or origin, such as medicines.

    >>> derive_agreement("cathinone", ["cathinone"]), derive_agreement("medicine", [])
    (<Agreement.FITS: 'fits'>, <Agreement.NOT_BY_STRUCTURE: 'not-by-structure'>)
    """
    if any(register_class in get_structure_class(one).register for one in recognised):
        return Agreement.FITS
    if all(one.id != register_class for one in list_structure_classes()):
        return Agreement.NOT_BY_STRUCTURE
    return Agreement.DIFFERS if recognised else Agreement.NOT_SHOWN
