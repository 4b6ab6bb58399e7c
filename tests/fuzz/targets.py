"""Everything that reads what others wrote, each as a function of bytes that must not fail.

A target may raise an error of Tocsin's own, which is told to the sender; any other error, and more
than LONGEST_SECONDS of work for one input, is a fault.
"""

import contextlib
import io
import json
import signal
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

import typer
from rdkit import Chem

from tests.fuzz.edits import Choices, edit_bytes, edit_document
from tests.hostile_texts import LOOKALIKES, NAMES, READABLE, UNREADABLE
from tests.reports.formats.test_fhir import FENTANYL, bundle, observation
from tocsin.cli.pseudonyms.command import pseudonymise
from tocsin.cli.pseudonyms.keys import make_key, read_key
from tocsin.cli.pseudonyms.plans import read_columns
from tocsin.errors import BadValueError, TocsinError
from tocsin.reports.formats.fhir import read_bundle
from tocsin.reports.formats.guess import guess_profile
from tocsin.reports.formats.personal_data import (
    find_personal_column,
    find_personal_heading,
    find_personal_text,
)
from tocsin.reports.formats.profiles import list_profiles, load_profile, parse_profile
from tocsin.reports.formats.record_tables import write_template
from tocsin.reports.record import EVENT_FIELDS, FINDING_FIELDS
from tocsin.reports.record.values import format_value, parse_value
from tocsin.reports.services.batches import IncomingReport
from tocsin.reports.services.opening import open_file
from tocsin.reports.services.previews import preview_file, write_marked_upload
from tocsin.reports.services.storable import find_unstorable
from tocsin.reports.vocabulary import EventType
from tocsin.science.cas import is_cas_number
from tocsin.science.chemical_forms import find_form
from tocsin.science.names.folding import fold_name
from tocsin.science.names.forms import take_form
from tocsin.science.names.writing import normalise_name, part_name
from tocsin.web.structure_input import find_given_smiles, parse_molfile

KEPT = Path(__file__).parent / "kept"
"""Inputs that once were a fault, by target; the ordinary suite reads them again."""

LONGEST_SECONDS = 2.0
MOST_ROWS = 2_000


class TooSlowError(AssertionError):
    """One input took more work than any input may."""


@dataclass(frozen=True, slots=True)
class Target:
    """A reader with valid inputs to begin from."""

    read: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def run(name: str, content: bytes) -> None:
    """Let a target read an input; only a fault comes out of it."""
    with limit_work(), contextlib.suppress(TocsinError):
        TARGETS[name].read(content)


@contextmanager
def limit_work() -> Iterator[None]:
    """Raise TooSlowError where the block takes more than LONGEST_SECONDS of the processor."""

    def refuse(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlowError(f"more than {LONGEST_SECONDS} s of work")

    former = signal.signal(signal.SIGPROF, refuse)
    signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, former)


def list_kept(name: str) -> list[Path]:
    """List the files of inputs that once were a fault of a target."""
    return sorted((KEPT / name).glob("*")) if (KEPT / name).is_dir() else []


