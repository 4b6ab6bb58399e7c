"""A package as JSON: what is kept of it, what is sent, and the published schema."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tocsin.notifications.formats.document import (
    Gap,
    Item,
    NamedSubstance,
    PackageDocument,
    Replaced,
    Section,
    Source,
    Table,
)
from tocsin.reports.record.json_schema import build_json_schema as build_record_schema

SCHEMA_VERSION: Final = "1.0"
SCHEMA: Final = f"urn:tocsin:package:{SCHEMA_VERSION}"
SCHEMA_FILE: Final = Path(__file__).parent / "schemas" / "package.schema.json"


def derive_json(document: PackageDocument) -> dict[str, Any]:
    """Lay a package out as plain JSON values.

    Every key is always there: what is not known is empty or null, never left out. Moments are
    ISO 8601 in UTC. Source: own format, ``schemas/package.schema.json``.
    """
    replaces = document.replaces
    return {
        "schema": SCHEMA,
        "kind": document.kind,
        "identifier": document.identifier,
        "version": document.version,
        "state": document.state,
        "state_note": document.state_note,
        "title": document.title,
        "legal_basis": document.legal_basis,
        "language": document.language,
        "tlp": f"TLP:{document.tlp}",
        "exercise": document.is_exercise,
        "sender": {"name": document.sender, "country": document.country or None},
        "made_at": _write_moment(document.made_at),
        "replaces": None
        if replaces is None
        else {
            "version": replaces.version,
            "released_at": _write_moment(replaces.released_at),
            "reason": replaces.reason,
        },
        "substance": asdict(document.substance),
        "sources": [asdict(source) for source in document.sources],
        "sections": [_derive_section(section) for section in document.sections],
    }


def build_json_schema() -> dict[str, Any]:
    """Build the schema of a package, with that of the event record among its definitions."""
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    definitions = {**schema["$defs"], "event_record": build_record_schema()}
    return schema | {"$defs": definitions}


def parse_json(content: dict[str, Any], *, state: str, state_note: str) -> PackageDocument:
    """Read the document that ``derive_json`` wrote, as it stands now."""
    replaces = content["replaces"]
    return PackageDocument(
        kind=content["kind"],
        identifier=content["identifier"],
        version=content["version"],
        state=state,
        state_note=state_note,
        title=content["title"],
        legal_basis=content["legal_basis"],
        language=content["language"],
        tlp=content["tlp"].removeprefix("TLP:"),
        is_exercise=content["exercise"],
        sender=content["sender"]["name"],
        country=content["sender"]["country"] or "",
        made_at=datetime.fromisoformat(content["made_at"]),
        replaces=None
        if replaces is None
        else Replaced(
            version=replaces["version"],
            released_at=datetime.fromisoformat(replaces["released_at"]),
            reason=replaces["reason"],
        ),
        substance=NamedSubstance(**content["substance"]),
        sources=tuple(Source(**source) for source in content["sources"]),
        sections=tuple(_parse_section(section) for section in content["sections"]),
    )


def _derive_section(section: Section) -> dict[str, Any]:
    table = section.table
    return {
        "key": section.key,
        "heading": section.heading,
        "note": section.note,
        "items": [
            {"label": one.label, "text": one.text, "sources": list(one.sources)}
            for one in section.items
        ],
        "table": None
        if table is None
        else {
            "caption": table.caption,
            "headings": list(table.headings),
            "rows": [list(row) for row in table.rows],
        },
        "gaps": [
            {"key": one.key, "label": one.label, "sources": list(one.sources)}
            for one in section.gaps
        ],
    }


def _parse_section(section: dict[str, Any]) -> Section:
    table = section["table"]
    return Section(
        key=section["key"],
        heading=section["heading"],
        note=section["note"],
        items=tuple(
            Item(one["label"], one["text"], tuple(one["sources"])) for one in section["items"]
        ),
        table=None
        if table is None
        else Table(
            table["caption"], tuple(table["headings"]), tuple(tuple(row) for row in table["rows"])
        ),
        gaps=tuple(Gap(one["key"], one["label"], tuple(one["sources"])) for one in section["gaps"]),
    )


def _write_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
