"""The names of a register, ready to be looked up by their very text or by their normal form."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from tocsin.science.names.candidates import (
    STREET_KIND,
    CandidateSearch,
    IndexedName,
    NameCandidate,
)
from tocsin.science.names.folding import (
    find_double,
    find_uninverted,
    fold_name,
    is_code,
    squash_code,
)
from tocsin.science.names.forms import ACID_SALTS, RACEMATE, find_racemic
from tocsin.science.names.writing import (
    LONGEST_NAME_CHARACTERS,
    NameParts,
    normalise_name,
    part_name,
)

_SHORTEST_CODE = 4
_SHORTEST_STEM = 6


@dataclass(frozen=True, slots=True)
class NameTraits:
    """What the structure of a substance lets its names say.

    is_base: it can form a salt with an acid. has_configuration: its structure states a
    configuration, so that a racemate is another substance.
    """

    is_base: bool = True
    has_configuration: bool = True


@dataclass(frozen=True, slots=True)
class NameMatch:
    """The substances whose name a text is; more than one where they share it.

    tier: "exact" for the very text, "normalised" where only the writing differs.
    form: what the text says of the form, such as "hydrochloride"; empty for the parent.
    """

    tier: Literal["exact", "normalised"]
    keys: tuple[str, ...]
    form: str = ""


_NO_TRAITS = NameTraits()
_Form = TypeVar("_Form", str, NameParts)


class NameIndex:
    """The names of a register, ready to be looked up; it never changes once built.

    names: (text, substance key, kind) in any order. Names of the kind "street" are only ever
    offered as candidates.
    preferred_names: substance key to the name shown; each is indexed as well. A key without one
    is shown under its first name.
    traits: what the structures allow, asked for only where a name states a salt or a racemate;
    without them every salt and no racemate is accepted.

    Names of two substances that meet in one form make that form ambiguous: both are found then,
    and a person must choose.

    >>> index = NameIndex([("4-ANPP", "4-anpp", "common"), ("Despropionyl fentanyl", "4-anpp",
    ...     "chemical")])
    >>> index.find_exact("4-anpp"), index.find_normalised("4 \u2013 anpp")
    ([], ['4-anpp'])
    """

    def __init__(
        self,
        names: Iterable[tuple[str, str, str]],
        *,
        preferred_names: Mapping[str, str] | None = None,
        traits: Mapping[str, NameTraits] | None = None,
    ) -> None:
        self._preferred = dict(preferred_names or {})
        self._traits: Mapping[str, NameTraits] = {} if traits is None else traits
        self._exact: dict[str, list[str]] = {}
        self._formed: dict[NameParts, list[str]] = {}
        self._normalised: dict[str, list[str]] = {}
        self._folded: dict[str, list[str]] = {}
        self._codes: dict[str, list[str]] = {}
        self._street: dict[str, list[str]] = {}
        self._street_folded: dict[str, list[str]] = {}
        self._forms: dict[str, str] = {}
        indexed: list[IndexedName] = []
        seen: set[tuple[str, str, bool]] = set()
        every_name = [(name, key, "preferred") for key, name in self._preferred.items()]
        for text, key, kind in (*every_name, *names):
            self._preferred.setdefault(key, text)
            parts = part_name(text)
            self._hold(text, parts, key, kind)
            once = (parts.name, key, kind == STREET_KIND)
            if parts.name and once not in seen:
                seen.add(once)
                indexed.append(IndexedName(text, key, kind, parts.name))
        for held in (self._exact, self._formed, self._normalised, self._folded, self._codes):
            for keys in held.values():
                keys.sort()
        self._size = len(indexed)
        self._search = CandidateSearch(indexed, self._preferred)

    def _hold(self, text: str, parts: NameParts, key: str, kind: str) -> None:
        is_street = kind == STREET_KIND
        if is_street:
            _add_once(self._street, parts.name, key)
        else:
            _add_once(self._exact, _exact_form(text), key)
        if not parts.name:
            return
        folded = fold_name(parts.name)
        if is_street:
            _add_once(self._street_folded, folded, key)
            return
        _add_once(self._folded, folded, key)
        if parts.form:
            self._forms[_exact_form(text)] = parts.form
            _add_once(self._formed, parts, key)
        _add_once(self._normalised, parts.name, key)
        if is_code(text) and len(parts.name) >= _SHORTEST_CODE:
            _add_once(self._codes, squash_code(parts.name), key)

    def __len__(self) -> int:
        return self._size

    def get_preferred_name(self, key: str) -> str:
        """Return the name under which a substance of this index is shown."""
        return self._preferred[key]

    def find(self, text: str) -> NameMatch | None:
        """Return the substances of which this text is a name, surely; None where it is none.

        A text longer than LONGEST_NAME_CHARACTERS is none.
        """
        if keys := self._exact.get(exact := _exact_form(text)):
            return NameMatch("exact", tuple(keys), self._forms.get(exact, ""))
        if len(text) > LONGEST_NAME_CHARACTERS:
            return None
        return self._find_parts(part_name(text)) or self._find_double(text)

    def find_exact(self, text: str) -> list[str]:
        """Return the keys of the substances that bear exactly this name, in order of the key."""
        return list(self._exact.get(_exact_form(text), ()))

    def find_normalised(self, text: str) -> list[str]:
        """Return the keys whose names differ in the writing only, in order of the key.

        A text longer than LONGEST_NAME_CHARACTERS has none.
        """
        if len(text) > LONGEST_NAME_CHARACTERS:
            return []
        match = self._find_parts(part_name(text)) or self._find_double(text)
        return list(match.keys) if match else []

    def is_street_name(self, text: str) -> bool:
        """Tell whether a text is a street name, which never decides what is meant."""
        return len(text) <= LONGEST_NAME_CHARACTERS and normalise_name(text) in self._street

    def find_name_at_the_end(self, text: str) -> str | None:
        """Return the longest name of the register on which a longer text is built, or None.

        A name is in its normal form here, and has at least six characters.
        """
        normal = normalise_name(text[:LONGEST_NAME_CHARACTERS])
        ends = (normal[at:] for at in range(1, len(normal) - _SHORTEST_STEM + 1))
        return next((end for end in ends if end in self._normalised), None)

    def list_candidates(self, text: str, limit: int = 5) -> list[NameCandidate]:
        """List the substances a text may mean, best first, each with a score and a reason.

        One candidate for each substance. Empty for a text without letters or digits and for one
        longer than LONGEST_NAME_CHARACTERS.
        """
        if len(text) > LONGEST_NAME_CHARACTERS:
            return []
        return self._search.list_candidates(normalise_name(text), limit)

    def _find_parts(self, parts: NameParts) -> NameMatch | None:
        if not parts.name:
            return None
        if parts.form and (keys := self._formed.get(parts)):
            return NameMatch("normalised", tuple(keys), parts.form)
        keys = self._look_up(parts.name)
        if keys:
            allowed = all(self._may_have(key, parts.form) for key in keys)
            return NameMatch("normalised", tuple(keys), parts.form) if allowed else None
        bare = find_racemic(parts.name)
        keys = self._look_up(bare) if bare else []
        if keys and all(self._may_be_racemic(key) for key in keys):
            form = ", ".join(filter(None, (RACEMATE, parts.form)))
            return NameMatch("normalised", tuple(keys), form)
        return None

    def _look_up(self, name: str) -> list[str]:
        """Try one form of the name after the other, the weaker ones last."""
        if keys := self._normalised.get(name):
            return keys
        if name in self._street:
            return []
        for weaker in self._weaken(name):
            if weaker:
                return weaker
        return []

    def _weaken(self, name: str) -> Iterator[list[str]]:
        yield self._decide(fold_name(name))
        if len(squashed := squash_code(name)) >= _SHORTEST_CODE:
            yield self._codes.get(squashed, [])
        if usual := find_uninverted(name):
            straight = normalise_name(usual)
            yield self._normalised.get(straight) or self._decide(fold_name(straight))

    def _decide(self, folded: str) -> list[str]:
        """A street name of another substance makes a folded form ambiguous, and never decides."""
        keys = self._folded.get(folded, [])
        return sorted({*keys, *self._street_folded.get(folded, ())}) if keys else []

    def _find_double(self, text: str) -> NameMatch | None:
        """Take "one (other)" where both are names of the same substance, and of that alone."""
        double = find_double(text)
        if double is None:
            return None
        first = self._find_parts(part_name(double[0]))
        if first is None or len(first.keys) != 1:
            return None
        other = part_name(double[1]).name
        second = self._find_parts(NameParts(other, ""))
        keys = set(second.keys) if second else set(self._street.get(other, ()))
        if keys != set(first.keys):
            return None
        return NameMatch("normalised", first.keys, first.form)

    def _may_have(self, key: str, form: str) -> bool:
        traits = self._traits.get(key, _NO_TRAITS)
        return traits.is_base or ACID_SALTS.isdisjoint(form.split(", "))

    def _may_be_racemic(self, key: str) -> bool:
        return not self._traits.get(key, _NO_TRAITS).has_configuration


def _add_once(names: dict[_Form, list[str]], form: _Form, key: str) -> None:
    keys = names.setdefault(form, [])
    if key not in keys:
        keys.append(key)


def _exact_form(text: str) -> str:
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text).strip()
