"""Drawings of a structure for pages, plain or with groups of its atoms marked.

The drawings are for images of a page (``data:`` addresses), always on a white ground: their inline
styles would be refused inside the page itself.
"""

import base64
import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rdkit import Chem, rdBase
from rdkit.Chem.Draw import rdMolDraw2D

from tocsin.errors import BadStructureError
from tocsin.science.structures import draw_structure_svg

SCAFFOLD, FITTING, FAILING, DIFFERING = "scaffold", "fitting", "failing", "differing"
_FILLS = {
    SCAFFOLD: (0.83, 0.89, 0.96),
    FITTING: (0.80, 0.93, 0.87),
    FAILING: (0.99, 0.80, 0.76),
    DIFFERING: (0.99, 0.87, 0.66),
}
_DRAWINGS_KEPT = 400


@dataclass(frozen=True, slots=True)
class Mark:
    """Atoms to mark alike, as SCAFFOLD, FITTING, FAILING or DIFFERING, with a short label."""

    atoms: tuple[int, ...]
    kind: str
    label: str = ""


def derive_drawing_url(smiles: str, name: str) -> str:
    """The address of a plain drawing; empty where there is no structure or it cannot be read."""
    if not smiles:
        return ""
    try:
        drawing = draw_structure_svg(smiles, width=320, height=240, title=name)
    except BadStructureError:
        return ""
    return _write_address(drawing)


@functools.lru_cache(maxsize=_DRAWINGS_KEPT)
def derive_marked_drawing_url(
    smiles: str, marks: tuple[Mark, ...], *, width: int, height: int, numbered: bool = False
) -> str:
    """The address of a drawing in which groups of atoms lie on coloured ground, with labels.

    numbered: write each heavy atom's number beside it, as the words of a trace count them. Empty
    where the structure cannot be read. Atoms are numbered as in the SMILES.
    """
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
        if molecule is None or not molecule.GetNumAtoms():
            return ""
        drawing = _draw(molecule, marks, width, height, numbered=numbered)
    return _write_address(drawing)


def _write_address(drawing: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"


def list_atom_numbers(atoms: Collection[int]) -> str:
    """Atom numbers as a reader likes them, runs drawn together.

    >>> list_atom_numbers([4, 0, 1, 2, 7])
    '0–2, 4, 7'
    """
    runs: list[list[int]] = []
    for one in sorted(atoms):
        if runs and one == runs[-1][1] + 1:
            runs[-1][1] = one
        else:
            runs.append([one, one])
    return ", ".join(f"{low}–{high}" if high > low else str(low) for low, high in runs)


def _draw(
    molecule: Chem.Mol, marks: Sequence[Mark], width: int, height: int, *, numbered: bool
) -> str:
    canvas = rdMolDraw2D.MolDraw2DSVG(width, height, -1, -1, True)
    options: Any = canvas.drawOptions()
    options.useBWAtomPalette()
    options.highlightBondWidthMultiplier = 14
    options.fillHighlights = True
    options.highlightRadius = 0.4
    options.continuousHighlight = True
    options.annotationFontScale = 0.65
    options.addAtomIndices = numbered
    known = range(molecule.GetNumAtoms())
    colours: dict[int, tuple[float, float, float]] = {}
    for mark in marks:
        inside = [one for one in mark.atoms if one in known]
        colours.update(dict.fromkeys(inside, _FILLS[mark.kind]))
        if mark.label and inside and not numbered:
            molecule.GetAtomWithIdx(inside[0]).SetProp("atomNote", mark.label)
    bonds = _list_bond_colours(molecule, colours)
    rdMolDraw2D.PrepareAndDrawMolecule(
        canvas,
        molecule,
        highlightAtoms=list(colours),
        highlightAtomColors=colours,
        highlightBonds=list(bonds),
        highlightBondColors=bonds,
    )
    canvas.FinishDrawing()
    return str(canvas.GetDrawingText())


def _list_bond_colours(
    molecule: Chem.Mol, colours: Mapping[int, tuple[float, float, float]]
) -> dict[int, tuple[float, float, float]]:
    """Bonds inside a marked group take its colour; bonds between groups stay plain."""
    held: dict[int, tuple[float, float, float]] = {}
    for bond in molecule.GetBonds():
        begin, end = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        if begin in colours and colours.get(end) == colours[begin]:
            held[bond.GetIdx()] = colours[begin]
    return held
