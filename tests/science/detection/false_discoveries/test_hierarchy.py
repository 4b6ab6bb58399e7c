"""Selection down the hierarchy, by hand and against a plain-Python definition."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import DetectionInputError
from tocsin.science.detection.false_discoveries import (
    HierarchySelection,
    WeeklyState,
    control_false_discoveries,
    derive_adjusted_p_values,
    select_discoveries,
    select_in_hierarchy,
)

Series = tuple[str, str, str]


def _select(p_values: dict[Series, float], level: float) -> HierarchySelection:
    substances, places, matrices = zip(*p_values, strict=True)
    return select_in_hierarchy(
        list(p_values.values()),
        substances=substances,
        places=places,
        matrices=matrices,
        level=level,
    )


def test_selection_by_hand() -> None:
    found = _select(
        {
            ("xylazine", "IE", "blood"): 0.001,
            ("xylazine", "IE", "urine"): 0.030,
            ("xylazine", "FR", "blood"): 0.013,
            ("heroin", "IE", "blood"): 0.040,
            ("heroin", "FR", "blood"): 0.800,
        },
        level=0.05,
    )
    # Places by Simes: xylazine IE min(2×.001, .030) = .002, FR .013; heroin .04 and .8.
    assert found.place_p_values.tolist() == pytest.approx([0.002, 0.002, 0.013, 0.04, 0.8])
    # Substances: xylazine min(2×.002, .013) = .004, heroin min(.08, .8) = .08: only xylazine.
    assert found.substance_p_values.tolist() == pytest.approx([0.004] * 3 + [0.08] * 2)
    assert found.is_substance_selected.tolist() == [True] * 3 + [False] * 2
    # Its places at .05 × 1/2 = .025: both. Matrices in IE at .025 × 2/2: .001 <= .0125 yes; .030 no.
    assert found.is_place_selected.tolist() == [True] * 3 + [False] * 2
    assert found.selected.tolist() == [True, False, True, False, False]
    assert (found.level, found.method, found.version) == (0.05, "tree-bh", "1")


def _by_definition(p_values: dict[Series, float], level: float) -> set[Series]:
    def simes(values: list[float]) -> float:
        return float(derive_adjusted_p_values(values).min())

    places: dict[tuple[str, str], dict[Series, float]] = defaultdict(dict)
    for series, value in p_values.items():
        places[series[:2]][series] = value
    place_p = {place: simes(list(of.values())) for place, of in places.items()}
    substances: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    for place, value in place_p.items():
        substances[place[0]][place] = value
    substance_p = {name: simes(list(of.values())) for name, of in substances.items()}

    def select(family: dict, at: float) -> list:  # type: ignore[type-arg]
        chosen = select_discoveries(list(family.values()), level=at)
        return [key for key, is_chosen in zip(family, chosen, strict=True) if is_chosen]

    found: set[Series] = set()
    chosen_substances = select(substance_p, level)
    for substance in chosen_substances:
        place_level = level * len(chosen_substances) / len(substance_p)
        chosen_places = select(substances[substance], place_level)
        for place in chosen_places:
            at = place_level * len(chosen_places) / len(substances[substance])
            found.update(select(places[place], at))
    return found


SERIES = st.tuples(st.sampled_from("abcd"), st.sampled_from("uvw"), st.sampled_from("xyz"))


@given(st.dictionaries(SERIES, st.floats(1e-6, 1), min_size=1, max_size=20))
def test_hierarchy_is_its_definition_and_narrower_implies_wider(
    p_values: dict[Series, float],
) -> None:
    level = 0.2017
    found = _select(p_values, level)
    series = list(p_values)
    assert {s for s, is_in in zip(series, found.selected, strict=True) if is_in} == _by_definition(
        p_values, level
    )
    assert (found.selected <= found.is_place_selected).all()
    assert (found.is_place_selected <= found.is_substance_selected).all()
    places_with = {s[:2] for s, is_in in zip(series, found.selected, strict=True) if is_in}
    chosen = {s[:2] for s, is_in in zip(series, found.is_place_selected, strict=True) if is_in}
    substances = {
        s[0] for s, is_in in zip(series, found.is_substance_selected, strict=True) if is_in
    }
    assert places_with == chosen
    assert {place[0] for place in chosen} == substances


@given(
    st.dictionaries(SERIES, st.integers(1, 20), min_size=1, max_size=20),
    st.sampled_from([0.05, 0.1, 0.3]),
)
def test_selected_parents_have_selected_children_even_at_exact_ties(
    twentieths: dict[Series, int], level: float
) -> None:
    found = _select({series: n / 20 * level for series, n in twentieths.items()}, level)
    series = list(twentieths)
    for depth, wider, narrower in (
        (1, found.is_substance_selected, found.is_place_selected),
        (2, found.is_place_selected, found.selected),
    ):
        parents = {s[:depth] for s, is_in in zip(series, wider, strict=True) if is_in}
        children = {s[:depth] for s, is_in in zip(series, narrower, strict=True) if is_in}
        assert parents == children


@given(
    st.dictionaries(SERIES, st.floats(0, 1), min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)
def test_order_of_the_series_does_not_matter(p_values: dict[Series, float], random: object) -> None:
    series = list(p_values)
    random.shuffle(series)  # type: ignore[attr-defined]
    found = _select(p_values, 0.1)
    shuffled = _select({s: p_values[s] for s in series}, 0.1)
    position = {s: i for i, s in enumerate(p_values)}
    order = [position[s] for s in series]
    assert shuffled.selected.tolist() == found.selected[order].tolist()
    assert shuffled.substance_p_values.tolist() == found.substance_p_values[order].tolist()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_one_series_per_substance_is_plain_benjamini_hochberg(values: list[float]) -> None:
    n = len(values)
    found = select_in_hierarchy(
        values, substances=list(range(n)), places=["IE"] * n, matrices=["blood"] * n, level=0.1
    )
    assert found.selected.tolist() == select_discoveries(values, level=0.1).tolist()


def test_false_substances_stay_below_the_level() -> None:
    # 30 substances × 3 places × 2 matrices; in 6 substances one series is real.
    random = np.random.default_rng(11)
    substances = np.repeat(np.arange(30), 6)
    places = np.tile(np.repeat(np.arange(3), 2), 30)
    matrices = np.tile(np.arange(2), 90)
    shares = []
    for _ in range(200):
        p_values = random.random(180)
        p_values[:36:6] *= 1e-5
        found = select_in_hierarchy(
            p_values, substances=substances, places=places, matrices=matrices, level=0.1
        )
        chosen = found.is_substance_selected[::6]
        shares.append(chosen[6:].sum() / max(1, chosen.sum()))
    # Simes is exact under independence: 0.1 × 24 / 30 = 0.08.
    assert np.mean(shares) == pytest.approx(0.08, abs=4 * np.std(shares) / np.sqrt(200))


def test_week_in_hierarchy_spends_from_the_account_by_substance() -> None:
    state = WeeklyState(0.05)
    found, after = control_false_discoveries(
        state,
        [0.0001, 0.0002, 0.5],
        substances=["xylazine", "xylazine", "heroin"],
        places=["IE", "FR", "IE"],
        matrices=["blood", "blood", "blood"],
    )
    assert found.selected.tolist() == [True, True, False]
    assert found.level == pytest.approx(0.05 * 0.4374901658)
    # Two substances were judged, one selected; had the other's p-value been 0, both.
    assert (after.augmented, after.discoveries) == ((2,), (1,))


def test_no_series_selects_nothing_and_spends_nothing() -> None:
    state = WeeklyState(0.05)
    found, after = control_false_discoveries(state, [], substances=[], places=[], matrices=[])
    assert after is state
    assert [a.size for a in (found.selected, found.is_place_selected)] == [0, 0]
    assert found.substance_p_values.size == 0


@pytest.mark.parametrize(
    ("places", "matrices", "message"),
    [
        (["IE"], ["blood", "urine"], "places: found 1 labels; expected one for each of 2"),
        (["IE", "IE"], ["blood", "blood"], "series 0: found its substance, place and matrix 2"),
    ],
)
def test_contradictory_series_are_refused(
    places: list[str], matrices: list[str], message: str
) -> None:
    with pytest.raises(DetectionInputError, match=message):
        select_in_hierarchy(
            [0.1, 0.2],
            substances=["xylazine", "xylazine"],
            places=places,
            matrices=matrices,
            level=0.05,
        )
