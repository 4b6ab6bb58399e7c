"""Rows to reports: every field, every problem, all problems of a row at once."""

import datetime
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import BadHeadingError
from tocsin.reports.evidence import CellProblem, EvidenceFinding, EvidenceReport
from tocsin.reports.formats.fitting import compile_profile, parse_row
from tocsin.reports.formats.layout import TableRow
from tocsin.reports.formats.profiles import load_profile, parse_profile

TODAY = datetime.date(2026, 11, 21)
WORKBOOK = load_profile("laboratory_workbook")
HEADINGS = (
    "Probennummer",
    "Eingangsdatum",
    "Ereignisdatum",
    "Art",
    "Bundesland (NUTS)",
    "Substanz",
    "Menge",
    "Einheit",
    "Reinheit %",
    "Methode",
    "Identifizierung",
)
GOOD = {
    "Probennummer": "AT-17",
    "Eingangsdatum": "12.11.2026",
    "Ereignisdatum": "10.11.2026",
    "Art": "Sicherstellung",
    "Bundesland (NUTS)": "DE2",
    "Substanz": "Kokain",
    "Menge": "3,25",
    "Einheit": "Gramm",
    "Reinheit %": "45,5 %",
    "Methode": "GC-MS",
    "Identifizierung": "Stufe 1",
}


def make_row(**changes: str) -> TableRow:
    cells = GOOD | {key.replace("_", " "): value for key, value in changes.items()}
    return TableRow(17, tuple(cells[heading] for heading in HEADINGS))


def parse(row: TableRow) -> EvidenceReport | tuple[CellProblem, ...]:
    return parse_row(WORKBOOK, HEADINGS, row, today=TODAY)


def test_a_row_of_the_laboratory_workbook_becomes_this_report() -> None:
    assert parse(make_row()) == EvidenceReport(
        event_type="seizure",
        event_on=datetime.date(2026, 11, 10),
        country="DE",
        reference="AT-17",
        received_on=datetime.date(2026, 11, 12),
        region="DE2",
        findings=(
            EvidenceFinding(
                substance_text="Kokain",
                matrix="seized",
                amount=Decimal("3.25"),
                unit="g",
                purity_percent=Decimal("45.5"),
                technique="GC-MS",
                identification_level="schymanski-1",
            ),
        ),
    )


def test_several_substances_in_a_cell_share_the_amount_and_have_their_own_purity() -> None:
    report = parse(make_row(Substanz="Kokain; Levamisol", **{"Reinheit_%": "60;2,5"}))
    assert isinstance(report, EvidenceReport)
    assert [
        (finding.substance_text, finding.amount, finding.unit, finding.purity_percent)
        for finding in report.findings
    ] == [
        ("Kokain", Decimal("3.25"), "g", Decimal("60")),
        ("Levamisol", Decimal("3.25"), "g", Decimal("2.5")),
    ]


def test_numbered_columns_are_further_findings_that_share_what_has_no_column_of_its_own() -> None:
    headings = (
        *("Probe", "Ereignisdatum", "Art", "Methode", "Labor"),
        *("Substanz 1", "Menge 1", "Einheit 1", "Substanz 2", "Reinheit % 2"),
    )
    row = ("P1", "01.11.2026", "Fundort", "GC-MS", "Lab B", "MDMA", "2", "g", "Coffein", "5")
    report = parse_row(WORKBOOK, headings, TableRow(2, row), today=TODAY)
    assert isinstance(report, EvidenceReport)
    shared = EvidenceFinding("", matrix="site", technique="GC-MS", laboratory="Lab B")
    assert report.findings == (
        replace(shared, substance_text="MDMA", amount=Decimal(2), unit="g"),
        replace(shared, substance_text="Coffein", purity_percent=Decimal(5)),
    )


