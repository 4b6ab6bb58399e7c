"""Form fields made from the fields of the event record: which control, and which value."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.errors import BadValueError
from tocsin.reports.countries import list_countries
from tocsin.reports.formats.personal_data import find_personal_value
from tocsin.reports.record import Field, Kind
from tocsin.reports.record.values import (
    LIST_KINDS,
    Value,
    check_value,
    format_value,
    list_choices,
    parse_value,
)
from tocsin.reports.vocabulary import MATRIX_OF_EVENT, Matrix
from tocsin.web.forms.fields import require_impersonal
from tocsin.web.forms.record_widgets import CheckboxList, ChoiceSelect, UnitSelect
from tocsin.web.tile_map import TILES

Typed = str | list[str]
"""What stands in a control: a text, or the values of the boxes that are ticked."""

TEXT_KINDS = frozenset({Kind.TEXT, Kind.LONG_TEXT})
CODE_KINDS = frozenset({Kind.REGION, Kind.COUNTRIES})
NUMBER_KINDS = frozenset({Kind.DECIMAL, Kind.WHOLE_NUMBER})
_SUFFICED = {
    "event_precision": "day",
}
_COMMA = re.compile(r"-?\d+,\d+\Z", re.ASCII)
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2},\d{3}\Z", re.ASCII)


class RecordField(forms.Field):
    """One field of the record, asked for in events of a type; its value is checked as elsewhere.

    The cleaned value is the record's own, None where the control is empty.
    """

    def __init__(self, record: Field, event_type: str) -> None:
        super().__init__(
            required=record.is_required_in(event_type) or record.key == "substance",
            label=capfirst(str(record.label)),
            help_text="" if record.kind is Kind.COUNTRY else str(record.help),
            widget=_make_widget(record),
            initial=find_usual(record, event_type),
        )
        self.record = record

    def clean(self, value: Any) -> Value | None:
        """Return the value as it is held; ValidationError says what was expected."""
        try:
            parsed = _parse(self.record, value)
        except BadValueError as problem:
            words = gettext("Expected %(expected)s.") % {"expected": problem.expected}
            raise forms.ValidationError(words, code=problem.problem) from problem
        if parsed is None and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if self.record.kind is Kind.DATE and parsed is not None:
            _require_past(parsed)
        if self.record.kind in TEXT_KINDS and isinstance(parsed, str):
            require_impersonal(parsed, partial(find_personal_value, self.record))
        return parsed

    def list_words(self) -> Iterable[tuple[str, str]]:
        """List the pairs of word and label a choice has."""
        return list_choices(self.record)


def find_usual(record: Field, event_type: str) -> str | None:
    """Find what a field holds before anything is typed; None where it begins empty."""
    if record.key == "matrix":
        return str(MATRIX_OF_EVENT.get(event_type, Matrix.UNSPECIFIED))
    return _SUFFICED.get(record.key)


def show_value(record: Field, value: Value | None) -> Typed:
    """Return a held value as its control shows it.

    Numbers lose their closing zeros and never have an exponent.
    """
    if record.kind in LIST_KINDS and record.kind is not Kind.COUNTRIES:
        return list(value) if isinstance(value, tuple) else []
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return format_value(value)


def read_typed(fields: Mapping[str, RecordField], values: Mapping[str, Any]) -> dict[str, Typed]:
    """Return what stands in the controls, those left empty left out."""
    typed: dict[str, Typed] = {}
    for key in fields:
        value = values.get(key)
        if isinstance(value, list):
            if ticked := [str(one) for one in value]:
                typed[key] = ticked
        elif value not in (None, ""):
            typed[key] = str(value)
    return typed


def _parse(record: Field, value: Any) -> Value | None:
    if isinstance(value, (list, tuple)):
        return check_value(record, tuple(str(one) for one in value)) if value else None
    text = str(value or "").replace("\r\n", "\n").strip()
    if record.kind is Kind.COUNTRIES:
        text = ";".join(re.split(r"[;,\s]+", text))
    if record.kind in NUMBER_KINDS:
        text = _read_comma(text)
    return parse_value(record, text)


def _read_comma(text: str) -> str:
    """Read a decimal comma; one that may as well part thousands is asked about."""
    if _THOUSANDS.match(text):
        expected = gettext("a decimal point, or no comma: this may mean two things")
        raise BadValueError("unclear-number", expected)
    return text.replace(",", ".") if _COMMA.match(text) else text


def _require_past(day: Value) -> None:
    if day > timezone.localdate():  # type: ignore[operator]
        raise forms.ValidationError(gettext("This day is yet to come."), code="future-date")


def _make_widget(record: Field) -> forms.Widget:
    if record.kind is Kind.CHOICE:
        blank = [] if find_usual(record, "") else [("", _("not stated"))]
        widget = UnitSelect if record.key == "unit" else ChoiceSelect
        return widget(choices=[*blank, *list_choices(record)])
    if record.kind in (Kind.CHOICES, Kind.DIGESTS):
        return CheckboxList(choices=list(list_choices(record)))
    if record.kind is Kind.COUNTRY:
        return ChoiceSelect(choices=_list_countries())
    if record.kind is Kind.DATE:
        latest = timezone.localdate().isoformat()
        return forms.DateInput(attrs={"type": "date", "max": latest})
    if record.kind is Kind.LONG_TEXT:
        return forms.Textarea(attrs={"rows": 3, "maxlength": record.most_characters})
    if record.kind in NUMBER_KINDS:
        mode = "decimal" if record.kind is Kind.DECIMAL else "numeric"
        return forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off"})
    longest = record.most_characters if record.kind is Kind.TEXT else 200
    attributes = {"maxlength": longest, "autocomplete": "off"}
    if record.kind in CODE_KINDS:
        attributes |= {"autocapitalize": "characters", "spellcheck": "false"}
    return forms.TextInput(attrs=attributes)


def _list_countries() -> list[tuple[str | Promise, Any]]:
    """All countries by name: those of the map, which report, before all others."""
    named = [(code, f"{name} ({code})") for code, name in list_countries()]
    return [
        ("", _("not stated")),
        (gettext("European Union, Norway and Türkiye"), [one for one in named if one[0] in TILES]),
        (gettext("Other countries"), [one for one in named if one[0] not in TILES]),
    ]
