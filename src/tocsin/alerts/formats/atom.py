"""The public alerts as an Atom feed.

Source: RFC 4287, The Atom Syndication Format (December 2005).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from lxml import etree

from tocsin.alerts.formats.cap import MIME_TYPE
from tocsin.alerts.formats.document import (
    AlertDocument,
    AlertText,
    format_moment,
    is_readable,
)
from tocsin.errors import InvalidAlertError

NAMESPACE: Final = "http://www.w3.org/2005/Atom"

# The stubs of lxml know no default namespace.
_NAMESPACES: Final[Any] = {None: NAMESPACE}
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomFeed:
    """What a feed says of itself.

    identifier: an address or other IRI that never changes, even if the feed moves.
    language: of the feed; entries take the alert's text in it where there is one.
    updated: aware; the feed's own date while it holds nothing newer.
    cancelled_word: how the feed's language marks an alert that was taken back.
    """

    identifier: str
    title: str
    author: str
    language: str
    web_address: str
    feed_address: str
    updated: datetime
    cancelled_word: str = "Cancelled"


def write_atom(feed: AtomFeed, documents: Iterable[AlertDocument]) -> bytes:
    """Write public alerts as an Atom feed in UTF-8, newest first.

    documents: messages in any order; of each alert only the newest version is shown, as one entry
        that keeps its id through all versions. A cancelled alert stays, and says when and why.
    Raises InvalidAlertError when an alert is not TLP:CLEAR or has no page, or a text of the feed
    cannot stand.
    Source: RFC 4287, sections 4.1.1 and 4.1.2.
    """
    if feed.updated.utcoffset() is None:
        raise InvalidAlertError(
            f"feed, updated: found {feed.updated.isoformat()}; expected an offset from UTC"
        )
    newest: dict[str, AlertDocument] = {}
    first_sent: dict[str, datetime] = {}
    for document in documents:
        identifier = document.identifier
        if not document.is_public:
            raise InvalidAlertError(
                f"alert {identifier}: is TLP:{document.tlp}; a public feed takes TLP:CLEAR only"
            )
        if not document.web_address:
            raise InvalidAlertError(f"alert {identifier}: has no page for the feed to lead to")
        held = newest.get(identifier)
        if held is None or held.version < document.version:
            newest[identifier] = document
        first_sent[identifier] = min(
            [document.sent, *(sent for _, _, sent in document.references)]
            + ([first_sent[identifier]] if identifier in first_sent else [])
        )
    entries = sorted(newest.values(), key=lambda one: (one.sent, one.identifier), reverse=True)
    root = etree.Element(_tag("feed"), nsmap=_NAMESPACES)
    root.set(_LANGUAGE, feed.language)
    _add(root, "id", feed.identifier)
    _add(root, "title", feed.title)
    _add(root, "updated", _write_moment(max([feed.updated, *(one.sent for one in entries)])))
    _add(etree.SubElement(root, _tag("author")), "name", feed.author)
    _add_link(root, feed.feed_address, "self", "application/atom+xml")
    _add_link(root, feed.web_address, "alternate", "text/html")
    for document in entries:
        _add_entry(root, feed, document, first_sent[document.identifier])
    xml: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return xml


def _add_entry(
    root: etree._Element, feed: AtomFeed, document: AlertDocument, published: datetime
) -> None:
    text = _choose_text(document, feed.language)
    title = text.headline
    if document.is_cancelled:
        title = f"{feed.cancelled_word}: {title}"
    if document.status != "Actual":
        title = f"{document.status.upper()}: {title}"
    entry = etree.SubElement(root, _tag("entry"))
    entry.set(_LANGUAGE, text.language)
    _add(entry, "id", f"{feed.identifier}#{quote(document.identifier, safe='')}")
    _add(entry, "title", title)
    _add(entry, "published", _write_moment(published))
    _add(entry, "updated", _write_moment(document.sent))
    _add(etree.SubElement(entry, _tag("author")), "name", document.sender_name)
    _add_link(entry, document.web_address, "alternate", "text/html")
    _add_link(entry, document.cap_address, "alternate", MIME_TYPE)
    for term in (document.message_type, document.severity, document.status):
        etree.SubElement(entry, _tag("category")).set("term", term)
    _add(entry, "summary", _derive_summary(feed, document, text))


def _derive_summary(feed: AtomFeed, document: AlertDocument, text: AlertText) -> str:
    if document.is_cancelled:
        return f"{feed.cancelled_word}, {format_moment(document.sent)}: {document.note}"
    paragraphs = (
        text.what_was_seen,
        text.identification_public,
        text.hazard,
        text.advice_public,
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph.strip())


def _choose_text(document: AlertDocument, language: str) -> AlertText:
    """The text in the feed's language, else the first the authors wrote."""
    return next(
        (text for text in document.texts if text.language.lower() == language.lower()),
        document.texts[0],
    )


def _write_moment(moment: datetime) -> str:
    # RFC 4287, 3.3: upper-case "Z" where the offset is not numeric; format_moment's "-00:00" would
    # mean an unknown zone in RFC 3339.
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: etree._Element, name: str, value: str) -> None:
    if not value.strip() or not is_readable(value):
        raise InvalidAlertError(f"feed, {name}: found {value!r}; expected readable text")
    etree.SubElement(parent, _tag(name)).text = value


def _add_link(parent: etree._Element, address: str, relation: str, mime_type: str) -> None:
    """Add a link unless there is no address to lead to."""
    if address:
        link = etree.SubElement(parent, _tag("link"))
        link.set("rel", relation)
        link.set("type", mime_type)
        link.set("href", address)
