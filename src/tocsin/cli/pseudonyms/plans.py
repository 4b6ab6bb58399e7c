"""What becomes of each column of a file of cases."""

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tocsin.errors import ConfigurationError
from tocsin.reports.formats.fields import DATE_FIELDS
from tocsin.reports.formats.guess import ColumnMatch, guess_profile
from tocsin.reports.formats.layout import normalise_heading
from tocsin.reports.formats.personal_data import (
    find_personal_column,
    find_personal_heading,
    find_personal_text,
)

AGE_HEADINGS = frozenset(
    [
        "age",
        "age years",
        "age in years",
        "age at death",
        "alter",
        "alter jahre",
        "alter in jahren",
        "lebensalter",
        "âge",
        "âge ans",
        "age ans",
        "edad",
        "edad años",
        "età",
        "età anni",
        "leeftijd",
        "leeftijd jaren",
        "wiek",
        "wiek lata",
        "wiek lat",
        "idade",
        "ålder",
        "alder",
        "aldur",
        "ikä",
        "vanus",
        "vecums",
        "amžius",
        "věk",
        "vek",
        "kor",
        "életkor",
        "vârsta",
        "vârstă",
        "възраст",
        "starost",
        "ηλικία",
        "aois",
        "вік",
        "возраст",
        "yaş",
    ]
)
REFERENCE_HEADINGS = frozenset(
    [
        "fallnummer",
        "fall",
        "fall nr",
        "case no",
        "case nr",
        "case id",
        "case reference",
        "exhibit number",
        "dossier",
        "numéro de dossier",
        "n dossier",
        "numéro de cas",
        "número de caso",
        "caso",
        "expediente",
        "numero caso",
        "numero del caso",
        "numero pratica",
        "zaaknummer",
        "dossiernummer",
        "numer sprawy",
        "sygnatura",
        "patient id",
        "patient no",
        "patient nr",
        "patientennummer",
        "patiëntnummer",
        "número de historia",
        "sektionsnummer",
        "autopsy number",
        "lab number",
        "labornummer",
        "autopsienummer",
        "numéro d autopsie",
    ]
)
"""Beside those that a profile knows; they go before what looks like a patient's number."""


class Action(Enum):
    """What becomes of a column."""

    PSEUDONYM = "pseudonym"
    KEEP = "keep"
    DAY = "date"
    AGE_BAND = "age-band"
    BIRTH = "birth-date"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column: its heading, what becomes of it, why, and the heading it gets."""

    heading: str
    action: Action
    reason: str
    new_heading: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All columns in the order of the file, and how its dates are written.

    event_column: position of the day that an age is reckoned on, None where there is none.
    """

    columns: tuple[ColumnPlan, ...]
    date_formats: tuple[str, ...]
    event_column: int | None


def make_plan(
    headings: Sequence[str],
    sample_rows: Sequence[Sequence[str]],
    *,
    fixed: dict[str, Action] | None = None,
    kept: Collection[str] = (),
) -> Plan:
    """Propose what becomes of each column, from its heading and its first cells.

    fixed: actions by heading, as in a file of columns; a column not named is dropped.
    kept: headings of columns to keep that would be dropped as unknown.
    Raises ConfigurationError for a heading that is not in the file, and for a column that looks
    like personal data and would be kept as it is.
    """
    for heading in (*(fixed or ()), *kept):
        if heading not in headings:
            raise ConfigurationError(f"column {heading!r}: is not in the file")
    guess = guess_profile(headings, sample_rows)
    columns: list[ColumnPlan] = []
    for place, match in enumerate(guess.matches):
        looks_like = _find_personal(match.heading, place, sample_rows)
        if fixed is not None:
            action, reason = fixed.get(match.heading, Action.DROP), "as told"
        else:
            action, reason = _propose(match, looks_like, kept)
        if looks_like and (action in (Action.KEEP, Action.DAY)):
            raise ConfigurationError(
                f"column {_name(match.heading, place)}: looks like {looks_like}; expected it "
                "dropped or, for case references, made a pseudonym"
            )
        columns.append(ColumnPlan(match.heading, action, reason))
    event = next((at for at, one in enumerate(guess.matches) if one.field == "event_on"), None)
    if event is not None and columns[event].action is not Action.DAY:
        event = None
    if event is None:
        event = next((at for at, one in enumerate(columns) if one.action is Action.DAY), None)
    return Plan(_give_headings(columns), guess.date_formats, event)


