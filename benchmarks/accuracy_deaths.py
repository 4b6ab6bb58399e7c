"""All methods on the deaths of Connecticut, 2012–2022, beside R's table.

One pass over all weeks is the same as a replay week by week: no method reads anything later than
the week it judges, which its own tests hold it to.
A death is dated by its day, not by the day a laboratory confirmed it: any lead time from these
dates is an upper bound.
"""

import csv
import gzip
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.science.detection.emergences import group_alarms
from tocsin.science.detection.judgements import Judgements
from tocsin.science.detection.methods import METHODS, SeriesBlock, run_method

EMERGING = (
    "xylazine",
    "acetylfentanyl",
    "para-fluorofentanyl",
    "flualprazolam",
    "U-47700",
    "furanylfentanyl",
    "carfentanil",
    "eutylone",
)
STABLE = (
    "cocaine",
    "heroin",
    "ethanol",
    "methadone",
    "oxycodone",
    "morphine",
    "hydrocodone",
    "oxymorphone",
    "diazepam",
    "tramadol",
    "codeine",
    "amphetamine",
    "phencyclidine",
    "difluoroethane",
)
"""Found from 2012 on, so never new here; the first six are those the design names."""

NAMED_STABLE = 6
QUIET_WEEKS = 26
WEEKS_A_YEAR = 52.18

# Three years of the past, as in R's table: the deaths begin in 2012.
FARRINGTON = {
    "b": 3, "alpha": 0.01, "noPeriods": 10, "thresholdMethod": "nbPlugin",
    "pastWeeksNotIncluded": 26, "pThresholdTrend": 1, "weightsThreshold": 2.58,
}  # fmt: skip
R_TABLE = {
    "xylazine": "2019-04-15 [50]  2019-03-04 [56]  2019-04-08 [6]",
    "acetylfentanyl": "2015-09-14 [17]  2015-07-13 [38]  2015-07-27 [15]",
    "para-fluorofentanyl": "2017-07-31 [28]  2016-09-26 [44]  2017-04-10 [11]",
    "flualprazolam": "none             2020-01-27 [12]  none",
    "U-47700": "2017-07-10 [1]   2016-03-07 [14]  2017-02-27 [2]",
    "furanylfentanyl": "2016-11-07 [6]   2016-03-07 [22]  2016-10-24 [4]",
    "carfentanil": "none             2017-04-17 [9]   2017-06-05 [1]",
    "eutylone": "none             2020-03-30 [6]   2021-03-22 [1]",
}


@dataclass(frozen=True, slots=True, eq=False)
class Deaths:
    """Deaths with a substance found, a week: row of each substance, first days of the weeks."""

    counts: NDArray[np.int64]
    rows: dict[str, int]
    weeks: tuple[date, ...]

    def find_week_of_death(self, substance: str, number: int) -> int:
        """The week in which the number-th death came, -1 where there were fewer."""
        reached = np.flatnonzero(np.cumsum(self.counts[self.rows[substance]]) >= number)
        return int(reached[0]) if reached.size else -1


def run(file: Path) -> None:
    """Print what each method says of each emerging substance, and how loud it is on stable ones."""
    deaths = read_deaths(file)
    print(
        f"{len(deaths.rows)} substances, {len(deaths.weeks)} weeks from {deaths.weeks[0]}; "
        "dates are of death, so lead times are upper bounds"
    )
    print(
        "R 4.2.2, surveillance 1.20.3: first alarm [weeks with an alarm], as measured for the "
        "design:\n"
        f"{'':<20} Farrington (5,4) Farrington (0,4) EARS C2, minSigma .5"
    )
    for substance, words in R_TABLE.items():
        print(f"{substance:<20} {words}")
    for label, name, overrides in _list_runs():
        judged = judge_deaths(deaths, name, overrides)
        _print_emerging(label, deaths, judged)
        _print_stable(deaths, judged)


