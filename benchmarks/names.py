"""Resolving names by the exact and normalised tiers, beside rapidfuzz's own search."""

import statistics
import time
from collections.abc import Callable

from rapidfuzz import fuzz, process

from tocsin.science.names import NameIndex
from tocsin.substances.formats.register_files import read_register

ROUNDS = 5


def run() -> None:
    """Print names a second for both, and their ratio."""
    register = read_register()
    entries = [(name.text, name.substance_key, name.kind) for name in register.names]
    began = time.perf_counter()
    index = NameIndex(entries, preferred_names={one.key: one.name for one in register.substances})
    built_in = time.perf_counter() - began
    texts = [variant for text, _key, _kind in entries for variant in (text, *_vary(text))]
    choices = [text for text, _key, _kind in entries]

    def ours() -> None:
        for text in texts:
            index.find(text)

    def peer() -> None:
        for text in texts[:200]:
            process.extractOne(text, choices, scorer=fuzz.ratio)

    ours_each = _median_seconds(ours) / len(texts)
    peer_each = _median_seconds(peer) / 200
    found = sum(index.find(text) is not None for text in texts)
    print(f"{len(choices):,} names in the register, indexed in {built_in:.2f} s")
    print(f"{len(texts):,} spellings looked up, {found:,} found")
    print(f"tocsin, exact and normalised: {1 / ours_each:10,.0f} names/s")
    print(f"rapidfuzz.process.extractOne: {1 / peer_each:10,.0f} names/s")
    print(f"ratio: {peer_each / ours_each:,.0f} times the peer (which answers fuzzily, not surely)")


def _vary(text: str) -> tuple[str, ...]:
    """Spellings of each step: capitals, a salt, a Greek letter, and the ending of a language."""
    return (
        text.upper(),
        f"{text} hydrochloride",
        text.replace("alpha", "α").replace("-", "\u2010"),
        text.removesuffix("e") + "a",
    )


def _median_seconds(work: Callable[[], None]) -> float:
    seconds = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)
