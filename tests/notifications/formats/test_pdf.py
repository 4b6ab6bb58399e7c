"""The PDF: tagged, readable, one page where it fits, and never markup."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pypdf
import pytest

from tests.notifications.examples import POISONING_SOURCE, SEIZURE_SOURCE, make_document
from tocsin.notifications.formats.document import Item, PackageDocument, Replaced, Table
from tocsin.notifications.formats.pdf import render_pages, write_pdf

DOCUMENT = make_document("edas", POISONING_SOURCE, statements={"other": "Nothing else."})


def read(document: PackageDocument) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(write_pdf(document)))


def read_text(document: PackageDocument) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in read(document).pages)


def get_root(reader: pypdf.PdfReader) -> Any:
    return reader.trailer["/Root"].get_object()


def list_tags(node: object) -> list[str]:
    """The structure types of a tagged PDF, from the root down."""
    one = node.get_object() if isinstance(node, pypdf.generic.IndirectObject) else node
    if isinstance(one, list):
        return [tag for child in one for tag in list_tags(child)]
    if not isinstance(one, dict):
        return []
    own = [str(one["/S"])] if "/S" in one else []
    return own + (list_tags(one["/K"]) if "/K" in one else [])


def test_file_claims_the_standards_and_tells_its_language_and_title() -> None:
    reader = read(DOCUMENT)
    root = get_root(reader)
    metadata = root["/Metadata"].get_object().get_data().decode()

    assert root["/Lang"] == "en"
    assert bool(root["/MarkInfo"]["/Marked"])
    assert reader.metadata is not None
    assert reader.metadata.title == (
        "Notification to the European drug alert system EDAS-AT-2026-0001, version 1"
    )
    assert reader.metadata.author == "Focal Point (Austria)"
    assert "pdfuaid:part>1<" in metadata
    assert "pdfaid:part>2<" in metadata
    assert "pdfaid:conformance>A<" in metadata


def test_headings_tables_and_lists_are_tagged() -> None:
    tags = list_tags(get_root(read(DOCUMENT))["/StructTreeRoot"])

    assert tags.count("/H1") == 1
    assert tags.count("/H2") == 11  # the ten items and the sources
    assert tags.count("/Table") == 2
    assert tags.count("/TH") == 8
    assert "/L" in tags


def test_text_reads_in_order_and_fits_one_page() -> None:
    text = read_text(DOCUMENT)
    wanted = [
        "Focal Point (Austria)",
        "Draft: not released, not to be sent.",
        "(a) Type and origin of the risk",
        "YDSDEBIZUNNPOB-UHFFFAOYSA-N",
        "(d) Analytical and toxicological data",
        "0.5 ng/ml",
        "(e) Identification methods",
        "level 2a: library spectrum match",
        "Not held: social, safety and security risks",
        "(j) Other information",
        "Nothing else.",
        "Made from this record",
        "[1] Federal laboratory, T-7, version 1",
    ]

    assert [text.find(words) for words in wanted] == sorted(text.find(words) for words in wanted)
    assert -1 not in [text.find(words) for words in wanted]
    assert len(read(DOCUMENT).pages) == 1


@pytest.mark.parametrize("kind", ["ews-first-detection", "ews-event"])
def test_packages_of_the_early_warning_system_fit_one_page(kind: str) -> None:
    assert len(read(make_document(kind, SEIZURE_SOURCE)).pages) == 1


def test_same_document_gives_the_same_bytes() -> None:
    assert write_pdf(DOCUMENT) == write_pdf(DOCUMENT)


@pytest.mark.parametrize(
    ("state", "note", "said"),
    [
        ("replaced", "by version 2: Wrong unit.", "Replaced: by version 2: Wrong unit."),
        ("withdrawn", "Never happened.", "Withdrawn: Never happened."),
        ("discarded", "", "Discarded: this draft was never released."),
    ],
)
def test_what_became_of_a_package_stands_on_it(state: str, note: str, said: str) -> None:
    text = read_text(replace(DOCUMENT, state=state, state_note=note))

    assert said in text
    assert "Draft:" not in text


def test_corrected_package_names_the_one_it_replaces_and_an_exercise_says_so() -> None:
    replaced = Replaced(1, datetime(2026, 3, 10, 8, 0, tzinfo=UTC), "Wrong unit.")
    document = make_document("edas", POISONING_SOURCE, replaces=replaced)
    text = read_text(replace(document, is_exercise=True))

    assert "Replaces: version 1 of 2026-03-10: Wrong unit." in text
    assert "EXERCISE: this is not about a real event." in text


@pytest.mark.parametrize(
    ("text", "shown", "claims_standard"),
    [
        pytest.param('#panic("no") $x$ *b* <l> @r //', '#panic("no") $x$ *b* <l> @r //', True),
        pytest.param("Δ9 Кириллица ő µg/l", "Δ9 Кириллица ő µg/l", True),
        pytest.param("a\x01b", "a\N{REPLACEMENT CHARACTER}b", True),
        pytest.param("中文", None, False),
    ],
)
def test_texts_are_never_markup_and_odd_ones_are_shown_as_far_as_the_font_goes(
    text: str, shown: str | None, claims_standard: bool
) -> None:
    [first, *others] = DOCUMENT.sections
    changed = replace(first, items=(*first.items, Item("note", text)))
    content = write_pdf(replace(DOCUMENT, sections=(changed, *others)))
    reader = pypdf.PdfReader(io.BytesIO(content))
    root = get_root(reader)

    assert shown is None or shown in " ".join(reader.pages[0].extract_text().split())
    assert (b"pdfuaid" in root["/Metadata"].get_object().get_data()) is claims_standard
    assert bool(root["/MarkInfo"]["/Marked"])


def test_pages_can_be_looked_at_as_pictures() -> None:
    [picture] = render_pages(DOCUMENT)

    assert picture.startswith(b"\x89PNG")


def test_long_words_stay_on_the_page_and_can_be_copied() -> None:
    [first, *others] = DOCUMENT.sections
    word = "W" * 300
    changed = replace(
        first,
        items=(Item("note", word),),
        table=Table("", ("a", "b"), ((word, "x"),)),
    )
    reader = read(replace(DOCUMENT, sections=(changed, *others)))
    text = "".join("".join(page.extract_text().split()) for page in reader.pages)
    longest = max(
        len(line)
        for page in reader.pages
        for line in page.extract_text().splitlines()
        if "W" in line
    )

    assert text.count(word) == 2
    assert longest < 90


def test_statements_stand_in_the_order_of_the_document() -> None:
    [first, *others] = DOCUMENT.sections
    items = (Item("first", "short"), Item("second", "long " * 30), Item("third", "short again"))
    text = read_text(replace(DOCUMENT, sections=(replace(first, items=items), *others)))

    assert text.index("First: short") < text.index("Second: long") < text.index("Third: short")
