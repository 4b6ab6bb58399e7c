"""Farrington Flexible: the improved method of Noufaily et al. 2013 and the original of 1996.

``settings``           every control of R's farringtonFlexible, IMPROVED and ORIGINAL
``baselines``          which past weeks a week is compared with
``fitting``            the regression, in compiled code; ``sums`` and ``rows`` for its steps
``negative_binomial``  threshold and p-value, in compiled code
``thresholds``         from the predicted mean to threshold and score, in compiled code
``judging``            one week of one series, and the loop over all, in compiled code
``forms``              what goes into the loop and comes out of it
``large_counts``       threshold and p-value where counts are too great for the loop
``detector``           many series at once: detect_farrington
"""

from tocsin.science.detection.farrington_flexible.detector import (
    FarringtonJudgements,
    detect_farrington,
)
from tocsin.science.detection.farrington_flexible.settings import (
    IMPROVED,
    METHOD,
    ORIGINAL,
    VERSION,
    FarringtonSettings,
    parse_settings,
)

__all__ = [
    "IMPROVED",
    "METHOD",
    "ORIGINAL",
    "VERSION",
    "FarringtonJudgements",
    "FarringtonSettings",
    "detect_farrington",
    "parse_settings",
]