@pytest.mark.parametrize(
    ("changes", "column", "code", "found", "expected"),
    [
        pytest.param(
            {"Ereignisdatum": "31.11.2026"},
            "Ereignisdatum",
            "bad-date",
            "31.11.2026",
            "November has 30 days. Expected DD.MM.YYYY",
            id="no such day",
        ),
        pytest.param(
            {"Ereignisdatum": "29.02.2025"},
            "Ereignisdatum",
            "bad-date",
            "29.02.2025",
            "February 2025 has 28 days. Expected DD.MM.YYYY",
            id="no leap year",
        ),
        pytest.param(
            {"Ereignisdatum": "11/21/2026"},
            "Ereignisdatum",
            "bad-date",
            "11/21/2026",
            "DD.MM.YYYY",
            id="another form",
        ),
        pytest.param(
            {"Eingangsdatum": "22.11.2026"},
            "Eingangsdatum",
            "future-date",
            "22.11.2026",
            "a date up to 2026-11-21",
            id="tomorrow",
        ),
        pytest.param(
            {"Ereignisdatum": "-"},
            "Ereignisdatum",
            "missing",
            "-",
            "a value for event_on",
            id="no date",
        ),
        pytest.param(
            {"Probennummer": ""},
            "Probennummer",
            "missing",
            "",
            "a value for reference",
            id="required by the profile",
        ),
        pytest.param(
            {"Substanz": " ; "},
            "Substanz",
            "missing",
            ";",
            "the substance of this amount",
            id="name",
        ),
        pytest.param(
            {"Substanz": "", "Menge": "", "Reinheit_%": ""},
            "Substanz",
            "missing",
            "",
            "a substance",
            id="nothing found",
        ),
        pytest.param(
            {"Menge": "ca. 5"},
            "Menge",
            "bad-number",
            "ca. 5",
            "a number of 0 or more, such as 12,5",
            id="words",
        ),
        pytest.param(
            {"Menge": "1.250"},
            "Menge",
            "bad-number",
            "1.250",
            "1250 or 1,250: without a sign for thousands",
            id="ambiguous",
        ),
        pytest.param(
            {"Menge": "0,0000001"},
            "Menge",
            "bad-number",
            "0,0000001",
            "at most 6 decimals; take a smaller unit",
            id="too small to hold",
        ),
        pytest.param(
            {"Menge": "1000000000000"},
            "Menge",
            "bad-number",
            "1000000000000",
            "at most 12 digits before the mark",
            id="too large to hold",
        ),
        pytest.param(
            {"Reinheit_%": "100,5"},
            "Reinheit %",
            "purity-out-of-range",
            "100,5",
            "a percentage from 0 to 100",
            id="purity",
        ),
        pytest.param(
            {"Substanz": "Kokain;Coffein;Koffein"},
            "Reinheit %",
            "unequal-lists",
            "45,5 %",
            "3 values, one for each substance in the same order",
            id="one purity for three",
        ),
        pytest.param(
            {"Bundesland_(NUTS)": "Bayern"},
            "Bundesland (NUTS)",
            "bad-region",
            "Bayern",
            "a NUTS code: country and one to three signs, such as DE2",
            id="no NUTS code",
        ),
        pytest.param(
            {"Bundesland_(NUTS)": "AT13"},
            "Bundesland (NUTS)",
            "bad-region",
            "AT13",
            "a NUTS code of country DE",
            id="another country",
        ),
        pytest.param(
            {"Methode": "x" * 121},
            "Methode",
            "too-long",
            "x" * 80,
            "at most 120 characters",
            id="long",
        ),
        pytest.param(
            {"Methode": "ask anna@example.org"},
            "Methode",
            "looks-personal",
            "(withheld)",
            "no personal data; this looks like an e-mail address",
            id="e-mail",
        ),
        pytest.param(
            {"Ereignisdatum": "call +49 151 23456789"},
            "Ereignisdatum",
            "looks-personal",
            "(withheld)",
            "no personal data; this looks like a phone number",
            id="phone",
        ),
        pytest.param(
            {"Substanz": "#N/A"},
            "Substanz",
            "spreadsheet-error",
            "#N/A",
            "a value; the cell shows an error of the spreadsheet",
            id="error of the spreadsheet",
        ),
    ],
)
def test_a_bad_cell_is_refused_with_what_was_found_and_expected(
    changes: dict[str, str], column: str, code: str, found: str, expected: str
) -> None:
    assert parse(make_row(**changes)) == (CellProblem(17, column, code, found, expected),)


