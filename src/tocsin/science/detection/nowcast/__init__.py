"""Nowcast: how many events have happened, when their reports still come in.

``triangle``  event and report dates counted into a reporting triangle
``delays``    how long reports take, by the reverse-time hazard
``totals``    what is to come of each period, and how sure that is

Event and report periods are of one length, mostly weeks; "now" is a day that the caller states.

Sources: J. F. Lawless (1994), Adjustments for reporting delays and the prediction of occurred but
not reported events, Canadian Journal of Statistics 22; J. D. Kalbfleisch and J. F. Lawless (1991),
Regression models for right truncated data with applications to AIDS incubation times and reporting
lags, Statistica Sinica 1; M. Höhle and M. an der Heiden (2014), Bayesian nowcasting during the
STEC O104:H4 outbreak in Germany, 2011, Biometrics 70. Reference program: ``nowcast`` of R's
surveillance 1.20.3, see tests.

>>> from datetime import date
>>> import numpy as np
>>> monday = np.datetime64("2026-01-05")
>>> events = monday + 7 * np.repeat(np.arange(12), 4)
>>> reports = events + 7 * np.tile([0, 0, 1, 1], 12)
>>> triangle = build_triangle(events, reports, now=date(2026, 3, 29), maximum_delay=2)
>>> found = nowcast_triangle(triangle, prior_means=4)
>>> found.reported.tolist()[-3:]
[4, 4, 2]
>>> found.expected.round(1).tolist()[-3:]
[4.0, 4.0, 4.1]
>>> apply_threshold(found, 3)[-3:].round(2).tolist()
[1.0, 1.0, 0.52]
"""

from tocsin.science.detection.nowcast.delays import Delays, DelaySettings, estimate_delays
from tocsin.science.detection.nowcast.totals import (
    VERSION,
    Nowcast,
    NowcastSettings,
    apply_threshold,
    derive_pmf,
    nowcast_many,
    nowcast_triangle,
)
from tocsin.science.detection.nowcast.triangle import Excluded, Triangle, build_triangle

__all__ = [
    "VERSION",
    "DelaySettings",
    "Delays",
    "Excluded",
    "Nowcast",
    "NowcastSettings",
    "Triangle",
    "apply_threshold",
    "build_triangle",
    "derive_pmf",
    "estimate_delays",
    "nowcast_many",
    "nowcast_triangle",
]
