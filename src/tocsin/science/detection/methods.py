"""Every weekly method under its name: one way to set it and one way to run it.

The command line, the replay and the benchmarks choose a method by its name here, so that all of
them run the same thing and can be compared at any false-positive rate.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import DetectionInputError
from tocsin.science.detection import (
    cusum,
    ears,
    emergence,
    sparse,
    spike_rule,
    time_between_events,
)
from tocsin.science.detection.farrington_flexible import detector as farrington
from tocsin.science.detection.farrington_flexible import settings as farrington_settings
from tocsin.science.detection.judgements import Judgements
from tocsin.science.detection.method_settings import parse_settings


@dataclass(frozen=True, slots=True, eq=False)
class SeriesBlock:
    """Series over one calendar; arrays of shape (n_series, n_weeks).

    names: one for each series; a method that counts by month calls a month a week.
    counts: whole numbers from 0, oldest first.
    dates: the first day of each week, ascending; None where only the order is known.
    frequency: weeks in a year: 52, or 12 for months.
    by_date: whether a year earlier means the same calendar day, which needs dates, or a whole
        ``frequency`` of weeks earlier.
    population, denominators: people living, samples tested; None where not known.
    Raises DetectionInputError when the shapes contradict each other.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int64]
    dates: tuple[date, ...] | None = None
    frequency: int = 52
    by_date: bool = False
    population: NDArray[np.float64] | None = None
    denominators: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        shape = self.counts.shape
        if len(shape) != 2 or shape[0] != len(self.names):
            raise DetectionInputError(
                f"counts: found shape {shape} for {len(self.names)} names; expected 2 dimensions, "
                "a row for each name"
            )
        for name, values in (("population", self.population), ("denominators", self.denominators)):
            if values is not None and values.shape != shape:
                raise DetectionInputError(
                    f"{name}: found shape {values.shape}; expected that of the counts, {shape}"
                )
        if self.dates is None and self.by_date:
            raise DetectionInputError("dates: none given; expected them, for a past found by date")
        if self.dates is not None and len(self.dates) != shape[1]:
            raise DetectionInputError(
                f"dates: found {len(self.dates)}; expected one for each of {shape[1]} weeks"
            )


@dataclass(frozen=True, slots=True)
class Method:
    """A weekly method: how its settings are read, and how it is run.

    parse: settings from a mapping of their names, as it came out of a JSON file.
    detect: judges a block; what of the block it reads, the next two say.
    takes_denominators: whether it reads them; without them it judges counts alone.
    takes_calendar: whether it reads dates, frequency and population.
    has_years: whether it has a setting ``b``, the years of the past.
    has_signals: whether its judgements say which kind of signal comes out in a week.
    fixed: settings that the name of the method decides.
    """

    name: str
    version: str
    settings_class: type[Any]
    parse: Callable[[Mapping[str, Any]], Any]
    detect: Callable[[SeriesBlock, Any], Judgements]
    takes_denominators: bool = False
    takes_calendar: bool = False
    has_years: bool = False
    has_signals: bool = False
    fixed: frozenset[str] = frozenset()


def get_method(name: str) -> Method:
    """Return the method of a name. Raises DetectionInputError naming the methods there are.

    >>> get_method("ears-c1").takes_denominators
    False
    """
    method = METHODS.get(name)
    if method is None:
        raise DetectionInputError(f"method {name!r}: unknown; expected one of {', '.join(METHODS)}")
    return method


def run_method(name: str, block: SeriesBlock, settings: Any = None) -> Judgements:
    """Judge every series of a block with a method; its defaults where settings are left out.

    settings: what the method's ``parse`` returned. Raises DetectionInputError for an unknown name,
    for settings of another method, and for what the method cannot work on.
    """
    method = get_method(name)
    if settings is None:
        settings = method.parse({})
    if not isinstance(settings, method.settings_class):
        raise DetectionInputError(
            f"{name}: settings are {type(settings).__name__}; "
            f"expected {method.settings_class.__name__}"
        )
    return method.detect(block, settings)


