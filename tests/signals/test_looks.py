"""Which candidates become signals: the same in any order, and of their own week only."""

import json
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tocsin.science.detection.false_discoveries import select_in_hierarchy
from tocsin.signals.looks import Candidate, Look, parse_look, select_candidates
from tocsin.signals.rules import RiseRule

MONDAY = date(2026, 1, 5)
RULE = RiseRule(level=0.2)
PLACES = (("IE", ""), ("IE", "Cork"), ("FR", ""))
MATRICES = ("seized", "biological")


@st.composite
def looks(draw: st.DrawFn) -> list[Look]:
    """Substances with series that begin in some week, and candidates from then on."""
    found = []
    for number in range(draw(st.integers(1, 5))):
        series = draw(
            st.dictionaries(
                st.tuples(st.sampled_from(MATRICES), st.sampled_from(PLACES)),
                st.integers(0, 3),
                min_size=1,
            )
        )
        candidates = [
            Candidate(
                matrix,
                *place,
                MONDAY + timedelta(weeks=week),
                draw(st.sampled_from([1e-6, 1e-3, 0.02, 0.05, 0.3])),
            )
            for (matrix, place), begins in series.items()
            for week in range(begins, 4)
            if draw(st.booleans())
        ]
        begins_on = {
            (matrix, *place): MONDAY + timedelta(weeks=week)
            for (matrix, place), week in series.items()
        }
        found.append(Look(f"substance-{number}", begins_on, tuple(candidates)))
    return found


def list_rules(held: list[Look], rule: RiseRule = RULE) -> dict[str, tuple[RiseRule, ...]]:
    return {look.substance: (rule,) for look in held}


@given(held=looks(), order=st.randoms(use_true_random=False))
def test_the_order_in_which_substances_were_looked_at_does_not_matter(
    held: list[Look], order: Random
) -> None:
    shuffled = list(held)
    order.shuffle(shuffled)
    rules = list_rules(held)
    assert select_candidates(shuffled, rules) == select_candidates(held, rules)


@given(held=looks(), week=st.integers(0, 3))
def test_a_week_is_selected_by_what_was_found_up_to_it_alone(held: list[Look], week: int) -> None:
    last = MONDAY + timedelta(weeks=week)
    known = [
        Look(
            look.substance,
            {key: begins for key, begins in look.begins.items() if begins <= last},
            tuple(one for one in look.candidates if one.week_on <= last),
        )
        for look in held
    ]
    rules = list_rules(held)
    whole, cut = select_candidates(held, rules), select_candidates(known, rules)
    assert {key: {one for one in chosen if one[3] <= last} for key, chosen in whole.items()} == cut


@given(held=looks())
def test_it_is_the_hierarchy_over_every_series_found_so_far(held: list[Look]) -> None:
    chosen = select_candidates(held, list_rules(held))
    for week_on in (MONDAY + timedelta(weeks=week) for week in range(4)):
        series = [
            (look, key) for look in held for key, begins in look.begins.items() if begins <= week_on
        ]
        p_values = [
            next(
                (
                    one.p_value
                    for one in look.candidates
                    if (one[:3], one.week_on) == (key, week_on)
                ),
                1.0,
            )
            for look, key in series
        ]
        expected = select_in_hierarchy(
            p_values,
            substances=[look.substance for look, _key in series],
            places=[f"{country}/{area}" for _look, (_matrix, country, area) in series],
            matrices=[matrix for _look, (matrix, _country, _area) in series],
            level=0.2,
        ).selected
        for (look, key), is_selected, p_value in zip(series, expected, p_values, strict=True):
            if p_value < 1:
                assert ((*key, week_on) in chosen[look.substance]) == is_selected


@given(held=looks())
def test_without_a_level_every_candidate_is_selected(held: list[Look]) -> None:
    chosen = select_candidates(held, list_rules(held, RiseRule(level=None)))
    assert chosen == {
        look.substance: {(*one[:3], one.week_on) for one in look.candidates} for look in held
    }


def test_substances_under_another_rule_are_weighed_by_themselves() -> None:
    candidate = Candidate("seized", "IE", "", MONDAY, 0.05)
    begins = {("seized", "IE", ""): MONDAY}
    held = [Look(f"s{number}", begins, (candidate,) if not number else ()) for number in range(10)]
    # Ten substances under one rule: 0.05 > 0.2 / 10. Alone under its own: 0.05 <= 0.2.
    assert select_candidates(held, list_rules(held))["s0"] == frozenset()
    own = list_rules(held) | {"s0": (RiseRule(7, level=0.2),)}
    assert select_candidates(held, own)["s0"] == {("seized", "IE", "", MONDAY)}


@given(held=looks())
def test_a_look_comes_back_from_json_as_it_was(held: list[Look]) -> None:
    for look in held:
        assert parse_look(look.substance, json.loads(json.dumps(look.as_json()))) == look
