"""The fields of the event record as tables in Markdown, for the reference."""

from collections.abc import Iterator

from tocsin.reports.record.definition import EVENT_FIELDS, FINDING_FIELDS
from tocsin.reports.record.kinds import ALL, Field, Kind
from tocsin.reports.record.values import list_choices

_FORMS = {
    Kind.DATE: "date, ISO 8601",
    Kind.COUNTRY: "ISO 3166-1, two letters, and `XK`",
    Kind.COUNTRIES: "countries, separated by semicolons",
    Kind.REGION: "NUTS code, 3 to 5 signs",
    Kind.DIGESTS: "SHA-256 digests, separated by semicolons",
    Kind.CHOICE: "a word below",
    Kind.CHOICES: "words below, separated by semicolons",
}


def write_fields() -> str:
    """Write all fields and their words as three tables, with their headings."""
    return "\n".join((*_write(), ""))


def _write() -> Iterator[str]:
    yield from _write_table("Fields of an event", EVENT_FIELDS)
    yield ""
    yield from _write_table("Fields of a finding", FINDING_FIELDS)
    yield ""
    yield "## Words"
    yield ""
    yield "| field | words |"
    yield "|---|---|"
    for field in (*EVENT_FIELDS, *FINDING_FIELDS):
        words = ", ".join(
            f"`{word}`" if word == label else f"`{word}` ({label})"
            for word, label in list_choices(field)
        )
        if words:
            yield f"| `{field.key}` | {words} |"


def _write_table(title: str, fields: tuple[Field, ...]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield "| field | name | meaning | form | asked for in |"
    yield "|---|---|---|---|---|"
    for field in fields:
        events = ", ".join(sorted(field.events)) if field.events and field.events != ALL else "all"
        needed = ""
        if field.required_in:
            in_ = "" if field.required_in >= (field.events or ALL) else _list(field.required_in)
            needed = f"; required{in_}"
        yield (
            f"| `{field.key}` | {field.label} | {field.help} | {_tell_form(field)}{needed} | "
            f"{events} |"
        )


def _list(events: frozenset[str]) -> str:
    return " in " + ", ".join(sorted(events))


def _tell_form(field: Field) -> str:
    if field.kind is Kind.WHOLE_NUMBER:
        return f"whole number, {field.least:,} to {field.most:,}"
    if field.kind is Kind.DECIMAL:
        unit = f" {field.unit}" if field.unit else ""
        return f"{field.least:,} to {field.most:,}{unit}, {field.decimals} decimals"
    return _FORMS.get(field.kind, f"up to {field.most_characters:,} characters")
