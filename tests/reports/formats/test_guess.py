"""Proposing a profile for a table nobody has described yet."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.reports.formats.guess import ColumnMatch, guess_profile


def test_a_laboratory_s_columns_are_proposed_from_headings_and_cells() -> None:
    headings = ["Muster", "Tag", "Vorname", "Substanz 1", "Substanz 2", "Staat?", "Anteil", "Einh."]
    rows = [
        ("M1", "03.11.2026", "Anna", "Kokain; Levamisol", "", "DE", "45,5 %", "g"),
        ("M2", "17.11.2026", "Jörg", "MDMA", "Coffein", "AT", "80 %", "tablets"),
    ]
    guess = guess_profile(headings, rows)
    assert guess.matches == (
        ColumnMatch("Muster", "", ""),
        ColumnMatch("Tag", "event_on", "its cells are dates"),
        ColumnMatch("Vorname", "", "looks like personal data"),
        ColumnMatch("Substanz 1", "substance", "its heading"),
        ColumnMatch("Substanz 2", "substance", "its heading"),
        ColumnMatch("Staat?", "country", "its heading"),
        ColumnMatch("Anteil", "purity_percent", "its cells are percentages"),
        ColumnMatch("Einh.", "unit", "its cells are units"),
    )
    assert (guess.date_formats, guess.decimal_mark, guess.separator) == (
        ("DD.MM.YYYY", "YYYY-MM-DD"),
        ",",
        ";",
    )


def test_a_field_is_proposed_once_and_the_mark_never() -> None:
    guess = guess_profile(["Date", "Datum", "Tocsin: problems"], [("2026-11-03", "x", "y")])
    assert [match.field for match in guess.matches] == ["event_on", "", ""]


def test_what_a_laboratory_measured_is_known_in_its_own_language() -> None:
    fields = ["specimen", "amount", "unit", "lod", "loq", "technique"]
    for headings in (
        "Probenart|Konzentration|Einheit|Nachweisgrenze|Bestimmungsgrenze|Methode",
        "Matrice|Concentration|Unité|Limite de détection|Limite de quantification|Technique",
        "Matryca|Stężenie|Jednostka|Granica wykrywalności|Granica oznaczalności|Technika",
        "Matriz|Concentración|Unidad|Límite de detección|Límite de cuantificación|Técnica",
        "Materiale|Concentrazione|Unità|Limite di rilevabilità|Limite di quantificazione|Tecnica",
        "Materiaal|Concentratie|Eenheid|Detectielimiet|Bepalingsgrens|Techniek",
    ):
        assert [one.field for one in guess_profile(headings.split("|"), []).matches] == fields


def test_american_dates_are_told_by_a_day_past_the_twelfth() -> None:
    assert guess_profile(["d"], [("11/21/2026",), ("02/03/2026",)]).date_formats[0] == "MM/DD/YYYY"
    assert guess_profile(["d"], [("02/03/2026",)]).date_formats[0] == "DD/MM/YYYY"


@given(
    st.lists(st.text(max_size=10), max_size=5),
    st.lists(st.lists(st.text(max_size=10), max_size=6), max_size=4),
)
def test_guessing_never_raises_and_answers_for_every_heading(
    headings: list[str], rows: list[list[str]]
) -> None:
    assert [match.heading for match in guess_profile(headings, rows).matches] == headings
