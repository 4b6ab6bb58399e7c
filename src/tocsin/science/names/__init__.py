"""Names of substances as laboratories write them: one normal form, an index, and candidates.

Two spellings meet in the normal form only where no chemist could mean two substances by them:
letter case, Unicode look-alikes, hyphens and spaces around locants, the words of a salt. A weaker,
folded form adds accents, the endings of five languages and the order of locants; names of two
substances that meet there are both offered. Everything else (one letter, another position, a lost
space between two words, a street name) is a candidate with a reason, because "phenyl acetate" is
not "phenylacetate".
"""

from tocsin.science.names.candidates import STREET_KIND, NameCandidate
from tocsin.science.names.folding import fold_name
from tocsin.science.names.index import NameIndex, NameMatch, NameTraits
from tocsin.science.names.statements import NoSubstanceStatements, normalise_statement
from tocsin.science.names.writing import (
    LONGEST_NAME_CHARACTERS,
    NameParts,
    is_name_shaped,
    normalise_name,
    part_name,
    write_plainly,
)

__all__ = [
    "LONGEST_NAME_CHARACTERS",
    "STREET_KIND",
    "NameCandidate",
    "NameIndex",
    "NameMatch",
    "NameParts",
    "NameTraits",
    "NoSubstanceStatements",
    "fold_name",
    "is_name_shaped",
    "normalise_name",
    "normalise_statement",
    "part_name",
    "write_plainly",
]