def test_all_problems_of_a_row_come_at_once() -> None:
    problems = parse(
        make_row(Ereignisdatum="1.13.2026", Art="Fund", Einheit="Schaufel", Identifizierung="gut")
    )
    assert isinstance(problems, tuple)
    assert [(problem.column, problem.code) for problem in problems] == [
        ("Art", "unknown-event-type"),
        ("Ereignisdatum", "bad-date"),
        ("Einheit", "unknown-unit"),
        ("Identifizierung", "unknown-identification-level"),
    ]


def test_a_ragged_row_is_refused_whole_and_empty_extra_cells_are_not_ragged() -> None:
    cells = make_row().cells
    expected = "11 cells, as many as there are headings"
    for ragged in (cells[:-1], (*cells, "x")):
        assert parse(TableRow(5, ragged)) == (
            CellProblem(5, "", "ragged-row", f"{len(ragged)} cells", expected),
        )
    assert isinstance(parse(TableRow(5, (*cells, "", " "))), EvidenceReport)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("3", "3"),
        ("3,250", "3.25"),
        ("1.234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("1 234,5", "1234.5"),
        ("0,000001", "0.000001"),
        ("0,3333333333", "0.333333"),
        ("5,00", "5"),
    ],
)
def test_numbers_with_decimal_comma(text: str, amount: str) -> None:
    report = parse(make_row(Menge=text))
    assert isinstance(report, EvidenceReport)
    assert str(report.findings[0].amount) == amount


@pytest.mark.parametrize(
    ("text", "first_day", "precision"),
    [
        ("2026-11-18", datetime.date(2026, 11, 18), "day"),
        ("18.11.2026", datetime.date(2026, 11, 18), "day"),
        ("2026-11-18 09:40:00", datetime.date(2026, 11, 18), "day"),
        ("2026-W47", datetime.date(2026, 11, 16), "week"),
        ("2026-11", datetime.date(2026, 11, 1), "month"),
    ],
)
def test_a_date_keeps_the_precision_it_was_written_with(
    text: str, first_day: datetime.date, precision: str
) -> None:
    generic = load_profile("generic")
    headings = ("date", "event type", "country", "substance")
    row = TableRow(2, (text, "death", "uk", "heroin"))
    report = parse_row(generic, headings, row, today=TODAY)
    assert isinstance(report, EvidenceReport)
    assert (report.event_on, report.event_precision) == (first_day, precision)
    assert (report.country, report.event_type) == ("GB", "serious-adverse-event")


def test_the_range_of_a_count_keeps_its_unit_where_no_amount_stands() -> None:
    headings = (
        *("event type", "date", "period_end", "country", "substance"),
        *("smallest_amount", "largest_amount", "unit"),
    )
    cells = ("aggregated-counts", "2026-01-01", "2026-06-30", "AT", "MDMA", "0.5", "8", "grams")
    report = parse_row(load_profile("generic"), headings, TableRow(2, cells), today=TODAY)
    assert isinstance(report, EvidenceReport)
    assert report.findings == (
        EvidenceFinding(
            "MDMA",
            "unspecified",
            unit="g",
            details=(("largest_amount", Decimal(8)), ("smallest_amount", Decimal("0.5"))),
        ),
    )


