"""Clusters in space and time that are alive now: the prospective space-time permutation scan.

Every circle around a place and every window of weeks that ends now is compared with what the place
totals and the week totals alone would give. It needs no population at risk: a place that always
reports much, and a week in which all report much, are no cluster. Chance is judged by giving the
weeks of the cases to the cases anew at random, many times.

Source: Kulldorff, Heffernan, Hartman, Assunção & Mostashari 2005, PLoS Medicine 2(3):e59.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import check_counts

METHOD: Final = "space-time-permutation-scan"
VERSION: Final = "1"
# Each case is drawn one by one; this many fill 80 MB.
MAXIMUM_CASES: Final = 10_000_000

_EARTH_RADIUS_KM: Final = 6371.0088
# Places whose distances agree to a millimetre are equally far and enter a circle together.
_KM_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """Which cylinders are looked at, and how chance is judged.

    maximum_weeks: longest window, in weeks, ending with the last week.
    maximum_radius_km: largest circle; None for no limit but maximum_share.
    maximum_share: a circle holds at most this share of all cases of all weeks. A place that alone
        holds more can be in no cluster.
    minimum_cases: a cylinder with fewer cases is no cluster, nor is it in the random repetitions.
    replications: random repetitions. The smallest p-value is 1 / (replications + 1), so a
        recurrence of once in 1,000 weeks needs 999.
    maximum_clusters: clusters told, the strongest first.
    coordinates: "degrees": latitude and longitude; "kilometres": plane x and y.
    Raises DetectionInputError when a setting is none of these.
    """

    maximum_weeks: int = 8
    maximum_radius_km: float | None = None
    maximum_share: float = 0.5
    minimum_cases: int = 3
    replications: int = 999
    maximum_clusters: int = 10
    coordinates: Literal["degrees", "kilometres"] = "degrees"

    def __post_init__(self) -> None:
        for name in ("maximum_weeks", "minimum_cases", "replications", "maximum_clusters"):
            if getattr(self, name) < 1:
                raise DetectionInputError(
                    f"scan: {name} is {getattr(self, name)}; expected 1 or more"
                )
        if self.maximum_radius_km is not None and not self.maximum_radius_km >= 0:
            raise DetectionInputError(
                f"scan: maximum_radius_km is {self.maximum_radius_km}; expected 0 or more, or none"
            )
        if not 0 < self.maximum_share <= 1:
            raise DetectionInputError(
                f"scan: maximum_share is {self.maximum_share}; expected more than 0 and at most 1"
            )
        if self.coordinates not in ("degrees", "kilometres"):
            raise DetectionInputError(
                f"scan: coordinates are {self.coordinates!r}; expected 'degrees' or 'kilometres'"
            )


@dataclass(frozen=True, slots=True)
class Cluster:
    """More cases in a circle and a window than the totals of its places and weeks explain.

    centre: position of the place in the middle. places: positions of all in the circle, nearest
        first. radius_km: distance of the farthest. start_week, end_week: positions, both included.
    observed: cases in it. expected: cases the totals would give.
    statistic: logarithm of the likelihood ratio.
    p_value: probability, when weeks fall on cases at random, of a strongest cylinder anywhere at
        least as strong; so it already pays for all cylinders looked at.
    recurrence_interval_weeks: 1 / p_value: a scan each week meets such a cluster by chance once in
        so many weeks.
    """

    centre: int
    places: tuple[int, ...]
    radius_km: float
    start_week: int
    end_week: int
    observed: int
    expected: float
    statistic: float
    p_value: float
    recurrence_interval_weeks: float


@dataclass(frozen=True, slots=True)
class ScanResult:
    """The clusters, strongest first, no two sharing a place, and what was run.

    n_cases: cases in all. n_cylinders: circles × windows looked at.
    """

    clusters: tuple[Cluster, ...]
    n_cases: int
    n_cylinders: int
    seed: int
    settings: ScanSettings
    method: str = METHOD
    version: str = VERSION


@dataclass(frozen=True, slots=True, eq=False)
class _Circles:
    """All circles, as the first sizes[z] places in the order of distance from centres[z]."""

    order: NDArray[np.int64]
    distances_km: NDArray[np.float64]
    centres: NDArray[np.int64]
    sizes: NDArray[np.int64]
    # Where each circle lies in a flattened array of shape (n_places, largest size).
    flat: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Cylinders:
    """Log likelihood ratio as gains[c] - c × slopes + offsets, arrays (n_windows, n_circles)."""

    circles: _Circles
    expected: NDArray[np.float64]
    slopes: NDArray[np.float64]
    offsets: NDArray[np.float64]
    gains: NDArray[np.float64]
    minimum_cases: int

    def count(self, window_counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Cases in every cylinder, from cases by window and place."""
        largest = self.circles.order.shape[1]
        sums = np.cumsum(window_counts[:, self.circles.order], axis=2)
        return sums.reshape(-1, self.circles.order.shape[0] * largest)[:, self.circles.flat]

    def measure(self, window_counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Log likelihood ratio of every cylinder; 0 where it holds no more than expected."""
        counts = self.count(window_counts)
        ratios = self.gains[counts]
        ratios -= counts * self.slopes
        ratios += self.offsets
        ratios[(counts <= self.expected) | (counts < self.minimum_cases)] = 0.0
        return ratios


def scan_space_time(
    counts: NDArray[Any],
    centroids: ArrayLike,
    settings: ScanSettings | None = None,
    *,
    seed: int,
) -> ScanResult:
    """Scan the weeks up to the last for clusters of cases that are alive in the last week.

    counts: shape (n_places, n_weeks), cases, consecutive weeks, oldest first: the whole study
        period, a year or so. More weeks make place totals surer and slow change a false cluster.
    centroids: shape (n_places, 2): latitude and longitude in degrees, or x and y in km.
    seed: of the random repetitions; the same seed gives the same answer.
    A circle holds its centre and all places within a distance, those equally far together. Expected
    cases of a cylinder: cases of its places in all weeks × cases of its weeks in all places / all.
    Cost: replications × circles × windows, some 2 seconds for 170 places, 8 windows and 999.
    Raises DetectionInputError naming the first place and week without a count, a place without a
    centroid, or more than MAXIMUM_CASES.
    Source: Kulldorff et al. 2005; secondary clusters are those that share no place with a stronger.

    >>> counts = np.ones((6, 20), dtype=int)
    >>> counts[2, -2:] = 9
    >>> line = [(0.0, float(place)) for place in range(6)]
    >>> settings = ScanSettings(coordinates="kilometres", replications=99)
    >>> found = scan_space_time(counts, line, settings, seed=1).clusters[0]
    >>> found.places, found.start_week, found.observed, found.p_value
    ((2,), 18, 18, 0.01)
    """
    settings = settings or ScanSettings()
    checked = check_counts(counts)
    positions = _check_centroids(centroids, checked.shape[0], settings)
    n_cases = _count_cases(checked)
    n_weeks = checked.shape[1]
    n_windows = min(settings.maximum_weeks, n_weeks)
    place_totals = checked.sum(axis=1)
    circles = _draw_circles(positions, place_totals, n_cases, settings)
    n_cylinders = n_windows * circles.centres.size
    if n_cylinders == 0:
        return ScanResult((), n_cases, 0, seed, settings)
    # Row d holds the cases of the last d + 1 weeks.
    window_counts = np.cumsum(checked[:, ::-1][:, :n_windows], axis=1).T
    cylinders = _measure_cylinders(circles, place_totals, window_counts, settings.minimum_cases)
    found = _find_clusters(cylinders, window_counts, n_weeks, settings.maximum_clusters)
    if found:
        strongest = _repeat_at_random(cylinders, checked, n_windows, settings.replications, seed)
        found = [_judge(cluster, strongest) for cluster in found]
    return ScanResult(tuple(found), n_cases, n_cylinders, seed, settings)


def _count_cases(counts: NDArray[np.int64]) -> int:
    # As floats first: the sum of many large counts need not fit an integer.
    if counts.sum(dtype=np.float64) > MAXIMUM_CASES:
        raise DetectionInputError(
            f"scan: found {counts.sum(dtype=np.float64):.0f} cases; "
            f"expected at most {MAXIMUM_CASES}"
        )
    return int(counts.sum())


def _check_centroids(
    centroids: ArrayLike, n_places: int, settings: ScanSettings
) -> NDArray[np.float64]:
    """The centroids as float64, each a place on earth, or in the plane."""
    positions = np.asarray(centroids, dtype=np.float64)
    if positions.size == 0:
        positions = positions.reshape(0, 2)
    if positions.shape != (n_places, 2):
        raise DetectionInputError(
            f"centroids: found shape {positions.shape}; expected ({n_places}, 2), two numbers "
            "for each place of the counts"
        )
    is_position = np.isfinite(positions).all(axis=1)
    if settings.coordinates == "degrees":
        is_position &= (np.abs(positions) <= (90.0, 180.0)).all(axis=1)
    if not is_position.all():
        place = int(np.argmin(is_position))
        raise DetectionInputError(
            f"place {place}: found centroid {tuple(positions[place].tolist())}; "
            f"expected {settings.coordinates}"
        )
    return positions


def _derive_distances(
    positions: NDArray[np.float64], settings: ScanSettings
) -> NDArray[np.float64]:
    """Distances in km between all places, (n_places, n_places), rounded to a millimetre."""
    if settings.coordinates == "kilometres":
        steps = positions[:, None, :] - positions[None, :, :]
        plane: NDArray[np.float64] = np.sqrt((steps**2).sum(axis=2))
        return np.round(plane, _KM_DECIMALS)
    latitude, longitude = np.radians(positions).T
    half_chord = (
        np.sin((latitude[:, None] - latitude) / 2) ** 2
        + np.cos(latitude[:, None])
        * np.cos(latitude)
        * np.sin((longitude[:, None] - longitude) / 2) ** 2
    )
    sphere: NDArray[np.float64] = np.arcsin(np.sqrt(np.minimum(1.0, half_chord)))
    return np.round(2 * _EARTH_RADIUS_KM * sphere, _KM_DECIMALS)


def _draw_circles(
    positions: NDArray[np.float64],
    place_totals: NDArray[np.int64],
    n_cases: int,
    settings: ScanSettings,
) -> _Circles:
    """Every circle around every place that is not too wide and holds cases, but not too many."""
    distances = _derive_distances(positions, settings)
    order = np.argsort(distances, axis=1, kind="stable").astype(np.int64)
    ordered = np.take_along_axis(distances, order, axis=1)
    totals = np.cumsum(place_totals[order], axis=1)
    is_circle = np.diff(ordered, axis=1, append=np.inf) > 0
    is_circle &= (totals > 0) & (totals <= settings.maximum_share * n_cases)
    if settings.maximum_radius_km is not None:
        is_circle &= ordered <= settings.maximum_radius_km
    centres, last = np.nonzero(is_circle)
    largest = int(last.max()) + 1 if last.size else 0
    return _Circles(
        order=order[:, :largest],
        distances_km=ordered,
        centres=centres.astype(np.int64),
        sizes=last.astype(np.int64) + 1,
        flat=(centres * largest + last).astype(np.int64),
    )


def _measure_cylinders(
    circles: _Circles,
    place_totals: NDArray[np.int64],
    window_counts: NDArray[np.int64],
    minimum_cases: int,
) -> _Cylinders:
    """All of the likelihood ratio that random weeks leave as it is (Kulldorff et al. 2005, GLR)."""
    n_cases = int(place_totals.sum())
    totals = np.cumsum(place_totals[circles.order], axis=1).reshape(-1)[circles.flat]
    # One division of whole numbers: as many as expected must not look like more by rounding.
    expected = window_counts.sum(axis=1)[:, None] * totals / n_cases
    whole = np.arange(n_cases + 1, dtype=np.float64)
    entropy = whole * np.log(np.maximum(whole, 1.0))
    # No window has cases where nothing is expected; no excess is possible where all is.
    inside = np.log(np.maximum(expected, 1e-300))
    outside = np.log(np.maximum(n_cases - expected, 1e-300))
    return _Cylinders(
        circles=circles,
        expected=expected,
        slopes=inside - outside,
        offsets=-n_cases * outside,
        gains=entropy + entropy[::-1],
        minimum_cases=minimum_cases,
    )


def _find_clusters(
    cylinders: _Cylinders, window_counts: NDArray[np.int64], n_weeks: int, maximum_clusters: int
) -> list[Cluster]:
    """The strongest cylinder, then the strongest that shares no place with those before, and so on.

    Of equals: the one with fewer places, then the shorter, then that of the first centre.
    """
    circles = cylinders.circles
    counts, ratios = cylinders.count(window_counts), cylinders.measure(window_counts)
    ranks = np.full((len(circles.distances_km),) * 2, len(circles.distances_km))
    np.put_along_axis(ranks, circles.order, np.arange(circles.order.shape[1])[None, :], axis=1)
    found: list[Cluster] = []
    while len(found) < maximum_clusters and (best := float(ratios.max())) > 0:
        windows, equals = np.nonzero(ratios == best)
        first = np.lexsort((circles.centres[equals], windows, circles.sizes[equals]))[0]
        window, circle = int(windows[first]), int(equals[first])
        centre, size = int(circles.centres[circle]), int(circles.sizes[circle])
        places = circles.order[centre, :size]
        found.append(
            Cluster(
                centre=centre,
                places=tuple(places.tolist()),
                radius_km=float(circles.distances_km[centre, size - 1]),
                start_week=n_weeks - 1 - window,
                end_week=n_weeks - 1,
                observed=int(counts[window, circle]),
                expected=float(cylinders.expected[window, circle]),
                statistic=best,
                p_value=1.0,
                recurrence_interval_weeks=1.0,
            )
        )
        nearest = ranks[:, places].min(axis=1)
        ratios[:, nearest[circles.centres] < circles.sizes] = 0.0
    return found


def _repeat_at_random(
    cylinders: _Cylinders,
    counts: NDArray[np.int64],
    n_windows: int,
    replications: int,
    seed: int,
) -> NDArray[np.float64]:
    """The strongest ratio of each repetition in which the weeks fall on the cases at random.

    Only who gets the recent weeks matters: so many cases are drawn without replacement.
    """
    n_places = counts.shape[0]
    place_of_case = np.repeat(np.arange(n_places), counts.sum(axis=1))
    recent = counts[:, ::-1][:, :n_windows].sum(axis=0)
    row_of_recent = np.repeat(np.arange(n_windows), recent) * n_places
    chance = np.random.default_rng(seed)
    strongest = np.empty(replications)
    for i in range(replications):
        drawn = place_of_case[chance.choice(place_of_case.size, row_of_recent.size, replace=False)]
        cells = np.bincount(row_of_recent + drawn, minlength=n_windows * n_places)
        window_counts = np.cumsum(cells.reshape(n_windows, n_places), axis=0)
        strongest[i] = cylinders.measure(window_counts).max()
    return strongest


def _judge(cluster: Cluster, strongest: NDArray[np.float64]) -> Cluster:
    """The cluster with its rank among the repetitions."""
    n_stronger = int((strongest >= cluster.statistic).sum())
    p_value = (1 + n_stronger) / (1 + strongest.size)
    return replace(cluster, p_value=p_value, recurrence_interval_weeks=1 / p_value)
