"""What a person may choose about the detector of emergences."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tocsin.errors import DetectionInputError

METHOD: Final = "emergence"
VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class EmergenceSettings:
    """When a rise is told, and how quickly the usual level follows the counts.

    rise_score: evidence from which a rise is told, as natural logarithm of the Bayes factor of
        "a rise began within the last two years" against "nothing changed". Higher is quieter.
    common_score: evidence asked for beyond rise_score of a substance of which a case in ten weeks
        or more is expected; in proportion for one with fewer. A common substance fluctuates
        in ways that no model of its past knows, and a rise of it is no emergence.
    minimum_count: cases within the last 104 weeks below which no rise is told.
    minimum_ratio: a rise must be so many times what was expected in its window.
    minimum_past_weeks: earlier weeks of a series are not judged.
    quiet_weeks: so many weeks without evidence end a rise; a later one is a new rise.
    renewal_weeks, renewal_ratio: a rise that goes on is told again when it is older than
        renewal_weeks and the last 13 weeks are renewal_ratio times the level since it was told.
    novelty_weeks: evidence that is no stronger than that of so many weeks before is not new.
    level_discount, trend_discount, season_discount: share of the information of the past that is
        kept from one week to the next, for the level, its trend and the yearly pattern; a level
        discount of 0.99 remembers about 100 weeks.
    Raises DetectionInputError when a setting is out of its range.
    """

    rise_score: float = 2.4
    common_score: float = 1.5
    minimum_count: int = 3
    minimum_ratio: float = 1.5
    minimum_past_weeks: int = 26
    quiet_weeks: int = 26
    renewal_weeks: int = 52
    renewal_ratio: float = 3.0
    novelty_weeks: int = 4
    level_discount: float = 0.99
    trend_discount: float = 0.998
    season_discount: float = 0.999

    def __post_init__(self) -> None:
        _check("rise_score", self.rise_score, 0, 700)
        _check("common_score", self.common_score, 0, 700)
        _check("minimum_count", self.minimum_count, 1, np.inf)
        _check("minimum_ratio", self.minimum_ratio, 1, np.inf)
        _check("minimum_past_weeks", self.minimum_past_weeks, 1, np.inf)
        _check("quiet_weeks", self.quiet_weeks, 1, np.inf)
        _check("renewal_weeks", self.renewal_weeks, 26, np.inf)
        _check("renewal_ratio", self.renewal_ratio, 1, np.inf)
        _check("novelty_weeks", self.novelty_weeks, 0, 52)
        for name in ("level_discount", "trend_discount", "season_discount"):
            _check(name, getattr(self, name), 0.9, 1)


def _check(name: str, value: float, least: float, most: float) -> None:
    # Written so that NaN fails.
    if not least <= value <= most:
        bound = f"{least} or more" if most == np.inf else f"a number from {least} to {most}"
        raise DetectionInputError(f"{METHOD}: {name} is {value}; expected {bound}")
