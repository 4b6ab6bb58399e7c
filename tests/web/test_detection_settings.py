"""How rises are looked for: who sees it, what stands beside each way, and what a change does."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.web.response_examples import count_queries, read
from tocsin.journal.queries import list_entries
from tocsin.science.detection.methods import METHODS
from tocsin.signals.models import DetectionRate, DetectionSetting
from tocsin.signals.ratings import CANDIDATES
from tocsin.signals.series import week_of
from tocsin.signals.services import change_detection_setting
from tocsin.substances.models import SubstanceClass
from tocsin.web.detection_words import (
    METHOD_NAMES,
    compare_with_default,
    describe_level,
    describe_method,
    describe_rate,
    describe_sensitivity,
)

Enter = Callable[[str], Client]

LIST = "/settings/detection/"
NITAZENES = "/settings/detection/nitazene/"
CAUTIOUS = next(one for one in CANDIDATES if one.key == "emergence-cautious")
CHOICE = {"choice": "emergence-cautious", "level": "0.05", "reason": "Too many false rises."}


def make_rate(class_key: str = "nitazene", **values: Any) -> DetectionRate:
    """The cautious way: 5 false rises in 100 years of 12 unchanged series, 40 rises in all."""
    described: dict[str, Any] = {
        "candidate": "emergence-cautious",
        "is_due": False,
        "method": "emergence",
        "false_discovery_level": 0.2,
        "since": date(2016, 11, 21),
        "until": date(2026, 11, 21),
        "rises": 40,
        "confirmed": 7,
        "not_confirmed": 3,
        "stable_series": 12,
        "stable_years": 100,
        "stable_rises": 5,
        "computed_at": datetime(2026, 11, 22, 3, 0, tzinfo=UTC),
    }
    found = SubstanceClass.objects.filter(key=class_key).first()
    rate: DetectionRate = DetectionRate.objects.create(
        substance_class=found, **(described | values)
    )
    return rate


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_told_in_words_with_its_numbers(method: str) -> None:
    assert method in METHOD_NAMES
    assert describe_method(method) != method
    assert any(character.isdigit() for character in describe_sensitivity(method, {}))
    assert compare_with_default(method, {}) == "as it comes"


@pytest.mark.parametrize(
    ("method", "settings", "words"),
    [
        ("emergence", {"rise_score": 1.5}, "more sensitive than it comes"),
        ("emergence", {"rise_score": 4}, "quieter than it comes"),
        ("sparse", {"alpha": 0.01}, "more sensitive than it comes"),
        ("farrington-flexible", {"alpha": 0.001}, "quieter than it comes"),
        ("cusum", {"in_control_weeks": 1040}, "quieter than it comes"),
        ("emergence", {"minimum_count": 5}, "set otherwise than it comes"),
    ],
)
def test_settings_are_compared_with_those_of_the_method(
    method: str, settings: dict[str, Any], words: str
) -> None:
    assert compare_with_default(method, settings) == words


def test_sensitivity_is_in_plain_words_and_numbers() -> None:
    # e to the power of 2.5 is 12.18.
    settings = {"rise_score": 2.5, "minimum_count": 3, "minimum_ratio": 1.5}
    assert describe_sensitivity("emergence", settings) == (
        "once the findings speak 12 to 1 for a rise (rise_score 2.5), from 3 findings on, "
        "at 1.5 times what was expected"
    )
    assert describe_sensitivity("sparse", {"alpha": 0.0005, "minimum_count": 1}) == (
        "where chance alone does so in 1 of 2,000 weeks (alpha 0.0005), from 1 findings on"
    )
    assert (describe_level(0.05), describe_level(0.125)) == (
        "at most 5 in 100",
        "at most 12.5 in 100",
    )


def test_rates_are_told_by_the_year(db: None) -> None:
    words = describe_rate(make_rate())

    assert words is not None
    assert (words.false_a_year, words.rises_a_year, words.years) == ("0.05", "4.0", "10.0")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"computed_at": None}, id="not replayed"),
        pytest.param({"since": None, "until": None}, id="nothing held"),
    ],
)
def test_without_evidence_nothing_is_told(db: None, values: dict[str, Any]) -> None:
    assert describe_rate(make_rate(**values)) is None


def test_classes_stand_in_one_table_with_what_is_in_force(enter: Enter, network: Any) -> None:
    change_detection_setting(
        network.actor("analyst"),
        class_key="nitazene",
        method=CAUTIOUS.method,
        settings=CAUTIOUS.settings,
        false_discovery_level=0.05,
        reason="Each one must be checked by hand.",
    )
    make_rate()

    text = read(enter("reader"), LIST)

    assert text.count("<tr data-row>") == 1 + SubstanceClass.objects.count()
    row = text.split('href="/settings/detection/nitazene/"')[1].split("</tr>")[0]
    for words in (
        "its own",
        "Emergence",
        "quieter than it comes",
        describe_sensitivity(CAUTIOUS.method, CAUTIOUS.settings),
        "at most 5 in 100",
        "0.05 a year and series",
        "5 in 100 years of 12 unchanged series",
        "replayed 22 Nov 2026; chance: at most 20 in 100",
        "analyst",
        "Each one must be checked by hand.",
    ):
        assert words in row
    assert (
        "not replayed yet" in text.split('href="/settings/detection/default/"')[1].split("</tr>")[0]
    )


def test_missing_rates_are_said(enter: Enter) -> None:
    assert "the rates below are still missing" in read(enter("analyst"), LIST)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        pytest.param(
            {"stable_series": 0, "stable_years": 0},
            "unknown: no series stayed unchanged",
            id="no measure",
        ),
        pytest.param({"since": None, "until": None}, "no evidence held", id="nothing held"),
        pytest.param({"computed_at": None}, "not replayed yet", id="not replayed"),
    ],
)
def test_what_is_not_known_is_never_a_zero(
    enter: Enter, values: dict[str, Any], words: str
) -> None:
    make_rate(**values)

    text = read(enter("analyst"), NITAZENES)

    cells = text.split("Emergence, quieter than it comes")[1].split("</tr>")[0]
    assert words in cells
    assert "a year" not in cells.replace("a year</", "")


def test_each_way_stands_beside_its_own_rate(enter: Enter) -> None:
    make_rate()
    make_rate(candidate="emergence-sensitive", stable_rises=50)

    text = read(enter("analyst"), NITAZENES)

    assert text.count('type="radio" name="choice"') == len(CANDIDATES)
    assert "0.05 a year and series" in text.split("Emergence, quieter")[1].split("</tr>")[0]
    assert "0.50 a year and series" in text.split("Emergence, more sensitive")[1].split("</tr>")[0]
    assert "7 confirmed, 3 not" in text
    assert text.count("in force</span>") == 1


def test_change_is_a_new_version_in_force_from_the_next_monday(enter: Enter, network: Any) -> None:
    answer = enter("analyst").post(NITAZENES, CHOICE)

    assert (answer.status_code, answer["Location"]) == (302, LIST)
    held = DetectionSetting.objects.get()
    assert (held.substance_class.key if held.substance_class else "") == "nitazene"
    assert (held.method, held.settings) == (CAUTIOUS.method, dict(CAUTIOUS.settings))
    assert (held.false_discovery_level, held.reason) == (0.05, "Too many false rises.")
    assert held.changed_by == network.person("analyst")
    assert held.in_force_from == week_of(timezone.localdate()) + timedelta(weeks=1)
    assert [entry.action for entry in list_entries(record_type="detection-setting")] == [
        "signal.setting-changed"
    ]
    text = read(enter("analyst"), NITAZENES)
    assert "Too many false rises." in text
    assert "Emergence, quieter than it comes</label> <span" in text


def test_default_and_every_alarm_can_be_chosen(enter: Enter) -> None:
    enter("analyst").post("/settings/detection/default/", {**CHOICE, "level": "every-alarm"})

    held = DetectionSetting.objects.get()
    assert (held.substance_class, held.false_discovery_level) == (None, None)


def test_settings_made_elsewhere_stay_to_be_chosen(enter: Enter, network: Any) -> None:
    change_detection_setting(
        network.actor("analyst"),
        class_key="nitazene",
        method="sparse",
        settings={"alpha": 0.01},
        false_discovery_level=0.15,
        reason="A trial.",
    )

    client = enter("analyst")
    text = read(client, NITAZENES)
    client.post(NITAZENES, {"choice": "as-is", "level": "0.15", "reason": "Still a trial."})

    assert "Rare events, exact test, more sensitive than it comes" in text
    assert "at most 15 in 100" in text
    newest = DetectionSetting.objects.order_by("-version")[0]
    assert (newest.version, newest.method, newest.settings) == (2, "sparse", {"alpha": 0.01})
    assert newest.false_discovery_level == 0.15


@pytest.mark.parametrize(
    ("values", "words"),
    [
        pytest.param({"reason": ""}, "This field is required.", id="no reason"),
        pytest.param({"reason": "Ask anna@hospital.example."}, "personal data", id="personal data"),
        pytest.param({"choice": "guesswork"}, "Select a valid choice", id="no such way"),
        pytest.param({"level": "2"}, "Select a valid choice", id="no such level"),
    ],
)
def test_what_cannot_be_is_asked_for_again(
    enter: Enter, values: dict[str, str], words: str
) -> None:
    answer = enter("analyst").post(NITAZENES, CHOICE | values)

    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert words in answer.content.decode()
    assert not DetectionSetting.objects.exists()


def test_reader_sees_but_does_not_change(enter: Enter) -> None:
    client = enter("reader")

    text = read(client, NITAZENES)

    assert 'type="radio"' not in text
    assert "An analyst can change this." in text
    assert client.post(NITAZENES, CHOICE).status_code == 403
    assert not DetectionSetting.objects.exists()


def test_for_partners_the_pages_are_not_there(enter: Enter, network: Any) -> None:
    client = enter("partner-analyst")

    for path in (LIST, NITAZENES, "/settings/detection/nothing/"):
        read(client, path, status=404)
    assert client.post(NITAZENES, CHOICE).status_code == 404
    assert LIST not in read(client, "/signals/")
    assert LIST in read(enter("analyst"), "/signals/")


def test_class_that_is_not_there_is_not_found(enter: Enter) -> None:
    read(enter("analyst"), "/settings/detection/nothing/", status=404)


def test_pages_need_as_many_queries_with_three_rates_as_with_one(enter: Enter) -> None:
    client = enter("analyst")
    make_rate()
    counted = {
        path: (read(client, path), count_queries(client, path))[1] for path in (LIST, NITAZENES)
    }
    make_rate("fentanyl")
    make_rate(candidate="emergence-sensitive")

    assert {path: count_queries(client, path) for path in counted} == counted
