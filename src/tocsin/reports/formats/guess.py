"""Proposing what each column of an unknown table means, for a person to confirm."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from tocsin.reports.formats.cells import Refusal, make_cell_reader
from tocsin.reports.formats.fields import DATE_FIELDS, FINDING_FIELDS
from tocsin.reports.formats.layout import MARK_HEADING, normalise_heading, split_finding_number
from tocsin.reports.formats.personal_data import find_personal_heading
from tocsin.reports.formats.profiles import Profile, list_profiles, load_profile

ROWS_SAMPLED = 200
SMALLEST_SHARE = 0.8
SEPARATORS = (";", "|", "+", "/")
DATE_FORMATS = ("DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "YYYY/MM/DD", "YYYY-Www")
OTHER_HEADINGS: dict[str, tuple[str, ...]] = {
    "reference": (
        *("case", "case number", "exhibit", "aktenzeichen", "numéro d'échantillon"),
        *("número de muestra", "numero campione", "monsternummer", "numer próbki", "provnummer"),
    ),
    "event_on": ("seizure date", "datum", "fecha", "data", "dato", "tatdatum", "date de saisie"),
    "received_on": ("received", "date de réception", "fecha de recepción", "data ricezione"),
    "event_type": ("type", "kind", "tipo", "soort", "rodzaj", "typ"),
    "country": ("pays", "país", "paese", "kraj", "staat", "countries"),
    "region": ("nuts2", "nuts 2", "nuts3", "nuts 3", "nuts region"),
    "local_area": ("region name", "district", "ort", "bezirk", "provincia", "département"),
    "substance": (
        *("compound", "analyte", "result", "substancia", "sostanza", "substancja"),
        *("stof", "ämne", "substância", "drugs", "findings", "nachgewiesene substanz"),
    ),
    "specimen": (
        *("sample type", "material", "blood or urine", "probenart", "échantillon"),
        # A laboratory's matrix is blood or urine: the specimen, where the word is not the field's.
        *("matrice", "matriz", "matryca", "materiał", "materiale", "materiaal"),
    ),
    "amount": (
        *("weight", "mass", "net weight", "gewicht", "quantité", "cantidad", "quantità"),
        *("concentration", "konzentration", "concentración", "concentrazione", "concentratie"),
        *("stężenie", "concentração", "koncentration"),
    ),
    "lod": (
        *("limit of detection", "detection limit", "nachweisgrenze", "limite de détection"),
        *("límite de detección", "limite di rilevabilità", "detectielimiet"),
        *("granica wykrywalności", "limite de deteção", "detektionsgräns"),
    ),
    "loq": (
        *("limit of quantification", "quantification limit", "bestimmungsgrenze"),
        *("limite de quantification", "límite de cuantificación", "limite di quantificazione"),
        *("bepalingsgrens", "granica oznaczalności", "limite de quantificação"),
        "kvantifieringsgräns",
    ),
    "unit": ("unité", "unidad", "unità", "eenheid", "jednostka", "enhet"),
    "purity_percent": ("purity (%)", "reinheit", "pureté", "pureza", "purezza", "zuiverheid"),
    "technique": (
        *("instrument", "méthode", "método", "metodo", "methode", "metoda", "metod"),
        *("analysenmethode", "technik", "técnica", "tecnica", "techniek", "technika", "teknik"),
    ),
    "identification_level": ("identification level", "confidence", "certainty"),
    "laboratory": ("laboratoire", "laboratorio", "laboratorium"),
}


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """What one column probably means: ``field`` empty for no proposal, and the reason in words."""

    heading: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProfileGuess:
    """A proposal for a profile: one match per heading, and how the cells are written."""

    matches: tuple[ColumnMatch, ...]
    date_formats: tuple[str, ...]
    decimal_mark: str
    separator: str


def guess_profile(headings: Sequence[str], sample_rows: Iterable[Sequence[str]]) -> ProfileGuess:
    """Propose the field of each column from its heading, then from its first 200 cells.

    Each field is proposed once (each finding field once per closing number). Nothing is proposed
    for a column that looks like personal data.

    >>> guess = guess_profile(["Datum", "Substanz"], [("03.11.2026", "Kokain; Coffein")])
    >>> [match.field for match in guess.matches], guess.date_formats, guess.separator
    (['event_on', 'substance'], ('DD.MM.YYYY', 'YYYY-MM-DD'), ';')
    """
    rows = list(islice(sample_rows, ROWS_SAMPLED))
    columns = [
        [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        for place in range(len(headings))
    ]
    date_formats = _guess_date_formats(columns)
    decimal_mark = "," if _count(columns, r"\d+,(\d{1,2}|\d{4,})( ?%)?\Z") else "."
    known = _list_known_headings()
    taken: set[tuple[str, int]] = set()
    matches = [_match_heading(heading, known, taken) for heading in headings]
    by_value = _list_value_tests(date_formats, decimal_mark)
    for place, match in enumerate(matches):
        if not match.field and not match.reason:
            matches[place] = _match_values(headings[place], columns[place], by_value, taken)
    substances = [
        cell
        for match, cells in zip(matches, columns, strict=True)
        if match.field == "substance"
        for cell in cells
    ]
    return ProfileGuess(tuple(matches), date_formats, decimal_mark, _guess_separator(substances))


def _list_known_headings() -> dict[str, str]:
    known: dict[str, str] = {}
    for name in list_profiles():
        for key, texts in load_profile(name).columns.items():
            known |= {normalise_heading(text): key for text in (*texts, key)}
    for key, texts in OTHER_HEADINGS.items():
        for text in texts:
            known.setdefault(normalise_heading(text), key)
    return known


def _match_heading(heading: str, known: dict[str, str], taken: set[tuple[str, int]]) -> ColumnMatch:
    if not heading or heading == MARK_HEADING:
        return ColumnMatch(heading, "", "not part of the evidence")
    if find_personal_heading(heading):
        return ColumnMatch(heading, "", "looks like personal data")
    name, number = normalise_heading(heading), 1
    if name not in known:
        name, number = split_finding_number(name)
    key = known.get(name, "")
    if not key or (number > 1 and key not in FINDING_FIELDS) or (key, number) in taken:
        return ColumnMatch(heading, "", "")
    taken.add((key, number))
    return ColumnMatch(heading, key, "its heading")


ValueTest = tuple[str, str, Callable[[str], bool]]


def _list_value_tests(date_formats: tuple[str, ...], decimal_mark: str) -> list[ValueTest]:
    generic = load_profile("generic")
    profile = Profile(
        name="guess",
        columns=generic.columns,
        values=generic.values,
        date_formats=date_formats,
        decimal_mark=decimal_mark,
    )

    def make_test(key: str) -> Callable[[str], bool]:
        read = make_cell_reader(profile, key)
        return lambda cell: read(cell) not in (None, "", ()) and not isinstance(read(cell), Refusal)

    return [
        *((key, "its cells are dates", make_test(key)) for key in DATE_FIELDS),
        ("event_type", "its cells are types of event", make_test("event_type")),
        ("unit", "its cells are units", make_test("unit")),
        ("country", "its cells are country codes", make_test("country")),
        ("region", "its cells are NUTS codes", _is_nuts_code),
        ("purity_percent", "its cells are percentages", lambda cell: cell.endswith("%")),
    ]


def _match_values(
    heading: str, cells: list[str], tests: list[ValueTest], taken: set[tuple[str, int]]
) -> ColumnMatch:
    for key, reason, test in tests:
        if cells and (key, 1) not in taken:
            share = sum(map(test, cells)) / len(cells)
            if share >= SMALLEST_SHARE:
                taken.add((key, 1))
                return ColumnMatch(heading, key, reason)
    return ColumnMatch(heading, "", "")


def _is_nuts_code(cell: str) -> bool:
    return bool(re.fullmatch(r"[A-Z]{2}[A-Z0-9]*\d[A-Z0-9]*", cell)) and 3 <= len(cell) <= 5


def _guess_date_formats(columns: list[list[str]]) -> tuple[str, ...]:
    """Return the formats that read every cell of a column of dates, ISO 8601 always last."""
    found: list[str] = []
    for form in DATE_FORMATS:
        profile = Profile(name="guess", columns={}, date_formats=(form,))
        read = make_cell_reader(profile, "event_on")
        reads_any = any(
            cells
            and not all(re.match(r"\d{4}-\d\d-\d\d", cell) for cell in cells)
            and not any(isinstance(read(cell), Refusal) for cell in cells)
            for cells in columns
        )
        if reads_any:
            found.append(form)
    if "DD/MM/YYYY" in found and "MM/DD/YYYY" in found:
        found.remove("MM/DD/YYYY")
    return (*found, "YYYY-MM-DD")


def _count(columns: list[list[str]], pattern: str) -> int:
    return sum(1 for cells in columns for cell in cells if re.match(pattern, cell))


def _guess_separator(cells: list[str]) -> str:
    counts = {sign: sum(sign in cell for cell in cells) for sign in SEPARATORS}
    best = max(SEPARATORS, key=lambda sign: counts[sign])
    return best if counts[best] else ";"
