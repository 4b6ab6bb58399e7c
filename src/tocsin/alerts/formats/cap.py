"""CAP 1.2: an alert as the XML that warning systems exchange; written, checked and read.

Source: Common Alerting Protocol Version 1.2, OASIS Standard, 1 July 2010. Numbers in comments are
its sections. The schema of OASIS lies in ``schemas/``; it leaves much of the text's rules open,
so ``validate_cap`` checks those too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from lxml import etree

from tocsin.alerts.formats.document import (
    AlertDocument,
    AlertText,
    Reference,
    format_moment,
    is_machine_name,
)
from tocsin.errors import InvalidAlertError

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
MIME_TYPE: Final = "application/cap+xml"
MAXIMUM_BYTES: Final = 4 * 1024 * 1024

# The stubs of lxml know no default namespace.
_NAMESPACES: Final[Any] = {None: NAMESPACE}

_SCHEMA: Final = Path(__file__).parent / "schemas" / "CAP-v1.2.xsd"
# 3.3.2: the zone is a number, and that of UTC is "-00:00".
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?!\+00:00)[+-]\d\d:\d\d")
_PARAGRAPH: Final = "\n\n"


@dataclass(frozen=True, slots=True)
class CapInfo:
    """One info block; empty text and None where the element is absent.

    parameters, geocodes: (valueName, value) pairs in the order of the file.
    """

    language: str
    categories: tuple[str, ...]
    event: str
    urgency: str
    severity: str
    certainty: str
    effective: datetime | None
    expires: datetime | None
    sender_name: str
    headline: str
    description: str
    instruction: str
    web: str
    parameters: tuple[tuple[str, str], ...]
    area_descriptions: tuple[str, ...]
    geocodes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CapMessage:
    """A CAP message as read; empty text where an element is absent."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    message_type: str
    scope: str
    restriction: str
    addresses: str
    note: str
    references: tuple[Reference, ...]
    incidents: str
    infos: tuple[CapInfo, ...]


def write_cap(document: AlertDocument) -> bytes:
    """Write the message as CAP 1.2 in UTF-8, one info block per language, in the document's order.

    A cancellation holds the reason in place of what was seen, and no advice. Only TLP:CLEAR has
    the scope Public; a message with addresses is Private, every other Restricted to its TLP level.
    description is what was seen and the hazard, instruction the advice to the public and to
    practitioners, each pair with an empty line between. How surely the substance was identified
    stands in parameters: in plain words, as the level of its scale, and whether an isomer is open.
    Raises InvalidAlertError when the result would break the standard.
    Source: CAP 1.2, section 3.2; TLP 2.0 (FIRST, 2022).
    """
    root = etree.Element(_tag("alert"), nsmap=_NAMESPACES)
    _add(root, "identifier", document.message_identifier)
    _add(root, "sender", document.sender)
    _add(root, "sent", format_moment(document.sent))
    _add(root, "status", document.status)
    _add(root, "msgType", document.message_type)
    if document.is_public:
        _add(root, "scope", "Public")
    elif document.addresses:
        _add(root, "scope", "Private")
        _add(root, "addresses", " ".join(_quote(address) for address in document.addresses))
    else:
        _add(root, "scope", "Restricted")
        _add(root, "restriction", f"TLP:{document.tlp}")
    _add(root, "note", document.note)
    references = [
        f"{sender},{identifier},{format_moment(sent)}"
        for sender, identifier, sent in document.references
    ]
    _add(root, "references", " ".join(references))
    _add(root, "incidents", document.identifier)
    for text in document.texts:
        _add_info(root, document, text)
    xml: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    validate_cap(xml)
    return xml


