"""The annexes of the BtMG read from both layouts of the copies."""

import datetime
from pathlib import Path

import pytest

from tocsin.law.curation.btmg import Row, merge_states, parse_annexes
from tocsin.law.curation.routes import is_alike

TABLES = """
# Anlage I – (nicht verkehrsfähig)
<table><tr><td colspan="3">INN</td><td>andere</td><td>chemische Namen (IUPAC)</td></tr>
<tr><td>Etonitazen</td><td>-</td><td>{2-[2-(4-Ethoxybenzyl)-5-nitrobenzimidazol-1-yl]ethyl}diethylazan</td></tr>
<tr><td>-</td><td>MDMA</td><td>[1-(1,3-Benzodioxol-5-yl)propan-2-yl](methyl)azan</td></tr>
<tr><td>- die Salze der in dieser Anlage</td></tr></table>
# Anlage II – (verkehrsfähig)
<table><tr><td>Aminorex</td><td>-</td><td>5-Phenyl-4,5-dihydro-1,3-oxazol-2-ylazan</td></tr></table>
# Anlage III – (verschreibungsfähig)
<table><tr><td>Diazepam</td><td>-</td><td>7-Chlor-1-methyl-5-phenyl-1,3-dihydro-2
H-1,4-benzodiazepin-2-on</td></tr>
<tr><td>- ausgenommen in Zubereitungen, die je abgeteilte Form bis zu 10 mg Diazepam enthalten -</td>
</tr></table>
"""

PARAGRAPHS = """
# Anlage I –

chemische Namen (IUPAC)

Etonitazen

\\-

{2-\\[2-(4-Ethoxybenzyl)-5-nitrobenzimidazol-1-yl\\]ethyl}diethylazan

\u00a0

MDMA

\\[1-(1,3-Benzodioxol-5-yl)propan-2-yl\\](methyl)azan

\\- die Salze der in dieser Anlage aufgeführten Stoffe

# Anlage II –

chemische Namen (IUPAC)

# Anlage III –

chemische Namen (IUPAC)

Diazepam

\\-

7-Chlor-1-methyl-5-phenyl-1,3-dihydro-2H-1,4-benzodiazepin-2-on

\\-
ausgenommen in Zubereitungen, die je abgeteilte Form bis zu 10 mg Diazepam enthalten -
"""


def _brief(rows: list[Row]) -> list[tuple[str, str, str, int]]:
    return [(one.annex, one.inn, one.other, len(one.exemption)) for one in rows]


def test_tables_and_paragraphs_give_the_same_rows() -> None:
    tables, paragraphs = parse_annexes(TABLES), parse_annexes(PARAGRAPHS)
    assert _brief(tables) == [
        ("I", "Etonitazen", "", 0),
        ("I", "", "MDMA", 0),
        ("II", "Aminorex", "", 0),
        ("III", "Diazepam", "", 1),
    ]
    assert _brief(paragraphs) == [one for one in _brief(tables) if one[0] != "II"]
    assert {one.key: one.systematic for one in paragraphs}.items() <= {
        one.key: one.systematic for one in tables
    }.items()


def test_states_are_merged_into_days_seen_and_possible() -> None:
    first, second = datetime.date(2024, 5, 24), datetime.date(2026, 1, 4)
    entries = merge_states({first: parse_annexes(PARAGRAPHS), second: parse_annexes(TABLES)})
    by_key = {one["key"]: one for one in entries}
    assert by_key["II-aminorex"]["valid_from"] == "2026-01-04"
    assert by_key["II-aminorex"]["possible_from"] == "2024-05-25"
    assert by_key["III-diazepam"]["exempt_up_to_mg"] == "10"
    assert all(one["valid_to"] == "" for one in entries)


@pytest.mark.parametrize(
    ("ours", "theirs", "alike"),
    [
        ("Etonitazen", "etonitazene", True),
        ("Phencyclidin", "phencyclidine", True),
        ("2C-T-2", "2C-T-7", False),
        ("JWH-018", "JWH-019", False),
        ("MDA", "MDMA", False),
    ],
)
def test_names_are_alike_across_spelling_but_not_across_digits(
    ours: str, theirs: str, alike: bool
) -> None:
    assert is_alike(ours, theirs) is alike


@pytest.mark.shared
def test_the_three_states_hold_what_is_shipped(shared: Path) -> None:
    counts = [
        len(parse_annexes((shared / "law" / name).read_text(encoding="utf-8")))
        for name in (
            "history/de_BtMG_2024-05-24.md",
            "history/de_BtMG_2026-01-04.md",
            "de_BtMG.md",
        )
    ]
    assert counts == [461, 468, 481]
