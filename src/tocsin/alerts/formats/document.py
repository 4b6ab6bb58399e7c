"""A released alert as plain values: what every form of it is made from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, get_args

from tocsin.errors import InvalidAlertError
from tocsin.science.identification import SCHYMANSKI, SWGDRUG_MET, SWGDRUG_NOT_MET

Status = Literal["Actual", "Exercise", "Test"]
MessageType = Literal["Alert", "Update", "Cancel"]
TlpLevel = Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]

_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "status": get_args(Status),
    "message_type": get_args(MessageType),
    "tlp": get_args(TlpLevel),
    "severity": get_args(Severity),
    "urgency": get_args(Urgency),
    "certainty": get_args(Certainty),
    "identification_level": ("", *SCHYMANSKI, SWGDRUG_MET, SWGDRUG_NOT_MET),
}

# CAP 1.2, 3.2.1: "MUST NOT include spaces, commas or restricted characters (< and &)".
_NAME_FOR_MACHINES: Final = re.compile(r"[^\s,<&]+")
# XML Schema part 2, 3.3.3, the type language.
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_NUTS: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{0,3}")
_WEB_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+", re.IGNORECASE)
# Controls save tab and line ends, halves of a surrogate pair, and the two non-characters: XML 1.0
# (2.2) forbids or discourages them, and a screen shows nothing where they stand.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class AlertText:
    """What an alert says in one language.

    language: a language tag as in XML, for instance "en" or "sr-Latn".
    hazard, advice_practitioners, advice_public: empty when there is nothing to say.
    identification, identification_public: how surely the substance was identified, in the words of
    its scale and in plain ones.
    """

    language: str
    headline: str
    what_was_seen: str
    hazard: str
    advice_practitioners: str
    advice_public: str
    area_description: str
    identification: str = ""
    identification_public: str = ""


class Reference(NamedTuple):
    """An earlier message of the same alert, by the three values that name a message in CAP.

    identifier: that of the message (see derive_message_identifier), not of the alert.
    """

    sender: str
    identifier: str
    sent: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDocument:
    """One released message: the alert, an update of it, or its cancellation.

    identifier: that of the alert, the same for life; message_identifier is the message's own.
    identifier, sender: no spaces, commas, "<" or "&".
    version: number of the message within its alert, from 1.
    sent, effective, expires: aware; written to the second.
    severity, urgency, certainty: the words of CAP 1.2.
    substance_inchikey, substance_cas: empty when not known or not one substance.
    isomer_group: True when the substance stands for isomers not told apart.
    identification_level: of the scales in tocsin.science.identification, or empty where it is not
    stated; isomer_open: True when the analyses do not tell which isomer it is.
    country: ISO 3166-1 alpha-2, region_code: NUTS; empty when not known.
    geocodes: further (system, code) pairs, for instance ("ISO3166-2", "US-CT").
    references: the earlier messages that an Update or Cancel replaces.
    web_address, cap_address: absolute http(s) addresses of the page and of the CAP file, or empty.
    note: why it is updated or cancelled.
    addresses: recipients of a message that goes to nobody else.
    Raises InvalidAlertError naming the field when a value cannot stand in a released alert.
    """

    identifier: str
    sender: str
    sender_name: str
    sent: datetime
    status: Status
    message_type: MessageType
    tlp: TlpLevel
    severity: Severity
    urgency: Urgency
    certainty: Certainty
    substance_name: str
    country: str
    texts: tuple[AlertText, ...]
    effective: datetime | None = None
    expires: datetime | None = None
    substance_inchikey: str = ""
    substance_cas: str = ""
    isomer_group: bool = False
    identification_level: str = ""
    isomer_open: bool = False
    region_code: str = ""
    geocodes: tuple[tuple[str, str], ...] = ()
    references: tuple[Reference, ...] = ()
    version: int = 1
    web_address: str = ""
    cap_address: str = ""
    note: str = ""
    addresses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_names(self)
        _check_words(self)
        _check_times(self)
        _check_texts(self)
        _check_history(self)

    @property
    def message_identifier(self) -> str:
        """What names this message, and no other of the same alert, in CAP."""
        return derive_message_identifier(self.identifier, version=self.version)

    @property
    def is_cancelled(self) -> bool:
        """Whether this message takes the alert back, so that no form may repeat its advice."""
        return self.message_type == "Cancel"

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it."""
        return self.tlp == "CLEAR"

    def get_text(self, language: str) -> AlertText:
        """Return the text in this language; raises InvalidAlertError when there is none."""
        for text in self.texts:
            if text.language == language:
                return text
        held = ", ".join(text.language for text in self.texts)
        raise InvalidAlertError(
            f"alert {self.identifier}: no text in language {language!r}; has {held}"
        )


def derive_message_identifier(identifier: str, *, version: int) -> str:
    """Name one message of an alert: CAP wants a name of its own for every update and cancellation.

    >>> derive_message_identifier("IE-2026-0017", version=2)
    'IE-2026-0017.2'
    """
    return f"{identifier}.{version}"


