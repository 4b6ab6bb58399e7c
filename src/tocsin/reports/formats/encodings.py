"""Which encoding and which delimiter a CSV is written in."""

import csv
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence

from charset_normalizer import from_bytes

from tocsin.reports.formats.layout import TableRow, find_heading_lines

DELIMITERS = (",", ";", "\t", "|")
SINGLE_BYTE_ENCODINGS = (
    "cp1252",
    "iso8859_15",
    "cp1250",
    "iso8859_2",
    "cp1253",
    "iso8859_7",
    "cp1251",
    "iso8859_5",
    "cp1257",
    "cp1254",
)
"""In order of preference where two read a text equally well."""

ALPHABETS = tuple(
    map(
        frozenset,
        (
            "äöüßÄÖÜẞ",
            "àâæçéèêëîïôœùûüÿÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ",
            "áéíñóúüÁÉÍÑÓÚÜ",
            "ãõáâàçéêíóôúüÃÕÁÂÀÇÉÊÍÓÔÚÜ",
            "àèéìíîòóùúÀÈÉÌÍÎÒÓÙÚ",
            "ëïéèêöüáóËÏÉÈÊÖÜÁÓ",
            "åäöéÅÄÖÉ",
            "æøåéÆØÅÉ",
            "áðéíóúýþæöÁÐÉÍÓÚÝÞÆÖ",
            "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
            "áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ",
            "áäčďéíĺľňóôŕšťúýžÁÄČĎÉÍĹĽŇÓÔŔŠŤÚÝŽ",
            "áéíóöőúüűÁÉÍÓÖŐÚÜŰ",
            "ăâîșşțţĂÂÎȘŞȚŢ",
            "čćđšžČĆĐŠŽ",
            "äöõüšžÄÖÕÜŠŽ",
            "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ",
            "ąčęėįšųūžĄČĘĖĮŠŲŪŽ",
            "çğıöşüâîûÇĞİÖŞÜÂÎÛ",
            "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏΪΫ",
            "абвгдежзийклмнопрстуфхцчшщъыьэюяёєіїґАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁЄІЇҐ",
        ),
    )
)
COMMON_SIGNS = frozenset("µ°€£§±²³%‰–—…•·×«»„“”‘’‚ \u00a0½¼®™")
SMALLEST_COVERAGE = 0.7
RECORDS_SNIFFED = 200


def find_encoding_by_mark(start: bytes) -> str | None:
    """Find the encoding that the first bytes of a file declare or plainly show, or None.

    >>> find_encoding_by_mark(b"\\xef\\xbb\\xbfweek"), find_encoding_by_mark(b"week,region")
    ('utf-8-sig', None)
    """
    if start.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if start.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "utf-32"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = start[:2000]
    half = len(sample) // 2
    if half >= 4:
        if sample[1::2].count(0) > half * 0.6 and not sample[0::2].count(0):
            return "utf-16-le"
        if sample[0::2].count(0) > half * 0.6 and not sample[1::2].count(0):
            return "utf-16-be"
    return None


def guess_encoding(sample: bytes) -> str:
    """Guess the single-byte encoding of a sample that is not UTF-8, as a Python codec name.

    The encoding wins whose reading keeps to the letters of one European language; where none
    does, charset-normalizer decides. Windows-1252 wins a tie.

    >>> guess_encoding("Straße;Köln".encode("cp1252"))
    'cp1252'
    >>> guess_encoding("Łódź;Śląskie".encode("iso8859_2"))
    'iso8859_2'
    """
    best, best_coverage = "", 0.0
    for encoding in SINGLE_BYTE_ENCODINGS:
        coverage = _measure_coverage(sample, encoding)
        if coverage > best_coverage + 1e-9:
            best, best_coverage = encoding, coverage
    if best_coverage >= SMALLEST_COVERAGE:
        return best
    match = from_bytes(sample, cp_isolation=list(SINGLE_BYTE_ENCODINGS)).best()
    return match.encoding if match else best or "cp1252"


def _measure_coverage(sample: bytes, encoding: str) -> float:
    """Return the share of non-ASCII characters that fit one language; below 0 for unreadable."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return -1.0
    characters = Counter(character for character in text if ord(character) > 127)
    total = sum(characters.values())
    if not total:
        return 0.0
    fitting = max(
        sum(count for character, count in characters.items() if character in alphabet)
        for alphabet in ALPHABETS
    )
    signs = sum(
        count
        for character, count in characters.items()
        if character in COMMON_SIGNS and not _stands_in_word(text, character)
    )
    controls = sum(
        count
        for character, count in characters.items()
        if unicodedata.category(character) in ("Cc", "Cn")
    )
    return (fitting + signs - 2 * controls) / total


def _stands_in_word(text: str, sign: str) -> bool:
    """Tell whether a sign that is no letter stands between or before lower-case letters."""
    at = text.find(sign)
    after = text[at + 1 : at + 2]
    before = text[at - 1 : at] if at else ""
    if sign in "„“”‘’‚«»µ–—…\u00a0":
        return False
    return after.isalpha() or (before.isalpha() and before.islower() and sign not in "²³®™")


def guess_delimiter(sample: str, *, known: Collection[str] = ()) -> str:
    """Guess the delimiter of a sample of whole lines; quoted cells may hold any of them.

    known: a profile's headings, normalised; the delimiter that makes most of them wins. Else the
    one that gives the most rows of the same width, at least two columns; a comma if none does.

    >>> guess_delimiter("sample;purity\\n1;3,5\\n2;4,5\\n")
    ';'
    >>> guess_delimiter("week,region,substances\\n2012-01-02,HARTFORD,cocaine;heroin\\n")
    ','
    """
    best, best_score = ",", (0, 0.0, 0)
    for delimiter in DELIMITERS:
        records = _read_records(sample, delimiter)
        widths = Counter(len(record) for record in records if any(record))
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item))
        if width < 2:
            continue
        rows = [TableRow(number, tuple(record)) for number, record in enumerate(records, 1)]
        lines = find_heading_lines(rows, known=known)
        share = round(count / sum(widths.values()), 1)
        score = (lines.matched if lines else 0, share, width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _read_records(sample: str, delimiter: str) -> Sequence[list[str]]:
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=delimiter)
    records: list[list[str]] = []
    try:
        for record in reader:
            records.append(record)
            if len(records) == RECORDS_SNIFFED:
                break
    except csv.Error:
        return records
    return records
