"""Texts that a careless or a hostile hand may give where a name or a structure is expected."""

from itertools import combinations

RING_NUMBERS = "".join(f"C%{number}" for number in range(10, 100))
"""Ninety rings opened; written twice, ninety rings closed."""

ALL_PAIRS = [
    (10 + number, pair)
    for number, pair in enumerate(
        pair for pair in combinations(range(13), 2) if pair[1] - pair[0] > 1
    )
]
"""A ring number for each two of thirteen atoms that are not neighbours."""

UNREADABLE = {
    "empty": ("", "empty text"),
    "open ring": ("C1CC", "cannot be read"),
    "open bracket": ("CC(", "cannot be read"),
    "five bonds at carbon": ("C(C)(C)(C)(C)C", "cannot be read"),
    "an aromatic ring of five carbons": ("c1cccc1", "cannot be read"),
    "polymer of 10,000 atoms": ("C" * 10_000, "expected at most 2000"),
    "polymer of 2,000 atoms": ("C" * 2_000, "found 2000 heavy atoms; expected 1 to 200"),
    "deep branches": ("C(" * 999 + "C" + ")" * 999, "expected at most 2000"),
    "branches as deep as are read": ("C(" * 660 + "C" + ")" * 660, "found 661 heavy atoms"),
    "brackets only": ("(" * 1_999, "cannot be read"),
    "square brackets only": ("[" * 1_999, "cannot be read"),
    "ninety rings": (RING_NUMBERS * 2, "found 90 rings; expected 0 to 60"),
    "uranium bound to everything": (
        "".join(
            "[U]" + "".join(f"%{number}" for number, pair in ALL_PAIRS if at in pair)
            for at in range(13)
        ),
        "found 66 rings; expected 0 to 60",
    ),
    "mixture of 200 parts": (".".join(["CCN"] * 200), "expected"),
    "mixture of 90 parts": (".".join(["C"] * 90), "found 90 parts; expected 1 to 40"),
    "wildcard": ("CC*", "wildcard"),
    "wildcard with a number": ("[1*]CC[2*]", "wildcard"),
    "reaction": ("CCO>>CC=O", "found a reaction"),
    "reaction with agents": ("CCO>[Pd]>CC=O", "found a reaction"),
    "CXSMILES": ("CCO|$_AV:a;b;c$|", "cannot be read"),
    "recursive SMARTS": ("[$([$([$(C)])])]", "cannot be read"),
    "SMARTS of atoms and bonds": ("[#6,#7]~[!#1]", "cannot be read"),
    "SMARTS as deep as is read": ("[$(" * 400 + "C" + ")]" * 400, "expected"),
    "no such element": ("[Xx]C", "cannot be read"),
    "mass number of six digits": ("[999999C]", "found a mass number above 999"),
    "charge of 200": ("[C+200]", "a charge above 9"),
    "isotope that nobody knows": ("[999C]", "found C of mass number 999"),
    "charge of 9": ("[Os+9]", "found the charge +9"),
    "charge of 20": ("[C+20]", "a charge above 9"),
    "ring number without a partner": ("C%99CC", "cannot be read"),
    "hydrogen only": ("[H][H]", "found 0 heavy atoms"),
    "Cyrillic letter in a structure": ("C\u0421C", "a character that no SMILES has"),
    "fullwidth letters": ("\uff23\uff23\uff2f", "a character that no SMILES has"),
    "zero-width joiner": ("CC\u200dO", "a character that no SMILES has"),
    "right-to-left mark": ("\u202eOCC", "a character that no SMILES has"),
    "NUL": ("CC\0O", "a character that no SMILES has"),
    "escape": ("CC\x1b[31mO", "a character that no SMILES has"),
    "InChI garbage": ("InChI=1S/" + "C" * 1_000, "cannot be read"),
    "a line of JSON": ('{"smiles":"CCO"}', "cannot be read"),
}
"""Texts that stand for no structure, by what they are, with words of what is said of each."""

READABLE = {
    "radical": "C[CH2]",
    "biradical": "[CH2]",
    "ferrocene": "[Fe+2].c1ccc[cH-]1.c1ccc[cH-]1",
    "cisplatin": "N[Pt](N)(Cl)Cl",
    "mercury": "C[Hg]C",
    "two salts of sodium": "[Na]O[Na]",
    "mixture": "CC(N)Cc1ccccc1.CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1",
    "fullerene": "c12c3c4c5c1c1c6c7c2c2c8c3c3c9c4c4c%10c5c5c1c1c6c6c%11c7c2c2c7c8c3c3c8c9c4c4c9c%10"
    "c5c5c1c1c6c6c%11c2c2c7c3c3c8c4c4c9c5c1c1c6c2c3c41",
    "chain of 200 atoms": "C" * 200,
    "star": "C(" * 66 + "C" + ")" * 66,
    "ring of 200 atoms": "C1" + "C" * 198 + "1",
    "95 stereocentres": "[C@H](O)" * 95 + "C",
    "guanidines": "NC(=N)" * 60 + "N",
    "keto-enols": "CC(=O)" * 60 + "C",
    "peptide": "NC(C)C(=O)" * 39 + "O",
    "spiro rings": "C1CC1" * 60,
    "phenyl rings": "c1ccccc1" + "-c1ccc(cc1)" * 31 + "C",
    "boron cage": "B12B3B4B5B1B1B2B3B4B51",
    "rare gas": "[Xe]",
    "atom numbers": "[CH3:1][OH:2]",
}
"""Structures that are read, however odd, each of which takes the work it can cost."""

NAMES = {
    "spaces": "   ",
    "10,000 characters": "x" * 10_000,
    "10,000 digits": "1-" * 5_000,
    "ten thousand ligatures": "\ufdfa" * 10_000,
    "as long as a name may be": "2-" + "methyl" * 80,
    "brackets as long as a name may be": "1-" + "(" * 480,
    "combining marks": "a" + "\u0301" * 450,
    "Cyrillic as a whole": "\u0433\u0435\u0440\u043e\u0438\u043d",
    "right-to-left": "\u202efentanyl\u202c",
    "private use": "\ue000\uf8ff",
    "lone surrogate as bytes": "\ufffd\ufffd",
    "format string": "%s%n{0}{{}}",
    "markup": "<script>alert(1)</script>",
    "SQL": "'; DROP TABLE substances_substance; --",
    "path": "../../etc/passwd",
    "separators": "a\u2028b\x0bc\x85d",
    "emoji": "\U0001f48a\U0001f48a",
}
"""Texts that are neither a structure nor a name that is held."""

LOOKALIKES = {
    "Cyrillic o and a": "c\u043ec\u0430ine",
    "fullwidth": "\uff43\uff4f\uff43\uff41\uff49\uff4e\uff45",
    "zero-width joiners": "co\u200dca\u200dine",
    "marks of direction": "\u200ecocaine\u200f",
}
"""Ways to write cocaine so that a person sees nothing odd."""
