"""Import profiles: a small TOML file that maps a sender's columns to a report."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NoReturn

from tocsin.errors import BadProfileError
from tocsin.reports.formats.fields import ALWAYS_REQUIRED, CLOSED_WORDS, FIELDS, GROUP_FIELD
from tocsin.reports.formats.layout import MARK_HEADING, normalise_heading
from tocsin.reports.formats.personal_data import find_personal_text
from tocsin.reports.vocabulary import COUNTRY_CODES, DatePrecision

PROFILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}\Z")
DATE_TOKENS = re.compile(r"(YYYY|YY|MM|DD|Www|[-./ ])+\Z")
DATE_PARTS = (
    frozenset({"Y", "M", "D"}),
    frozenset({"Y", "W"}),
    frozenset({"Y", "M"}),
)
DECIMAL_MARKS = (".", ",")
TOP_KEYS = ("name", "title", "description", "file", "reading", "columns", "constants", "values")
FILE_KEYS = ("sheet", "encoding", "delimiter")
READING_KEYS = (
    "date_formats",
    "decimal_mark",
    "separator",
    "event_precision",
    "empty",
    "required",
)
GENERIC = "generic"
DEFAULT_EMPTY = ("-", "–", "—", "n/a")


@dataclass(frozen=True, slots=True)
class Profile:
    """How one sender's table is read.

    columns: field to the headings accepted for it. A closing number ("Substance 2") means the
        second finding of the row.
    constants: field to the value taken where the file has no column for it or the cell is empty.
    values: field to what the sender writes to what Tocsin holds; an empty text empties the cell.
    date_formats: such as ``DD.MM.YYYY``, ``YYYY-Www`` (a week), ``MM/YYYY`` (a month);
        ``YYYY-MM-DD`` is always read.
    separator: between several substances in one cell; empty for one substance a cell.
    event_precision: how exactly the day of the event is known, where no column says.
    empty: texts that mean an empty cell. required: fields no row may lack, besides
        event_type, event_on, country and substance, which every report has.
    sheet, encoding, delimiter: prescribed for the file; empty to find out.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    title: str = ""
    description: str = ""
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    date_formats: tuple[str, ...] = ("YYYY-MM-DD",)
    decimal_mark: str = "."
    separator: str = ""
    event_precision: str = "day"
    empty: tuple[str, ...] = DEFAULT_EMPTY
    required: tuple[str, ...] = ()
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""

    def list_headings(self) -> frozenset[str]:
        """List every heading the profile accepts, normalised."""
        return frozenset(
            normalise_heading(heading) for accepted in self.columns.values() for heading in accepted
        )

    def to_toml(self) -> str:
        """Return the profile as TOML that ``parse_profile`` reads back to an equal profile."""
        lines = [f"{key} = {_quote(getattr(self, key))}" for key in TOP_KEYS[:3]]
        prescribed = {key: getattr(self, key) for key in FILE_KEYS if getattr(self, key)}
        lines += _write_table("file", prescribed)
        lines += _write_table("reading", {key: getattr(self, key) for key in READING_KEYS})
        lines += _write_table("columns", self.columns)
        lines += _write_table("constants", self.constants)
        for key, words in self.values.items():
            lines += _write_table(f"values.{key}", words)
        return "\n".join(lines) + "\n"


