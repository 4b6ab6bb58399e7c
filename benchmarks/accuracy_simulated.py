"""All methods on the 42 scenarios, beside R's: as they are set, then at one false-positive rate."""

import csv
import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy_measures import SIZES, Evidence, Measures, Outbreaks, measure
from tocsin.science.detection.methods import METHODS, SeriesBlock, run_method

FIRST_JUDGED, LAST_JUDGED = 576, 624
"""Weeks 1–312 warm the simulation up, 313–575 are the past of Farrington's five years."""

RATE = 0.0117
"""False-positive rate of R's improved Farrington on all 252 series."""

REPORTED = (4, 5, 6)
"""Repetitions 1–3 are for tuning."""

PEER = "R: Farrington improved"
OUR_PEER = "farrington-flexible"
R_NAMES = {
    "noufaily_nb": PEER,
    "farrington_orig": "R: Farrington original",
    "ears_C1": "R: EARS C1",
    "ears_C2": "R: EARS C2",
    "ears_C3": "R: EARS C3",
}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    # As R was set for the table, see r_results.csv.gz: the improved method without limit54.
    OUR_PEER: {
        "b": 5,
        "alpha": 0.01,
        "limit54": [0, 4],
        "noPeriods": 10,
        "thresholdMethod": "nbPlugin",
        "pastWeeksNotIncluded": 26,
        "pThresholdTrend": 1,
        "weightsThreshold": 2.58,
    },
}
RESAMPLES, SEED = 1_000, 20250613


def run(folder: Path) -> None:
    """Print R's table anew, ours at nominal settings, and all at the matched rate."""
    base, full, truth, repetitions = read_simulation(folder)
    evidence = read_r_results(folder, repetitions) | _judge_all(base, full)
    print(
        "252 series, each method as it is set; R's lines are counted from R's own alarms (where its "
        "EARS C3 has no upper bound there is none)"
    )
    _print_heading()
    for name, one in evidence.items():
        _print_measures(name, measure(one, truth))
    chosen = np.flatnonzero(np.isin([rep for _scenario, rep in repetitions], REPORTED))
    kept, some_truth = {k: v.take(chosen) for k, v in evidence.items()}, truth.take(chosen)
    print(
        f"\n{len(chosen)} series (repetitions 4–6), thresholds calibrated on their own base: "
        f"FPR at most {RATE}"
    )
    _print_heading()
    for name, one in kept.items():
        _print_measures(name, measure(one.at_rate(RATE), some_truth))
    _print_differences(kept, some_truth)


def read_simulation(
    folder: Path,
) -> tuple[NDArray[np.int64], NDArray[np.int64], Outbreaks, list[tuple[int, int]]]:
    base, keys = _read_grid(folder / "base.csv.gz")
    full, _keys = _read_grid(folder / "full.csv.gz")
    outbreak, _keys = _read_grid(folder / "outbreak.csv.gz")
    with (folder / "meta.csv").open(encoding="utf-8") as stream:
        sizes = {
            (int(row["scenario"]), int(row["rep"])): int(row["k_current"])
            for row in csv.DictReader(stream)
        }
    truth = Outbreaks(
        outbreak[:, FIRST_JUDGED - 1 :] > 0, np.array([sizes[key] for key in keys], dtype=np.int64)
    )
    return base, full, truth, keys


def _read_grid(path: Path) -> tuple[NDArray[np.int64], list[tuple[int, int]]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))[1:]
    keys = [(int(row[0]), int(row[1])) for row in rows]
    return np.array([row[2:] for row in rows], dtype=np.int64), keys


