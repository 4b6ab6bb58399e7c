"""The one way from a text to the substance it means, in tiers of falling certainty."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from tocsin.errors import BadCasNumberError, BadStructureError
from tocsin.science.cas import is_cas_shaped, parse_cas_number
from tocsin.science.chemical_forms import find_form, is_base, is_inchi_shaped, parse_inchi
from tocsin.science.names import (
    LONGEST_NAME_CHARACTERS,
    NameCandidate,
    NameIndex,
    NameMatch,
)
from tocsin.science.structures import (
    LONGEST_SMILES_CHARACTERS,
    Structure,
    is_inchikey,
    parse_structure,
)
from tocsin.substances.formats.statement_files import load_statements
from tocsin.substances.models import Substance, SubstanceForm
from tocsin.substances.queries.entries import (
    find_form_with,
    list_standing,
    list_with_cas,
    list_with_connectivity,
)
from tocsin.substances.queries.name_index import NO_CONFIGURATION, load_name_index

Tier = Literal[
    "inchikey", "cas", "smiles", "exact", "normalised", "systematic", "candidates", "not-found"
]
Stage = Literal[
    "identifier", "exact", "normalised", "systematic", "fuzzy", "no-substance", "not-found"
]
ReadSystematicName = Callable[[str], str | None]
"""Gives the SMILES that a systematic name spells without doubt, or None."""

STAGES: dict[Tier, Stage] = {
    "inchikey": "identifier",
    "cas": "identifier",
    "smiles": "identifier",
    "exact": "exact",
    "normalised": "normalised",
    "systematic": "systematic",
    "candidates": "fuzzy",
    "not-found": "not-found",
}

_CONNECTIVITY_CHARACTERS = 14
_CONNECTIVITY_SCORE = 90
_PARENT_SCORE = 95
_MOST_CANDIDATES = 5
_INCHIKEY_PREFIX = "INCHIKEY="
_FIRST_BLOCK = re.compile(r"[A-Z]{14}")
_SMILES_ALPHABET = re.compile(r"[A-Za-z0-9@+\-\[\]()=#$%/\\.:*~]+")
_BARE_ATOMS = re.compile(r"(?:Cl|Br|[BCNOPSFI])+")
# A text of a few atoms is as likely an abbreviation: COC is cocaine to many, NO a plain no.
_ABBREVIATION = re.compile(r"[A-Z][A-Za-z]{0,2}")
# A locant with its hyphen, and a word: what every systematic name worth reading has.
_SYSTEMATIC = re.compile(
    r"(?:.*[^A-Za-z0-9])?(?:\d+[a-z]?|[NOSα-ω]|alpha|beta|gamma)'*-.*", re.DOTALL
)
# A name built on a drug's name has two readings: 4-fluoroethylamphetamine, 6-acetylmorphine. Only
# these names may stand at the end of a systematic one. A phenone has two readings as well.
_PARENTS = {
    *(None, "aniline", "benzene", "toluene", "phenol", "piperidine", "piperazine", "pyrrolidine"),
    *("morpholine", "pyridine", "indole", "naphthalene", "acetone", "acetamide", "benzamide"),
    *("propanamide", "acetic acid", "benzoic acid", "propanoic acid", "butanoic acid", "ethanol"),
    *("methanol", "propanol", "quinoline", "imidazole", "benzaldehyde", "propane", "butane"),
}
_WORD = re.compile(r"[a-z]{6}")
_CHARGE = re.compile(r"[+-]\d*$")
# The words of every other acid may be those of an ester.
_ACIDS_OF_SALTS = {
    *("hydrochloride", "hydrobromide", "hydroiodide", "hydrofluoride", "chloride", "bromide"),
    *("iodide", "sulfate", "trifluoroacetate", "oxalate", "fumarate or maleate", "tartrate"),
    *("citrate", "mesylate", "besylate", "tosylate"),
}
_NO_ACIDS = {"hydrate", "isotopologue", "ion", "sodium salt", "potassium salt", "calcium salt"}
_NO_ACIDS |= {"lithium salt", "magnesium salt", "ammonium salt"}
_SAME_CONNECTIVITY = "same connectivity, other stereochemistry or isotopes"


@dataclass(frozen=True, slots=True)
class ResolvedSubstance:
    """The substance that a text means."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a text was found to mean.

    tier: how it was found. substance: set for the tiers inchikey, cas, smiles, exact, normalised
    and systematic only. candidates: best first, for a person to choose from; never a choice.
    reason: one sentence that says why. form: which form of the substance the text states, such as
    "hydrochloride"; empty where it states none. statement: what a text means that says there is
    no substance, such as "nothing found"; empty for every other text.
    """

    text: str
    tier: Tier
    substance: ResolvedSubstance | None
    candidates: tuple[NameCandidate, ...]
    reason: str
    form: str = ""
    statement: str = ""

    @property
    def stage(self) -> Stage:
        """Return the step of resolution at which the answer was found."""
        return "no-substance" if self.statement else STAGES[self.tier]

    @property
    def needs_person(self) -> bool:
        """Tell whether nobody can say for certain what the text means without a person."""
        return self.substance is None and not self.statement


def resolve_text(
    text: str,
    index: NameIndex | None = None,
    read_systematic_name: ReadSystematicName | None = None,
    offers_candidates: bool = True,
) -> Resolution:
    """Find the substance behind an InChIKey, InChI, CAS number, name or SMILES.

    index: the names, from load_name_index, which is called where none is given. Given one, exact
    and normalised names are found without a query.
    read_systematic_name: asked about what is no name of the register, where it is given.
    offers_candidates: without it names nearby are not looked for, which takes most of the time.
    Only one certain substance is taken; shared and near names, and stereoisomers, are candidates.
    """
    names = load_name_index() if index is None else index
    wanted = text.strip()
    if not wanted:
        return _not_found(text, "the text is empty")
    if len(wanted) > LONGEST_SMILES_CHARACTERS:
        return _not_found(
            text, f"the text has {len(wanted)} characters; no name or SMILES is that long"
        )
    return (
        _resolve_identifier(text, wanted)
        or _resolve_name(text, wanted, names)
        or _resolve_first_block(text, wanted)
        or _resolve_smiles(text, wanted)
        or _resolve_systematic_name(text, wanted, names, read_systematic_name)
        or _offer_candidates(text, wanted, names if offers_candidates else None)
    )


def _resolve_identifier(text: str, wanted: str) -> Resolution | None:
    inchikey = wanted.upper().removeprefix(_INCHIKEY_PREFIX)
    if is_inchikey(inchikey):
        return (
            _resolve_inchikey(text, inchikey, "inchikey")
            or _resolve_form(text, "inchikey", find_form_with(inchikey=inchikey))
            or _not_found(text, f"no substance with the InChIKey {inchikey} is in the register")
        )
    if is_cas_shaped(wanted):
        return _resolve_cas(text, wanted)
    if is_inchi_shaped(wanted):
        try:
            return _resolve_structure(text, parse_inchi(wanted), "smiles")
        except BadStructureError as error:
            return _not_found(text, str(error))
    return None


def _resolve_cas(text: str, wanted: str) -> Resolution:
    try:
        number = parse_cas_number(wanted)
    except BadCasNumberError as error:
        return _not_found(text, str(error))
    held = list_standing(list_with_cas(number))
    if len(held) == 1:
        return _found(text, "cas", held[0].key, held[0].name, f"CAS number {number}")
    return (
        _several(text, held, f"the CAS number {number}")
        or _resolve_form(text, "cas", find_form_with(cas=number))
        or _not_found(text, f"no substance with the CAS number {number} is in the register")
    )


def _resolve_form(text: str, tier: Tier, form: SubstanceForm | None) -> Resolution | None:
    """Resolve a form that the register holds to the substance of that form."""
    if form is None:
        return None
    substance = form.substance.standing
    reason = f"a form of it in the register, {form.name}"
    return _found(text, tier, substance.key, substance.name, reason, form.form)


def _resolve_name(text: str, wanted: str, names: NameIndex) -> Resolution | None:
    match = names.find(wanted)
    if match is None or match.tier != "exact":
        meaning = load_statements().find(wanted)
        if meaning is not None and not names.is_street_name(wanted):
            reason = f"a statement that names no substance: {meaning}"
            return replace(_not_found(text, reason), statement=meaning)
    return None if match is None else _take_match(text, match, names)


def _take_match(text: str, match: NameMatch, names: NameIndex) -> Resolution:
    if len(match.keys) == 1:
        key = match.keys[0]
        reason = (
            "this very name is in the register"
            if match.tier == "exact"
            else "a name in the register but for its form"
        )
        return _found(text, match.tier, key, names.get_preferred_name(key), reason, match.form)
    shared = "several substances share this name"
    return _candidates(
        text,
        [NameCandidate(key, names.get_preferred_name(key), 100, shared) for key in match.keys],
        shared,
    )


def _resolve_first_block(text: str, wanted: str) -> Resolution | None:
    """Resolve the first block of an InChIKey, which leaves the configuration open."""
    if not _FIRST_BLOCK.fullmatch(wanted):
        return None
    alike = list_standing(list_with_connectivity(wanted))
    if len(alike) == 1 and _states_no_configuration(alike[0]):
        reason = f"the only substance whose InChIKey begins with {wanted}"
        return _found(text, "inchikey", alike[0].key, alike[0].name, reason)
    return _offer_alike(text, alike)


def _resolve_smiles(text: str, wanted: str) -> Resolution | None:
    """Resolve a SMILES; None where the text could as well be a name that is not held."""
    if not _SMILES_ALPHABET.fullmatch(wanted):
        return None
    try:
        resolution = _resolve_structure(text, wanted, "smiles")
    except BadStructureError:
        return None
    if resolution.substance is not None and _ABBREVIATION.fullmatch(wanted):
        key, name = resolution.substance.key, resolution.substance.name
        reason = "a SMILES of this substance, and perhaps an abbreviation of another"
        return _candidates(text, [NameCandidate(key, name, _PARENT_SCORE, reason)], reason)
    if resolution.tier == "not-found" and _BARE_ATOMS.fullmatch(wanted):
        return None
    return resolution


def _resolve_systematic_name(
    text: str,
    wanted: str,
    names: NameIndex,
    read_systematic_name: ReadSystematicName | None,
) -> Resolution | None:
    if (
        read_systematic_name is None
        or len(wanted) > LONGEST_NAME_CHARACTERS
        or not (_SYSTEMATIC.match(wanted) and _WORD.search(wanted))
        or names.find_name_at_the_end(wanted) not in _PARENTS
        or "phenone" in wanted.lower()
    ):
        return None
    smiles = read_systematic_name(wanted)
    if smiles is None:
        return None
    try:
        # The words of an ester written as one are read as an ion: then nothing is taken.
        if _CHARGE.search(parse_structure(smiles).formula) or _may_be_ester(smiles):
            return None
        return _resolve_structure(text, smiles, "systematic")
    except BadStructureError:
        return None


def _may_be_ester(smiles: str) -> bool:
    """Tell whether a name's last word, read as a salt's acid, could as well make an ester.

    "Estradiol acetate" is an ester; only a base has salts, and those of acetic or phosphoric acid
    are named like the esters that a base with a hydroxyl group has too.
    """
    part = find_form(smiles)
    if part is None:
        return True
    forms = set(part.form.split(", ")) - {""}
    if forms - _NO_ACIDS - _ACIDS_OF_SALTS:
        return True
    return bool(forms - _NO_ACIDS) and not is_base(part.parent.smiles)


def _resolve_structure(text: str, smiles: str, tier: Tier) -> Resolution:
    """Resolve a structure as it is drawn, and else by its parent; raises BadStructureError."""
    structure = parse_structure(smiles)
    part = find_form(smiles)
    resolution = _resolve_inchikey(text, structure.inchikey, tier, part.form if part else "")
    if resolution is not None:
        return resolution
    if part is None:
        return _not_found(text, "a mixture: the structure has several parts that are no ions")
    if part.parent.inchikey != structure.inchikey:
        by_parent = _resolve_inchikey(text, part.parent.inchikey, tier, part.form)
        if by_parent is not None:
            return by_parent
    return _not_found(text, _describe_unknown(structure))


def _describe_unknown(structure: Structure) -> str:
    return (
        f"a structure of the formula {structure.formula}; no substance with its InChIKey "
        f"{structure.inchikey} is in the register"
    )


def _resolve_inchikey(
    text: str, inchikey: str, tier: Tier, form: str | None = None
) -> Resolution | None:
    """Resolve an InChIKey; a form of a substance without configuration is that substance.

    form: what the structure itself states; None where only the InChIKey is known.
    """
    entries = list_with_connectivity(inchikey[:_CONNECTIVITY_CHARACTERS])
    alike = list_standing(entries)
    held = list_standing(one for one in entries if one.inchikey == inchikey)
    if len(held) == 1:
        found = held[0]
        return _found(text, tier, found.key, found.name, f"InChIKey {inchikey}", form or "")
    if held:
        return _several(text, held, f"the InChIKey {inchikey}")
    if len(alike) == 1 and _states_no_configuration(alike[0]):
        described = _describe_form(inchikey, form)
        return _found(text, tier, alike[0].key, alike[0].name, _SAME_CONNECTIVITY, described)
    return _offer_alike(text, alike)


def _describe_form(inchikey: str, form: str | None) -> str:
    if inchikey[15:].startswith(NO_CONFIGURATION):
        return form or "ion"
    if form is None:
        return "stereoisomer or isotopologue"
    if "isotopologue" in form:
        return form
    return ", ".join(filter(None, (form, "stereoisomer")))


def _states_no_configuration(substance: Substance) -> bool:
    return substance.inchikey[15:].startswith(NO_CONFIGURATION)


def _offer_alike(text: str, alike: list[Substance]) -> Resolution | None:
    if not alike:
        return None
    return _candidates(
        text,
        [
            NameCandidate(one.key, one.name, _CONNECTIVITY_SCORE, _SAME_CONNECTIVITY)
            for one in alike
        ],
        _SAME_CONNECTIVITY,
    )


def _offer_candidates(text: str, wanted: str, names: NameIndex | None) -> Resolution:
    if len(wanted) > LONGEST_NAME_CHARACTERS:
        return _not_found(
            text,
            f"neither a readable structure nor a name: {len(wanted)} characters, and names have "
            f"at most {LONGEST_NAME_CHARACTERS}",
        )
    if names is None:
        return _not_found(text, "no name in the register; names like it were not looked for")
    candidates = names.list_candidates(wanted, limit=_MOST_CANDIDATES)
    if not candidates:
        return _not_found(text, "no name in the register is like it")
    return _candidates(text, candidates, "not a name in the register; some names are like it")


def _several(text: str, held: list[Substance], what: str) -> Resolution | None:
    if not held:
        return None
    reason = f"several substances have {what}"
    return _candidates(
        text, [NameCandidate(one.key, one.name, 100, reason) for one in held], reason
    )


def _found(text: str, tier: Tier, key: str, name: str, reason: str, form: str = "") -> Resolution:
    return Resolution(text, tier, ResolvedSubstance(key, name), (), reason, form)


def _candidates(text: str, candidates: Iterable[NameCandidate], reason: str) -> Resolution:
    return Resolution(text, "candidates", None, tuple(candidates), reason)


def _not_found(text: str, reason: str) -> Resolution:
    return Resolution(text, "not-found", None, (), reason)
