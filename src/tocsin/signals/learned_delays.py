"""The delays of reporting as a night learned them, kept, and drawn into a signal's series."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import numpy as np

from tocsin.science.detection.nowcast import Delays, DelaySettings
from tocsin.signals.nowcasting import RecentDelays

_TYPES: Mapping[str, type] = {
    "reported": np.int64,
    "at_risk": np.int64,
    "cdf": np.float64,
    "cdf_variances": np.float64,
    "is_known": np.bool_,
}


def delays_as_json(delays: RecentDelays) -> dict[str, Any]:
    """Return the delays of each matrix as JSON values; ``parse_delays`` reads them."""
    return {
        matrix: {
            **{name: getattr(one, name).tolist() for name in _TYPES},
            "settings": asdict(one.settings),
            "version": one.version,
        }
        for matrix, one in delays.by_matrix.items()
    }


def parse_delays(held: Mapping[str, Any], *, until: date) -> RecentDelays:
    """Return what ``delays_as_json`` wrote, for the weeks up to a day."""
    return RecentDelays(
        until,
        {
            matrix: Delays(
                **{name: np.array(one[name], dtype=kind) for name, kind in _TYPES.items()},
                settings=DelaySettings(**one["settings"]),
                version=one["version"],
            )
            for matrix, one in held.items()
        },
    )


def with_nowcast(series: Mapping[str, Any], matrix: str, delays: RecentDelays) -> dict[str, Any]:
    """Return a signal's series with what its newest weeks will hold once every report is in.

    Adds ``nowcast``: from_week (Monday), and expected, lower, upper for that week and those after
    it, 95 % of what the total may be. Without delays, or where no week can still grow: as it was.
    """
    first_week = date.fromisoformat(series["first_week"])
    counts = {
        first_week + timedelta(weeks=place): count for place, count in enumerate(series["counts"])
    }
    if matrix not in delays.by_matrix:
        return dict(series)
    weeks = [one for one in delays.complete(matrix, counts) if one.week_on in counts]
    if not any(one.is_estimated for one in weeks):
        return dict(series)
    return {
        **series,
        "nowcast": {
            "from_week": weeks[0].week_on.isoformat(),
            "expected": [round(one.expected, 2) for one in weeks],
            "lower": [one.lower for one in weeks],
            "upper": [one.upper for one in weeks],
        },
    }
