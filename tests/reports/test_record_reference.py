"""The reference of the record says what the record says."""

import json
from pathlib import Path

from tocsin.reports.record.json_schema import build_json_schema
from tocsin.reports.record.markdown import write_fields

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGE = REFERENCE / "record.md"


def test_the_page_has_the_tables_of_tocsin_record_fields() -> None:
    page = PAGE.read_text(encoding="utf-8")
    held = page.split("<!-- fields -->\n", 1)[1].split("<!-- /fields -->", 1)[0]
    assert held == write_fields()


def test_the_published_schema_is_that_of_tocsin_record_schema() -> None:
    published = json.loads((REFERENCE / "event-record.schema.json").read_text(encoding="utf-8"))
    assert published == build_json_schema()