@pytest.mark.parametrize(
    ("event_type", "unit", "held"),
    [
        pytest.param("seizure", "G", "g", id="capital gram"),
        pytest.param("seizure", "ML", "ml", id="capital millilitre"),
        pytest.param("biological-sample", "\u00b5g/l", "µg/l", id="micro sign"),
        pytest.param("biological-sample", "\u03bcg/L", "µg/l", id="Greek letter"),
        pytest.param("biological-sample", "ug/ml", "mg/l", id="the same quantity"),
        pytest.param("wastewater", "mg/day/1000inh", "mg/day/1000", id="load"),
        pytest.param("wastewater", "mg/day/1,000 inhabitants", "mg/day/1000", id="its label"),
        pytest.param("seizure", "ng/ml", "wrong-dimension", id="concentration of a seizure"),
        pytest.param("wastewater", "tablets", "wrong-dimension", id="count of a load"),
        pytest.param("serious-adverse-event", "g", "wrong-dimension", id="mass of a poisoning"),
        pytest.param("seizure", "g/ml", "unknown-unit", id="none of the record"),
    ],
)
def test_a_unit_is_read_as_it_is_written_and_must_fit(
    event_type: str, unit: str, held: str
) -> None:
    headings = ("event type", "date", "country", "substance", "amount", "unit")
    row = TableRow(2, (event_type, "2026-03-02", "AT", "MDMA", "4", unit))
    read = parse_row(load_profile("generic"), headings, row, today=TODAY)
    if isinstance(read, EvidenceReport):
        assert [(one.amount, one.unit) for one in read.findings] == [(Decimal(4), held)]
    else:
        assert [(one.column, one.code) for one in read] == [("unit", held)]


def test_a_week_begins_on_its_monday() -> None:
    profile = load_profile("connecticut")
    row = TableRow(2, ("2019-03-07", "OTHER/UNKNOWN", "xylazine"))
    report = parse_row(profile, ("week", "region", "substances"), row, today=TODAY)
    assert isinstance(report, EvidenceReport)
    assert (report.event_on, report.local_area) == (datetime.date(2019, 3, 4), "")


@pytest.mark.parametrize(
    ("headings", "message"),
    [
        pytest.param(("week", "region"), "no heading 'substances' for substance", id="missing"),
        pytest.param(("week", "substances", "Week"), "columns 1 and 3", id="twice"),
    ],
)
def test_headings_that_do_not_fit_the_profile_are_named(
    headings: tuple[str, ...], message: str
) -> None:
    with pytest.raises(BadHeadingError, match=message):
        compile_profile(load_profile("connecticut"), headings)


def test_headings_beyond_the_profile_are_listed_and_the_mark_is_passed_over() -> None:
    parser = compile_profile(
        load_profile("connecticut"), ("Week", "Remarks", "substances", "Tocsin: problems")
    )
    assert parser.matches == {"Week": "event_on", "substances": "substance"}
    assert parser.ignored_headings == ("Remarks",)


@given(cells=st.lists(st.text(max_size=30), min_size=9, max_size=13).map(tuple))
def test_parsing_a_row_never_raises(cells: tuple[str, ...]) -> None:
    outcome = parse(TableRow(2, cells))
    assert isinstance(outcome, EvidenceReport) or outcome


@given(st.data())
def test_one_bad_cell_in_a_good_row_never_raises_and_names_its_column(data: st.DataObject) -> None:
    heading = data.draw(st.sampled_from(HEADINGS))
    text = data.draw(
        st.text(st.characters(), max_size=20) | st.from_regex(r"[\d.,:/+ -]{1,14}", fullmatch=True)
    )
    outcome = parse(make_row(**{heading: text}))
    if isinstance(outcome, tuple):
        assert {problem.column for problem in outcome} <= {heading, "Substanz", "Reinheit %"}
    else:
        assert len(outcome.derive_content_digest()) == 32


def test_an_unmapped_word_is_taken_if_it_is_the_record_s_own() -> None:
    profile = parse_profile(
        '[columns]\nevent_on="d"\nsubstance="s"\nevent_type="t"\n[constants]\ncountry="FR"\n'.replace(
            "[columns]", 'name="p"\n[columns]', 1
        )
    )
    row = TableRow(2, ("2026-01-05", "MDMA", "Online-Purchase"))
    report = parse_row(profile, ("d", "s", "t"), row, today=TODAY)
    assert isinstance(report, EvidenceReport)
    assert (report.event_type, report.findings[0].matrix) == ("online-purchase", "purchased")
