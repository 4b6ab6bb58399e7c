"""Settings of Farrington Flexible under the names of R's farringtonFlexible, in snake_case."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

import numpy as np

from tocsin.errors import DetectionInputError
from tocsin.science.detection import method_settings

METHOD: Final = "farrington-flexible"
VERSION: Final = "1"

_R_NAMES: Final = {
    "noPeriods": "no_periods",
    "pastWeeksNotIncluded": "past_weeks_not_included",
    "weightsThreshold": "weights_threshold",
    "pThresholdTrend": "p_threshold_trend",
    "powertrans": "power_trans",
    "thresholdMethod": "threshold_method",
    "populationOffset": "population_offset",
}
_R_VALUES: Final = {"nbPlugin": "nb_plugin"}
# What R is told of its own printing changes no number.
_R_ONLY: Final = ("glmWarnings", "verbose")


@dataclass(frozen=True, slots=True)
class FarringtonSettings:
    """How the past of a week is chosen, modelled and turned into a threshold.

    The defaults are those of R's farringtonFlexible; IMPROVED and ORIGINAL are the two settings
    recognised in the literature.

    b: years of the past. w: weeks taken on either side of the same week of each such year.
    no_periods: levels of the seasonal factor; 1 uses only the 2w + 1 weeks a year, without season.
    past_weeks_not_included: weeks just before the judged week left out; None means w.
    reweight: whether past outbreaks weigh less in a second fit; weights_threshold: the scaled
        Anscombe residual above which they do.
    trend: whether a linear trend is tried. It is kept if its p-value is below p_threshold_trend, if
        b is 3 or more and if the expected count does not exceed the greatest count of the past.
    limit54: (cases, weeks): with fewer cases in so many weeks up to the judged one there is neither
        a threshold nor an alarm. (0, 4) switches it off, which new substances need.
    power_trans: transformation to symmetry of the method "delta"; the others do not read it.
    threshold_method: "delta" (Farrington 1996), "nb_plugin" or "muan" (Noufaily 2013).
    alpha: one-sided probability of a count above the threshold.
    population_offset: whether the population enters as an offset.
    Raises DetectionInputError naming the setting, what was found and what is expected.
    """

    b: int = 5
    w: int = 3
    no_periods: int = 1
    past_weeks_not_included: int | None = None
    reweight: bool = True
    weights_threshold: float = 2.58
    trend: bool = True
    p_threshold_trend: float = 0.05
    limit54: tuple[int, int] = (5, 4)
    power_trans: Literal["2/3", "1/2", "none"] = "2/3"
    threshold_method: Literal["delta", "nb_plugin", "muan"] = "delta"
    alpha: float = 0.05
    population_offset: bool = False

    def __post_init__(self) -> None:
        excluded = self.past_weeks_not_included
        cases, weeks = self.limit54
        for name, is_right, expected in (
            ("b", self.b >= 1, "1 or more"),
            ("w", self.w >= 0, "0 or more"),
            ("no_periods", self.no_periods >= 1, "1 or more"),
            ("past_weeks_not_included", excluded is None or excluded >= 0, "0 or more, or none"),
            (
                "weights_threshold",
                np.isfinite(self.weights_threshold) and self.weights_threshold > 0,
                "a finite number above 0",
            ),
            ("p_threshold_trend", 0 <= self.p_threshold_trend <= 1, "a number from 0 to 1"),
            ("limit54", cases >= 0 and weeks >= 1, "cases from 0 and weeks from 1"),
            ("power_trans", self.power_trans in ("2/3", "1/2", "none"), "2/3, 1/2 or none"),
            (
                "threshold_method",
                self.threshold_method in ("delta", "nb_plugin", "muan"),
                "delta, nb_plugin or muan",
            ),
            ("alpha", 0 < self.alpha < 1, "a number between 0 and 1"),
        ):
            if not is_right:
                raise DetectionInputError(
                    f"farrington flexible: {name} is {getattr(self, name)}; expected {expected}"
                )


ORIGINAL: Final = FarringtonSettings(weights_threshold=1.0)
"""Farrington et al. 1996: same weeks of each year, trend if significant, delta method."""

IMPROVED: Final = FarringtonSettings(
    no_periods=10,
    past_weeks_not_included=26,
    p_threshold_trend=1.0,
    threshold_method="nb_plugin",
    alpha=0.01,
)
"""Noufaily et al. 2013: ten seasonal levels, trend kept, negative binomial threshold."""


def parse_settings(mapping: Mapping[str, Any]) -> FarringtonSettings:
    """Return settings from a mapping under R's camelCase names or ours; the rest keeps its default.

    Raises DetectionInputError for an unknown name, a name given in both forms, or a wrong value.

    >>> parse_settings({"b": 3, "noPeriods": 10, "thresholdMethod": "nbPlugin"}).threshold_method
    'nb_plugin'
    """
    known = [field.name for field in fields(FarringtonSettings)]
    renamed: dict[str, Any] = {}
    for given, value in mapping.items():
        name = _R_NAMES.get(given, given)
        if name in _R_ONLY:
            continue
        if name in renamed:
            raise DetectionInputError(
                f"farrington flexible: found {name} twice, also as {given}; expected it once"
            )
        if name not in known:
            raise DetectionInputError(
                f"farrington flexible: unknown setting {given!r}; expected some of "
                f"{', '.join(known)}"
            )
        renamed[name] = _R_VALUES.get(value, value) if isinstance(value, str) else value
    return method_settings.parse_settings(FarringtonSettings, renamed, method="farrington flexible")
