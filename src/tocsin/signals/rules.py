"""What rises are looked for with: for each class of substances, since when, and how strictly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

DEFAULT_METHOD = "emergence"
DEFAULT_LEVEL = 0.2
"""Of the rises told in a week at most one in five may be chance: a person verifies each one."""


@dataclass(frozen=True, slots=True)
class RiseRule:
    """A method with its settings, and the share of false rises a week's selection may hold.

    number: of the stored version, 0 for what a node does before anybody chose. settings: by name,
    as the method reads them; what is left out has the method's default. level: false discovery
    level of a week, between 0 and 1; None lets every alarm through. since: Monday of the first week
    that is judged by it; None for all earlier weeks too.
    """

    number: int = 0
    method: str = DEFAULT_METHOD
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    level: float | None = DEFAULT_LEVEL
    since: date | None = None


BUILT_IN = RiseRule()


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules of a node. default: of classes without their own. of_class: by the class's key.

    Both in the order of ``since``; the first of the default has none.
    """

    default: tuple[RiseRule, ...] = (BUILT_IN,)
    of_class: Mapping[str, tuple[RiseRule, ...]] = field(default_factory=dict)

    def list_rules(self, class_key: str) -> tuple[RiseRule, ...]:
        """Return the rules that judge a class's weeks, one after the other.

        Before a class has a rule of its own, the default judges it.

        >>> own = RiseRule(3, since=date(2026, 3, 2))
        >>> book = RuleBook(of_class={"nitazenes": (own,)})
        >>> [rule.number for rule in book.list_rules("nitazenes")]
        [0, 3]
        """
        own = self.of_class.get(class_key, ())
        if not own or own[0].since is None:
            return own or self.default
        first = own[0].since
        before = [rule for rule in self.default if rule.since is None or rule.since < first]
        return (*before, *own)


def get_rule(rules: Sequence[RiseRule], week_on: date) -> RiseRule:
    """Return which of the rules, in the order of ``since``, judges the week of a Monday.

    >>> get_rule([BUILT_IN, RiseRule(1, since=date(2026, 3, 9))], date(2026, 3, 2)).number
    0
    """
    return [rule for rule in rules if rule.since is None or rule.since <= week_on][-1]
