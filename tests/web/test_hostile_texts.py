"""Whatever is typed or sent to "What is this?", the page answers in words."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.hostile_texts import LOOKALIKES, NAMES, READABLE, UNREADABLE

Enter = Callable[[str], Client]
ADDRESS = "/what-is-this/"

WORK = ("mixture", "95 stereocentres", "guanidines", "peptide", "cisplatin")
"""The readable structures whose page costs the most, and one without carbon."""

V3000 = """
  hostile

  0  0  0  0  0  0  0  0  0  0999 V3000
M  V30 BEGIN CTAB
M  V30 COUNTS 99999999 99999999 0 0 0
M  V30 BEGIN ATOM
M  V30 1 C 0 0 0 0
M  V30 END ATOM
M  V30 END CTAB
M  END
"""
MOLFILES = {
    "hostile counts": (V3000.encode(), "too many atoms"),
    "counts in small letters": (V3000.lower().encode(), "too many atoms"),
    "counts over two lines": (
        V3000.replace("COUNTS 9999", "COUN-\nM  V30 TS 9999-\nM  V30 ").encode(),
        "too many atoms",
    ),
    "nothing": (b" ", "no molfile"),
    "bytes": (bytes(range(256)) * 40, "no molfile"),
    "200,000 bytes": (b"C" * 200_000, "At most 100 KiB"),
    "an R group": (
        V3000.replace("99999999 99999999", "1 0").replace("1 C 0", "1 R# 0").encode(),
        "found 0 heavy atoms",
    ),
}


def test_every_text_is_answered(enter: Enter) -> None:
    client = enter("reader")
    texts = [text for text, _words in UNREADABLE.values()] + list(NAMES.values())
    for text in [*texts, *(READABLE[name] for name in WORK)]:
        answer = client.get(ADDRESS, {"q": text}, follow=True)
        assert answer.status_code == 200, text[:80]
        body = answer.content.decode()
        assert "answer-title" in body or not text.replace("\0", "").strip(), text[:80]
        assert "<script>alert" not in body


def test_a_name_that_looks_right_means_what_it_looks_like(enter: Enter) -> None:
    client = enter("reader")
    for text in LOOKALIKES.values():
        body = client.get(ADDRESS, {"q": text}, follow=True).content.decode()
        assert '<a href="/substances/cocaine/">Cocaine</a>' in body


def test_every_molfile_is_refused_in_words(enter: Enter) -> None:
    client = enter("reader")
    for name, (content, words) in MOLFILES.items():
        answer = client.post(ADDRESS, {"molfile": SimpleUploadedFile("a.mol", content)})
        assert answer.status_code == 422, name
        assert words in answer.content.decode(), name


def test_what_standardising_changed_is_told_and_a_tautomer_named(enter: Enter) -> None:
    client = enter("reader")
    salt = client.get(ADDRESS, {"q": "CC([NH3+])Cc1ccccc1.[Cl-]"}, follow=True).content.decode()
    assert "charges that a hydrogen ion explains are neutralised" in salt
    assert '<span lang="en">hydrochloride</span>' in salt
    enol = client.get(ADDRESS, {"q": "CC(O)=Cc1ccccc1"}, follow=True).content.decode()
    assert "May be a tautomer of" in enol
    assert "as ketone and enol" in enol
