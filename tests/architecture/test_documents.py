import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
DECISION_PARTS = ["Context", "Decision", "Consequences", "Rejected alternatives"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_other_files_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8"))
    local = [target.split("#")[0] for target in targets if "://" not in target]

    missing = [target for target in local if target and not (path.parent / target).exists()]
    assert missing == []


def test_decisions_are_numbered_without_gap_or_repetition() -> None:
    numbers = [path.name[:4] for path in DECISIONS]

    assert numbers == [f"{number:04d}" for number in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: str(path.name))
def test_decision_has_its_parts(path: Path) -> None:
    headings = re.findall(r"(?m)^## (.+)$", path.read_text(encoding="utf-8"))

    assert headings == DECISION_PARTS


def test_every_setting_of_the_environment_is_documented() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    read = {
        name
        for path in (ROOT / "src/tocsin").rglob("*.py")
        for name in re.findall(r"TOCSIN_[A-Z]+(?:_[A-Z]+)*", path.read_text(encoding="utf-8"))
    }

    assert sorted(set(re.findall(r"(?m)^\| `(TOCSIN_[A-Z_]+)` \|", page))) == sorted(read)
