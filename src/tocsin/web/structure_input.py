"""Structures as people give them: a SMILES, an InChI, or a molfile sent as a file."""

import re
from typing import Any

from django.utils.translation import gettext as _
from rdkit import Chem, rdBase

from tocsin.errors import BadStructureError
from tocsin.science.chemical_forms import is_inchi_shaped, parse_inchi
from tocsin.science.structures import (
    LONGEST_SMILES_CHARACTERS,
    MOST_HEAVY_ATOMS,
    parse_structure,
    require_few,
)

MOST_MOLFILE_BYTES = 100 * 1024
_MOST_PROBLEMS = 3
_COUNTS_LINE = 3
_RECORD_END = "$$$$"
# The tokens of SMILES; a word such as "ethyl" has letters that are none of them. Each token is
# taken whole and for good, so that a text of open brackets is read once and not in every way.
_SMILES = re.compile(
    r"(?>\[[^\[\]\s]{0,40}+\]?+|Br|Cl|[BCNOPSFIbcnops*]|[=#$:/\\\-.()%~0-9])++", re.ASCII
)
_NOTATION = re.compile(r"[=#()\[\]]|[A-Za-z]\d|\.")
_COUNTS = re.compile(r"\s*(\d{1,3})\s*(\d{1,3}).*(V2000|V3000)?")
# RDKit makes room for as many atoms as a V3000 file says, before it reads the first.
_V3000_CONTINUED = re.compile(r"-[^\S\n]*\nM  V30 ", re.IGNORECASE)
_V3000_COUNTS = re.compile(r"COUNTS[^\d\n]*(\d+)[^\d\n]*(\d*)", re.IGNORECASE)
_MOST_MOLFILE_LINES = 12 * MOST_HEAVY_ATOMS


def find_given_smiles(text: str) -> str | None:
    """Find the structure that a text spells as SMILES or InChI; None where it is neither.

    Raises BadStructureError, with what is wrong in words, where it is one but cannot be read.
    """
    wanted = text.strip()
    if is_inchi_shaped(wanted):
        smiles = parse_inchi(wanted)
        parse_structure(smiles)
        return smiles
    if not _SMILES.fullmatch(wanted) or not _NOTATION.search(wanted):
        return None
    _require_readable(wanted)
    parse_structure(wanted)
    return wanted


def parse_molfile(content: bytes) -> str:
    """Read a molfile (V2000 or V3000, one structure) and return its SMILES.

    Raises BadStructureError where it is too large, none, holds several structures or too many
    atoms, or breaks the rules of valence.
    """
    if len(content) > MOST_MOLFILE_BYTES:
        raise BadStructureError(
            _("The molfile has %(found)d bytes; at most %(most)d are read.")
            % {"found": len(content), "most": MOST_MOLFILE_BYTES}
        )
    text = content.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    block, end, following = text.partition(_RECORD_END)
    if end and following.strip():
        raise BadStructureError(_("The file holds several structures. Send one."))
    _require_few_atoms(block)
    with rdBase.BlockLogs():
        molecule = Chem.MolFromMolBlock(block, sanitize=False, removeHs=False)
        if molecule is None or not molecule.GetNumAtoms():
            raise BadStructureError(
                _("The file cannot be read as a molfile. Expected one structure, V2000 or V3000.")
            )
        require_few(molecule, _("molfile"))
        _require_sound(molecule)
        # Read again whole, so that stereochemistry is taken from the drawing.
        smiles = str(Chem.MolToSmiles(Chem.MolFromMolBlock(block)))
    parse_structure(smiles)
    return smiles


def _require_few_atoms(block: str) -> None:
    """Read the count of atoms before the atoms, so that a polymer is refused at once."""
    lines = block.split("\n")
    counts = _COUNTS.match(lines[_COUNTS_LINE]) if len(lines) > _COUNTS_LINE else None
    if counts is None:
        raise BadStructureError(
            _("The file is no molfile: its fourth line has no counts of atoms and bonds.")
        )
    # Hydrogens may be written out: about two for each heavy atom.
    whole = _V3000_CONTINUED.sub("", block)
    said = [int(number or 0) for found in _V3000_COUNTS.findall(whole) for number in found]
    if len(lines) > _MOST_MOLFILE_LINES or max(said, default=0) > _MOST_MOLFILE_LINES:
        raise BadStructureError(
            _("The molfile has too many atoms; at most %(most)d heavy atoms are read.")
            % {"most": MOST_HEAVY_ATOMS}
        )


def _require_readable(smiles: str) -> None:
    if len(smiles) > LONGEST_SMILES_CHARACTERS:
        return  # parse_structure says so.
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles, sanitize=False)
        if molecule is None:
            raise BadStructureError(
                _(
                    "This SMILES cannot be read: a bracket or a ring number is left open, or a "
                    "sign is none of SMILES."
                )
            )
        _require_sound(molecule)


def _require_sound(molecule: Chem.Mol) -> None:
    try:
        problems = Chem.DetectChemistryProblems(molecule)
    except RuntimeError as error:
        # More bonds at one atom than RDKit can count.
        raise BadStructureError(_("An atom has more bonds than any atom can have.")) from error
    if problems:
        told = "; ".join(_describe(molecule, one) for one in problems[:_MOST_PROBLEMS])
        raise BadStructureError(
            _("The structure breaks the rules of chemistry: %(what)s.") % {"what": told}
        )


def _describe(molecule: Chem.Mol, problem: Any) -> str:
    kind = problem.GetType()
    if kind == "AtomValenceException":
        atom = molecule.GetAtomWithIdx(problem.GetAtomIdx())
        return _("%(element)s, atom %(number)d, has more bonds than it can have") % {
            "element": atom.GetSymbol(),
            "number": atom.GetIdx() + 1,
        }
    if kind == "KekulizeException":
        return _("an aromatic ring cannot be written with single and double bonds")
    return _("an atom is aromatic outside a ring, or in a state it cannot have")
