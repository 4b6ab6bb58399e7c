"""The reference pages name everything that the code offers; what is missing is named here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from tocsin.api import api
from tocsin.api.door import STATUS_BY_ERROR
from tocsin.cli.commands import app
from tocsin.organisations.permissions import ROLES_BY_PERMISSION
from tocsin.organisations.vocabulary import Purpose, TrafficLight
from tocsin.reports.formats.fields import CLOSED_WORDS, FIELDS, GROUP_FIELD
from tocsin.reports.formats.profiles import FILE_KEYS, READING_KEYS, TOP_KEYS
from tocsin.science.detection.spike_rule import SpikeRuleSettings
from tocsin.signals.models import SignalKind, SignalState

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TABLES_OF_A_PROFILE = {"file", "reading", "columns", "constants", "values"}


def read_page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def list_words(text: str) -> set[str]:
    """Everything that stands between backticks, fenced blocks left out."""
    unfenced = re.sub(r"(?ms)^```.*?^```$", "", text)
    return set(re.findall(r"`([^`\n]+)`", unfenced))


def list_rows(page: str, heading: str) -> list[list[str]]:
    """The rows of the table beneath a heading of a page, as their cells."""
    section = re.split(rf"(?m)^#+ {re.escape(heading)}$", read_page(page))[1]
    section = re.split(r"(?m)^#+ ", section)[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def list_commands(command: Any = None, path: str = "tocsin") -> Iterator[tuple[str, Any]]:
    """Every command that a person is shown, with its full name."""
    command = command or typer.main.get_command(app)
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, one in inner.items():
        if not one.hidden:
            yield from list_commands(one, f"{path} {name}")


COMMANDS = dict(list_commands())


def list_command_sections() -> dict[str, str]:
    """The text about each command, by its name without arguments."""
    _before, *parts = re.split(r"(?m)^## (tocsin [a-z -]+[a-z])[^\n]*$", read_page(COMMAND_PAGE))
    return dict(zip(parts[::2], parts[1::2], strict=True))


COMMAND_PAGE = "reference/commands.md"


def test_every_command_has_its_section_and_no_other_has() -> None:
    assert sorted(list_command_sections()) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_section_names_exactly_the_options_of_its_command(name: str) -> None:
    options = {
        option
        for parameter in COMMANDS[name].params
        if parameter.param_type_name == "option"
        for option in parameter.opts
    }
    documented = re.findall(r"(?m)^\| `(--[a-z-]+)` \|", list_command_sections()[name])

    assert sorted(documented) == sorted(options)


def list_operations() -> dict[str, dict[str, Any]]:
    """Each route of the API as the page writes it, with its OpenAPI description."""
    return {
        f"{method.upper()} {path}": operation
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method, operation in operations.items()
    }


def list_documented_routes() -> dict[str, set[str]]:
    """Each route on the page, with the query parameters named in its row."""
    return {
        row[0].strip("`"): set(re.findall(r"`([a-z_]+)`", row[3]))
        for row in list_rows("reference/api.md", "Routes")
    }


def test_every_route_of_the_api_is_documented() -> None:
    assert sorted(list_documented_routes()) == sorted(list_operations())


@pytest.mark.parametrize("route", list_operations())
def test_row_of_a_route_names_exactly_its_query_parameters(route: str) -> None:
    of_every_read = {"purpose", "limit", "offset"}
    taken = {
        parameter["name"]
        for parameter in list_operations()[route].get("parameters", [])
        if parameter["in"] == "query"
    }

    assert list_documented_routes()[route] == taken - of_every_read


def test_permission_of_each_route_is_one_that_exists() -> None:
    named = {row[2].strip("`") for row in list_rows("reference/api.md", "Routes")}

    assert named - ROLES_BY_PERMISSION.keys() == set()


def test_status_of_each_branch_of_errors_is_documented() -> None:
    rows = {row[0]: row[1] for row in list_rows("reference/api.md", "Errors")}
    # An error of an unexpected kind has one row for all, whatever its code.
    missing = [
        f"{status} {error.code}"
        for error, status in STATUS_BY_ERROR
        if status != 500 and f"`{error.code}`" not in rows.get(str(status), "")
    ]

    assert missing == []


def test_codes_that_only_the_api_has_are_documented() -> None:
    source = (ROOT / "src/tocsin/api/door.py").read_text(encoding="utf-8")
    codes = {
        node.value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "api.refuse"
        for node in ast.walk(call.args[2])
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert len(codes) > 3
    assert codes - list_words(read_page("reference/api.md")) == set()


def test_every_key_of_a_profile_is_documented() -> None:
    keys = {
        *(key for key in TOP_KEYS if key not in TABLES_OF_A_PROFILE),
        *(f"file.{key}" for key in FILE_KEYS),
        *(f"reading.{key}" for key in READING_KEYS),
        *(f"{table}.FIELD" for table in ("columns", "constants", "values")),
    }
    documented = {
        key
        for row in list_rows("reference/profiles.md", "Keys")
        for key in re.findall(r"`([^`]+)`", row[0])
    }

    assert sorted(documented) == sorted(keys)


def test_the_column_that_groups_rows_is_documented() -> None:
    assert GROUP_FIELD in list_words(read_page("reference/profiles.md"))


def list_problem_codes() -> set[str]:
    """Every code that the source gives to a problem of a row."""
    codes = {"unknown-FIELD"}
    place_of_code = {"Refusal": 0, "BadValueError": 0, "Unstorable": 1}
    checks = ROOT / "src/tocsin/reports/record/checks.py"
    for path in (ROOT / "src/tocsin/reports").rglob("*.py"):
        if path.parent.name == "fhir":
            continue
        module = ast.parse(path.read_text(encoding="utf-8"))
        if path == checks:
            # What is only asked about is no problem.
            refusing = [one for one in module.body if getattr(one, "name", "").endswith("misfits")]
            codes |= {
                str(ast.literal_eval(node.args[1]))
                for one in refusing
                for node in ast.walk(one)
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "Misfit"
            }
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in place_of_code:
                code = node.args[place_of_code[ast.unparse(node.func)]]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    codes.add(code.value)
    return codes


def test_every_problem_of_a_row_is_documented() -> None:
    documented = {
        code
        for row in list_rows("reference/profiles.md", "Problems of a row")
        for code in re.findall(r"`([^`]+)`", row[0])
    }

    assert sorted(documented) == sorted(list_problem_codes())


def test_every_field_and_word_of_the_record_is_documented() -> None:
    words = {
        *FIELDS,
        *(word for words in CLOSED_WORDS.values() for word in words),
        *TrafficLight.values,
        *Purpose.values,
    }

    assert words - list_words(read_page("reference/record.md")) == set()


def test_every_kind_and_state_of_a_signal_is_documented() -> None:
    words = {*SignalKind.values, *SignalState.values}

    assert words - list_words(read_page("reference/signals.md")) == set()


def test_settings_of_the_spike_rule_are_documented_as_they_are() -> None:
    settings = SpikeRuleSettings()
    documented = {
        row[0].strip("`"): float(row[1])
        for row in list_rows("reference/signals.md", "Rises: the spike rule")
    }

    assert documented == {name: float(getattr(settings, name)) for name in settings.__slots__}


def test_permissions_are_documented_with_the_roles_that_have_them() -> None:
    documented = {
        row[0].strip("`"): row[1].split(", ")
        for row in list_rows("explanation/visibility.md", "Roles")
    }

    assert documented == {
        permission: [str(role) for role in roles]
        for permission, roles in ROLES_BY_PERMISSION.items()
    }


def test_front_page_leads_to_every_page() -> None:
    front = read_page("README.md")
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")}
    missing = {
        page
        for page in pages - {"README.md"}
        if not page.startswith("decisions/") and f"]({page})" not in front
    }

    assert missing == set()


def test_every_action_of_the_journal_is_documented() -> None:
    about = "alert|api|import|journal|list|name|node|organisation|person|profile|register|report"
    action = re.compile(rf"({about}|package|signal|substance|token)\.[a-z]+(-[a-z]+)*")
    used = {
        node.value
        for path in (ROOT / "src/tocsin").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and action.fullmatch(node.value)
    }
    # Permissions are written in the same form, and file names end in a dot and a few letters.
    used -= ROLES_BY_PERMISSION.keys()

    assert len(used) > 30
    assert used - list_words(read_page("explanation/journal.md")) == set()