def validate_cap(xml: bytes) -> None:
    """Check a CAP message against the schema of OASIS and the rules its text adds.

    Raises InvalidAlertError naming the element, what was found and what was expected.
    Source: CAP 1.2, sections 3.2 and 3.3, and CAP-v1.2.xsd. Beyond the standard, the language
    of every info block must be stated, because a reader would otherwise take it for en-US.
    """
    root = _read_valid_tree(xml)
    for name in ("identifier", "sender"):
        value = _text(root, name)
        if not is_machine_name(value):
            raise _refuse(name, value, "no spaces, commas, < or & (3.2.1)")
    for name in ("sent", "effective", "onset", "expires"):
        for element in root.iter(_tag(name)):
            if not _MOMENT.fullmatch(element.text or ""):
                raise _refuse(name, element.text or "", 'a numeric offset, UTC as "-00:00" (3.3.2)')
    scope = _text(root, "scope")
    for value, name in (("Restricted", "restriction"), ("Private", "addresses")):
        if scope == value and not _text(root, name).strip():
            raise _refuse(name, "", f"one, because the scope is {value} (3.2.1)")
    references = _parse_references(_text(root, "references"))
    message_type = _text(root, "msgType")
    if message_type in ("Update", "Cancel", "Ack", "Error") and not references:
        raise _refuse("references", "", f"the messages that this {message_type} is about (3.2.1)")
    for info in root.iter(_tag("info")):
        _check_info(info)


def parse_cap(xml: bytes) -> CapMessage:
    """Read a CAP 1.2 message that is valid against the schema.

    No entity is resolved and no address fetched; a document type and more than MAXIMUM_BYTES are
    refused. A message that only breaks rules of the standard's text (see validate_cap) is read.
    Raises InvalidAlertError when it cannot be read.
    Source: CAP 1.2, section 3.2.
    """
    root = _read_valid_tree(xml)
    return CapMessage(
        identifier=_text(root, "identifier"),
        sender=_text(root, "sender"),
        sent=_parse_moment("sent", _text(root, "sent")),
        status=_text(root, "status"),
        message_type=_text(root, "msgType"),
        scope=_text(root, "scope"),
        restriction=_text(root, "restriction"),
        addresses=_text(root, "addresses"),
        note=_text(root, "note"),
        references=_parse_references(_text(root, "references")),
        incidents=_text(root, "incidents"),
        infos=tuple(_parse_info(info) for info in root.findall(_tag("info"))),
    )


def _add_info(root: etree._Element, document: AlertDocument, text: AlertText) -> None:
    """Add the info block of one language, its elements in the order of the schema."""
    if document.is_cancelled:
        description, instruction = document.note, ""
    else:
        description = _join(text.what_was_seen, text.hazard)
        instruction = _join(text.advice_public, text.advice_practitioners)
    info = etree.SubElement(root, _tag("info"))
    _add(info, "language", text.language)
    _add(info, "category", "Health")
    _add(info, "event", document.substance_name)
    _add(info, "urgency", document.urgency)
    _add(info, "severity", document.severity)
    _add(info, "certainty", document.certainty)
    _add(info, "effective", format_moment(document.effective) if document.effective else "")
    _add(info, "expires", format_moment(document.expires) if document.expires else "")
    _add(info, "senderName", document.sender_name)
    _add(info, "headline", text.headline)
    _add(info, "description", description)
    _add(info, "instruction", instruction)
    _add(info, "web", document.web_address)
    _add_pairs(info, "parameter", _list_parameters(document, text))
    area = etree.SubElement(info, _tag("area"))
    _add(area, "areaDesc", text.area_description)
    _add_pairs(area, "geocode", _list_geocodes(document))


def _list_parameters(document: AlertDocument, text: AlertText) -> Iterator[tuple[str, str]]:
    yield "substance", document.substance_name
    yield "inchikey", document.substance_inchikey
    yield "cas", document.substance_cas
    yield "isomer-group", "true" if document.isomer_group else "false"
    if not document.is_cancelled:
        yield "identification", text.identification_public
        yield "identification-level", document.identification_level
        yield "isomer-open", "true" if document.isomer_open else "false"
    yield "tlp", f"TLP:{document.tlp}"
    yield "version", str(document.version)


def _list_geocodes(document: AlertDocument) -> Iterator[tuple[str, str]]:
    yield "ISO3166-1", document.country
    yield "NUTS", document.region_code
    yield from document.geocodes


def _join(*paragraphs: str) -> str:
    return _PARAGRAPH.join(paragraph for paragraph in paragraphs if paragraph.strip())


def _quote(address: str) -> str:
    """3.2.1: addresses are separated by spaces, so one that holds a space stands in quotes."""
    return f'"{address}"' if re.search(r"\s", address) else address


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: etree._Element, name: str, value: str) -> None:
    """Add an element unless there is nothing to say: an empty one would claim an empty answer."""
    if not value:
        return
    etree.SubElement(parent, _tag(name)).text = value


