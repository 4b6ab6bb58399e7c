"""The legal status sheet on paper: citations, what is unverified, for registered and other structures."""

import io
from collections.abc import Callable
from typing import Any

import pypdf
import pytest
from django.test import Client

Enter = Callable[[str], Client]

PLAIN_NITAZENE = "CCN(CC)CCn1c(Cc2ccccc2)nc2ccccc12"


def read_sheet(client: Client, path: str, **query: str) -> tuple[pypdf.PdfReader, str]:
    answer = client.get(path, query)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_sheet_of_a_substance_cites_clause_and_day_and_marks_the_unverified(enter: Enter) -> None:
    path = "/substances/isotonitazene/status-sheet.pdf"
    reader, text = read_sheet(enter("reader"), path, **{"as-of": "2026-11-22"})

    assert "Status on 22 Nov 2026" in text
    assert "Controlled" in text
    assert "DE-BtMG" in text
    assert "Recognition of rules loaded, not legal advice." in text
    assert "unverified, see 1" in text
    assert "1." in text
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "en"
    assert str(reader.metadata["/Title"] if reader.metadata else "") == "Isotonitazene"


def test_sheet_of_a_structure_nobody_registered(enter: Enter) -> None:
    _reader, text = read_sheet(
        enter("reader"),
        "/what-is-this/status-sheet.pdf",
        q=PLAIN_NITAZENE,
        **{"as-of": "2026-06-01"},
    )

    assert "Structure C20H25N3" in text
    assert "DE-NpSG" in text


@pytest.mark.parametrize(
    "path",
    [
        "/substances/no-such-thing/status-sheet.pdf",
        "/what-is-this/status-sheet.pdf",
        "/what-is-this/status-sheet.pdf?q=C1CC",
        "/what-is-this/status-sheet.pdf?q=xylazine",
    ],
)
def test_a_sheet_of_nothing_is_not_found(enter: Enter, path: str) -> None:
    assert enter("reader").get(path).status_code == 404
