"""Valid texts spoilt step by step, every step chosen by the bytes that a fuzzer makes."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, TypeVar

Thing = TypeVar("Thing")

HOSTILE_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**63,
    10**400,
    0.5,
    "1e999999",
    "-1e-999999",
    "NaN",
    "Infinity",
    "",
    " ",
    "\0",
    "\ud800",
    "\u202e",
    "²",
    "x" * 5_000,
    "9" * 5_000,
    "0000-00-00",
    "9999-12-31",
    "0001-01-01",
    "2026-03",
    "#",
    "urn:uuid:x",
    [],
    {},
    [[]],
    [{}],
    [None],
    {"": ""},
)
"""What stands where something else is expected."""


class Choices:
    """Bytes read as choices, one after the other; the first choice when they are used up."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    @property
    def is_empty(self) -> bool:
        """Whether every byte was used."""
        return self._at >= len(self._content)

    def take(self, things: Sequence[Thing]) -> Thing:
        """Return one of the things; up to 65,536 of them can be told apart."""
        used = self._content[self._at : self._at + (1 if len(things) < 256 else 2)]
        self._at += len(used) or 1
        return things[int.from_bytes(used, "big") % len(things)]

    def take_rest(self) -> bytes:
        """Return what was not used."""
        rest = self._content[self._at :]
        self._at = len(self._content)
        return rest


def edit_document(document: Any, choices: Choices, *, most: int = 40) -> Any:
    """Return a copy of a JSON document with values replaced, moved, repeated or taken away."""
    edited = deepcopy(document)
    for _step in range(most):
        places = _list_places(edited)
        if choices.is_empty or not 0 < len(places) < _MOST_PLACES:
            return edited
        holder, key = choices.take(places)
        kind = choices.take(("replace", "remove", "copy", "repeat", "nest"))
        if kind == "replace":
            holder[key] = deepcopy(choices.take(HOSTILE_VALUES))
        elif kind == "remove":
            del holder[key]
        elif kind == "copy":
            other, other_key = choices.take(places)
            holder[key] = deepcopy(other[other_key])
        elif kind == "repeat":
            holder[key] = [deepcopy(holder[key]) for _time in range(choices.take((2, 3, 50)))]
        else:
            holder[key] = {"value": holder[key]} if choices.take((0, 1)) else [holder[key]]
    return edited


def edit_bytes(content: bytes, choices: Choices, *, most: int = 20) -> bytes:
    """Return bytes with parts of them replaced, repeated or taken away."""
    edited = bytearray(content)
    for _step in range(most):
        if choices.is_empty:
            break
        start = choices.take(range(len(edited) + 1))
        length = choices.take((0, 1, 2, 4, 16, 64, 1_000))
        kind = choices.take(("insert", "remove", "repeat", "flip"))
        part = bytes(edited[start : start + length])
        if kind == "insert":
            edited[start:start] = choices.take(_HOSTILE_BYTES)
        elif kind == "remove":
            del edited[start : start + length]
        elif kind == "repeat":
            edited[start:start] = part * choices.take((1, 3, 100))
        else:
            edited[start : start + length] = bytes(one ^ choices.take(range(256)) for one in part)
    return bytes(edited[:_LONGEST])


_LONGEST = 200_000
_MOST_PLACES = 1_000
_HOSTILE_BYTES = (
    b"\0",
    b"\n",
    b"\r",
    b'"',
    b"'",
    b",",
    b";",
    b"\t",
    b"<",
    b"&",
    b"[",
    b"(",
    b"%",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\x1a",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"9" * 500,
    b"1e999999",
    b"=1+1",
    "\N{COMBINING ACUTE ACCENT}".encode() * 50,
)


def _list_places(document: Any) -> list[tuple[Any, Any]]:
    """List every value of a document by what holds it and under which key, in a fixed order."""
    places: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting and len(places) < _MOST_PLACES:
        held = waiting.pop()
        if isinstance(held, dict):
            found: list[tuple[Any, Any]] = [(held, key) for key in held]
        elif isinstance(held, list):
            found = [(held, at) for at in range(len(held))]
        else:
            continue
        places += found
        waiting += [holder[key] for holder, key in found]
    return places
