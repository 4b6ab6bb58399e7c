"""Connecticut's accidental drug deaths: the whole file, row for row."""

import datetime
from pathlib import Path

import pytest

from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.formats.fitting import compile_profile
from tocsin.reports.formats.personal_data import find_personal_column
from tocsin.reports.formats.profiles import load_profile
from tocsin.reports.formats.tables import open_table

CONNECTICUT = Path("../shared/data/deaths/connecticut_2012_2022.csv.gz")
TODAY = datetime.date(2026, 11, 21)


@pytest.mark.shared
@pytest.mark.skipif(not CONNECTICUT.exists(), reason="reference data not beside the checkout")
def test_every_row_of_connecticut_becomes_a_report() -> None:
    profile = load_profile("connecticut")
    table = open_table(CONNECTICUT, known_headings=profile.list_headings())
    cells = (row.cells for row in table.iter_rows())
    assert find_personal_column(table.headings, cells) is None
    parser = compile_profile(profile, table.headings)
    outcomes = [parser.parse_row(row, today=TODAY) for row in table.iter_rows()]
    reports = [outcome for outcome in outcomes if isinstance(outcome, EvidenceReport)]
    assert (len(outcomes), len(reports), table.row_estimate) == (10_578, 10_578, 10_578)
    assert reports[0] == EvidenceReport(
        event_type="serious-adverse-event",
        event_on=datetime.date(2011, 12, 26),
        event_precision="week",
        country="US",
        local_area="Tolland",
        source="Connecticut, Accidental Drug Related Deaths",
        details=(
            ("intention", "accidental"),
            ("outcome", "death"),
            ("seriousness", ("death",)),
        ),
        findings=(
            EvidenceFinding(substance_text="cocaine", matrix="biological"),
            EvidenceFinding(substance_text="heroin", matrix="biological"),
        ),
    )
    xylazine = min(
        report.event_on
        for report in reports
        if any(finding.substance_text == "xylazine" for finding in report.findings)
    )
    assert xylazine == datetime.date(2019, 3, 4)
    assert sum(1 for report in reports if not report.local_area) == 811