def format_moment(moment: datetime) -> str:
    """Write a moment as CAP asks: to the second, offset in digits, UTC as "-00:00", never "Z".

    Raises InvalidAlertError when the moment has no offset, or one that is not in whole minutes.
    Source: CAP 1.2 (OASIS, 1 July 2010), 3.3.2.

    >>> format_moment(datetime.fromisoformat("2026-03-04T10:00:00+01:00"))
    '2026-03-04T10:00:00+01:00'
    >>> format_moment(datetime.fromisoformat("2026-03-04T09:00:00Z"))
    '2026-03-04T09:00:00-00:00'
    """
    offset = moment.utcoffset()
    if offset is None or offset % timedelta(minutes=1):
        raise InvalidAlertError(
            f"moment {moment.isoformat()}: expected an offset from UTC in whole minutes"
        )
    written = moment.isoformat(timespec="seconds")
    return written if offset else written[:-6] + "-00:00"


def is_machine_name(text: str) -> bool:
    """Whether CAP takes the text as an identifier or sender: no space, comma, "<" or "&"."""
    return _NAME_FOR_MACHINES.fullmatch(text) is not None


def is_readable(text: str) -> bool:
    """Whether the text holds no control characters, save tabs and line ends."""
    return _CONTROL.search(text) is None


def _refuse(document: AlertDocument, field: str, found: object, expected: str) -> InvalidAlertError:
    name = document.identifier if is_machine_name(document.identifier) else "without identifier"
    return InvalidAlertError(f"alert {name}, {field}: found {found!r}; expected {expected}")


def _list_strings(document: AlertDocument) -> Iterator[tuple[str, str]]:
    """Every text of the document with the name of its field."""
    for field in fields(document):
        value = getattr(document, field.name)
        if isinstance(value, str):
            yield field.name, value
    for system, code in document.geocodes:
        yield from (("geocodes", system), ("geocodes", code))
    for address in document.addresses:
        yield "addresses", address
    for text in document.texts:
        for field in fields(text):
            yield f"{field.name} ({text.language!a})", getattr(text, field.name)


def _check_names(document: AlertDocument) -> None:
    for field, value in _list_strings(document):
        if not is_readable(value):
            raise _refuse(document, field, value, "text without control characters")
    named = [("identifier", document.identifier), ("sender", document.sender)]
    for sender, identifier, _ in document.references:
        named += [("references", identifier), ("references", sender)]
    for field, value in named:
        if not is_machine_name(value):
            raise _refuse(document, field, value, "a name without spaces, commas, < or &")
    for field in ("sender_name", "substance_name"):
        if not getattr(document, field).strip():
            raise _refuse(document, field, getattr(document, field), "a name")
    for address in document.addresses:
        if not address.strip() or '"' in address:
            raise _refuse(document, "addresses", address, "recipients without quotation marks")


def _check_words(document: AlertDocument) -> None:
    for field, choices in _CHOICES.items():
        value = getattr(document, field)
        if value not in choices:
            raise _refuse(document, field, value, f"one of {', '.join(choices)}")
    if document.country and not _COUNTRY.fullmatch(document.country):
        raise _refuse(document, "country", document.country, "two letters of ISO 3166-1")
    if document.region_code and not _NUTS.fullmatch(document.region_code):
        raise _refuse(document, "region_code", document.region_code, "a NUTS code")
    for geocode in document.geocodes:
        if not all(part.strip() for part in geocode):
            raise _refuse(document, "geocodes", geocode, "a system and a code")
    for field in ("web_address", "cap_address"):
        value = getattr(document, field)
        if value and not _WEB_ADDRESS.fullmatch(value):
            raise _refuse(document, field, value, "an absolute http or https address")


def _check_times(document: AlertDocument) -> None:
    moments = [document.sent, document.effective, document.expires]
    for moment in [*moments, *(sent for _, _, sent in document.references)]:
        if moment is not None:
            format_moment(moment)
    begins = document.effective or document.sent
    # An alert that has run out can still be cancelled.
    if document.is_cancelled or document.expires is None:
        return
    if document.expires <= begins:
        raise _refuse(
            document, "expires", document.expires.isoformat(), f"later than {begins.isoformat()}"
        )


def _check_texts(document: AlertDocument) -> None:
    if not document.texts:
        raise _refuse(document, "texts", (), "a text in at least one language")
    languages = [text.language for text in document.texts]
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            raise _refuse(document, "language", language, 'a language tag, for instance "en"')
    if len({language.lower() for language in languages}) < len(languages):
        raise _refuse(document, "texts", languages, "each language once")
    for text in document.texts:
        for field in ("headline", "what_was_seen", "area_description"):
            if not getattr(text, field).strip():
                raise _refuse(document, f"{field} ({text.language})", "", "a text")


def _check_history(document: AlertDocument) -> None:
    if document.version < 1:
        raise _refuse(document, "version", document.version, "1 or more")
    if document.message_type == "Alert":
        return
    if not document.references:
        raise _refuse(document, "references", (), f"the messages this {document.message_type} ends")
    if not document.note.strip():
        raise _refuse(document, "note", document.note, f"why this is a {document.message_type}")
    for _, identifier, _ in document.references:
        if identifier in (document.identifier, document.message_identifier):
            expected = "the identifier of an earlier message"
            raise _refuse(document, "references", identifier, expected)
