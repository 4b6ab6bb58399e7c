"""Named settings, and the years of the past of each dataset."""

import json
from pathlib import Path
from typing import Any

import pytest

from tocsin.cli.tools.setting_files import read_settings
from tocsin.errors import DetectionInputError, FileTooLargeError, TocsinError, UnreadableFileError
from tocsin.science.detection.methods import get_method
from tocsin.science.detection.spike_rule import SpikeRuleSettings

SPIKE_RULE = get_method("spike-rule")


def write(folder: Path, content: Any) -> Path:
    path = folder / "settings.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_without_a_file_the_defaults_hold() -> None:
    name, settings_of = read_settings(None, "", SPIKE_RULE)

    assert (name, settings_of("any")) == ("default", SpikeRuleSettings())
    with pytest.raises(DetectionInputError, match="no file of settings was named"):
        read_settings(None, "wide", SPIKE_RULE)


def test_a_single_setting_needs_no_name_and_years_are_read_only_where_a_method_has_them(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, {"long": {"baseline_weeks": 104}, "_b": {"m1": 2}})

    name, settings_of = read_settings(path, "", SPIKE_RULE)

    assert (name, settings_of("m2")) == ("long", SpikeRuleSettings(baseline_weeks=104))


def test_years_come_from_the_dataset_else_from_the_setting(tmp_path: Path) -> None:
    farrington = get_method("farrington-flexible")
    content = {
        "nb": {"thresholdMethod": "nbPlugin"},
        "own": {"b": 4},
        "_b": {"m1": 2, "campyDE": 5},
    }

    _name, settings_of = read_settings(write(tmp_path, content), "nb", farrington)
    assert (settings_of("m1").b, settings_of("campyDE").b) == (2, 5)
    assert settings_of("m1").threshold_method == "nb_plugin"
    with pytest.raises(DetectionInputError, match="dataset 'shadar' is not in _b; expected its"):
        settings_of("shadar")
    _name, settings_of = read_settings(write(tmp_path, content), "own", farrington)
    assert (settings_of("m1").b, settings_of("shadar").b) == (2, 4)
    _name, settings_of = read_settings(write(tmp_path, {"nb": {}}), "nb", farrington)
    assert settings_of("shadar").b == 5


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("{", UnreadableFileError, "settings.json: is no JSON"),
        ("[" * 100_000, UnreadableFileError, "settings.json: is no JSON"),
        ("[]", UnreadableFileError, "is no JSON object; expected named settings"),
        ({"a": 3}, DetectionInputError, "setting 'a': is 3; expected an object"),
        ({}, DetectionInputError, "settings.json: holds no setting; expected at least one"),
        ({"_b": {"m1": 2}}, DetectionInputError, "holds no setting; expected at least one"),
        ({"b": {}}, DetectionInputError, "has no setting 'a'; expected one of b"),
        ({"a": {"wekks": 1}}, DetectionInputError, "spike-rule: unknown setting 'wekks'"),
        (" " * 2 * 1024**2, FileTooLargeError, "settings.json: expected at most 1 MiB"),
    ],
)
def test_a_file_that_holds_no_such_settings_is_refused(
    tmp_path: Path, content: Any, error: type[TocsinError], message: str
) -> None:
    with pytest.raises(error) as caught:
        read_settings(write(tmp_path, content), "a", SPIKE_RULE)

    assert message in str(caught.value)


def test_one_of_several_settings_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(DetectionInputError, match="holds 2 settings; expected one of a, b, with"):
        read_settings(write(tmp_path, {"a": {}, "b": {}}), "", SPIKE_RULE)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b'\xef\xbb\xbf{"wide": {"minimum_count": 8}}')

    _name, settings_of = read_settings(path, "", SPIKE_RULE)

    assert settings_of("any") == SpikeRuleSettings(minimum_count=8)


@pytest.mark.parametrize("years", [[2], {"b": 2}, "2", None])
def test_years_that_are_no_number_are_refused(tmp_path: Path, years: Any) -> None:
    path = write(tmp_path, {"a": {}, "_b": {"m1": years}})

    with pytest.raises(DetectionInputError, match=r"_b: dataset 'm1' has .*; expected a number"):
        read_settings(path, "a", get_method("farrington-flexible"))


def test_years_that_are_no_table_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, {"a": {}, "_b": 5})

    with pytest.raises(DetectionInputError, match="_b: is 5; expected an object of years"):
        read_settings(path, "a", get_method("farrington-flexible"))
