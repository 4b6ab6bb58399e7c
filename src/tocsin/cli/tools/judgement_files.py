"""What a method said of series, one row a judged week, in the columns of R's reference numbers."""

import csv
import gzip
import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.cli.tools.held_series import SeriesGroup
from tocsin.errors import ConfigurationError
from tocsin.science.detection.judgements import Judgements

COLUMNS: Final = (
    "dataset", "unit", "setting", "k", "epoch", "observed", "expected", "upperbound", "alarm",
    "score", "pvalue", "phi", "mu0Vector", "trend", "trendVector",
)  # fmt: skip
SIGNAL: Final = "signal"
"""A last column, only of the method ``emergence``: which kind of signal comes out in the week."""

# In Judgements these are fields of the Farrington method alone; empty for all others.
_FIT_FIELDS: Final = ("dispersions", "baseline_means", "has_trends", "trends")
_UNUSUAL: Final = {math.inf: "Inf", -math.inf: "-Inf"}
"""As R writes them; what is not a number is an empty cell."""
_SIGNAL_FIELDS: Final = {"first_detections": "first-detection", "rises": "rise"}


@contextmanager
def open_result(path: Path) -> Iterator[IO[str]]:
    """Open a CSV, or CSV.GZ by its ending, that appears under its name only once it is whole.

    Raises ConfigurationError where nothing can be written there.
    """
    partial = path.with_name(f".{path.name}.partial")
    is_packed = path.suffix == ".gz"
    try:
        opened = partial.open("wb")
    except OSError as error:
        raise ConfigurationError(
            f"file {path}: cannot be written ({error.strerror}); expected a folder to write in"
        ) from error
    try:
        with opened as raw:
            if is_packed:
                # Without name and time, so that the same judgements are the same bytes.
                with (
                    gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
                    io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
                ):
                    yield text
            else:
                with io.TextIOWrapper(raw, encoding="utf-8", newline="") as text:
                    yield text
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_heading(stream: IO[str], *, with_signals: bool) -> None:
    """Write the line of column names."""
    csv.writer(stream, lineterminator="\n").writerow(
        [*COLUMNS, *([SIGNAL] if with_signals else [])]
    )


def write_judgements(
    stream: IO[str], group: SeriesGroup, setting: str, judgements: Judgements
) -> int:
    """Write a row for each judged week of each series, and return how many.

    Numbers have 17 significant digits; a cell is empty where the method defines no number, and
    ``upperbound`` also where nothing can be an alarm.
    ``epoch`` is the first day of the week where the past goes by days, else k. ``upperbound`` and
    ``expected`` are in terms of what the method compares (a window's count, a CUSUM's sum), and
    ``alarm`` is the method's own: see ``Judgements``.
    """
    rows = csv.writer(stream, lineterminator="\n")
    written = 0
    epochs = [group.calendar.name_week(week) for week in range(len(group.calendar.dates))]
    counts = group.build_block().counts
    for place, one in enumerate(group.series):
        # A first detection comes out in a week with too little past for anything else, too.
        weeks = np.flatnonzero(judgements.is_judged[place] | judgements.alarms[place])
        cells = zip(
            (week + 1 for week in weeks.tolist()),
            (epochs[week] for week in weeks.tolist()),
            counts[place, weeks].tolist(),
            *_format_evidence(judgements, place, weeks),
            strict=True,
        )
        rows.writerows((one.dataset, one.unit, setting, *row) for row in cells)
        written += len(weeks)
    return written


def _format_evidence(
    judgements: Judgements, place: int, weeks: NDArray[np.intp]
) -> Iterator[list[Any]]:
    """Yield the cells of each column from ``expected`` on."""
    yield _format(judgements.expected[place, weeks])
    thresholds = judgements.thresholds[place, weeks]
    yield _format(np.where(np.isinf(thresholds), np.nan, thresholds))
    yield judgements.alarms[place, weeks].astype(int).tolist()
    yield _format(judgements.scores[place, weeks])
    yield _format(judgements.p_values[place, weeks])
    for name in _FIT_FIELDS:
        values = getattr(judgements, name, None)
        yield [""] * len(weeks) if values is None else _format(values[place, weeks])
    if all(hasattr(judgements, name) for name in _SIGNAL_FIELDS):
        yield _name_signals(judgements, place, weeks)


def _format(values: NDArray[Any]) -> list[str]:
    return [
        f"{value:.17g}" if math.isfinite(value) else _UNUSUAL.get(value, "")
        for value in values.tolist()
    ]


def _name_signals(judgements: Judgements, place: int, weeks: NDArray[np.intp]) -> list[str]:
    marks = [
        (word, getattr(judgements, name)[place, weeks].tolist())
        for name, word in _SIGNAL_FIELDS.items()
    ]
    return ["+".join(word for word, marked in marks if marked[at]) for at in range(len(weeks))]