def read_r_results(folder: Path, keys: list[tuple[int, int]]) -> dict[str, Evidence]:
    shape = (len(keys), LAST_JUDGED - FIRST_JUDGED + 1)
    place = {key: row for row, key in enumerate(keys)}
    alarms = {(m, k): np.zeros(shape, dtype=np.bool_) for m in R_NAMES for k in ("base", "full")}
    scores = {key: np.full(shape, np.nan) for key in alarms}
    judged = {method: np.ones(shape, dtype=np.bool_) for method in R_NAMES}
    with gzip.open(folder / "r_results.csv.gz", "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            key = (row["method"], row["kind"])
            at = place[int(row["scenario"]), int(row["rep"])], int(row["week"]) - FIRST_JUDGED
            alarms[key][at] = row["alarm"] == "1"
            if row["alarm"] == "":
                judged[row["method"]][at] = False
            if row["score"]:
                scores[key][at] = float(row["score"])
            elif row["upperbound"]:
                # EARS has no score in R: how far the count lies above its bound orders its weeks.
                expected = float(row["expected"] or 0)
                scores[key][at] = (float(row["observed"]) - expected) / max(
                    1e-9, float(row["upperbound"]) - expected
                )
    return {
        name: Evidence(
            alarms[method, "full"], alarms[method, "base"],
            scores[method, "full"], scores[method, "base"], judged[method],
        )
        for method, name in R_NAMES.items()
    }  # fmt: skip


def _judge_all(base: NDArray[np.int64], full: NDArray[np.int64]) -> dict[str, Evidence]:
    return {name: judge_simulation(name, base, full) for name in METHODS}


def judge_simulation(name: str, base: NDArray[np.int64], full: NDArray[np.int64]) -> Evidence:
    """One method over the whole 12 years, as it would have stood in each judged week."""
    settings = METHODS[name].parse(SETTINGS.get(name, {}))
    names = tuple(str(row) for row in range(len(base)))
    quiet, loud = (
        run_method(name, SeriesBlock(names=names, counts=counts), settings)
        for counts in (base, full)
    )
    weeks = np.s_[:, FIRST_JUDGED - 1 :]
    return Evidence(
        loud.alarms[weeks], quiet.alarms[weeks],
        loud.scores[weeks], quiet.scores[weeks], quiet.is_judged[weeks],
    )  # fmt: skip


def _print_heading() -> None:
    sizes = " / ".join(str(size) for size in SIZES)
    print(
        f"{'method':<24} {'FPR':>6} {'POD':>6} {'1st wk':>6} {'sens':>6} {'spec':>6} "
        f"{'PPV':>6} {'F1':>6}   POD k = {sizes}"
    )


def _print_measures(name: str, one: Measures) -> None:
    sizes = " / ".join(f"{share:.2f}" for share in one.by_size)
    print(
        f"{name:<24} {one.false_positive_rate:6.4f} {one.detection:6.3f} {one.first_week:6.3f} "
        f"{one.sensitivity:6.3f} {one.specificity:6.3f} {one.predictive_value:6.3f} {one.f1:6.3f}"
        f"   {sizes}"
    )


def _print_differences(evidence: dict[str, Evidence], truth: Outbreaks) -> None:
    """POD and first week at the matched rate, with intervals; differences are paired."""
    chance = np.random.default_rng(SEED)
    n_series = len(truth.sizes)
    values = {name: [_detect(one, truth)] for name, one in evidence.items()}
    for _resample in range(RESAMPLES):
        series = chance.integers(n_series, size=n_series)
        resampled = truth.take(series)
        for name, one in evidence.items():
            # Calibrated anew each time: the threshold's own uncertainty belongs to the interval.
            values[name].append(_detect(one.take(series), resampled))
    print(
        f"\nthe same with 95 % intervals: {RESAMPLES:,} resamples of the series, recalibrated in "
        f"each; differences to {PEER}, paired"
    )
    print(f"{'method':<24} {'POD':<20} {'difference':<23} {'first week':<20} difference")
    for name, pairs in values.items():
        own, peer = np.array(pairs), np.array(values[PEER])
        print(
            f"{name:<24} {_interval(own[:, 0], '')} {_interval((own - peer)[:, 0], '+')} "
            f"{_interval(own[:, 1], '')} {_interval((own - peer)[:, 1], '+')}"
        )


def _detect(evidence: Evidence, truth: Outbreaks) -> tuple[float, float]:
    measures = measure(evidence.at_rate(RATE), truth)
    return measures.detection, measures.first_week


def _interval(values: NDArray[np.float64], sign: str) -> str:
    """The first value, of the series themselves, with the interval of the resamples after it."""
    low, high = np.percentile(values[1:], (2.5, 97.5))
    return f"{values[0]:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"
