"""The register of methods: every one is set and run in one way."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from tocsin.errors import DetectionInputError
from tocsin.science.detection.counts import MAXIMUM_COUNT
from tocsin.science.detection.ears import EarsSettings, detect_ears
from tocsin.science.detection.emergence import detect_emergences
from tocsin.science.detection.methods import (
    METHODS,
    SeriesBlock,
    get_method,
    list_settings,
    run_method,
)
from tocsin.science.detection.spike_rule import SpikeRuleSettings

MONDAY = date(2018, 1, 1)


def build_block(counts: Any, **others: Any) -> SeriesBlock:
    values = np.array(counts, dtype=np.int64)
    return SeriesBlock(names=tuple(str(row) for row in range(len(values))), counts=values, **others)


def test_the_methods_are_those_that_the_documents_name() -> None:
    assert sorted(METHODS) == [
        "cusum",
        "ears-c1",
        "ears-c2",
        "ears-c3",
        "emergence",
        "farrington-flexible",
        "sparse",
        "spike-rule",
        "time-between-events",
    ]


@pytest.mark.parametrize("name", METHODS)
def test_every_method_judges_a_block_with_its_defaults(name: str) -> None:
    weeks = 340
    counts = np.random.default_rng(7).poisson(1.5, size=(3, weeks))
    counts[2] = 0
    block = build_block(
        counts,
        dates=tuple(MONDAY + timedelta(weeks=week) for week in range(weeks)),
        by_date=True,
        population=np.ones((3, weeks)),
        denominators=counts + 4 if get_method(name).takes_denominators else None,
    )

    judged = run_method(name, block)

    assert (judged.method, judged.version) == (name, METHODS[name].version)
    assert judged.settings == METHODS[name].parse({})
    assert judged.is_judged.any()
    assert not np.isnan(judged.scores[judged.is_judged]).any()
    assert not np.isnan(judged.p_values[judged.is_judged]).any()


@pytest.mark.parametrize("name", METHODS)
def test_every_setting_listed_can_be_given_back(name: str) -> None:
    method = get_method(name)

    assert method.parse(list_settings(method)) == method.parse({})


@pytest.mark.parametrize("variant", ["C1", "C2", "C3"])
def test_the_name_decides_which_ears_it_is(variant: Any) -> None:
    method = get_method(f"ears-{variant.lower()}")
    counts = [[1, 0, 2, 1, 1, 0, 1, 2, 1, 3, 9, 1, 0, 8]]

    judged = run_method(method.name, build_block(counts), method.parse({"minimum_sigma": 0.5}))

    expected = detect_ears(np.array(counts), EarsSettings(variant, minimum_sigma=0.5))
    assert judged.settings == expected.settings
    assert np.array_equal(judged.scores, expected.scores, equal_nan=True)
    with pytest.raises(DetectionInputError, match="setting 'variant' cannot be chosen"):
        method.parse({"variant": "C1"})


def test_denominators_reach_a_method_that_takes_them() -> None:
    counts = np.random.default_rng(3).poisson(2.0, size=(1, 120))
    denominators = counts * 3 + np.arange(120)

    judged = run_method("emergence", build_block(counts, denominators=denominators))

    expected = detect_emergences(counts, denominators=denominators)
    assert np.array_equal(judged.scores, expected.scores, equal_nan=True)
    assert not np.array_equal(judged.scores, detect_emergences(counts).scores, equal_nan=True)


def test_a_method_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(DetectionInputError, match="method 'farington': unknown; expected one of"):
        run_method("farington", build_block([[1]]))


def test_settings_of_another_method_are_refused() -> None:
    with pytest.raises(DetectionInputError, match="settings are SpikeRuleSettings; expected Ears"):
        run_method("ears-c1", build_block([[1]]), SpikeRuleSettings())


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"names": ("a", "b")}, "counts: found shape (1, 3) for 2 names"),
        ({"counts": np.zeros(1, dtype=np.int64)}, "counts: found shape (1,) for 1 names"),
        ({"population": np.ones((1, 2))}, "population: found shape (1, 2)"),
        ({"denominators": np.ones((2, 3), dtype=np.int64)}, "denominators: found shape (2, 3)"),
        ({"by_date": True}, "dates: none given; expected them"),
        ({"dates": (MONDAY,)}, "dates: found 1; expected one for each of 3 weeks"),
    ],
)
def test_a_block_that_contradicts_itself_is_refused(others: dict[str, Any], message: str) -> None:
    values: dict[str, Any] = {"names": ("a",), "counts": np.zeros((1, 3), dtype=np.int64)}

    with pytest.raises(DetectionInputError) as caught:
        SeriesBlock(**{**values, **others})

    assert message in str(caught.value)


def build_degenerate(weeks: int) -> Any:
    steps = np.arange(weeks)
    one_case, one_large = np.zeros((2, weeks), dtype=np.int64)
    one_case[weeks // 2 :][:1] = 1
    one_large[-1:] = MAXIMUM_COUNT
    return np.array(
        [
            np.zeros(weeks, dtype=np.int64),
            one_case,
            one_large,
            np.full(weeks, 7),
            np.full(weeks, MAXIMUM_COUNT),
            np.minimum(2.0 ** np.minimum(steps, 60), MAXIMUM_COUNT).astype(np.int64),
            steps % 2,
        ]
    )


@pytest.mark.parametrize("weeks", [0, 1, 2, 60, 340])
@pytest.mark.parametrize("name", METHODS)
def test_degenerate_series_get_a_defined_answer(name: str, weeks: int) -> None:
    block = build_block(build_degenerate(weeks))

    judged = run_method(name, block)

    assert judged.alarms.shape == block.counts.shape
    assert not np.isnan(judged.scores[judged.is_judged]).any()
    p_values = judged.p_values[judged.is_judged]
    assert ((p_values >= 0) & (p_values <= 1)).all()
    assert not judged.alarms[0].any()


@pytest.mark.parametrize("name", METHODS)
def test_no_series_is_no_error(name: str) -> None:
    judged = run_method(name, SeriesBlock(names=(), counts=np.zeros((0, 80), dtype=np.int64)))

    assert judged.alarms.shape == (0, 80)
