"""The spike rule over thousands of series, beside the same rule written a series at a time."""

import statistics
import time

import numpy as np

from tocsin.science.detection.spike_rule import SpikeRuleSettings, detect_spikes

SERIES, WEEKS, PEER_SERIES = 20_000, 312, 40


def run() -> None:
    """Print the cost per series-week of both, their ratio, and that they agree."""
    counts = np.random.default_rng(20250613).poisson(0.7, size=(SERIES, WEEKS))
    settings = SpikeRuleSettings()
    began = time.perf_counter()
    result = detect_spikes(counts, settings)
    ours = (time.perf_counter() - began) / counts.size
    began = time.perf_counter()
    peer_alarms = [_detect_plainly(row.tolist(), settings) for row in counts[:PEER_SERIES]]
    peer = (time.perf_counter() - began) / (PEER_SERIES * WEEKS)
    agree = peer_alarms == result.alarms[:PEER_SERIES].tolist()
    print(f"tocsin:       {ours * 1e6:8.3f} µs a series-week ({SERIES:,} series × {WEEKS} weeks)")
    print(f"plain Python: {peer * 1e6:8.3f} µs a series-week")
    print(f"ratio: {peer / ours:,.0f} times the peer; same alarms: {agree}")


def _detect_plainly(counts: list[int], settings: SpikeRuleSettings) -> list[bool]:
    """The rule as it is worded, with the statistics module."""
    window, alarms = settings.window_weeks, []
    for week in range(len(counts)):
        count = sum(counts[max(0, week - window + 1) : week + 1])
        end = week - window + 1
        begin = max(0, end - settings.baseline_weeks)
        past = [sum(counts[at : at + window]) for at in range(begin, end - window + 1)]
        if end - begin < settings.minimum_baseline_weeks:
            alarms.append(False)
            continue
        threshold = statistics.mean(past) + settings.standard_deviations * statistics.stdev(past)
        alarms.append(count > max(threshold, settings.minimum_count - 1))
    return alarms
