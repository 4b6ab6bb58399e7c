"""Chemical classes that a structure can show by itself, each a documented pattern.

``definitions``  the data files read into values: patterns, words, examples for and against
``recognition``  which classes a structure shows, and where
``agreement``    whether a class that somebody wrote fits what the structure shows
"""

from tocsin.science.structure_classes.agreement import Agreement, derive_agreement
from tocsin.science.structure_classes.definitions import (
    Example,
    StructureClass,
    get_structure_class,
    list_structure_classes,
)
from tocsin.science.structure_classes.recognition import RecognisedClass, recognise_classes

__all__ = [
    "Agreement",
    "Example",
    "RecognisedClass",
    "StructureClass",
    "derive_agreement",
    "get_structure_class",
    "list_structure_classes",
    "recognise_classes",
]
