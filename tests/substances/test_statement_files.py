"""The statements of the register say what they mean, and none of them is a name."""

from pathlib import Path

import pytest

from tocsin.errors import BadRegisterError
from tocsin.science.names import NameIndex
from tocsin.substances.formats.register_files import read_register
from tocsin.substances.formats.statement_files import (
    MEANINGS,
    STATEMENT_FILE,
    load_statements,
)

HEADING = "statement,language,meaning,source\n"


def test_the_registers_statements_are_read_once() -> None:
    statements = load_statements()
    assert load_statements() is statements
    assert len(statements) >= 400
    assert statements.find("No Controlled Drug Identified") == MEANINGS["nothing-found"]
    assert statements.find("nicht untersucht") == MEANINGS["not-analysed"]
    assert statements.find("fentanyl") is None


def test_no_statement_is_a_name_of_the_register() -> None:
    register = read_register()
    index = NameIndex(
        [(name.text, name.substance_key, name.kind) for name in register.names],
        preferred_names={one.key: one.name for one in register.substances},
    )
    assert [text for text in load_statements() if index.find(text)] == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("statement,meaning\n", "line 1"),
        (HEADING + "None,en,nothing,me\n", "line 2.*nothing"),
        (HEADING + " - ,en,nothing-found,me\n", "line 2"),
        (HEADING + "None,en,nothing-found,me\nNONE.,en,material,me\n", "line 3"),
        (HEADING + "None\n", "line 2"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / STATEMENT_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(BadRegisterError, match=said):
        load_statements(tmp_path)
