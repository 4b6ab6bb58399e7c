"""Which substances a text may mean, how much it is like their names, and why they are offered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

STREET_KIND = "street"

_LOWEST_CANDIDATE_SCORE = 65
_CONTAINED_WEIGHT = 0.85
_SHORTEST_CONTAINED_NAME = 3

_WORD_BREAKS = re.compile(r"[/;+,&|()\[\]]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class NameCandidate:
    """A substance that a text may mean: score from 0 to 100, and why it is offered."""

    key: str
    name: str
    score: int
    reason: str


@dataclass(frozen=True, slots=True)
class IndexedName:
    """One name of the register with its normal form."""

    text: str
    key: str
    kind: str
    normal: str


class CandidateSearch:
    """A search for the names of a register that are like a text; it never changes once built."""

    def __init__(self, names: Sequence[IndexedName], preferred_names: Mapping[str, str]) -> None:
        self._names = names
        self._preferred = preferred_names
        self._squashed = [_squash(name.normal) for name in names]
        self._words = [_WORD_BREAKS.sub(" ", name.normal) for name in names]

    def list_candidates(self, normal: str, limit: int) -> list[NameCandidate]:
        """List the substances that a normal form may mean, best first, each once."""
        squashed = _squash(normal)
        if not squashed:
            return []
        scores: dict[int, float] = {}
        pool = max(50, 10 * limit)
        for _, score, at in process.extract(
            squashed,
            self._squashed,
            scorer=fuzz.ratio,
            limit=pool,
            score_cutoff=_LOWEST_CANDIDATE_SCORE,
        ):
            scores[at] = score
        for _, score, at in process.extract(
            _WORD_BREAKS.sub(" ", normal),
            self._words,
            scorer=fuzz.token_set_ratio,
            limit=pool,
            score_cutoff=95,
        ):
            if min(len(squashed), len(self._squashed[at])) >= _SHORTEST_CONTAINED_NAME:
                scores[at] = max(scores.get(at, 0.0), _CONTAINED_WEIGHT * score)
        return self._best(normal, scores)[:limit]

    def _best(self, normal: str, scores: Mapping[int, float]) -> list[NameCandidate]:
        best: dict[str, NameCandidate] = {}
        ranked = sorted(scores, key=lambda at: (-scores[at], self._names[at].normal != normal, at))
        for at in ranked:
            name = self._names[at]
            if name.key in best:
                continue
            score = int(scores[at])
            if name.normal != normal:
                score = min(score, 99)
            best[name.key] = NameCandidate(
                key=name.key,
                name=self._preferred[name.key],
                score=score,
                reason=_derive_reason(normal, name),
            )
        return sorted(best.values(), key=lambda candidate: (-candidate.score, candidate.key))


def _squash(normal: str) -> str:
    return normal.replace(" ", "").replace("-", "")


def _derive_reason(normal: str, name: IndexedName) -> str:
    """Say in words why a name of the register is offered for a text of this normal form."""
    shown = f"“{name.text}”"
    if name.kind == STREET_KIND:
        return f"{shown} is a street name, which can mean several substances"
    if normal == name.normal:
        return f"{shown} is a name of this substance"
    text_squashed, name_squashed = _squash(normal), _squash(name.normal)
    if text_squashed == name_squashed:
        return f"differs from {shown} only in spaces or hyphens"
    if _DIGITS.sub("#", text_squashed) == _DIGITS.sub("#", name_squashed):
        return f"differs from {shown} in the numbers, so perhaps another substance"
    if _DIGITS.sub("", text_squashed) == _DIGITS.sub("", name_squashed):
        return f"differs from {shown} in the position that is stated"
    distance = OSA.distance(text_squashed, name_squashed, score_cutoff=3)
    if distance == 1:
        return f"one character differs from {shown}"
    if distance <= 3:
        return f"{distance} characters differ from {shown}"
    if name_squashed in text_squashed:
        return f"the text contains {shown}"
    if text_squashed in name_squashed:
        return f"{shown} contains the text"
    return f"spelled much like {shown}"
