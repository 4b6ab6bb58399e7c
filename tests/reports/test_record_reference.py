"""The reference of the record says what the record says."""

from pathlib import Path

from tocsin.reports.record.markdown import write_fields

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "record.md"


def test_the_page_has_the_tables_of_tocsin_record_fields() -> None:
    page = PAGE.read_text(encoding="utf-8")
    held = page.split("<!-- fields -->\n", 1)[1].split("<!-- /fields -->", 1)[0]
    assert held == write_fields()
