"""An alert as a text message, and how many messages a network makes of it.

Source: 3GPP TS 23.038 (GSM 03.38), 6.2.1 and 6.2.1.1, the default alphabet and its extension table;
3GPP TS 23.040, 9.2.3.24.1, concatenated messages.
"""

from dataclasses import dataclass
from typing import Final, Literal

from tocsin.alerts.formats.document import AlertDocument, AlertText

Encoding = Literal["GSM-7", "UCS-2"]

# One septet each. Code 0x1B is the escape to the extension table and no character.
GSM_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# The escape and one septet: two each.
GSM_EXTENSION: Final = frozenset("\f^{}\\[~]|€")

# Typography that means the same: one curly quote would cut a message from 160 characters to 70.
_PLAIN: Final = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‚": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "‐": "-",
        "‑": "-",
        "–": "-",
        "—": "-",
        "…": "...",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\t": " ",
    }
)

# Units in a message that stands alone, and in each part of a longer one (its header takes 6 bytes).
_UNITS: Final[dict[Encoding, tuple[int, int]]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True, slots=True)
class SmsText:
    """A text message and its length.

    characters: what the network counts: septets in GSM-7, 16-bit units in UCS-2.
    parts: messages it is sent as.
    """

    text: str
    characters: int
    encoding: Encoding
    parts: int


def derive_sms(
    document: AlertDocument, language: str, *, cancelled_word: str = "CANCELLED"
) -> SmsText:
    """Make the text message of an alert in one language.

    A public alert: the headline, the advice to the public, the address of its page. A cancellation:
    cancelled_word (in the caller's language), the headline, the reason, the address. Above
    TLP:CLEAR the message only says that there is one and where to read it. An exercise or test
    begins with that word. Nothing is shortened: the parts say what it costs.
    Raises InvalidAlertError when the alert has no text in the language.

    Source: own wording; lengths by 3GPP TS 23.038 and 23.040.
    """
    text = document.get_text(language)
    prefix = "" if document.status == "Actual" else f"{document.status.upper()}: "
    return measure_sms(prefix + " ".join(_list_sentences(document, text, cancelled_word)))


def measure_sms(text: str) -> SmsText:
    """Count a text message as a network does.

    Quotation marks, dashes, dots and spaces of typography are written plainly where that makes the
    text fit the default alphabet.
    Source: 3GPP TS 23.038, 6.2.1; TS 23.040, 9.2.3.24.1.

    >>> measure_sms("Don’t use alone.")
    SmsText(text="Don't use alone.", characters=16, encoding='GSM-7', parts=1)
    >>> measure_sms("Не прилагайте сам.").encoding
    'UCS-2'
    """
    plain = text.translate(_PLAIN)
    if GSM_BASIC.issuperset(set(plain) - GSM_EXTENSION):
        return _measure(plain, "GSM-7", [2 if one in GSM_EXTENSION else 1 for one in plain])
    return _measure(text, "UCS-2", [2 if ord(one) > 0xFFFF else 1 for one in text])


def _list_sentences(document: AlertDocument, text: AlertText, cancelled_word: str) -> list[str]:
    if not document.is_public:
        sentences = [f"{document.sender_name}: TLP:{document.tlp} {document.identifier}"]
        if document.is_cancelled:
            sentences.insert(0, f"{cancelled_word}:")
    elif document.is_cancelled:
        sentences = [f"{cancelled_word}:", _end(text.headline), _end(document.note)]
    else:
        sentences = [_end(text.headline), _end(text.advice_public)]
    address = document.web_address.removeprefix("https://")
    return [sentence for sentence in (*sentences, address) if sentence]


def _end(sentence: str) -> str:
    """The sentence with a full stop unless it ends with a mark of its own."""
    sentence = sentence.strip()
    return f"{sentence}." if sentence and sentence[-1].isalnum() else sentence


def _measure(text: str, encoding: Encoding, units: list[int]) -> SmsText:
    alone, in_part = _UNITS[encoding]
    total = sum(units)
    if total <= alone:
        return SmsText(text=text, characters=total, encoding=encoding, parts=1)
    # A character of two units is never split over two parts.
    parts, room = 1, in_part
    for size in units:
        if size > room:
            parts, room = parts + 1, in_part
        room -= size
    return SmsText(text=text, characters=total, encoding=encoding, parts=parts)
