"""A method's settings from the values of a JSON file, each checked against the class's own types."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from tocsin.errors import DetectionInputError

Settings = TypeVar("Settings")

_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def parse_settings(
    settings_class: type[Settings], mapping: Mapping[str, Any], *, method: str
) -> Settings:
    """Return a settings dataclass filled from a mapping; what is left out keeps its default.

    settings_class: a dataclass with a default for each field; a field is a bool, int, float, text,
        one of some words, a tuple of these, such a dataclass again, or any of it or None.
    method: for the message.
    Raises DetectionInputError naming a setting that does not exist or is of another type, and what
    is expected; and where the class itself refuses a value.

    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Rule:
    ...     weeks: int = 4
    >>> parse_settings(Rule, {"weeks": 6}, method="rule")
    Rule(weeks=6)
    """
    types = get_type_hints(settings_class)
    names = [field.name for field in fields(settings_class) if field.init]  # type: ignore[arg-type]
    unknown = [name for name in mapping if name not in names]
    if unknown:
        raise DetectionInputError(
            f"{method}: unknown setting {unknown[0]!r}; expected some of {', '.join(names)}"
        )
    return settings_class(
        **{
            name: _parse_value(value, types[name], what=f"{method}: setting {name!r}")
            for name, value in mapping.items()
        }
    )


def _parse_value(value: Any, kind: Any, *, what: str) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        if not isinstance(value, Mapping):
            raise _expected(what, value, "an object of settings")
        return parse_settings(kind, value, method=what)
    if get_origin(kind) in (Union, UnionType):
        return _parse_optional(value, kind, what=what)
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise _expected(what, value, f"one of {', '.join(map(str, get_args(kind)))}")
        return value
    if get_origin(kind) is tuple:
        return _parse_tuple(value, get_args(kind), what=what)
    return _parse_plain(value, kind, what=what)


def _parse_optional(value: Any, kind: Any, *, what: str) -> Any:
    inner = [one for one in get_args(kind) if one is not NoneType]
    if value is None and len(inner) < len(get_args(kind)):
        return None
    return _parse_value(value, inner[0], what=what)


def _parse_tuple(value: Any, kinds: tuple[Any, ...], *, what: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _expected(what, value, "a list")
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(value) != len(kinds):
        raise _expected(what, value, f"{len(kinds)} values")
    return tuple(
        _parse_value(one, kind, what=f"{what}[{place}]")
        for place, (one, kind) in enumerate(zip(value, kinds, strict=True))
    )


def _parse_plain(value: Any, kind: type[Any], *, what: str) -> Any:
    is_number = (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    )
    if kind is float and is_number:
        return float(value)
    # R writes a whole number as 3 or as 3.0.
    if kind is int and is_number and value == int(value):
        return int(value)
    if kind in (bool, str) and isinstance(value, kind):
        return value
    raise _expected(what, value, _WORDS[kind])


def _expected(what: str, value: Any, expected: str) -> DetectionInputError:
    return DetectionInputError(f"{what} is {value!r}; expected {expected}")
