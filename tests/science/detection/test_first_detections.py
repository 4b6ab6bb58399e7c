"""First detections by level, and on real deaths."""

import csv
import gzip
import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import DetectionInputError
from tocsin.science.detection.first_detections import (
    FirstDetection,
    Observation,
    derive_first_detections,
)

MONDAY = date(2026, 3, 2)
SHARED = Path(__file__).parents[4] / "shared"


def seen(country: str, area: str, days_after_monday: int, matrix: str = "blood") -> Observation:
    return Observation("x", matrix, country, area, MONDAY + timedelta(days_after_monday))


def summary(found: tuple[FirstDetection, ...]) -> list[tuple[str, str, str, int, tuple[str, ...]]]:
    return [(one.level, one.country, one.area, (one.on - MONDAY).days, one.places) for one in found]


@pytest.mark.parametrize(
    ("observations", "expected"),
    [
        pytest.param([], [], id="nothing seen"),
        pytest.param(
            [seen("DE", "DE1", 0), seen("DE", "DE1", 0), seen("DE", "DE1", 40)],
            [("anywhere", "DE", "DE1", 0, ("DE1",))],
            id="seen again is not new",
        ),
        pytest.param(
            [seen("DE", "DE1", 1), seen("DE", "DE2", 6), seen("DE", "DE3", 7)],
            [("anywhere", "DE", "DE1", 1, ("DE1", "DE2")), ("region", "DE", "DE3", 7, ("DE3",))],
            id="Sunday is the same week, Monday is not",
        ),
        pytest.param(
            [seen("DE", "DE1", 0), seen("FR", "FR1", 2), seen("FR", "FR2", 3)],
            [
                ("anywhere", "DE", "DE1", 0, ("DE1",)),
                ("country", "FR", "FR1", 2, ("FR1", "FR2")),
            ],
            id="another country is new in its own right, its areas with it",
        ),
        pytest.param(
            [seen("FR", "FR1", 0), seen("DE", "DE1", 0)],
            [
                ("anywhere", "DE", "DE1", 0, ("DE1",)),
                ("country", "FR", "FR1", 0, ("FR1",)),
            ],
            id="same first day in two countries",
        ),
        pytest.param(
            [seen("", "", 0), seen("DE", "", 0), seen("DE", "DE2", 30)],
            [("anywhere", "DE", "", 0, ()), ("region", "DE", "DE2", 30, ("DE2",))],
            id="a known country comes before an unknown one",
        ),
        pytest.param(
            [seen("", "", 0), seen("DE", "DE1", 20), seen("", "", 5)],
            [("anywhere", "", "", 0, ()), ("country", "DE", "DE1", 20, ("DE1",))],
            id="country unknown at first",
        ),
        pytest.param(
            [seen("DE", "", 0), seen("DE", "DE1", 2)],
            [("anywhere", "DE", "", 0, ("DE1",))],
            id="area known later in the week",
        ),
    ],
)
def test_each_level_at_which_it_is_new_is_told_once(
    observations: list[Observation], expected: list[tuple[str, str, str, int, tuple[str, ...]]]
) -> None:
    assert summary(derive_first_detections(observations)) == expected


def test_each_matrix_has_its_own_first() -> None:
    found = derive_first_detections([seen("DE", "DE1", 0), seen("DE", "DE1", 30, matrix="seizure")])
    assert [(one.level, one.matrix, (one.on - MONDAY).days) for one in found] == [
        ("anywhere", "blood", 0),
        ("anywhere", "seizure", 30),
    ]


@pytest.mark.parametrize(
    ("observation", "message"),
    [
        (Observation("", "blood", "DE", "", MONDAY), "found no substance"),
        (Observation("x", "blood", "", "DE1", MONDAY), "found area 'DE1' without a country"),
    ],
)
def test_observation_that_cannot_be_placed_is_refused(
    observation: Observation, message: str
) -> None:
    with pytest.raises(DetectionInputError, match=message):
        derive_first_detections([observation])


PLACES = st.sampled_from(
    [("", ""), ("DE", ""), ("DE", "DE1"), ("DE", "DE2"), ("FR", "FR1"), ("FR", ""), ("AT", "AT1")]
)
OBSERVATIONS = st.lists(
    st.builds(
        lambda substance, matrix, place, day: Observation(
            substance, matrix, place[0], place[1], MONDAY + timedelta(day)
        ),
        st.sampled_from(["x", "y"]),
        st.sampled_from(["blood", "seizure"]),
        PLACES,
        st.integers(0, 30),
    ),
    max_size=40,
)


@given(observations=OBSERVATIONS, seed=st.integers(0, 1000))
def test_order_and_repetition_change_nothing(observations: list[Observation], seed: int) -> None:
    shuffled = observations + observations[::2]
    random.Random(seed).shuffle(shuffled)
    assert derive_first_detections(shuffled) == derive_first_detections(observations)


@given(observations=OBSERVATIONS, day=st.integers(0, 35))
def test_nothing_later_than_a_day_changes_the_firsts_until_then(
    observations: list[Observation], day: int
) -> None:
    today = MONDAY + timedelta(day)
    full = [one for one in derive_first_detections(observations) if one.on <= today]
    then = derive_first_detections([one for one in observations if one.on <= today])
    assert [(one.level, one.substance, one.matrix, one.country, one.on) for one in then] == [
        (one.level, one.substance, one.matrix, one.country, one.on) for one in full
    ]
    for early, late in zip(then, full, strict=True):
        assert early.area == late.area
        assert set(early.places) <= set(late.places)
        if today.weekday() == 6:
            assert early == late


@given(observations=OBSERVATIONS)
def test_every_first_day_of_every_area_is_told_in_exactly_one_detection(
    observations: list[Observation],
) -> None:
    found = derive_first_detections(observations)
    told = [
        (one.substance, one.matrix, one.country, place) for one in found for place in one.places
    ]
    known = {(o.substance, o.matrix, o.country, o.area) for o in observations if o.area}
    assert sorted(told) == sorted(known)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared beside the checkout")
def test_first_deaths_in_connecticut_are_found_at_their_true_week() -> None:
    path = SHARED / "data/deaths/connecticut_2012_2022.csv.gz"
    with gzip.open(path, mode="rt", encoding="utf-8", newline="") as file:
        observations = [
            Observation(
                substance,
                "biological",
                "US",
                "" if row["region"] == "OTHER/UNKNOWN" else row["region"],
                date.fromisoformat(row["week"]),
            )
            for row in csv.DictReader(file)
            for substance in row["substances"].split(";")
        ]
    found = derive_first_detections(observations)
    widest = {one.substance: one.on.isoformat() for one in found if one.level == "anywhere"}
    # The table "Accuracy on real deaths" of ../shared/design/signals.md.
    table = {
        "xylazine": "2019-03-04",
        "acetylfentanyl": "2015-07-13",
        "para-fluorofentanyl": "2016-09-26",
        "flualprazolam": "2020-01-27",
        "U-47700": "2016-03-07",
        "furanylfentanyl": "2016-03-07",
        "carfentanil": "2017-04-17",
        "eutylone": "2020-03-30",
    }
    assert {substance: widest[substance] for substance in table} == table
    assert len(widest) == len({one.substance for one in observations})
    assert [one for one in found if one.level == "country"] == []
