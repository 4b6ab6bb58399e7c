"""Structures: a SMILES read into its identifiers, and a drawing that a strict page may hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml.ElementTree import fromstring
from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi, rdMolDescriptors
from rdkit.Chem.Draw import rdMolDraw2D

from tocsin.errors import BadStructureError

LONGEST_SMILES_CHARACTERS = 2_000
MOST_HEAVY_ATOMS = 200
MOST_RINGS = 60
MOST_PARTS = 40
LARGEST_CHARGE = 8
SMALLEST_DRAWING_PX, LARGEST_DRAWING_PX = 16, 4_000

_PERIODIC_TABLE = Chem.GetPeriodicTable()
# RDKit keeps two bytes of a mass number, one of a charge and one of a count of hydrogens, and would
# read another number.
_NUMBER_TOO_LONG = re.compile(r"\[\d{4}|\[[^\[\]]*(?:H\d{2}|[+-]\d{2}|[+-]{9})")
_INCHIKEY = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")
_SHOWN_CHARACTERS = 60
_SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_STYLE_PROPERTIES = frozenset(
    {
        "fill",
        "fill-opacity",
        "fill-rule",
        "font-size",
        "font-style",
        "font-weight",
        "font-family",
        "opacity",
        "stroke",
        "stroke-dasharray",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-opacity",
        "stroke-width",
        "text-anchor",
    }
)
_DRAWN_ELEMENTS = frozenset({"path", "ellipse", "circle", "rect", "line", "polygon", "text"})
_GEOMETRY = frozenset(
    {"d", "cx", "cy", "r", "rx", "ry", "x", "y", "x1", "x2", "y1", "y2", "width", "height"}
    | {"points", "transform", "dx", "dy"}
)
_INK = "#000000"
# Ratios to white and to the dark page's near-black are at least 4.5 : 1 for every colour.
_LIGHT_PALETTE = {7: "#1F4FBF", 8: "#B3261E", 9: "#1B6E3C", 15: "#8A4B00", 16: "#755B00"}
_LIGHT_PALETTE |= {17: "#1B6E3C", 35: "#8A3B12", 53: "#6A1B9A"}
_DARK_PALETTE = {7: "#8FB4FF", 8: "#FF9A8F", 9: "#7FD6A0", 15: "#FFB870", 16: "#E6C84D"}
_DARK_PALETTE |= {17: "#7FD6A0", 35: "#F0A07A", 53: "#D7A6F0"}


@dataclass(frozen=True, slots=True)
class Structure:
    """The identifiers derived from one structure.

    smiles: canonical, with stereochemistry as drawn. inchikey: standard InChIKey.
    formula: Hill order, charge at the end. mass_da: average molecular mass in Da, 3 decimals.
    """

    smiles: str
    inchikey: str
    formula: str
    mass_da: float


def parse_structure(smiles: str) -> Structure:
    """Read a SMILES and derive its canonical form, InChIKey, formula and average mass.

    Raises BadStructureError as parse_molecule, and where there is no InChI (wildcard atoms).

    >>> parse_structure("OCC")
    Structure(smiles='CCO', inchikey='LFQSCWFLJHTTHZ-UHFFFAOYSA-N', formula='C2H6O', mass_da=46.069)
    """
    with rdBase.BlockLogs():
        return derive_structure(parse_molecule(smiles))


def parse_molecule(smiles: str) -> Chem.Mol:
    """Read a SMILES into a molecule, refusing what is too large before any work is done on it.

    Raises BadStructureError where the text is empty, longer than LONGEST_SMILES_CHARACTERS, not
    a SMILES that keeps the valence rules, has no heavy atom or more than MOST_HEAVY_ATOMS, more
    than MOST_RINGS rings or more than MOST_PARTS parts, or an atom that cannot be: a nuclide that
    nobody knows, or a charge beyond LARGEST_CHARGE.
    """
    text = smiles.strip()
    if not text:
        raise BadStructureError("structure: found an empty text; expected a SMILES")
    if len(text) > LONGEST_SMILES_CHARACTERS:
        raise BadStructureError(
            f"structure {_shown(text)}: found {len(text)} characters; expected at most "
            f"{LONGEST_SMILES_CHARACTERS}"
        )
    # RDKit reads a second word as the molecule's name and would let any text pass there.
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise BadStructureError(
            f"structure {_shown(text)}: found a space or a character that no SMILES has; "
            "expected one SMILES"
        )
    if _NUMBER_TOO_LONG.search(text):
        raise BadStructureError(
            f"structure {_shown(text)}: found a mass number above 999, more than 9 hydrogens at one "
            "atom or a charge above 9; expected an atom that can be"
        )
    if ">" in text:
        raise BadStructureError(
            f"structure {_shown(text)}: found a reaction; expected the SMILES of one substance"
        )
    with rdBase.BlockLogs():
        if len(text) > MOST_HEAVY_ATOMS:
            # Rings and valences are looked at only where there are not too many of them.
            unchecked = Chem.MolFromSmiles(text, sanitize=False)
            if unchecked is not None:
                require_few(unchecked, text)
        molecule = Chem.MolFromSmiles(text)
    if molecule is None:
        raise BadStructureError(
            f"structure {_shown(text)}: cannot be read; expected a SMILES that keeps the rules of "
            "valence and aromaticity"
        )
    require_few(molecule, text)
    _require_possible_atoms(molecule, text)
    for atom in molecule.GetAtoms() if ":" in text else ():
        # The numbers that a reaction gives its atoms are no part of a structure.
        atom.SetAtomMapNum(0)
    return molecule


def require_few(molecule: Chem.Mol, text: str) -> None:
    """Raise BadStructureError where a molecule, not yet examined, is too large to examine.

    text: what the structure was read from, named in the message.
    """
    heavy_atoms = molecule.GetNumHeavyAtoms()
    parts = len(Chem.GetMolFrags(molecule))
    for found, least, most, what in (
        (heavy_atoms, 1, MOST_HEAVY_ATOMS, "heavy atoms"),
        (parts, 1, MOST_PARTS, "parts"),
        (molecule.GetNumBonds() - molecule.GetNumAtoms() + parts, 0, MOST_RINGS, "rings"),
    ):
        if not least <= found <= most:
            raise BadStructureError(
                f"structure {_shown(text)}: found {found} {what}; expected {least} to {most}"
            )


def _require_possible_atoms(molecule: Chem.Mol, text: str) -> None:
    for atom in molecule.GetAtoms():
        number, isotope, charge = atom.GetAtomicNum(), atom.GetIsotope(), atom.GetFormalCharge()
        if abs(charge) > LARGEST_CHARGE:
            raise BadStructureError(
                f"structure {_shown(text)}: found the charge {charge:+d} at one atom; expected "
                f"-{LARGEST_CHARGE} to +{LARGEST_CHARGE}"
            )
        if isotope and number and not _PERIODIC_TABLE.GetMassForIsotope(number, isotope):
            raise BadStructureError(
                f"structure {_shown(text)}: found {atom.GetSymbol()} of mass number {isotope}; "
                "expected a nuclide that is known"
            )


def derive_structure(molecule: Chem.Mol) -> Structure:
    """Derive the identifiers of a molecule; raises BadStructureError where it has no InChI."""
    smiles = Chem.MolToSmiles(molecule)
    with rdBase.BlockLogs():
        try:
            inchikey = rdinchi.MolToInchiKey(molecule)
        except Chem.MolSanitizeException:
            # An aromatic ring or a bond that InChI cannot write with single and double bonds.
            inchikey = ""
    if not is_inchikey(inchikey):
        raise BadStructureError(
            f"structure {_shown(smiles)}: no InChIKey can be made of it; "
            "expected a complete structure without wildcard atoms"
        )
    return Structure(
        smiles=smiles,
        inchikey=inchikey,
        formula=rdMolDescriptors.CalcMolFormula(molecule),
        mass_da=round(derive_mass_da(molecule), 3),
    )


def derive_mass_da(molecule: Chem.Mol) -> float:
    """Return the average mass of a molecule in Da, with its hydrogens and isotopes as stated."""
    # What rdkit.Chem.Descriptors.MolWt calls; that module takes 0.4 s to import.
    return float(rdMolDescriptors._CalcMolWt(molecule))


def is_inchikey(text: str) -> bool:
    """Tell whether a text has the form of an InChIKey: 14, 10 and 1 capital letters.

    >>> is_inchikey("LFQSCWFLJHTTHZ-UHFFFAOYSA-N"), is_inchikey("fentanyl")
    (True, False)
    """
    return _INCHIKEY.fullmatch(text) is not None


def draw_structure_svg(
    smiles: str, *, width: int, height: int, dark: bool = False, title: str = ""
) -> str:
    """Draw a structure as one SVG element to be put inline into a page.

    width, height: in CSS pixels, from SMALLEST_DRAWING_PX to LARGEST_DRAWING_PX.
    dark: lighter colours of the hetero atoms, for a dark page.
    title: what a screen reader says; by default the formula.
    Carbon and bonds take the page's text colour (currentColor) and the ground is transparent.
    There is no style attribute or element, no class, no id and no script. Raises
    BadStructureError as parse_structure does, and for a size out of range.
    """
    for size_px in (width, height):
        if not SMALLEST_DRAWING_PX <= size_px <= LARGEST_DRAWING_PX:
            raise BadStructureError(
                f"drawing: found a side of {size_px} px; expected {SMALLEST_DRAWING_PX} to "
                f"{LARGEST_DRAWING_PX} px"
            )
    with rdBase.BlockLogs():
        molecule = parse_molecule(smiles)
        drawing = _draw(molecule, width, height, _DARK_PALETTE if dark else _LIGHT_PALETTE)
        spoken = title or f"Structure of {rdMolDescriptors.CalcMolFormula(molecule)}"
    picture = Element(
        "svg",
        {
            "xmlns": _SVG_NAMESPACE,
            "role": "img",
            "width": str(width),
            "height": str(height),
            "viewBox": f"0 0 {width} {height}",
        },
    )
    SubElement(picture, "title").text = spoken
    picture.extend(_plain_shapes(fromstring(drawing)))
    return tostring(picture, encoding="unicode")


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")


def _draw(molecule: Chem.Mol, width: int, height: int, palette: dict[int, str]) -> str:
    canvas = rdMolDraw2D.MolDraw2DSVG(width, height)
    options: Any = canvas.drawOptions()
    options.clearBackground = False
    options.setAtomPalette(
        {-1: _channels(_INK), **{number: _channels(hue) for number, hue in palette.items()}}
    )
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, molecule)
    canvas.FinishDrawing()
    return str(canvas.GetDrawingText())


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _plain_shapes(drawing: Element) -> Iterator[Element]:
    """Yield the shapes of RDKit's drawing with its inline styles turned into attributes."""
    for shape in drawing.iter():
        tag = shape.tag.rpartition("}")[2]
        if tag not in _DRAWN_ELEMENTS:
            continue
        attributes = dict(shape.attrib)
        for declaration in attributes.pop("style", "").split(";"):
            name, _, value = declaration.partition(":")
            attributes[name.strip()] = value.strip()
        plain = Element(
            tag,
            {
                name: "currentColor" if value.upper() == _INK else value
                for name, value in attributes.items()
                if value and (name in _STYLE_PROPERTIES or name in _GEOMETRY)
            },
        )
        plain.text = shape.text
        yield plain
