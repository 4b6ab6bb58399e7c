"""How much of what American laboratories wrote in eleven years the register understands."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from tocsin.substances.queries import Resolution, load_name_index, resolve_text

pytestmark = [pytest.mark.django_db, pytest.mark.shared]

DETECTIONS, NAMES = 17_759_878, 2_480
"""Sum and count of the file itself."""

LOWEST_SHARE_OF_DETECTIONS = 0.999
LOWEST_SHARE_OF_NAMES = 0.93


def read_counts(shared: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    path = shared / "data" / "seizures" / "nflis_annual_by_substance.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            counts[row["SubstanceDetected"]] += int(row["Freq"])
    return counts


def is_understood(found: Resolution) -> bool:
    return not found.needs_person


def test_nearly_all_detections_and_most_names_are_understood(shared: Path) -> None:
    counts = read_counts(shared)
    assert (sum(counts.values()), len(counts)) == (DETECTIONS, NAMES)
    index = load_name_index()
    understood = {text for text in counts if is_understood(resolve_text(text, index))}
    assert sum(counts[text] for text in understood) / DETECTIONS >= LOWEST_SHARE_OF_DETECTIONS
    assert len(understood) / NAMES >= LOWEST_SHARE_OF_NAMES


@pytest.mark.parametrize(
    "text",
    [
        "No Controlled Drug Identified",
        "No Drug Found",
        "Result Not Reported",
        "No Analysis",
        "Unknown",
        "Negative Results - Tested For Specific Drugs",
        "Unspecified Pharmacuetical Preparation",
        "Controlled substance",
        "Some other substance",
    ],
)
def test_a_statement_of_the_file_names_no_substance(shared: Path, text: str) -> None:
    assert text in read_counts(shared)
    assert resolve_text(text).stage == "no-substance"