def list_settings(method: Method) -> dict[str, Any]:
    """Return each setting a person can choose with its default, as a JSON file would hold it.

    >>> list_settings(get_method("spike-rule"))["baseline_weeks"]
    52
    """
    defaults = asdict(method.parse({}))
    return {name: value for name, value in defaults.items() if name not in method.fixed}


def _judge_counts(detect: Callable[..., Judgements]) -> Callable[[SeriesBlock, Any], Judgements]:
    def judge(block: SeriesBlock, settings: Any) -> Judgements:
        return detect(block.counts, settings)

    return judge


def _judge_tested(detect: Callable[..., Judgements]) -> Callable[[SeriesBlock, Any], Judgements]:
    def judge(block: SeriesBlock, settings: Any) -> Judgements:
        return detect(block.counts, settings, denominators=block.denominators)

    return judge


def _judge_farrington(block: SeriesBlock, settings: Any) -> Judgements:
    return farrington.detect_farrington(
        block.counts,
        settings,
        frequency=block.frequency,
        dates=np.array(block.dates, dtype="datetime64[D]") if block.by_date else None,
        by_date=block.by_date,
        population=block.population,
    )


def _parse_with(
    settings_class: type[Any], name: str, fixed: Mapping[str, Any]
) -> Callable[[Mapping[str, Any]], Any]:
    def parse(mapping: Mapping[str, Any]) -> Any:
        for setting in mapping:
            if setting in fixed:
                raise DetectionInputError(
                    f"{name}: setting {setting!r} cannot be chosen; "
                    "expected another method for another one"
                )
        return parse_settings(settings_class, {**mapping, **fixed}, method=name)

    return parse


def _describe_ears(variant: ears.Variant) -> Method:
    name = ears.METHODS[variant]
    return Method(
        name=name,
        version=ears.VERSION,
        settings_class=ears.EarsSettings,
        parse=_parse_with(ears.EarsSettings, name, {"variant": variant}),
        detect=_judge_counts(ears.detect_ears),
        fixed=frozenset({"variant"}),
    )


_ALL: Final = (
    Method(
        name=farrington_settings.METHOD,
        version=farrington_settings.VERSION,
        settings_class=farrington_settings.FarringtonSettings,
        parse=farrington_settings.parse_settings,
        detect=_judge_farrington,
        takes_calendar=True,
        has_years=True,
    ),
    _describe_ears("C1"),
    _describe_ears("C2"),
    _describe_ears("C3"),
    Method(
        name=spike_rule.METHOD,
        version=spike_rule.VERSION,
        settings_class=spike_rule.SpikeRuleSettings,
        parse=_parse_with(spike_rule.SpikeRuleSettings, spike_rule.METHOD, {}),
        detect=_judge_counts(spike_rule.detect_spikes),
    ),
    Method(
        name=sparse.METHOD,
        version=sparse.VERSION,
        settings_class=sparse.SparseSettings,
        parse=_parse_with(sparse.SparseSettings, sparse.METHOD, {}),
        detect=_judge_tested(sparse.detect_sparse),
        takes_denominators=True,
    ),
    Method(
        name=time_between_events.METHOD,
        version=time_between_events.VERSION,
        settings_class=time_between_events.TimeBetweenEventsSettings,
        parse=_parse_with(
            time_between_events.TimeBetweenEventsSettings, time_between_events.METHOD, {}
        ),
        detect=_judge_tested(time_between_events.detect_time_between_events),
        takes_denominators=True,
    ),
    Method(
        name=cusum.METHOD,
        version=cusum.VERSION,
        settings_class=cusum.CusumSettings,
        parse=_parse_with(cusum.CusumSettings, cusum.METHOD, {}),
        detect=_judge_tested(cusum.detect_cusum),
        takes_denominators=True,
    ),
    Method(
        name=emergence.METHOD,
        version=emergence.VERSION,
        settings_class=emergence.EmergenceSettings,
        parse=_parse_with(emergence.EmergenceSettings, emergence.METHOD, {}),
        detect=_judge_tested(emergence.detect_emergences),
        takes_denominators=True,
        has_signals=True,
    ),
)

METHODS: Final[Mapping[str, Method]] = MappingProxyType({one.name: one for one in _ALL})
"""Every weekly method by its name."""
