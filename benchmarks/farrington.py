"""Farrington Flexible beside R's surveillance on the same series, and a million series at once."""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin.science.detection.farrington_flexible import (
    IMPROVED,
    ORIGINAL,
    FarringtonJudgements,
    FarringtonSettings,
    detect_farrington,
)

SERIES = int(os.environ.get("TOCSIN_BENCH_SERIES", "1000000"))
PEER_SERIES, WEEKS, PEER_WEEKS = 40, 313, 13
REPEATS, SHORT_REPEATS = 5, 25
# A node judges thousands of series in one call; R's cost is the same for each, however many.
TIMES_OVER = 100
SCRIPT = Path(__file__).with_name("r") / "farrington_speed.R"

SETTINGS = {
    "improved": replace(IMPROVED, limit54=(0, 4)),
    "original": replace(ORIGINAL, limit54=(0, 4)),
}


def run() -> None:
    """Print the cost per series-week of both, that they agree, and the cost of many series."""
    _stand_beside_r()
    # In a process of its own, so that its peak is of this alone.
    subprocess.run([sys.executable, "-m", "benchmarks.farrington", str(SERIES)], check=True)


def make_counts(n_series: int) -> NDArray[np.int32]:
    """From one case in ten years to hundreds a week, seasonal, rising and overdispersed."""
    chance = np.random.default_rng(20250613)
    distinct = min(n_series, 1000)
    level = np.exp(np.linspace(-6, 5, distinct))[:, None]
    weeks = np.arange(WEEKS)
    season = 1 + 0.4 * np.sin(2 * np.pi * weeks / 52)
    mean = level * season * np.exp(chance.uniform(-0.002, 0.004, (distinct, 1)) * weeks)
    counts = chance.negative_binomial(mean, 0.5).astype(np.int32)
    return counts[np.arange(n_series) % distinct]


def _stand_beside_r() -> None:
    counts = make_counts(PEER_SERIES)
    weeks = range(WEEKS - PEER_WEEKS, WEEKS)
    n_judged = PEER_SERIES * PEER_WEEKS
    began = time.perf_counter()
    detect_farrington(counts, IMPROVED, weeks=weeks)
    print(f"loading or compiling the loop: {time.perf_counter() - began:.1f} s, once a process")
    ours: dict[str, tuple[float, FarringtonJudgements]] = {}
    many: dict[str, float] = {}
    for name, settings in SETTINGS.items():
        seconds, judged = _time_repeatedly(counts, settings, weeks)
        ours[name] = seconds / n_judged, judged
        began = time.perf_counter()
        detect_farrington(np.tile(counts, (TIMES_OVER, 1)), settings, weeks=weeks)
        many[name] = (time.perf_counter() - began) / n_judged / TIMES_OVER
    found = _run_r(counts, weeks.start + 1)
    if found is None:
        return
    seconds_of_r, numbers = found
    for place, (name, (cost, judged)) in enumerate(ours.items()):
        of_r = numbers[place * n_judged : (place + 1) * n_judged]
        expected, upper, alarms = of_r.T.reshape(3, PEER_WEEKS, PEER_SERIES).transpose(0, 2, 1)
        has = ~np.isnan(upper)
        apart = np.abs(judged.expected - expected)[has] / np.maximum(expected[has], 1e-9)
        cost_of_r = seconds_of_r[name] / n_judged
        print(f"{name}, {PEER_SERIES} series × {PEER_WEEKS} weeks, b = 5:")
        print(f"  tocsin: {cost * 1e6:10,.1f} µs a series-week on {os.cpu_count()} processors")
        print(f"  R:      {cost_of_r * 1e6:10,.1f} µs a series-week; {cost_of_r / cost:,.0f} times")
        print(
            f"  tocsin: {many[name] * 1e6:10,.1f} µs with the same series {TIMES_OVER} times over in "
            f"one call; R takes {cost_of_r / many[name]:,.0f} times as long"
        )
        same_upper = np.allclose(judged.thresholds[has], upper[has], rtol=1e-9, atol=0)
        same_alarms = np.array_equal(judged.alarms[has], alarms[has] == 1)
        print(
            f"  expected counts differ by at most {apart.max():.0e}; same thresholds: {same_upper}; "
            f"same alarms: {same_alarms}"
        )
        if not has.all():
            print(
                f"  compared are {has.sum()} of {n_judged}: in long pasts without a case R's 25 "
                "steps do not settle and it says nothing"
            )
    share = seconds_of_r["core"] / seconds_of_r["improved"]
    print(
        f"of R's time, two regressions (glm.fit on a design at hand) are {share:.0%}; the rest is "
        "formulas, data frames, model objects and predict() around them. Against the regressions "
        f"alone: {seconds_of_r['core'] / n_judged / many['improved']:,.0f} times"
    )


def _time_repeatedly(
    counts: NDArray[np.int32], settings: FarringtonSettings, weeks: range
) -> tuple[float, FarringtonJudgements]:
    took = []
    for _ in range(SHORT_REPEATS):
        began = time.perf_counter()
        judged = detect_farrington(counts, settings, weeks=weeks)
        took.append(time.perf_counter() - began)
    return statistics.median(took), judged


def _run_r(
    counts: NDArray[np.int32], first_week: int
) -> tuple[dict[str, float], NDArray[np.float64]] | None:
    program = shutil.which("Rscript")
    if program is None:
        print("R: skipped, no Rscript found; Debian: apt install r-base-core r-cran-surveillance")
        return None
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "counts.csv", Path(folder) / "numbers.csv"
        np.savetxt(given, counts, fmt="%d", delimiter=",")
        arguments = [program, str(SCRIPT), str(given), str(made), str(first_week)]
        ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
        if ended.returncode:
            print(f"R: skipped, {ended.stderr.strip().splitlines()[-1]}")
            print("   Debian: apt install r-base-core r-cran-surveillance")
            return None
        lines = [line.split() for line in ended.stdout.splitlines()]
        seconds = {name: float(value) for name, value in lines}
        return seconds, np.genfromtxt(made, delimiter=",")


def run_many(most: int) -> None:
    """Print seconds, cost per series and peak memory of one week of ever more series."""
    counts = make_counts(most)
    held = _peak_gib()
    week = range(WEEKS - 1, WEEKS)
    detect_farrington(counts[:10], SETTINGS["improved"], weeks=week)
    n_series = 1000
    while n_series <= most:
        repeats = REPEATS if n_series < SERIES else 1
        took = statistics.median(
            _time_once(counts[:n_series], SETTINGS["improved"], week) for _ in range(repeats)
        )
        print(
            f"{n_series:9,} series × 1 week, {WEEKS - 1} weeks of history: {took:8.3f} s, "
            f"{took / n_series * 1e6:6.2f} µs a series"
        )
        n_series *= 10
    print(f"peak memory {_peak_gib():.2f} GiB, {held:.2f} GiB before the first call")


def _time_once(counts: NDArray[np.int32], settings: FarringtonSettings, weeks: range) -> float:
    began = time.perf_counter()
    detect_farrington(counts, settings, weeks=weeks)
    return time.perf_counter() - began


def _peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    run_many(int(sys.argv[1]))
