"""Pages about structures and law: a substance's status, its sheet, and structures nobody holds."""

import re
import time
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rdkit import Chem

from tests.web.response_examples import read
from tocsin.science.structures import parse_structure
from tocsin.substances.models import Substance
from tocsin.substances.queries import get_substance
from tocsin.web.structure_input import MOST_MOLFILE_BYTES

Enter = Callable[[str], Client]

PLAIN_NITAZENE = "CCN(CC)CCn1c(Cc2ccccc2)nc2ccccc12"
PAGES = [
    "/substances/isotonitazene/",
    "/substances/isotonitazene/?as-of=2024-06-20",
    "/substances/isotonitazene/?as-of=1950-01-01",
    "/substances/caffeine/",
    "/substances/isotonitazene/status-sheet/",
    f"/what-is-this/?q={PLAIN_NITAZENE}",
]
PERMISSIVE = re.compile(r"\b(allowed|permitted|lawful|legally|uncontrolled|unregulated)\b", re.I)


def ask(client: Client, text: str, **further: str) -> str:
    response = client.get("/what-is-this/", {"q": text, **further})
    assert response.status_code == 200
    return str(response.content.decode())


def show_words(page: str) -> str:
    """The words of a page without its marks and drawings."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_ever_called_legal_or_allowed(enter: Enter, path: str) -> None:
    words = show_words(read(enter("reader"), path))
    without = re.sub(r"(?i)legal status|not legal advice|legal texts?", "", words)

    assert not PERMISSIVE.search(without)
    assert "legal" not in without.lower()


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_no_inline_style_or_script(enter: Enter, path: str) -> None:
    page = read(enter("analyst"), path)

    assert not re.search(r"<[^>]+\sstyle=", page)
    assert "<style" not in page
    assert not re.search(r"<[^>]+\son[a-z]+=", page)


def test_substance_shows_verdict_clause_citation_and_what_is_unverified(enter: Enter) -> None:
    words = show_words(read(enter("reader"), "/substances/isotonitazene/?as-of=2026-11-22"))

    assert "Legal status on 22 Nov 2026" in words
    assert "Betäubungsmittelgesetz Germany · DE-BtMG Controlled unverified" in words
    assert "Anlage II, Isotonitazen (Iso)" in words
    assert "consolidated 19 Aug 2026" in words
    assert "Recognition of the rules loaded, not legal advice." in words


def test_statutory_dates_stand_on_the_page_and_on_the_sheet(enter: Enter) -> None:
    client = enter("reader")
    page = show_words(read(client, "/substances/2-methylmethcathinone/?as-of=2026-06-01"))
    before = show_words(read(client, "/substances/2-methylmethcathinone/?as-of=2026-01-11"))
    sheet = show_words(
        read(client, "/substances/2-methylmethcathinone/status-sheet/?as-of=2026-06-01")
    )

    for shown in (page, sheet):
        assert "Risk assessment: 20 May 2025 – 21 May 2025 Delegated Directive (EU)" in shown
        assert "To be transposed by: 12 Jul 2026 (41 days left)" in shown
    assert "2-MMC is listed from 2026-01-12 on" in before
    assert "In force: 12 Jan 2026 (1 day left)" in before


def test_substance_is_shown_as_of_the_day_asked_for(enter: Enter) -> None:
    words = show_words(read(enter("reader"), "/substances/isotonitazene/?as-of=1950-01-01"))

    assert "Legal status on 1 Jan 1950" in words
    assert "No text loaded for this day" in words
    assert "Germany · DE-BtMG Controlled" not in words


def test_day_that_is_none_is_told_and_today_is_shown(enter: Enter) -> None:
    page = read(enter("reader"), "/substances/isotonitazene/?as-of=31.12.2025")

    assert "“31.12.2025” is not a day." in page
    assert "Shown is today." in page
    assert "<script>" not in read(enter("reader"), "/substances/caffeine/?as-of=<script>")


def test_slider_without_script_leads_to_the_day(enter: Enter) -> None:
    answer = enter("reader").get("/substances/isotonitazene/?change=0")

    assert answer.status_code == 302
    assert answer["Location"] == "/substances/isotonitazene/?as-of=2020-11-14#legal"


def test_group_without_structure_says_that_no_rule_can_be_held_against_it(enter: Enter) -> None:
    group = Substance.objects.filter(smiles="").order_by("key").first()
    assert group is not None

    page = read(enter("reader"), f"/substances/{group.key}/")
    sheet = read(enter("reader"), f"/substances/{group.key}/status-sheet/")

    for shown in (page, sheet):
        assert "Rules are held against a structure, and none is recorded here." in shown


def test_answers_that_rest_on_an_unreviewed_structure_say_so(enter: Enter) -> None:
    Substance.objects.filter(key="isotonitazene").update(reviewed=False)

    page = read(enter("reader"), "/substances/isotonitazene/")
    sheet = read(enter("reader"), "/substances/isotonitazene/status-sheet/")

    assert "The structure is unreviewed, and so is every answer below that rests on it." in page
    assert "structure unreviewed" in sheet


def test_substance_shows_isomers_similar_substances_and_names_by_language(enter: Enter) -> None:
    page = read(enter("reader"), "/substances/isotonitazene/")
    words = show_words(page)

    assert 'href="/substances/protonitazene/"' in page
    assert "The same formula, joined otherwise" in words
    assert "of 100 alike" in words
    assert "atoms in common" in words
    assert "German Isotonitazen" in words


def test_sheet_holds_day_citations_unverified_marks_and_the_nodes_name(enter: Enter) -> None:
    page = read(enter("reader"), "/substances/isotonitazene/status-sheet/?as-of=2026-11-22")
    words = show_words(page)

    for text in (
        "Status on 22 Nov 2026",
        "Controlled",
        "BGBl. I 2001, 1187 - 1189, as amended; consolidated 19 Aug 2026",
        "unverified",
        "Recognition of rules loaded, not legal advice.",
        "Focal Point · Tocsin",
        get_substance("isotonitazene").inchikey,
    ):
        assert text in words
    read(enter("reader"), "/substances/no-such-thing/status-sheet/", status=404)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN_NITAZENE,
        "InChI=1S/C20H25N3/c1-3-22(4-2)14-15-23-19-13-9-8-12-18(19)21-20(23)16-17-10-6-5-7-11-17"
        "/h5-13H,3-4,14-16H2,1-2H3",
    ],
)
def test_structure_nobody_registered_gets_identity_status_and_neighbours(
    enter: Enter, text: str
) -> None:
    page = ask(enter("reader"), text)
    words = show_words(page)
    structure = parse_structure(PLAIN_NITAZENE)

    assert structure.inchikey in words
    assert structure.formula in words
    assert "This structure is not in the register." in words
    assert "Neue-psychoaktive-Stoffe-Gesetz Germany · DE-NpSG Controlled" in words
    assert "Similar substances in the register" in words
    assert 'href="/substances/metodesnitazene/"' in page


def test_salt_is_parted_into_parent_and_form(enter: Enter) -> None:
    words = show_words(ask(enter("reader"), f"{PLAIN_NITAZENE}.Cl"))

    assert "hydrochloride" in words
    assert parse_structure(PLAIN_NITAZENE).inchikey in words
    assert "DE-NpSG Controlled" in words


def test_mixture_is_called_one(enter: Enter) -> None:
    words = show_words(ask(enter("reader"), f"{PLAIN_NITAZENE}.c1ccccc1CCCC=O"))

    assert "This is a mixture of several kinds of molecules" in words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CN(C)(C)(C)C", "N, atom 2, has more bonds than it can have"),
        ("C1CC", "left open"),
        ("C=" * 250 + "C", "heavy atoms"),
        ("C(" * 3000, "at most 2000"),
        ("N" * 10_000, "no name or SMILES is that long"),
        ("ZZZZZZZZZZZZZZ-UHFFFAOYSA-N", "An InChIKey alone holds no structure."),
        ("ｆｅｎｔａnyl\u202e(", "Which one is meant|Not in the register|Found"),
    ],
)
def test_bad_input_is_answered_clearly_and_soon(enter: Enter, text: str, words: str) -> None:
    client = enter("reader")
    ask(client, "CCO")
    begun = time.monotonic()

    shown = show_words(ask(client, text))

    assert time.monotonic() - begun < 2
    assert re.search(words, shown)


def test_metal_and_radical_are_answered_with_a_note(enter: Enter) -> None:
    assert "metal" in show_words(ask(enter("reader"), "CC[Hg]Cl"))
    assert "unpaired electron" in show_words(ask(enter("reader"), "CCCCCCC[CH2]"))


def test_molfile_leads_to_the_answer_for_its_structure(enter: Enter) -> None:
    client = enter("reader")
    content = Chem.MolToMolBlock(Chem.MolFromSmiles(PLAIN_NITAZENE)).encode()

    answer = client.post(
        "/what-is-this/", {"molfile": SimpleUploadedFile("one.mol", content)}, follow=True
    )

    assert answer.status_code == 200
    assert parse_structure(PLAIN_NITAZENE).inchikey in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a molfile", "is no molfile"),
        (b"x" * (MOST_MOLFILE_BYTES + 1), "At most 100 KiB are taken."),
        (b"", "empty"),
    ],
)
def test_bad_molfile_is_answered_on_the_page(enter: Enter, content: bytes, words: str) -> None:
    answer = enter("reader").post(
        "/what-is-this/", {"molfile": SimpleUploadedFile("one.mol", content)}
    )

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "There is a problem" in answer.content.decode()


def test_molfile_is_asked_for_where_none_was_sent(enter: Enter) -> None:
    assert enter("reader").post("/what-is-this/").status_code == 422


def test_status_of_a_found_name_follows_the_day(enter: Enter) -> None:
    words = show_words(ask(enter("reader"), "isotonitazene", **{"as-of": "2026-11-22"}))

    assert "Legal status on 22 Nov 2026" in words
    assert "DE-BtMG Controlled" in words


def test_statement_of_no_substance_is_told_as_one(enter: Enter) -> None:
    assert "No substance" in show_words(ask(enter("reader"), "No Controlled Drug Identified"))
