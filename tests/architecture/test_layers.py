import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCIENCE = sorted((ROOT / "src/tocsin/science").rglob("*.py"))
CLOCK_CALLS = {"now", "today", "utcnow", "time", "monotonic"}
GLOBAL_RANDOMNESS = {"random", "seed", "shuffle", "choice", "randint"}


def test_imports_point_down() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("path", SCIENCE, ids=lambda path: str(path.relative_to(ROOT)))
def test_science_is_given_its_clock_and_its_randomness(path: Path) -> None:
    called = [
        f"{path.name}:{node.lineno}: {node.func.attr}()"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        # A generator that came in as an argument is named so; a module's is not.
        and (
            node.func.attr in CLOCK_CALLS
            or (
                node.func.attr in GLOBAL_RANDOMNESS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "random"
            )
        )
    ]

    assert called == []
