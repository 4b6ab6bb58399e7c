"""The space-time permutation scan against brute force, enumeration and hand arithmetic."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT
from tocsin.science.detection.scan import ScanSettings, scan_space_time

PLANE = ScanSettings(coordinates="kilometres", replications=19, minimum_cases=1)
LINE = [(0.0, float(place)) for place in range(6)]

Strongest = tuple[float, int, int, int]


def _ratio(inside: int, expected: float, total: int) -> float:
    """Kulldorff et al. 2005: (c/µ)^c × ((C-c)/(C-µ))^(C-c), its logarithm."""
    result = inside * math.log(inside / expected)
    if inside < total:
        result += (total - inside) * math.log((total - inside) / (total - expected))
    return result


def _scan_by_definition(
    counts: list[list[int]],
    centroids: list[tuple[float, float]],
    *,
    maximum_weeks: int,
    maximum_share: float,
    minimum_cases: int,
) -> Strongest | None:
    """Strongest cylinder as (ratio, -places, -weeks, -centre): three loops, no arrays."""
    total = sum(map(sum, counts))
    n_weeks = len(counts[0])
    best: Strongest | None = None
    if total == 0:
        return None
    for centre, (x, y) in enumerate(centroids):
        distances = [round(math.hypot(a - x, b - y), 6) for a, b in centroids]
        for radius in sorted(set(distances)):
            places = [place for place, distance in enumerate(distances) if distance <= radius]
            place_cases = sum(sum(counts[place]) for place in places)
            if place_cases > maximum_share * total:
                continue
            for weeks in range(1, min(maximum_weeks, n_weeks) + 1):
                inside = sum(sum(counts[place][-weeks:]) for place in places)
                expected = place_cases * sum(sum(row[-weeks:]) for row in counts) / total
                if inside > expected and inside >= minimum_cases:
                    ratio = _ratio(inside, expected, total)
                    best = max(best or (0.0, 0, 0, 0), (ratio, -len(places), -weeks, -centre))
    return best


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[int]], list[tuple[float, float]]]:
    n_places, n_weeks = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    row = st.lists(st.integers(0, 4), min_size=n_weeks, max_size=n_weeks)
    counts = draw(st.lists(row, min_size=n_places, max_size=n_places))
    # Few coordinates, so that places coincide and are equally far.
    axis = st.integers(0, 3).map(float)
    points = st.lists(st.tuples(axis, axis), min_size=n_places, max_size=n_places)
    return counts, draw(points)


@given(tables(), st.integers(1, 6), st.sampled_from([0.4, 0.5, 1.0]), st.integers(1, 4))
def test_strongest_cluster_is_that_of_brute_force(
    table: tuple[list[list[int]], list[tuple[float, float]]],
    maximum_weeks: int,
    maximum_share: float,
    minimum_cases: int,
) -> None:
    counts, centroids = table
    settings = ScanSettings(
        coordinates="kilometres",
        replications=1,
        maximum_weeks=maximum_weeks,
        maximum_share=maximum_share,
        minimum_cases=minimum_cases,
    )
    found = scan_space_time(np.array(counts), centroids, settings, seed=1).clusters
    best = _scan_by_definition(
        counts,
        centroids,
        maximum_weeks=maximum_weeks,
        maximum_share=maximum_share,
        minimum_cases=minimum_cases,
    )
    if best is None:
        assert found == ()
        return
    strongest = found[0]
    assert strongest.statistic == pytest.approx(best[0], abs=1e-9)
    total = sum(map(sum, counts))
    assert strongest.observed == sum(
        sum(counts[place][strongest.start_week :]) for place in strongest.places
    )
    assert _ratio(strongest.observed, strongest.expected, total) == pytest.approx(best[0], abs=1e-9)
    assert strongest.end_week == len(counts[0]) - 1
    # No two clusters share a place, and none is stronger than one before it.
    places = [place for cluster in found for place in cluster.places]
    assert len(places) == len(set(places))
    statistics = [cluster.statistic for cluster in found]
    assert statistics == sorted(statistics, reverse=True)


def test_cluster_by_hand() -> None:
    # Place 1 has 1 + 4 cases, the others 2 + 0; the last week has 4 of 9 cases.
    counts = np.array([[2, 0], [1, 4], [2, 0]])
    settings = ScanSettings(
        coordinates="kilometres", maximum_share=0.6, maximum_weeks=1, replications=9
    )
    result = scan_space_time(counts, [(0, 0), (0, 1), (0, 2)], settings, seed=4)
    (cluster,) = result.clusters
    assert (cluster.centre, cluster.places, cluster.radius_km) == (1, (1,), 0.0)
    assert (cluster.start_week, cluster.end_week, cluster.observed) == (1, 1, 4)
    assert cluster.expected == pytest.approx(5 * 4 / 9)
    assert cluster.statistic == pytest.approx(4 * math.log(9 / 5) + 5 * math.log(5 / (9 - 20 / 9)))
    # Circles with at most 5.4 cases: each place alone, and none with the place between.
    assert (result.n_cases, result.n_cylinders) == (9, 3)
    assert (result.method, result.version) == ("space-time-permutation-scan", "1")
    assert (result.seed, result.settings) == (4, settings)


def test_p_value_is_that_of_all_orders_of_the_weeks() -> None:
    counts = [[1, 0, 2], [2, 1, 0], [1, 0, 0]]
    cases = [(p, w) for p, row in enumerate(counts) for w, n in enumerate(row) for _ in range(n)]
    centroids = [(0.0, 0.0), (0.0, 1.0), (0.0, 3.0)]

    def strongest(table: list[list[int]]) -> float:
        best = _scan_by_definition(
            table, centroids, maximum_weeks=2, maximum_share=0.6, minimum_cases=1
        )
        return best[0] if best else 0.0

    observed = strongest(counts)
    weights: dict[tuple[int, ...], int] = {}
    for weeks in permutations(week for _, week in cases):
        weights[weeks] = weights.get(weeks, 0) + 1
    n_as_strong = 0
    for weeks, weight in weights.items():
        table = [[0] * 3 for _ in counts]
        for (place, _), week in zip(cases, weeks, strict=True):
            table[place][week] += 1
        n_as_strong += weight * (strongest(table) >= observed - 1e-9)
    exact = n_as_strong / math.factorial(len(cases))
    settings = ScanSettings(
        coordinates="kilometres",
        maximum_weeks=2,
        maximum_share=0.6,
        minimum_cases=1,
        replications=4999,
    )
    found = scan_space_time(np.array(counts), centroids, settings, seed=2).clusters[0]
    assert found.statistic == pytest.approx(observed)
    assert found.p_value == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 5000))
    assert found.recurrence_interval_weeks == pytest.approx(1 / found.p_value)


def test_p_values_are_spread_evenly_when_weeks_are_random() -> None:
    random = np.random.default_rng(9)
    p_values = []
    for seed in range(200):
        counts = random.poisson(0.5, size=(8, 20))
        settings = ScanSettings(coordinates="kilometres", replications=39, maximum_weeks=4)
        centroids = random.random((8, 2))
        found = scan_space_time(counts, centroids, settings, seed=seed).clusters
        p_values.append(found[0].p_value if found else 1.0)
    # Standard errors: 0.29 / sqrt(200) = 0.02 and 0.03 / sqrt(2) = 0.021.
    assert np.mean(p_values) == pytest.approx(0.5125, abs=0.07)
    assert np.mean(np.array(p_values) <= 0.1) == pytest.approx(0.1, abs=0.07)


def test_two_injected_clusters_are_found_apart_from_each_other() -> None:
    random = np.random.default_rng(12)
    centroids = [(47 + i * 0.3, 5 + j * 0.4) for i in range(6) for j in range(6)]
    counts = random.poisson(0.4, size=(36, 60))
    counts[[0, 1, 6], -3:] += 3
    counts[35, -2:] += 6
    result = scan_space_time(counts, centroids, ScanSettings(maximum_radius_km=60), seed=3)
    first, second = result.clusters[:2]
    assert {first.places, second.places} <= {(0, 1, 6), (0, 6, 1), (35,)}
    assert {first.start_week, second.start_week} == {57, 58}
    assert (first.p_value, first.recurrence_interval_weeks) == (0.001, 1000.0)
    assert second.p_value == 0.001
    assert all(cluster.p_value > 0.05 for cluster in result.clusters[2:])
    # One degree of longitude at 47° north is 75.9 km: 0.4 of it is the farther of the two.
    widest = first if len(first.places) == 3 else second
    assert widest.radius_km == pytest.approx(33.36, abs=0.02)


def test_more_than_enough_everywhere_is_no_cluster() -> None:
    counts = np.ones((5, 10), dtype=np.int64)
    counts[:, -1] = 7
    counts[2] *= 20
    assert scan_space_time(counts, LINE[:5], PLANE, seed=1).clusters == ()


def test_same_seed_gives_the_same_answer_and_another_the_same_clusters() -> None:
    counts = np.random.default_rng(5).poisson(1.0, size=(6, 12))
    first = scan_space_time(counts, LINE, PLANE, seed=1)
    assert scan_space_time(counts, LINE, PLANE, seed=1) == first
    other = scan_space_time(counts, LINE, PLANE, seed=2)
    assert [c.statistic for c in other.clusters] == [c.statistic for c in first.clusters]


@given(st.permutations(range(6)))
@hypothesis_settings(max_examples=20)
def test_numbering_of_the_places_does_not_matter(order: list[int]) -> None:
    counts = np.random.default_rng(5).poisson(1.0, size=(6, 12))
    centroids = np.random.default_rng(6).random((6, 2))
    found = scan_space_time(counts, centroids, PLANE, seed=1).clusters
    renumbered = scan_space_time(counts[order], centroids[order], PLANE, seed=1).clusters
    assert [{order[place] for place in c.places} for c in renumbered] == [
        set(c.places) for c in found
    ]


def test_distances_are_great_circles() -> None:
    # A quarter of the equator and of a meridian: 6371.0088 × π / 2 = 10,007.6 km.
    counts = np.array([[2, 0, 6], [1, 0, 6], [20, 20, 0]])
    settings = ScanSettings(replications=1, maximum_share=0.9, maximum_radius_km=10_010)
    found = scan_space_time(counts, [(0, 0), (0, 90), (-45, -120)], settings, seed=1).clusters[0]
    assert found.places == (0, 1)
    assert found.radius_km == pytest.approx(10_007.557, abs=1e-3)
    narrow = ScanSettings(replications=1, maximum_share=0.9, maximum_radius_km=10_007)
    found = scan_space_time(counts, [(0, 0), (0, 90), (-45, -120)], narrow, seed=1).clusters[0]
    assert len(found.places) == 1


def test_places_at_one_point_are_in_every_circle_together() -> None:
    counts = np.array([[3, 0, 4], [3, 0, 0], [9, 9, 0], [9, 9, 0]])
    centroids = [(1.0, 1.0), (1.0, 1.0), (5.0, 5.0), (9.0, 1.0)]
    found = scan_space_time(counts, centroids, PLANE, seed=1).clusters[0]
    assert (found.centre, found.places, found.observed) == (0, (0, 1), 4)


def test_only_so_many_clusters_are_told() -> None:
    counts = np.zeros((6, 8), dtype=np.int64)
    counts[:, 0] = 5
    counts[[0, 3, 5], -1] = 4
    settings = ScanSettings(
        coordinates="kilometres", replications=1, maximum_clusters=2, maximum_radius_km=0
    )
    assert len(scan_space_time(counts, LINE, settings, seed=1).clusters) == 2


@pytest.mark.parametrize(
    ("counts", "centroids"),
    [
        pytest.param(np.zeros((0, 5)), [], id="no places"),
        pytest.param(np.zeros((3, 0)), LINE[:3], id="no weeks"),
        pytest.param(np.zeros((3, 5)), LINE[:3], id="no cases"),
        pytest.param([[0, 0, 9]], LINE[:1], id="one place"),
        pytest.param([[4], [1]], LINE[:2], id="one week"),
        pytest.param([[0, 1, 9], [0, 1, 2]], [(0, 0), (0, 0)], id="all at one point"),
        pytest.param([[0, 1], [0, 0]], LINE[:2], id="one case"),
    ],
)
def test_nothing_to_compare_has_no_cluster(
    counts: NDArray[np.int64], centroids: list[tuple[float, float]]
) -> None:
    assert scan_space_time(np.asarray(counts), centroids, PLANE, seed=1).clusters == ()


@pytest.mark.parametrize(
    ("counts", "centroids", "message"),
    [
        ([[1, -1]], [(0, 0)], "series 0, week 1: found -1 in counts"),
        ([[1, 1]], [(0, 0), (1, 1)], r"found shape \(2, 2\); expected \(1, 2\)"),
        ([[1], [1]], [(0, 0), (91, 0)], r"place 1: found centroid \(91.0, 0.0\); expected degrees"),
        ([[1]], [(float("nan"), 0)], "place 0: found centroid"),
        ([[MAXIMUM_COUNT] * 9] * 2, [(0, 0), (1, 1)], "found 18000000000000 cases"),
    ],
)
def test_contradictory_input_is_refused(
    counts: list[list[int]], centroids: list[tuple[float, float]], message: str
) -> None:
    with pytest.raises(DetectionInputError, match=message):
        scan_space_time(np.array(counts), centroids, seed=1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"maximum_weeks": 0}, "maximum_weeks is 0"),
        ({"minimum_cases": 0}, "minimum_cases is 0"),
        ({"replications": 0}, "replications is 0"),
        ({"maximum_clusters": 0}, "maximum_clusters is 0"),
        ({"maximum_radius_km": -1.0}, "maximum_radius_km is -1.0"),
        ({"maximum_share": 0.0}, "maximum_share is 0.0"),
        ({"coordinates": "miles"}, "coordinates are 'miles'"),
    ],
)
def test_settings_that_are_none_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(DetectionInputError, match=message):
        ScanSettings(**settings)  # type: ignore[arg-type]