def parse_profile(text: str) -> Profile:
    """Parse the text of a profile and check that it does not contradict itself.

    Raises BadProfileError, naming the key, what was found and what was expected.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProfileError(f"profile: found text that is not TOML ({error})") from error
    _check_keys("", document, TOP_KEYS)
    prescribed = _get_table(document, "file", FILE_KEYS)
    reading = _get_table(document, "reading", READING_KEYS)
    columns = {
        key: _get_texts(f"columns.{key}", value)
        for key, value in _get_table(document, "columns", (*FIELDS, GROUP_FIELD)).items()
    }
    values = {
        key: {
            word: _get_text(f"values.{key}.{word}", value)
            for word, value in _as_table(f"values.{key}", words).items()
        }
        for key, words in _get_table(document, "values", FIELDS).items()
    }
    profile = Profile(
        name=_get_text("name", document.get("name", "")),
        title=_get_text("title", document.get("title", "")),
        description=_get_text("description", document.get("description", "")),
        columns=columns,
        constants={
            key: _get_text(f"constants.{key}", value)
            for key, value in _get_table(document, "constants", FIELDS).items()
        },
        values=values,
        date_formats=_get_texts(
            "reading.date_formats", reading.get("date_formats", ["YYYY-MM-DD"])
        ),
        decimal_mark=_get_text("reading.decimal_mark", reading.get("decimal_mark", ".")),
        separator=_get_text("reading.separator", reading.get("separator", "")),
        event_precision=_get_text("reading.event_precision", reading.get("event_precision", "day")),
        empty=_get_texts("reading.empty", reading.get("empty", list(DEFAULT_EMPTY)), may_lack=True),
        required=_get_texts("reading.required", reading.get("required", []), may_lack=True),
        **{key: _get_text(f"file.{key}", prescribed.get(key, "")) for key in FILE_KEYS},
    )
    check_profile(profile)
    return profile


def load_profile(name: str) -> Profile:
    """Load a profile that ships with Tocsin.

    >>> load_profile("connecticut").constants["country"]
    'US'
    """
    if name not in list_profiles():
        found = ", ".join(list_profiles())
        raise BadProfileError(f"profile {name[:60]!r}: not found; expected one of {found}")
    profile = parse_profile(_profiles_folder().joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    return _with_all_fields(profile) if name == GENERIC else profile


def _with_all_fields(profile: Profile) -> Profile:
    """Let a profile take every field of the record by its key, as templates and exports write it."""
    held = {normalise_heading(heading) for names in profile.columns.values() for heading in names}
    further = {
        key: (key,)
        for key in (GROUP_FIELD, *FIELDS)
        if key not in profile.columns and normalise_heading(key) not in held
    }
    return replace(profile, columns={**profile.columns, **further})


def list_profiles() -> list[str]:
    """List the names of the profiles that ship with Tocsin.

    >>> list_profiles()
    ['connecticut', 'generic', 'laboratory_workbook']
    """
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in _profiles_folder().iterdir()
        if entry.name.endswith(".toml")
    )


def check_profile(profile: Profile) -> None:
    """Check a profile as a whole, however it was made; raises BadProfileError."""
    if not PROFILE_NAME.match(profile.name):
        _refuse("name", profile.name, "small letters, digits, - and _, at most 60")
    for key in ALWAYS_REQUIRED:
        if key not in profile.columns and not profile.constants.get(key):
            _refuse(f"columns.{key}", "nothing", "a heading here, or a value in constants")
    for key in ("event_on", "substance"):
        if key not in profile.columns:
            _refuse(f"columns.{key}", "nothing", "at least one heading")
    _check_headings(profile)
    _check_impersonal(profile)
    for key in profile.required:
        if key not in FIELDS:
            _refuse("reading.required", key, f"fields out of {', '.join(FIELDS)}")
    for form in profile.date_formats:
        _check_date_format(form)
    if profile.decimal_mark not in DECIMAL_MARKS:
        _refuse("reading.decimal_mark", profile.decimal_mark, "'.' or ','")
    if profile.separator == profile.decimal_mark or profile.separator.isalnum():
        _refuse("reading.separator", profile.separator, "a sign that is not the decimal mark")
    if profile.event_precision not in DatePrecision.values:
        _refuse("reading.event_precision", profile.event_precision, "day, week or month")
    if len(profile.delimiter) > 1:
        _refuse("file.delimiter", profile.delimiter, "one character")
    for key, words in CLOSED_WORDS.items():
        for place, word in (
            (f"constants.{key}", profile.constants.get(key, "")),
            *((f"values.{key}.{text}", word) for text, word in profile.values.get(key, {}).items()),
        ):
            if word and word not in words:
                _refuse(place, word, f"one of {', '.join(words)}")
    for word in (profile.constants.get("country", ""), *profile.values.get("country", {}).values()):
        if word and word not in COUNTRY_CODES:
            _refuse("constants.country", word, "two letters of ISO 3166-1, such as DE")


def _check_headings(profile: Profile) -> None:
    seen: dict[str, str] = {}
    for key, accepted in profile.columns.items():
        for heading in accepted:
            name = normalise_heading(heading)
            if not name or name == normalise_heading(MARK_HEADING):
                _refuse(f"columns.{key}", heading, "a heading of the sender's file")
            if seen.setdefault(name, key) != key:
                _refuse(f"columns.{key}", heading, f"a heading not used by columns.{seen[name]}")


def _check_impersonal(profile: Profile) -> None:
    """Refuse a profile that says something about a person, which every row would then hold."""
    for place, text in (
        ("title", profile.title),
        ("description", profile.description),
        *((f"constants.{key}", text) for key, text in profile.constants.items()),
        *(
            (f"values.{key}", word)
            for key, words in profile.values.items()
            for word in words.values()
        ),
    ):
        if looks_like := find_personal_text(text):
            _refuse(place, f"what looks like {looks_like}", "nothing about a person")


def _check_date_format(form: str) -> None:
    letters = [part[0] for part in re.findall(r"YYYY|YY|MM|DD|Www", form)]
    if (
        not DATE_TOKENS.match(form)
        or len(set(letters)) != len(letters)
        or frozenset(letters) not in DATE_PARTS
    ):
        _refuse("reading.date_formats", form, "such as DD.MM.YYYY, YYYY-Www or MM/YYYY")


def _profiles_folder() -> Traversable:
    return files("tocsin.reports").joinpath("profiles")


def _check_keys(place: str, table: Mapping[str, object], expected: tuple[str, ...]) -> None:
    for key in table:
        if key not in expected:
            _refuse(f"{place}{key}", key, f"a key out of {', '.join(expected)}")


def _get_table(
    document: Mapping[str, object], key: str, expected: tuple[str, ...]
) -> dict[str, object]:
    table = _as_table(key, document.get(key, {}))
    _check_keys(f"{key}.", table, expected)
    return table


def _as_table(place: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        _refuse(place, value, "a table")
    return value


def _get_text(place: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > 2000:
        _refuse(place, value, "a text of at most 2,000 characters")
    return value


def _get_texts(place: str, value: object, *, may_lack: bool = False) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not (texts or may_lack):
        _refuse(place, value, "a text or a list of texts")
    return tuple(_get_text(place, text) for text in texts)


def _refuse(key: str, found: object, expected: str) -> NoReturn:
    raise BadProfileError(f"profile, {key}: found {str(found)[:80]!r}; expected {expected}")


def _write_table(name: str, table: Mapping[str, object]) -> list[str]:
    if not table:
        return []
    return ["", f"[{name}]", *(f"{_write_key(key)} = {_quote(table[key])}" for key in table)]


def _write_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quote(key)


def _quote(value: object) -> str:
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(_quote, value)) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda sign: f"\\u{ord(sign[0]):04x}", escaped) + '"'
