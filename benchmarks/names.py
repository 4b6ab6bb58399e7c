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
    index = NameIndex(entries)
    texts = [variant for text, _key, _kind in entries for variant in (text, text.upper())]
    choices = [text for text, _key, _kind in entries]

    def ours() -> None:
        for text in texts:
            if not index.find_exact(text):
                index.find_normalised(text)

    def peer() -> None:
        for text in texts[:200]:
            process.extractOne(text, choices, scorer=fuzz.ratio)

    ours_each = _median_seconds(ours) / len(texts)
    peer_each = _median_seconds(peer) / 200
    print(f"{len(choices):,} names in the register, {len(texts):,} looked up")
    print(f"tocsin, exact and normalised: {1 / ours_each:10,.0f} names/s")
    print(f"rapidfuzz.process.extractOne: {1 / peer_each:10,.0f} names/s")
    print(f"ratio: {peer_each / ours_each:,.0f} times the peer (which answers fuzzily, not surely)")


def _median_seconds(work: Callable[[], None]) -> float:
    seconds = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)
