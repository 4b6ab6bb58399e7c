"""Reading a FHIR bundle: its size, its references, and what in it is personal."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from tocsin.errors import FileTooLargeError, PersonalDataError, UnreadableFileError
from tocsin.reports.formats.personal_data import find_personal_remark, find_personal_text

MOST_BYTES = 5 * 1024 * 1024
MOST_ENTRIES = 2_000
MOST_DEPTH = 40
MOST_RESULTS = 20_000
"""Values of Observations in all reports of a bundle; one can be named by many reports."""

LONGEST_PLACE = 120

PERSONAL_RESOURCES = frozenset({"RelatedPerson", "Person", "Account", "Coverage"})
OF_ANY_PATIENT = frozenset(
    {
        *("resourceType", "id", "meta", "implicitRules", "language", "active"),
        *("gender", "deceasedBoolean", "deceasedDateTime", "managingOrganization"),
    }
)
"""Elements of a Patient that do not tell who it is; every other one may, its narrative too."""

NAMING_ELEMENTS = ("display", "identifier")
"""Parts of a reference to a subject that tell who it is."""

SNAPSHOTS = "history"
"""A type of bundle that holds several versions of one resource, the newest first."""

_NARRATIVES = frozenset({"comment", "conclusion"})
_TEXTS_HELD = frozenset({"text", "display", "valueString", "comment", "conclusion", "value"})


class Resource:
    """One resource of a bundle with the place where it stands, for messages."""

    def __init__(self, place: str, values: Mapping[str, Any]) -> None:
        self.place = place
        self.values = values

    @property
    def kind(self) -> str:
        """The type of the resource, such as ``Observation``."""
        return str(self.values.get("resourceType", ""))

    def get_text(self, *path: str) -> str:
        """Get the text at a path of names; empty where there is none. Lists give their first."""
        held: Any = self.values
        for name in path:
            if isinstance(held, list):
                held = held[0] if held else None
            held = held.get(name) if isinstance(held, Mapping) else None
        if isinstance(held, list):
            held = held[0] if held else None
        return held.strip() if isinstance(held, str) else ""

    def list_maps(self, name: str) -> list[Mapping[str, Any]]:
        """List the objects under a name; empty where there is none."""
        return list_maps(self.values.get(name))

    @cached_property
    def contained(self) -> dict[str, "Resource"]:
        """The resources that stand within this one, by their id; the first of each."""
        found: dict[str, Resource] = {}
        for number, one in enumerate(self.list_maps("contained")):
            found.setdefault(str(one.get("id")), Resource(f"{self.place}.contained[{number}]", one))
        return found


class Bundle:
    """The resources of a bundle, found by the ways a reference can name them."""

    def __init__(self, resources: list[Resource], addresses: Mapping[str, Resource]) -> None:
        self.resources = resources
        self._addresses = addresses
        self._results = 0

    def list_kind(self, kind: str) -> list[Resource]:
        """List the resources of one type, in their order."""
        return [one for one in self.resources if one.kind == kind]

    def find(self, reference: str, contained: Resource | None = None) -> Resource | None:
        """Find what a reference means: an entry of the bundle, or a part of the resource itself."""
        if reference.startswith("#") and contained is not None:
            return contained.contained.get(reference[1:])
        return self._addresses.get(reference.partition("/_history/")[0])

    def count_results(self, number: int) -> None:
        """Count values that are read; FileTooLargeError past MOST_RESULTS of the whole bundle."""
        self._results += number
        if self._results > MOST_RESULTS:
            raise FileTooLargeError(f"bundle: more than {MOST_RESULTS:,} results; send it in parts")


def list_maps(held: Any) -> list[Mapping[str, Any]]:
    """List the objects of an element that is one object or a list of them; empty for others."""
    held = held if isinstance(held, list) else [held]
    return [one for one in held if isinstance(one, Mapping)]


def read_resources(text: bytes, name: str) -> Bundle:
    """Read the bytes of a bundle, or of a single resource, as JSON.

    Raises FileTooLargeError past the limits, UnreadableFileError for anything but a FHIR bundle,
    PersonalDataError, naming the element, where it says who a person is.
    """
    if len(text) > MOST_BYTES:
        raise FileTooLargeError(
            f"{name}: has more than {MOST_BYTES:,} bytes, the most that is taken; send it in parts"
        )
    try:
        document = json.loads(text.decode("utf-8-sig"), parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as problem:
        raise UnreadableFileError(f"{name}: is not JSON; expected a FHIR bundle") from problem
    if not isinstance(document, dict) or not isinstance(document.get("resourceType"), str):
        raise UnreadableFileError(f"{name}: no resourceType; expected a FHIR bundle")
    bundle = _collect(document, name)
    for resource in bundle.resources:
        _refuse_personal(resource)
    return bundle


def _collect(document: dict[str, Any], name: str) -> Bundle:
    if document["resourceType"] != "Bundle":
        single = Resource("resource", document)
        return Bundle([single], {})
    if document.get("type") == SNAPSHOTS:
        raise UnreadableFileError(f"{name}: is a history; expected each report as it stands now")
    entries = document.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise FileTooLargeError(f"{name}: expected a list of at most {MOST_ENTRIES:,} entries")
    resources: list[Resource] = []
    addresses: dict[str, Resource] = {}
    for number, entry in enumerate(entries):
        held = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(held, dict):
            continue
        resource = Resource(f"entry[{number}].resource", held)
        resources.append(resource)
        addresses[f"{resource.kind}/{held.get('id')}"] = resource
        full = entry.get("fullUrl")
        if isinstance(full, str):
            addresses[full] = resource
    return Bundle(resources, addresses)


def _refuse_personal(resource: Resource) -> None:
    if resource.kind in PERSONAL_RESOURCES:
        raise _make_personal_error(resource.place, "a person")
    for values, place in _iter_maps(resource):
        if values.get("resourceType") == "Patient":
            _refuse_elements(values, place, set(values) - OF_ANY_PATIENT)
        for subject in list_maps(values.get("subject")):
            _refuse_elements(subject, f"{place}.subject", NAMING_ELEMENTS)
        for key, text in values.items():
            if key not in _TEXTS_HELD or not isinstance(text, str):
                continue
            find = find_personal_remark if key in _NARRATIVES else find_personal_text
            if kind := find(text):
                raise _make_personal_error(f"{place}.{key}", kind)


def _refuse_elements(values: Mapping[str, Any], place: str, elements: Iterable[str]) -> None:
    for element in sorted(elements):
        if values.get(element):
            raise _make_personal_error(f"{place}.{element[:LONGEST_PLACE]}", "who a patient is")


def _make_personal_error(place: str, looks_like: str) -> PersonalDataError:
    return PersonalDataError(column=place, looks_like=looks_like, part="element")


def _iter_maps(resource: Resource) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield every object of a resource with its place; deeper than MOST_DEPTH is refused."""
    waiting: list[tuple[Any, str, int]] = [(resource.values, resource.place, 0)]
    while waiting:
        held, place, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise UnreadableFileError(f"{place[:LONGEST_PLACE]}: nested too deeply to be read")
        if isinstance(held, Mapping):
            yield held, place[:LONGEST_PLACE]
            waiting += [(one, f"{place}.{key}", depth + 1) for key, one in held.items()]
        elif isinstance(held, list):
            waiting += [(one, f"{place}[{n}]", depth + 1) for n, one in enumerate(held)]
