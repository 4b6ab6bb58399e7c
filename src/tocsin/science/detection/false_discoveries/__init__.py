"""How many of the alarms of a night are false, and how to keep that share below a level.

``within_week``   Benjamini–Hochberg on one week's p-values, plain and for discrete tests
``across_weeks``  accounts of the false alarms that a node may still spend, carried night to night
``hierarchy``     substance, then place, then matrix; and all three together for one week

Every function takes valid p-values: P(p <= t) <= t for all t when nothing changed. p-values of
counts are so (conservative) when they are P(X >= x); mid-p-values and randomised ones are not taken,
the first because they keep no guarantee, the second because a duty officer must not see chance.
"""

from tocsin.science.detection.false_discoveries.across_weeks import (
    OnlineDecisions,
    OnlineState,
    WeeklyState,
    judge_online,
    judge_week,
)
from tocsin.science.detection.false_discoveries.hierarchy import (
    HierarchySelection,
    control_false_discoveries,
    select_in_hierarchy,
)
from tocsin.science.detection.false_discoveries.within_week import (
    check_level,
    check_p_values,
    derive_adjusted_p_values,
    derive_count_support,
    select_discoveries,
    select_discrete,
)

__all__ = [
    "HierarchySelection",
    "OnlineDecisions",
    "OnlineState",
    "WeeklyState",
    "check_level",
    "check_p_values",
    "control_false_discoveries",
    "derive_adjusted_p_values",
    "derive_count_support",
    "judge_online",
    "judge_week",
    "select_discoveries",
    "select_discrete",
    "select_in_hierarchy",
]