def read_columns(path: Path) -> dict[str, Action]:
    """Read what becomes of each column from a TOML file with a table ``columns``.

    Raises ConfigurationError that names the column where it is none of the actions.
    """
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8")).get("columns")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"file {path}: cannot be read as TOML; expected one") from error
    words = ", ".join(action.value for action in Action)
    if not isinstance(held, dict) or not held:
        raise ConfigurationError(f"file {path}: expected a table [columns] of headings: {words}")
    found: dict[str, Action] = {}
    for heading, word in held.items():
        try:
            found[heading] = Action(word)
        except ValueError as error:
            raise ConfigurationError(
                f"file {path}, column {heading!r}: found {word!r}; expected {words}"
            ) from error
    return found


def _find_personal(heading: str, place: int, rows: Sequence[Sequence[str]]) -> str:
    """Find what personal data a column as a whole looks like, empty for none.

    Cells with an address or a number among others are no reason to drop a column: each is
    emptied by itself.
    """
    if found := find_personal_heading(heading):
        return found
    cells = [row[place] for row in rows if place < len(row)]
    harmless = [[cell] for cell in cells if not find_personal_text(cell)]
    error = find_personal_column([heading], harmless)
    return error.looks_like if error else ""


def _propose(match: ColumnMatch, looks_like: str, kept: Collection[str]) -> tuple[Action, str]:
    name = normalise_heading(match.heading)
    if match.field == "reference" or name in REFERENCE_HEADINGS:
        return Action.PSEUDONYM, "case references"
    if match.heading in kept:
        return Action.KEEP, "as told; cells that look personal are emptied"
    if looks_like == "birth dates":
        return Action.BIRTH, "birth dates: age band on the day of the event"
    if looks_like:
        return Action.DROP, f"looks like {looks_like}"
    if name in AGE_HEADINGS:
        return Action.AGE_BAND, "ages"
    if match.field in DATE_FIELDS:
        return Action.DAY, f"{match.field}, by {match.reason}"
    if match.field:
        return (
            Action.KEEP,
            f"{match.field}, by {match.reason}; cells that look personal are emptied",
        )
    return Action.DROP, "unknown"


def _give_headings(columns: Sequence[ColumnPlan]) -> tuple[ColumnPlan, ...]:
    """Name the columns that stay; no heading announces personal data, and none comes twice."""
    taken: set[str] = set()
    made: list[ColumnPlan] = []
    has_age = any(one.action is Action.AGE_BAND for one in columns)
    for one in columns:
        action, reason, heading = one.action, one.reason, one.heading
        if action is Action.BIRTH and has_age:
            action, reason = Action.DROP, "birth dates; the age has a column of its own"
        if action in (Action.AGE_BAND, Action.BIRTH):
            heading = "age_band"
        elif action is Action.PSEUDONYM and (
            normalise_heading(heading) in REFERENCE_HEADINGS or find_personal_heading(heading)
        ):
            heading = "reference"
        number, free = 1, heading
        while action is not Action.DROP and free in taken:
            number += 1
            free = f"{heading} {number}"
        if action is not Action.DROP:
            taken.add(free)
        made.append(
            ColumnPlan(one.heading, action, reason, free if action is not Action.DROP else "")
        )
    return tuple(made)


def _name(heading: str, place: int) -> str:
    return f"number {place + 1}" if find_personal_text(heading) else repr(heading)
