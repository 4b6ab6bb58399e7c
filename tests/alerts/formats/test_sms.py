"""Text messages and their length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alerts.formats.example_documents import documents, make_cancellation, make_document
from tocsin.alerts.formats.document import AlertDocument
from tocsin.alerts.formats.sms import (
    GSM_BASIC,
    GSM_EXTENSION,
    SmsText,
    derive_sms,
    measure_sms,
)
from tocsin.errors import InvalidAlertError


def test_alphabet_has_the_size_of_the_standard() -> None:
    # 3GPP TS 23.038: 128 codes less the escape; the extension table holds ten characters.
    assert (len(GSM_BASIC), len(GSM_EXTENSION)) == (127, 10)
    assert not GSM_BASIC & GSM_EXTENSION


@pytest.mark.parametrize(
    ("text", "characters", "encoding", "parts"),
    [
        pytest.param("", 0, "GSM-7", 1, id="nothing"),
        pytest.param("a" * 160, 160, "GSM-7", 1, id="full"),
        pytest.param("a" * 161, 161, "GSM-7", 2, id="one too many"),
        pytest.param("a" * 306, 306, "GSM-7", 2, id="two full parts of 153"),
        pytest.param("a" * 307, 307, "GSM-7", 3, id="a third part"),
        pytest.param("€" * 80, 160, "GSM-7", 1, id="euro signs count twice"),
        pytest.param("a" * 152 + "€" + "a" * 152, 306, "GSM-7", 3, id="escape is not split"),
        pytest.param("ΔΩñßÅ", 5, "GSM-7", 1, id="letters of the alphabet"),
        pytest.param("α", 1, "UCS-2", 1, id="lower-case Greek is not in it"),
        pytest.param("ş", 1, "UCS-2", 1, id="nor is this"),
        pytest.param("ж" * 70, 70, "UCS-2", 1, id="full in Cyrillic"),
        pytest.param("ж" * 71, 71, "UCS-2", 2, id="one too many in Cyrillic"),
        pytest.param("😀" * 35, 70, "UCS-2", 1, id="emoji count twice"),
        pytest.param("ж" * 66 + "😀" + "ж" * 66, 134, "UCS-2", 3, id="pair is not split"),
    ],
)
def test_length_is_counted_as_a_network_does(
    text: str, characters: int, encoding: str, parts: int
) -> None:
    measured = measure_sms(text)
    assert (measured.characters, measured.encoding, measured.parts) == (characters, encoding, parts)


def test_typography_is_written_plainly_only_where_that_keeps_the_alphabet() -> None:
    assert measure_sms("“Don’t” – wait…").text == '"Don\'t" - wait...'
    assert measure_sms("„Не“ – …").text == "„Не“ – …"


def test_alert_gives_headline_advice_and_address() -> None:
    text = (
        "Nitazene in tablets sold as oxycodone. Do not use alone. Carry naloxone. example.org/a/17"
    )
    assert derive_sms(make_document(), "en") == SmsText(text, len(text), "GSM-7", 1)


def test_cancellation_says_why_and_drops_the_advice() -> None:
    assert derive_sms(make_cancellation(), "en", cancelled_word="Withdrawn").text == (
        "Withdrawn: Nitazene in tablets sold as oxycodone. "
        "A second laboratory found oxycodone only. example.org/a/17"
    )


def test_exercise_begins_by_saying_so() -> None:
    assert derive_sms(make_document(status="Exercise"), "en").text.startswith("EXERCISE: Nitazene")


def test_message_above_clear_is_only_a_pointer() -> None:
    assert derive_sms(make_document(tlp="AMBER"), "en").text == (
        "Example focal point: TLP:AMBER IE-2026-0017 example.org/a/17"
    )
    assert derive_sms(make_cancellation(tlp="AMBER"), "en").text == (
        "CANCELLED: Example focal point: TLP:AMBER IE-2026-0017 example.org/a/17"
    )


def test_language_that_is_not_held_is_refused() -> None:
    with pytest.raises(InvalidAlertError, match="no text in language 'fr'"):
        derive_sms(make_document(), "fr")


@given(text=st.text(max_size=400))
def test_parts_hold_the_message_and_no_part_is_wasted(text: str) -> None:
    measured = measure_sms(text)
    alone, in_part = (160, 153) if measured.encoding == "GSM-7" else (70, 67)
    if measured.parts == 1:
        assert measured.characters <= alone
    else:
        assert measured.characters > alone
        # At most one unit a part is lost to a character that may not be split.
        assert (measured.parts - 1) * (in_part - 1) < measured.characters
        assert measured.characters <= measured.parts * in_part


@given(document=documents())
def test_every_alert_has_a_message_in_each_of_its_languages(document: AlertDocument) -> None:
    for text in document.texts:
        assert derive_sms(document, text.language).text.strip()
