"""Setting papers: the same bytes, readable texts, and standards only where they hold."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdf
import pytest
import typst
from django.utils.translation import gettext_lazy

from tocsin.reports.formats.typesetting import compile_pdf, make_readable, render_pages

MADE_AT = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "paper.typ"
    path.write_text(
        "#let data = json(bytes(sys.inputs.data))\n"
        "#set document(title: data.title)\n#set text(lang: data.language)\n"
        "= #data.title\n#for line in data.lines [#line ]"
    )
    return path


def set_paper(template: Path, *lines: object, made_at: datetime = MADE_AT) -> bytes:
    data = {"title": "A paper", "language": "de", "lines": lines}
    return compile_pdf(template, data, standards=("ua-1",), made_at=made_at)


def test_same_data_and_moment_give_the_same_bytes(template: Path) -> None:
    later = datetime(2026, 3, 10, tzinfo=UTC)

    assert set_paper(template, "x") == set_paper(template, "x")
    assert set_paper(template, "x") != set_paper(template, "x", made_at=later)


@pytest.mark.parametrize(
    ("line", "shown", "claims_standard"),
    [
        pytest.param("*b* #panic()", "*b* #panic()", True, id="never markup"),
        pytest.param("a\x01b\ud800", "a\ufffdb\ufffd", True, id="control characters, half a pair"),
        pytest.param(gettext_lazy("seizure"), "seizure", True, id="a text translated when shown"),
        pytest.param("中文", "", False, id="no such character in the font"),
    ],
)
def test_texts_are_shown_as_far_as_the_font_goes(
    template: Path, line: object, shown: str, claims_standard: bool
) -> None:
    reader = pypdf.PdfReader(io.BytesIO(set_paper(template, line)))
    root: Any = reader.root_object

    assert shown in " ".join(reader.pages[0].extract_text().split())
    assert (b"pdfuaid" in root["/Metadata"].get_object().get_data()) is claims_standard
    assert str(root["/Lang"]) == "de"
    assert "/StructTreeRoot" in root


def test_other_mistakes_of_a_template_are_not_hidden(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.typ"
    wrong.write_text("#unknown")
    with pytest.raises(typst.TypstError, match="unknown variable"):
        compile_pdf(wrong, {}, standards=(), made_at=MADE_AT)


def test_every_page_is_one_picture(template: Path) -> None:
    data = {"title": "A paper", "language": "en", "lines": ["word"] * 2_000}
    pages = render_pages(template, data, pixels_per_inch=20)

    assert len(pages) > 1
    assert {page[:4] for page in pages} == {b"\x89PNG"}
    assert len(render_pages(template, data | {"lines": []}, pixels_per_inch=20)) == 1


def test_line_ends_and_tabs_stay() -> None:
    assert make_readable("a\tb\r\nc\x7f") == "a\tb\r\nc\N{REPLACEMENT CHARACTER}"