@contextmanager
def _write(content: bytes, name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tocsin-fuzz-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path


def _read_table(path: Path) -> None:
    """Do with a file all that is done between its upload and its acceptance."""
    preview = preview_file(path)
    guess_profile(preview.headings, [row.cells for row in preview.rows])
    for name in ("generic", "laboratory_workbook"):
        profile = load_profile(name)
        with contextlib.suppress(TocsinError):
            for _number, row in islice(open_file(path, profile).iter_rows(), MOST_ROWS):
                if isinstance(row, IncomingReport):
                    assert row.evidence.findings
                    assert find_unstorable(row.evidence) is None
                else:
                    assert row
            write_marked_upload(path, profile, path.with_name("marked"))


def _read_csv(content: bytes) -> None:
    with _write(content, "rows.csv") as path:
        _read_table(path)


_PARTS = (
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "[Content_Types].xml",
)


def _read_xlsx(content: bytes) -> None:
    """Read a workbook: bytes as they are, or a valid one of which a part is replaced or edited."""
    choices = Choices(content)
    kind = choices.take(("as it is", "part", "edited part", "edited whole"))
    whole = _make_workbook()
    if kind == "as it is":
        whole = choices.take_rest()
    elif kind == "edited whole":
        whole = edit_bytes(whole, choices)
    else:
        part = choices.take(_PARTS)
        held = _read_parts(whole).get(part, b"")
        new = choices.take_rest() if kind == "part" else edit_bytes(held, choices)
        whole = _write_parts({**_read_parts(whole), part: new})
    with _write(whole, "rows.xlsx") as path:
        _read_table(path)


@cache
def _make_workbook() -> bytes:
    stream = io.BytesIO()
    write_template(EventType.SEIZURE, stream)
    return stream.getvalue()


def _read_parts(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _write_parts(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, held in parts.items():
            archive.writestr(name, held)
    return stream.getvalue()


def _read_profile(content: bytes) -> None:
    profile = parse_profile(content.decode("utf-8", errors="replace"))
    assert parse_profile(profile.to_toml()) == profile
    with _write(_CSV, "rows.csv") as path, contextlib.suppress(TocsinError):
        list(open_file(path, profile).iter_rows())


def _read_fhir(content: bytes) -> None:
    """Read a bundle: bytes as they are, or a valid one with some of its values spoilt."""
    choices = Choices(content)
    if choices.take(("as it is", "edited")) == "edited":
        document = edit_document(BUNDLE, choices)
        content = json.dumps(document).encode()
    else:
        content = choices.take_rest()
    for report in read_bundle(content, name="bundle", country="AT"):
        assert report.evidence is None or not report.problems
        if report.evidence is not None and find_unstorable(report.evidence) is None:
            assert report.evidence.findings
            report.evidence.derive_content_digest()


def _read_values(content: bytes) -> None:
    text = content.decode("utf-8", errors="surrogateescape")
    for field in (*EVENT_FIELDS, *FINDING_FIELDS):
        try:
            value = parse_value(field, text)
        except BadValueError:
            continue
        assert parse_value(field, format_value(value)) == value


def _look_for_persons(content: bytes) -> None:
    text = content.decode("utf-8", errors="replace")
    lines = text.splitlines()
    find_personal_text(text)
    find_personal_heading(lines[0] if lines else "")
    find_personal_column(["Column"], [[line] for line in lines])


def _read_structure(content: bytes) -> None:
    text = content.decode("utf-8", errors="replace")
    smiles = find_given_smiles(text)
    if smiles is not None:
        find_form(smiles)


def _read_molfile(content: bytes) -> None:
    """Read a molfile: bytes as they are, or a valid one that is spoilt."""
    choices = Choices(content)
    if choices.take(("as it is", "edited")) == "edited":
        content = edit_bytes(choices.take(_make_molfiles()), choices)
    else:
        content = choices.take_rest()
    parse_molfile(content)


def _read_name(content: bytes) -> None:
    text = content.decode("utf-8", errors="replace")[:500]
    normal = normalise_name(text)
    assert normalise_name(normal) == normal
    fold_name(normal)
    take_form(text)
    part_name(text)
    is_cas_number(text)


@cache
def _make_key_text() -> bytes:
    with tempfile.TemporaryDirectory(prefix="tocsin-fuzz-") as folder:
        path = Path(folder) / "key"
        make_key(path, "toxicology")
        return path.read_bytes()


def _pseudonymise(content: bytes) -> None:
    """Make a file of cases, a key or a plan's columns pseudonymous; nothing half-made may stay."""
    choices = Choices(content)
    kind = choices.take(("cases", "key", "columns"))
    with _write(choices.take_rest(), "cases.csv") as path:
        if kind == "columns":
            read_columns(path)
        elif kind == "key":
            path.chmod(0o600)
            read_key(path)
        else:
            key = path.with_name("key")
            key.write_bytes(_make_key_text())
            key.chmod(0o600)
            try:
                with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(typer.Exit):
                    pseudonymise(path, key=key, yes=True)
            finally:
                left = {one.name for one in path.parent.iterdir()}
                assert left <= {"cases.csv", "key", "cases.pseudonymous.csv"}, left


@cache
def _make_molfiles() -> tuple[bytes, ...]:
    molecule = Chem.MolFromSmiles("CCC(=O)N(c1ccccc1)[C@H]1CCN(CCc2ccccc2)CC1")
    return (
        Chem.MolToMolBlock(molecule).encode(),
        Chem.MolToMolBlock(molecule, forceV3000=True).encode(),
    )


_CODED = {"system": "http://loinc.org", "code": "3636-8", "display": "Fentanyl [Mass] in Blood"}
BUNDLE: dict[str, Any] = json.loads(
    bundle(
        FENTANYL,
        observation("coded", code={"coding": [_CODED]}, valueString="detected"),
        observation(
            "parts",
            component=[
                {
                    "code": {"text": "Xylazine"},
                    "valueCodeableConcept": {
                        "coding": [{"code": "260373001", "display": "Detected"}]
                    },
                },
                {"code": {"text": "MDMA"}, "interpretation": [{"coding": [{"code": "ND"}]}]},
                {"code": {"text": "Heroin"}, "valueBoolean": False},
                {"code": {"text": "Ketamine"}, "dataAbsentReason": {"coding": [{"code": "error"}]}},
            ],
        ),
        specimen={"reference": "#held"},
        contained=[{"resourceType": "Specimen", "id": "held", "type": {"text": "urine"}}],
    )
)
"""A toxicology result with every kind of value, as a JSON document."""

_CSV = (
    b"reference,event_type,date,country,region,substance,amount,unit,purity\r\n"
    b'L-1,seizure,2026-03-02,AT,AT13,carfentanil,"12,5",g,1.2\r\n'
    b"L-2,test-purchase,03.2026,DE,,MDMA; ketamine,4 mg,,\r\n"
)
_CASES = (
    b"Fallnummer;Datum;Alter;Geburtsdatum;Substanz;Name\r\n"
    b"A-1;02.03.2026;34;01.05.1991;Fentanyl;Maria Muster\r\n"
)


def _list_table_seeds() -> list[bytes]:
    return [
        _CSV,
        _CASES,
        _CSV.decode().encode("utf-16"),
        _CSV.replace(b",", b"\t"),
        b"sep=;\r\n" + _CASES,
    ]


def _list_workbook_seeds() -> list[bytes]:
    parts = _read_parts(_make_workbook())
    replaced = [
        bytes([1, place]) + parts[part] for place, part in enumerate(_PARTS) if part in parts
    ]
    return [b"\0" + _make_workbook(), *replaced, b"\x02\0\1\1\1\1", b"\x03\1\1\1\1\1"]


def _list_profile_seeds() -> list[bytes]:
    return [load_profile(name).to_toml().encode() for name in list_profiles()]


def _list_structure_seeds() -> list[bytes]:
    given = [text for text, _words in UNREADABLE.values()]
    texts = [*READABLE.values(), *given, "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3"]
    return [text.encode("utf-8", "replace") for text in texts]


def _list_name_seeds() -> list[bytes]:
    texts = [*NAMES.values(), *LOOKALIKES.values(), "2,5-Dimethoxy-4-bromoamphetamine HCl"]
    return [text.encode() for text in texts]


def _list_person_seeds() -> list[bytes]:
    return [
        b"born 1990-02-03\nMaria Muster\n12 High Street",
        b"maria@example.org +43 1 2345678",
        b"DE89 3704 0044 0532 0130 00\nRSSMRA85T10A562S",
        b"4111 1111 1111 1111",
        *_list_table_seeds()[:2],
    ]


TARGETS = {
    "csv": Target(_read_csv, _list_table_seeds),
    "xlsx": Target(_read_xlsx, _list_workbook_seeds),
    "profiles": Target(_read_profile, _list_profile_seeds),
    "fhir": Target(
        _read_fhir,
        lambda: [b"\0" + json.dumps(BUNDLE).encode(), b"\1" + bytes(range(60)), b"\1abcdefgh"],
    ),
    "values": Target(
        _read_values, lambda: [b"2026-03-02", b"12.5", b"34", b"NL; DE", b"male", b"1e9"]
    ),
    "persons": Target(_look_for_persons, _list_person_seeds),
    "structures": Target(_read_structure, _list_structure_seeds),
    "molfiles": Target(
        _read_molfile, lambda: [b"\1\0", b"\1\1", *(b"\0" + one for one in _make_molfiles())]
    ),
    "names": Target(_read_name, _list_name_seeds),
    "pseudonyms": Target(
        _pseudonymise,
        lambda: [
            b"\0" + _CASES,
            b"\1" + _make_key_text(),
            b'\2[columns]\nFallnummer = "pseudonym"\nAlter = "age-band"\n',
        ],
    ),
}
