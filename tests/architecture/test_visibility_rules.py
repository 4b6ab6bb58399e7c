import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from tocsin.alerts.models import Alert
from tocsin.organisations.models import GuardedRecord

SOURCE = Path(__file__).parents[2] / "src/tocsin"
FILES = sorted(path for path in SOURCE.rglob("*.py") if path.parent.name != "migrations")
HOME_OF_THE_RULE = "organisations/visibility.py"
APP_OF_MODEL = {
    model.__name__: model._meta.app_label
    for model in apps.get_models()
    if issubclass(model, GuardedRecord)
}


def list_attributes(attribute: str) -> Iterator[tuple[str, ast.Attribute]]:
    """Every place in the source where an attribute of this name is used, by file."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == attribute:
                yield path.relative_to(SOURCE).as_posix(), node


def is_service_of(app: str, name: str) -> bool:
    return name == f"{app}/services.py" or name.startswith(f"{app}/services/")


def test_everything_is_read_for_writing_by_the_services_of_its_own_app_only() -> None:
    used = [
        (name, node.lineno, ast.unparse(node.value).removesuffix(".objects"))
        for name, node in list_attributes("for_writing")
        if name != HOME_OF_THE_RULE
    ]

    assert len(used) > 10
    assert [
        f"{name}:{line}: {model}"
        for name, line, model in used
        if model not in APP_OF_MODEL or not is_service_of(APP_OF_MODEL[model], name)
    ] == []


def test_only_the_rule_itself_goes_round_the_default_manager() -> None:
    assert [
        f"{name}:{node.lineno}"
        for attribute in ("_base_manager", "_default_manager")
        for name, node in list_attributes(attribute)
        if name != HOME_OF_THE_RULE
    ] == []


@pytest.mark.parametrize("door", ["web", "api"])
def test_nobody_comes_in_as_the_node_itself(door: str) -> None:
    named = [
        f"{path.relative_to(SOURCE)}: {ast.unparse(node)}"
        for path in FILES
        if path.relative_to(SOURCE).parts[0] == door
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if "get_node_actor" in {getattr(node, "id", ""), getattr(node, "attr", "")}
        or (
            isinstance(node, ast.ImportFrom)
            and any(alias.name == "get_node_actor" for alias in node.names)
        )
    ]

    assert named == []


def test_doors_read_what_is_shared_through_the_queries_only() -> None:
    # An alert has no handling of its own: its versions have, and the queries read those.
    shared = {*APP_OF_MODEL, Alert.__name__}

    assert [
        f"{name}:{node.lineno}: {ast.unparse(node)}"
        for name, node in list_attributes("objects")
        if name.split("/")[0] in {"web", "api"} and ast.unparse(node.value) in shared
    ] == []


def test_sql_written_by_hand_stays_in_services() -> None:
    # A query in SQL passes by the default manager.
    assert [
        f"{name}:{node.lineno}"
        for attribute in ("raw", "cursor")
        for name, node in list_attributes(attribute)
        if name.split("/")[0] in {"web", "api"} and name != "web/views/frame.py"
    ] == []
