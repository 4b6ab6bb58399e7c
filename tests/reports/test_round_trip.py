"""What is written as a table of records comes in again as the same records."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.reports.world import World, make_world
from tocsin.errors import RefusedError
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.formats.cells import DatedPeriod
from tocsin.reports.formats.profiles import load_profile
from tocsin.reports.formats.record_tables import write_records, write_template
from tocsin.reports.models import Report
from tocsin.reports.queries import derive_evidence, list_reports
from tocsin.reports.record import IN_GIVEN_UNIT, Field, Kind, Level, list_fields
from tocsin.reports.record.checks import find_misfits
from tocsin.reports.record.json_schema import build_example
from tocsin.reports.record.values import check_value, from_plain, make_details, parse_value
from tocsin.reports.services import receive_file, record_report, run_import
from tocsin.reports.services.batches import IncomingReport
from tocsin.reports.services.opening import open_file
from tocsin.reports.services.storable import find_unstorable
from tocsin.reports.vocabulary import MATRIX_OF_EVENT, EventType

DAYS = st.dates(date(2000, 1, 1), date(2026, 1, 1))
WORDS = st.text("abcxyzÄéß '=+-;,\"", min_size=1, max_size=12).map(lambda text: f"q{text}q")
TEXTS = WORDS.map(lambda text: " ".join(text.split()))


def _values(field: Field) -> st.SearchStrategy[Any]:
    """Values of a field as they are held."""
    kinds: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.DATE: DAYS,
        Kind.WHOLE_NUMBER: st.integers(field.least, field.most),
        Kind.DECIMAL: st.integers(field.least * 10**field.decimals, min(field.most, 10**9)).map(
            lambda number: Decimal(number).scaleb(-field.decimals)
        ),
        Kind.COUNTRY: st.sampled_from(["AT", "GR", "XK"]),
        Kind.COUNTRIES: st.just(("NL", "DE")),
        Kind.DIGESTS: st.just(("a" * 64, "b" * 64)),
        Kind.LONG_TEXT: st.lists(TEXTS, min_size=1, max_size=3).map("\n".join),
    }
    if field.kind is Kind.CHOICE:
        return st.sampled_from(field.list_words())
    if field.kind is Kind.CHOICES:
        return st.sets(st.sampled_from(field.list_words()), min_size=1, max_size=3).map(tuple)
    return kinds.get(field.kind, TEXTS)


def _details(event_type: str, level: Level) -> st.SearchStrategy[Any]:
    fields = [field for field in list_fields(event_type, level) if not field.is_column]
    return st.fixed_dictionaries({}, optional={field.key: _values(field) for field in fields}).map(
        lambda values: make_details(
            {
                field.key: check_value(field, values[field.key])
                for field in fields
                if field.key in values
            }
        )
    )


@st.composite
def reports(draw: st.DrawFn) -> EvidenceReport:
    event_type = draw(st.sampled_from(EventType.values))
    precision = draw(st.sampled_from(["day", "week", "month"]))
    findings = draw(
        st.lists(
            st.builds(
                EvidenceFinding,
                substance_text=TEXTS,
                matrix=st.just(str(MATRIX_OF_EVENT[event_type])),
                specimen=st.just("") | TEXTS,
                technique=st.just("") | TEXTS,
                laboratory=st.just("") | TEXTS,
                details=_details(event_type, Level.FINDING),
            ),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    return EvidenceReport(
        event_type,
        DatedPeriod(draw(DAYS), "").start_of(precision),
        draw(st.sampled_from(["AT", "GR"])),
        tuple(findings),
        reference=f"R-{draw(st.integers(1, 10**6))}",
        event_precision=precision,
        received_on=draw(st.none() | DAYS),
        source=draw(st.just("") | TEXTS),
        details=draw(_details(event_type, Level.EVENT)),
    )


def _read(path: Path) -> Iterable[EvidenceReport]:
    for _number, row in open_file(path, load_profile("generic")).iter_rows():
        assert isinstance(row, IncomingReport), row
        yield row.evidence


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(
    st.lists(
        reports().filter(lambda report: not find_misfits(report)),
        min_size=1,
        max_size=3,
        unique_by=lambda report: report.reference,
    ),
    st.booleans(),
)
def test_records_of_every_type_come_in_again_as_they_went_out(
    tmp_path: Path, made: list[EvidenceReport], as_xlsx: bool
) -> None:
    path = tmp_path / "records"
    with path.open("wb") as stream:
        write_records(made, stream, as_xlsx=as_xlsx)
    assert list(_read(path)) == made


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def _example(event_type: str) -> EvidenceReport:
    """The published example of a type of event, as the plain value that is stored."""
    example = build_example(event_type)
    finding = example.pop("findings")[0]
    columns = {field.key for field in list_fields(event_type) if field.is_column}
    event = {field.key: field for field in list_fields(event_type, Level.EVENT)}
    found = {field.key: field for field in list_fields(event_type, Level.FINDING)}

    def read(values: dict[str, Any], fields: dict[str, Field]) -> dict[str, Any]:
        held = {key: parse_value(fields[key], str(values[key])) for key in values.keys() & columns}
        rest = {key: value for key, value in values.items() if key not in columns}
        return held | {"details": from_plain(rest)}

    one = read(finding, found)
    one["substance_text"] = one.pop("substance")
    one |= {"matrix": str(MATRIX_OF_EVENT[event_type]), "amount": None, "unit": ""}
    one["details"] = tuple(pair for pair in one["details"] if pair[0] not in IN_GIVEN_UNIT)
    return EvidenceReport(findings=(EvidenceFinding(**one),), **read(example, event))


@pytest.mark.django_db
def test_every_field_is_stored_exported_and_imported_into_another_node(
    world: World, tmp_path: Path
) -> None:
    sent = [_example(event_type) for event_type in EventType.values]
    sent = [
        EvidenceReport(**{**_as_dict(one), "reference": f"R-{place}"})
        for place, one in enumerate(sent)
    ]
    for one in sent:
        record_report(world.reporter, world.handling, one)
    held = [derive_evidence(one) for one in list_reports(world.analyst)]
    assert sorted(held, key=lambda one: one.reference) == sent

    path = tmp_path / "records.xlsx"
    with path.open("wb") as stream:
        assert write_records(held, stream, as_xlsx=True) == len(sent)
    again = receive_file(
        world.analyst,
        path,
        file_name=path.name,
        profile=load_profile("generic"),
        handling=world.handling,
    )
    outcome = run_import(world.reporter, again.pk)
    assert (outcome.accepted, outcome.duplicates, outcome.refused) == (0, len(sent), 0)


def _as_dict(report: EvidenceReport) -> dict[str, Any]:
    return {name: getattr(report, name) for name in EvidenceReport.__slots__}


@pytest.mark.django_db
def test_a_record_that_contradicts_itself_is_not_stored(world: World) -> None:
    finding = EvidenceFinding("fentanyl", "biological", amount=Decimal(2), unit="g")
    report = EvidenceReport("serious-adverse-event", date(2026, 3, 2), "IE", (finding,))
    assert find_unstorable(report) is not None
    with pytest.raises(RefusedError, match="report, unit: found 'g'; expected one of ng/ml"):
        record_report(world.reporter, world.handling, report)
    assert not Report.objects.for_writing().exists()


@pytest.mark.django_db
def test_a_template_takes_one_event_after_another_and_nothing_of_the_rows_left_empty(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "template.xlsx"
    with path.open("wb") as stream:
        write_template("seizure", stream)
    book = load_workbook(path)
    sheet = book["Tocsin"]
    places = {cell.value: cell.column or 0 for cell in sheet[1]}
    for row, reference in ((2, "S-1"), (3, "S-2")):
        for key, value in {
            "reference": reference,
            "event_on": "2026-03-02",
            "country": "AT",
            "substance": "fentanyl",
        }.items():
            sheet.cell(row, places[key], value)
    book.save(path)
    received = receive_file(
        world.analyst,
        path,
        file_name=path.name,
        profile=load_profile("generic"),
        handling=world.handling,
    )

    outcome = run_import(world.reporter, received.pk)

    assert (outcome.accepted, outcome.duplicates, outcome.refused) == (2, 0, 0)
    assert {one.event_type for one in list_reports(world.analyst)} == {"seizure"}


def test_a_template_has_lists_help_and_imports_without_a_profile(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    with path.open("wb") as stream:
        write_template("serious-adverse-event", stream)
    book = load_workbook(path)
    sheet = book["Tocsin"]
    headings = [cell.value for cell in sheet[1]]
    assert headings == [
        "event_group",
        *(field.key for field in list_fields("serious-adverse-event")),
    ]
    with_lists = sum(field.kind is Kind.CHOICE for field in list_fields("serious-adverse-event"))
    assert len(sheet.data_validations.dataValidation) == with_lists
    assert book["Help"].max_row == len(headings)

    filled: dict[str, str | int] = {
        "event_group": "1",
        "event_type": "serious-adverse-event",
        "event_on": "2026-03-02",
        "country": "AT",
        "severity": "3",
        "signs": "miosis; unconsciousness",
        "naloxone_doses": 2,
        "substance": "fentanyl",
        "role": "contributory",
    }
    for key, value in filled.items():
        sheet.cell(2, headings.index(key) + 1, value)
    sheet.cell(3, 1, "1")
    sheet.cell(3, headings.index("substance") + 1, "ethanol")
    book.save(path)
    (report,) = _read(path)
    assert report == EvidenceReport(
        "serious-adverse-event",
        date(2026, 3, 2),
        "AT",
        (
            EvidenceFinding("fentanyl", "biological", details=(("role", "contributory"),)),
            EvidenceFinding("ethanol", "biological"),
        ),
        details=(
            ("naloxone_doses", 2),
            ("severity", "3"),
            ("signs", ("unconsciousness", "miosis")),
        ),
    )
