"""Settings from JSON values: what is taken, and how a wrong one is named."""

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from tocsin.errors import DetectionInputError
from tocsin.science.detection.method_settings import parse_settings


@dataclass(frozen=True)
class Prior:
    shape: float = 0.5


@dataclass(frozen=True)
class Rule:
    weeks: int = 4
    alpha: float = 0.01
    is_strict: bool = False
    kind: Literal["delta", "muan"] = "delta"
    label: str = ""
    limit: tuple[int, int] = (5, 4)
    windows: tuple[int, ...] = (1, 2)
    half_life: float | None = None
    prior: Prior | None = None
    inner: Prior = Prior()
    derived: int = field(default=0, init=False)


def test_every_kind_of_value_is_taken() -> None:
    mapping = {
        "weeks": 6.0,
        "alpha": 1,
        "is_strict": True,
        "kind": "muan",
        "label": "a",
        "limit": [0, 4],
        "windows": [1, 4, 13],
        "half_life": 26,
        "prior": {"shape": 2},
        "inner": {},
    }

    assert parse_settings(Rule, mapping, method="rule") == Rule(
        6, 1.0, True, "muan", "a", (0, 4), (1, 4, 13), 26.0, Prior(2.0)
    )


def test_what_is_left_out_and_none_where_allowed_keep_the_default() -> None:
    assert parse_settings(Rule, {"half_life": None, "prior": None}, method="rule") == Rule()
    assert isinstance(parse_settings(Rule, {"weeks": 6.0}, method="rule").weeks, int)
    assert isinstance(parse_settings(Rule, {"alpha": 1}, method="rule").alpha, float)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"wekks": 1}, "rule: unknown setting 'wekks'; expected some of weeks, alpha, is_strict"),
        ({"derived": 1}, "rule: unknown setting 'derived'"),
        ({"weeks": "6"}, "rule: setting 'weeks' is '6'; expected a whole number"),
        ({"weeks": 6.5}, "rule: setting 'weeks' is 6.5; expected a whole number"),
        ({"weeks": True}, "rule: setting 'weeks' is True; expected a whole number"),
        ({"weeks": None}, "rule: setting 'weeks' is None; expected a whole number"),
        ({"weeks": float("inf")}, "rule: setting 'weeks' is inf; expected a whole number"),
        ({"alpha": "low"}, "rule: setting 'alpha' is 'low'; expected a number"),
        ({"alpha": float("nan")}, "rule: setting 'alpha' is nan; expected a number"),
        ({"is_strict": 1}, "rule: setting 'is_strict' is 1; expected true or false"),
        ({"label": 3}, "rule: setting 'label' is 3; expected a text"),
        ({"kind": "nb"}, "rule: setting 'kind' is 'nb'; expected one of delta, muan"),
        ({"kind": ["delta"]}, "expected one of delta, muan"),
        ({"limit": 5}, "rule: setting 'limit' is 5; expected a list"),
        ({"limit": [5]}, "rule: setting 'limit' is [5]; expected 2 values"),
        ({"windows": [1, "x"]}, "rule: setting 'windows'[1] is 'x'; expected a whole number"),
        ({"inner": 3}, "rule: setting 'inner' is 3; expected an object of settings"),
        ({"inner": {"size": 1}}, "rule: setting 'inner': unknown setting 'size'"),
        ({"prior": {"shape": []}}, "rule: setting 'prior': setting 'shape' is []"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_expected(
    mapping: dict[str, Any], message: str
) -> None:
    with pytest.raises(DetectionInputError) as caught:
        parse_settings(Rule, mapping, method="rule")

    assert message in str(caught.value)
