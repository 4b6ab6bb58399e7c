"""Emergence: one first detection, then one rise, then quiet until the level changes again.

``settings``   what a person may choose
``levels``     the usual level of each series, followed week by week
``evidence``   how strongly the counts speak for a rise
``detector``   from evidence to signals, one per emergence
"""

from tocsin.science.detection.emergence.detector import EmergenceJudgements, detect_emergences
from tocsin.science.detection.emergence.settings import METHOD, VERSION, EmergenceSettings

__all__ = ["METHOD", "VERSION", "EmergenceJudgements", "EmergenceSettings", "detect_emergences"]
