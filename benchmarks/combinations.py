"""Combinations of substances, beside counting them one by one; and the space-time scan."""

import time
from collections import Counter
from itertools import combinations

import numpy as np

from tocsin.science.detection.combinations import CombinationSettings, find_combinations
from tocsin.science.detection.scan import ScanSettings, scan_space_time


def _simulate_samples(n_samples: int, n_substances: int) -> list[frozenset[str]]:
    """Samples of one to a dozen substances, the common ones far more often than the rare."""
    random = np.random.default_rng(1)
    shares = 1 / np.arange(1, n_substances + 1)
    shares /= shares.sum()
    return [
        frozenset(f"substance {i}" for i in random.choice(n_substances, size, p=shares))
        for size in 1 + random.poisson(3, n_samples)
    ]


def _count_one_by_one(samples: list[frozenset[str]]) -> Counter[tuple[str, ...]]:
    """The counts alone, without any measure, in plain Python."""
    counts: Counter[tuple[str, ...]] = Counter()
    for sample in samples:
        members = sorted(sample)
        counts.update(combinations(members, 2))
        counts.update(combinations(members, 3))
    return counts


def run() -> None:
    """Print the seconds for growing numbers of samples, and for one scan."""
    print("samples × substances    found   seconds   counting one by one")
    for n_samples, n_substances in ((5_000, 300), (50_000, 1_000)):
        samples = _simulate_samples(n_samples, n_substances)
        start = time.perf_counter()
        found = find_combinations(samples, CombinationSettings(minimum_count=1)).found
        seconds = time.perf_counter() - start
        start = time.perf_counter()
        counts = _count_one_by_one(samples)
        plain = time.perf_counter() - start
        assert {one.substances: one.observed for one in found} == counts
        print(f"{n_samples:>7} × {n_substances:<8} {len(found):>10} {seconds:>9.2f} {plain:>21.2f}")
    random = np.random.default_rng(2)
    cases = random.poisson(0.3, (170, 104))
    centroids = np.stack((random.uniform(40, 55, 170), random.uniform(0, 20, 170)), axis=1)
    start = time.perf_counter()
    result = scan_space_time(cases, centroids, ScanSettings(), seed=3)
    print(
        f"scan: 170 places, {result.n_cylinders} cylinders, {result.settings.replications} "
        f"repetitions in {time.perf_counter() - start:.2f} seconds"
    )
