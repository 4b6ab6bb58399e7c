"""Named settings of a method: ``{"NAME": {…}, "_b": {"DATASET": 5}}``.

``_b`` holds the years of the past for each dataset, as farringtonFlexible's control ``b``; other
methods have no such setting and the key is then not read.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from tocsin.errors import DetectionInputError, FileTooLargeError, UnreadableFileError
from tocsin.science.detection.methods import Method

DEFAULT_NAME: Final = "default"
"""What the column ``setting`` says where no file was given."""

_YEARS: Final = "_b"
_MOST_BYTES: Final = 1024**2

SettingsOf = Callable[[str], Any]
"""The settings of a dataset."""


def read_settings(path: Path | None, name: str, method: Method) -> tuple[str, SettingsOf]:
    """Return the name of the chosen settings and a function from dataset to parsed settings.

    path: a JSON file, or None for the method's defaults. name: which of the file's settings; it may
    be left out where the file holds only one. Raises an error of the house that names the file, the
    setting, and the dataset that ``_b`` lacks.
    """
    if path is None:
        if name:
            raise DetectionInputError(
                f"setting {name!r}: no file of settings was named; expected one with --settings"
            )
        defaults = method.parse({})
        return DEFAULT_NAME, lambda _dataset: defaults
    content = _read_object(path)
    years = content.pop(_YEARS, None)
    chosen = _choose_name(path, name, list(content))
    mapping = content[chosen]
    if not isinstance(mapping, dict):
        raise DetectionInputError(
            f"{path.name}, setting {chosen!r}: is {mapping!r}; expected an object of settings"
        )
    if years is None or not method.has_years:
        return chosen, _parse_once(method, mapping)
    return chosen, _parse_by_dataset(path, method, mapping, years)


def _parse_once(method: Method, mapping: dict[str, Any]) -> SettingsOf:
    parsed = method.parse(mapping)
    return lambda _dataset: parsed


def _parse_by_dataset(
    path: Path, method: Method, mapping: dict[str, Any], years: Any
) -> SettingsOf:
    if not isinstance(years, dict):
        raise DetectionInputError(
            f"{path.name}, {_YEARS}: is {years!r}; expected an object of years by dataset"
        )

    for dataset, number in years.items():
        if not isinstance(number, int | float):
            raise DetectionInputError(
                f"{path.name}, {_YEARS}: dataset {dataset!r} has {number!r}; expected a number of "
                "years"
            )

    @cache
    def parse_years(dataset_years: Any) -> Any:
        return method.parse({**mapping, "b": dataset_years})

    def settings_of(dataset: str) -> Any:
        if dataset in years:
            return parse_years(years[dataset])
        if "b" in mapping:
            return parse_years(mapping["b"])
        raise DetectionInputError(
            f"{path.name}: dataset {dataset!r} is not in {_YEARS}; expected its number of years "
            "there, or b in the setting"
        )

    return settings_of


def _read_object(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _MOST_BYTES:
        raise FileTooLargeError(f"{path.name}: expected at most {_MOST_BYTES // 1024**2} MiB")
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(f"{path.name}: is no JSON ({error}); expected JSON") from error
    if not isinstance(content, dict):
        raise UnreadableFileError(f"{path.name}: is no JSON object; expected named settings")
    return content


def _choose_name(path: Path, name: str, names: list[str]) -> str:
    if not names:
        raise DetectionInputError(f"{path.name}: holds no setting; expected at least one")
    if not name and len(names) == 1:
        return names[0]
    if name not in names:
        found = f"has no setting {name!r}" if name else f"holds {len(names)} settings"
        raise DetectionInputError(
            f"{path.name}: {found}; expected one of {', '.join(names)}, with --setting"
        )
    return name
