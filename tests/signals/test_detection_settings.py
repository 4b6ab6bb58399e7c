"""How rises are looked for: versions that say since when, by whom and why."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from tests.reports.world import Row, World, make_world, send
from tocsin.errors import (
    DetectionInputError,
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
)
from tocsin.journal.queries import list_entries
from tocsin.pipeline import run_detection
from tocsin.signals.models import DetectionSetting, SeriesQueue, Signal
from tocsin.signals.rules import BUILT_IN, RiseRule, RuleBook
from tocsin.signals.series import week_of
from tocsin.signals.services import change_detection_setting
from tocsin.signals.setting_queries import get_detection_settings, load_rule_book
from tocsin.substances.models import Substance

pytestmark = pytest.mark.django_db

WANTED: dict[str, Any] = {
    "method": "spike-rule",
    "settings": {"minimum_count": 4},
    "false_discovery_level": 0.05,
    "reason": "Fewer false rises.",
}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def class_key() -> str:
    return str(Substance.objects.get(key="xylazine").substance_class.key)


def test_without_a_choice_every_class_is_judged_by_the_built_in_rule(world: World) -> None:
    assert load_rule_book() == RuleBook()
    assert {one.rule for one in get_detection_settings()} == {BUILT_IN}
    assert {one.setting for one in get_detection_settings()} == {None}


def test_a_change_is_in_force_from_the_next_monday_and_journalled_with_its_reason(
    world: World, class_key: str
) -> None:
    made = change_detection_setting(world.analyst, class_key=class_key, **WANTED)
    monday = week_of(timezone.localdate()) + timedelta(weeks=1)
    assert (made.version, made.in_force_from, made.changed_by.username) == (1, monday, "anna")
    own = RiseRule(made.pk, "spike-rule", {"minimum_count": 4}, 0.05, monday)
    assert load_rule_book() == RuleBook(of_class={class_key: (own,)})
    entry = list_entries(action="signal.setting-changed").get()
    assert entry.details == {
        "class": class_key,
        "version": 1,
        "method": "spike-rule",
        "settings": {"minimum_count": "4"},
        "level": "0.05",
        "from": monday.isoformat(),
    }
    held = {one.class_key: (one.rule, one.is_own) for one in get_detection_settings()}
    assert held[class_key] == (own, True)
    assert held[""] == (BUILT_IN, True)


def test_a_version_follows_the_last_one_of_its_class_and_never_begins_before_it(
    world: World, class_key: str
) -> None:
    change_detection_setting(world.analyst, **WANTED)
    first = change_detection_setting(world.analyst, class_key=class_key, **WANTED)
    with pytest.raises(RefusedError, match="before version 1 is"):
        change_detection_setting(
            world.analyst,
            class_key=class_key,
            in_force_from=first.in_force_from - timedelta(weeks=1),
            **WANTED,
        )
    second = change_detection_setting(
        world.analyst, class_key=class_key, **WANTED | {"false_discovery_level": None}
    )
    assert [one.version for one in DetectionSetting.objects.order_by("id")] == [1, 1, 2]
    assert load_rule_book().list_rules(class_key)[-1].number == second.pk


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"method": "magic"}, DetectionInputError, id="no such method"),
        pytest.param({"settings": {"luck": 1}}, DetectionInputError, id="no such setting"),
        pytest.param({"false_discovery_level": 1.0}, DetectionInputError, id="not a share"),
        pytest.param({"class_key": "nothing"}, NotFoundError, id="no such class"),
        pytest.param({"reason": "  "}, RefusedError, id="no reason"),
        pytest.param({"in_force_from": date(2026, 3, 3)}, RefusedError, id="not a Monday"),
    ],
)
def test_what_cannot_be_in_force_is_refused_and_nothing_is_written(
    world: World, changed: dict[str, Any], expected: type[Exception]
) -> None:
    with pytest.raises(expected):
        change_detection_setting(world.analyst, **WANTED | changed)
    assert not DetectionSetting.objects.exists()


def test_a_version_is_never_changed_nor_removed(world: World) -> None:
    change_detection_setting(world.analyst, **WANTED)
    versions = DetectionSetting.objects.all()
    for change in (lambda: versions.update(reason="Another."), versions.delete):
        with pytest.raises(DatabaseError, match="is immutable"), transaction.atomic():
            change()
    assert versions.get().reason == "Fewer false rises."


def test_only_an_analyst_of_the_node_itself_sets_it(world: World) -> None:
    for actor in (world.reporter, world.releaser, world.partner_analyst):
        with pytest.raises(PermissionRefusedError):
            change_detection_setting(actor, **WANTED)


def test_each_week_is_judged_by_the_rule_that_was_in_force_then(
    world: World, tmp_path: Path, class_key: str
) -> None:
    quiet = [Row("Q", "heroin", on="2023-01-02")]
    first = [Row(f"A-{n}", on=f"2024-01-{day:02}") for n, day in enumerate((8, 9, 10))]
    second = [Row(f"B-{n}", on=f"2026-01-{day:02}") for n, day in enumerate((5, 6, 7))]
    send(world, tmp_path / "a.csv", [*quiet, *first, *second])
    made = change_detection_setting(
        world.analyst,
        class_key=class_key,
        in_force_from=date(2025, 1, 6),
        **WANTED | {"settings": {"minimum_count": 3}, "false_discovery_level": None},
    )
    run_detection()
    rises = Signal.objects.for_writing().filter(kind="spike", substance__key="xylazine")
    assert [
        (one.on, one.method, one.settings.get("minimum_count"), one.detection_setting_id)
        for one in rises.order_by("on")
    ] == [
        (date(2024, 1, 8), "emergence", 3, None),
        (date(2026, 1, 5), "spike-rule", 3, made.pk),
    ]


def test_a_rule_in_force_already_has_everything_looked_at_again(
    world: World, tmp_path: Path, class_key: str
) -> None:
    send(world, tmp_path / "a.csv", [Row("A-1"), Row("A-2", "fentanyl")])
    run_detection()
    change_detection_setting(world.analyst, class_key=class_key, **WANTED)
    assert not SeriesQueue.objects.exists()
    monday = week_of(timezone.localdate())
    change_detection_setting(world.analyst, in_force_from=monday, **WANTED)
    assert SeriesQueue.objects.count() == 2


@pytest.mark.parametrize("size", [1, 3])
def test_reading_the_settings_takes_the_same_queries_whatever_their_number(
    world: World, class_key: str, size: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for _version in range(size):
        change_detection_setting(world.analyst, class_key=class_key, **WANTED)
    with django_assert_num_queries(3):
        get_detection_settings()
