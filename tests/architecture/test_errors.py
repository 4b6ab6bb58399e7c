import ast
import re
from pathlib import Path

from tocsin import errors
from tocsin.errors import TocsinError

ROOT = Path(__file__).parents[2]


def list_error_classes() -> list[type[TocsinError]]:
    return [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, TocsinError)
    ]


def parse_drawn_tree() -> dict[str, str | None]:
    """Return each class drawn in the docstring with the class it is drawn under."""
    drawn: dict[str, str | None] = {}
    branch: list[str] = []
    for prefix, name in re.findall(r"(?m)^([│├└─ ]*)(\w+Error)\b", errors.__doc__ or ""):
        depth = len(prefix) // 4
        branch = [*branch[:depth], name]
        drawn[name] = branch[depth - 1] if depth else None
    return drawn


def test_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    built = {
        error.__name__: None if error is TocsinError else error.__bases__[0].__name__
        for error in list_error_classes()
    }

    assert parse_drawn_tree() == built


def test_every_error_has_a_stable_code_of_its_own() -> None:
    codes = [vars(error).get("code") for error in list_error_classes()]

    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", str(code)) for code in codes)
    assert len(set(codes)) == len(codes)


def test_every_code_is_documented() -> None:
    page = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
    documented = re.findall(r"(?m)^\| `([a-z-]+)` \|", page)

    assert sorted(documented) == sorted(error.code for error in list_error_classes())


def test_errors_are_defined_in_one_file() -> None:
    elsewhere = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}"
        for path in (ROOT / "src/tocsin").rglob("*.py")
        if path.name != "errors.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).endswith(("Error", "Exception")) for base in node.bases)
    ]

    assert elsewhere == []