def _add_pairs(parent: etree._Element, name: str, pairs: Iterator[tuple[str, str]]) -> None:
    for value_name, value in pairs:
        if value:
            pair = etree.SubElement(parent, _tag(name))
            _add(pair, "valueName", value_name)
            _add(pair, "value", value)


def _refuse(element: str, found: str, expected: str) -> InvalidAlertError:
    return InvalidAlertError(f"CAP message, {element}: found {found[:80]!r}; expected {expected}")


def _read_valid_tree(xml: bytes) -> etree._Element:
    """Parse safely and check against the schema."""
    if len(xml) > MAXIMUM_BYTES:
        raise InvalidAlertError(
            f"CAP message: found {len(xml)} bytes; expected at most {MAXIMUM_BYTES}"
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidAlertError(f"CAP message: not well-formed XML: {error}") from error
    declarations: Any = root.getroottree().docinfo
    if declarations.doctype:
        raise InvalidAlertError("CAP message: found a document type; expected none")
    # A schema object keeps the errors of its last use, so threads cannot share one.
    schema = etree.XMLSchema(etree.parse(_SCHEMA))
    try:
        schema.assertValid(root)
    except etree.DocumentInvalid as error:
        raise InvalidAlertError(f"CAP message: not valid CAP 1.2: {error}") from error
    return root


def _text(parent: etree._Element, name: str) -> str:
    return parent.findtext(_tag(name), default="")


def _check_info(info: etree._Element) -> None:
    if not _text(info, "language").strip():
        raise _refuse("language", "", "a language in every info block")
    for name in ("event", "areaDesc", "valueName"):
        for element in info.iter(_tag(name)):
            if not (element.text or "").strip():
                raise _refuse(name, element.text or "", "text (3.2.2, 3.2.4)")
    web = _text(info, "web")
    if web and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z", web):
        raise _refuse("web", web, "a full, absolute address (3.2.2)")


def _parse_references(text: str) -> tuple[Reference, ...]:
    """3.2.1: "sender,identifier,sent", separated by white space."""
    found = []
    for triple in text.split():
        parts = triple.split(",")
        if len(parts) != 3 or not all(is_machine_name(part) for part in parts):
            raise _refuse("references", triple, '"sender,identifier,sent" (3.2.1)')
        sender, identifier, sent = parts
        if not _MOMENT.fullmatch(sent.replace("+00:00", "-00:00")):
            raise _refuse("references", triple, "the moment it was sent, with a numeric offset")
        found.append(Reference(sender, identifier, _parse_moment("references", sent)))
    return tuple(found)


def _parse_moment(element: str, text: str) -> datetime:
    """The schema lets through what no calendar of Python holds, such as the hour 24."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise _refuse(element, text, "a moment that exists") from error


def _parse_info(info: etree._Element) -> CapInfo:
    effective, expires = _text(info, "effective"), _text(info, "expires")
    return CapInfo(
        # 3.2.2: "If not present, an implicit default value of "en-US" SHALL be assumed."
        language=_text(info, "language").strip() or "en-US",
        categories=tuple(element.text or "" for element in info.findall(_tag("category"))),
        event=_text(info, "event"),
        urgency=_text(info, "urgency"),
        severity=_text(info, "severity"),
        certainty=_text(info, "certainty"),
        effective=_parse_moment("effective", effective) if effective else None,
        expires=_parse_moment("expires", expires) if expires else None,
        sender_name=_text(info, "senderName"),
        headline=_text(info, "headline"),
        description=_text(info, "description"),
        instruction=_text(info, "instruction"),
        web=_text(info, "web"),
        parameters=_list_pairs(info, "parameter"),
        area_descriptions=tuple(
            element.text or "" for element in info.iterfind(f"{_tag('area')}/{_tag('areaDesc')}")
        ),
        geocodes=_list_pairs(info, f"area/{{{NAMESPACE}}}geocode"),
    )


def _list_pairs(parent: etree._Element, path: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (_text(pair, "valueName"), _text(pair, "value")) for pair in parent.iterfind(_tag(path))
    )