def read_deaths(file: Path) -> Deaths:
    """Count the deaths of each substance in each week, weeks without any included."""
    found: list[tuple[date, list[str]]] = []
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            found.append((date.fromisoformat(row["week"]), row["substances"].split(";")))
    first, last = min(week for week, _names in found), max(week for week, _names in found)
    n_weeks = (last - first).days // 7 + 1
    rows = {name: row for row, name in enumerate(sorted({n for _w, ns in found for n in ns if n}))}
    counts = np.zeros((len(rows), n_weeks), dtype=np.int64)
    for week, names in found:
        for name in filter(None, names):
            counts[rows[name], (week - first).days // 7] += 1
    return Deaths(counts, rows, tuple(first + timedelta(weeks=week) for week in range(n_weeks)))


def _list_runs() -> list[tuple[str, str, dict[str, Any]]]:
    """What is run: a label, the method, and settings where they are not its defaults."""
    runs: list[tuple[str, str, dict[str, Any]]] = []
    for name in METHODS:
        if name == "farrington-flexible":
            runs.append((f"{name}, limit54 (5, 4)", name, FARRINGTON | {"limit54": [5, 4]}))
            runs.append((f"{name}, limit54 (0, 4)", name, FARRINGTON | {"limit54": [0, 4]}))
        elif name == "ears-c2":
            runs.append((f"{name}, minimum_sigma 0.5", name, {"minimum_sigma": 0.5}))
        else:
            runs.append((name, name, {}))
    return runs


def judge_deaths(deaths: Deaths, name: str, overrides: dict[str, Any]) -> Judgements:
    block = SeriesBlock(
        names=tuple(deaths.rows), counts=deaths.counts, dates=deaths.weeks, by_date=True
    )
    return run_method(name, block, METHODS[name].parse(overrides))


def _print_emerging(label: str, deaths: Deaths, judged: Judgements) -> None:
    rises = getattr(judged, "rises", None)
    kinds = "first detection, rises" if rises is not None else "first alarm [alarm weeks]"
    print(f"\n{label}\n{'substance':<20} 1st / 3rd / 10th death {'':<14} by 3rd? {kinds}")
    by_third = 0
    for substance in EMERGING:
        row = deaths.rows[substance]
        first, third, tenth = (deaths.find_week_of_death(substance, n) for n in (1, 3, 10))
        alarms = np.flatnonzero(judged.alarms[row])
        if rises is None:
            told, words = alarms, f"{_name_weeks(deaths, alarms[:1])} [{len(alarms)}]"
        else:
            told = np.flatnonzero(rises[row])
            firsts = np.flatnonzero(judged.first_detections[row])  # type: ignore[attr-defined]
            words = f"{_name_weeks(deaths, firsts)}; {_name_weeks(deaths, told)}"
        # More than the first death must speak for it: with that alone it is a first detection.
        in_time = bool(((told > first) & (told <= third)).any())
        by_third += in_time
        days = " / ".join(_name_weeks(deaths, [week]) for week in (first, third, tenth))
        print(f"{substance:<20} {days:<38} {'yes' if in_time else 'no':<6} {words}")
    print(f"an alarm or rise after the first death and by the third: {by_third} of {len(EMERGING)}")


def _print_stable(deaths: Deaths, judged: Judgements) -> None:
    """How often a person would be called although nothing new happened."""
    rises = mark_rises(judged, deaths.counts)
    years = len(deaths.weeks) / WEEKS_A_YEAR
    for words, names in (("named", STABLE[:NAMED_STABLE]), ("all", STABLE)):
        found = {name: int(rises[deaths.rows[name]].sum()) for name in names}
        each = ", ".join(f"{name} {count}" for name, count in found.items() if count) or "none"
        alarms = sum(int(judged.alarms[deaths.rows[name]].sum()) for name in names)
        print(
            f"stable panel, {words} {len(names)}: {sum(found.values()) / years:.2f} rises a year "
            f"({each}); {alarms / years:.1f} weeks a year with an alarm or first detection"
        )


def mark_rises(judged: Judgements, counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The weeks in which a rise is told, once each.

    Where a method alarms week after week, alarms fewer than 26 quiet weeks apart are one rise.
    """
    told: NDArray[np.bool_] | None = getattr(judged, "rises", None)
    if told is not None:
        return told
    rises = np.zeros_like(judged.alarms)
    for one in group_alarms(judged.alarms, counts=counts, quiet_weeks=QUIET_WEEKS):
        rises[one.series, one.start_week] = True
    return rises


def _name_weeks(deaths: Deaths, weeks: Any) -> str:
    return ", ".join(str(deaths.weeks[int(week)]) for week in weeks) or "none"
