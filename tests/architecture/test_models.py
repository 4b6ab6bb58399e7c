import configparser
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import Model

ROOT = Path(__file__).parents[2]
OUR_MODELS = sorted(
    (model for model in apps.get_models() if model.__module__.startswith("tocsin.")),
    key=lambda model: model._meta.label,
)


def layers_from_the_top() -> list[set[str]]:
    configuration = configparser.ConfigParser()
    configuration.read(ROOT / ".importlinter", encoding="utf-8")
    listed = configuration["importlinter:contract:layers"]["layers"].split("\n")
    return [set(re.findall(r"\w+", line)) for line in listed if line]


def height_of(model: type[Model]) -> int:
    package = model.__module__.split(".")[1]
    [depth] = [number for number, names in enumerate(layers_from_the_top()) if package in names]
    return -depth


def test_there_are_models_to_look_at() -> None:
    assert len(OUR_MODELS) > 5


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: str(model._meta.label))
def test_relations_point_down_or_stay_in_the_app(model: type[Model]) -> None:
    upward = [
        f"{field.name} -> {target._meta.label}"
        for field in model._meta.get_fields()
        if not field.auto_created
        and isinstance(target := field.related_model, type)
        and target.__module__.startswith("tocsin.")
        and target._meta.app_label != model._meta.app_label
        and height_of(target) >= height_of(model)
    ]

    assert upward == []


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: str(model._meta.label))
def test_model_declares_which_personal_data_it_holds_and_why(model: type[Model]) -> None:
    declared = vars(model).get("personal_data")

    assert isinstance(declared, str), "expected personal_data: 'none', or what it holds and why"
    assert declared == "none" or len(declared.split()) > 3


def test_migrations_say_what_the_models_say() -> None:
    loader = MigrationLoader(None)
    found = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("tocsin.")}
    missing = {
        label: [str(operation) for migration in migrations for operation in migration.operations]
        for label, migrations in found.changes(graph=loader.graph).items()
        if label in ours
    }

    assert missing == {}
