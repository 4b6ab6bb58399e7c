"""Systematic names are read by OPSIN where it is installed, and never where it doubts."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.substances import systematic_names
from tocsin.substances.systematic_names import SystematicNameReader, find_opsin


@pytest.fixture(scope="module")
def reader() -> Iterator[SystematicNameReader]:
    command = find_opsin()
    if command is None:
        pytest.skip("neither Java nor the extra curate is installed")
    with SystematicNameReader(command) as made:
        yield made


@pytest.mark.parametrize(
    ("name", "smiles"),
    [
        ("1-phenylpropan-2-amine", "C1(=CC=CC=C1)CC(C)N"),
        ("α‐methylphenethylamine", "CC(CC1=CC=CC=C1)N"),
        ("fluoroamphetamine", None),
        ("bromodimethoxyphenethylamine", None),
        ("xyzzy-2-nothing", None),
        ("2-" + "methyl" * 80, None),
        ("(" * 400, None),
        ("1-фенил", None),
        ("", None),
        ("1-phenyl\npropane", "C1(=CC=CC=C1)CCC"),
    ],
)
def test_only_a_name_of_one_structure_is_read(
    reader: SystematicNameReader, name: str, smiles: str | None
) -> None:
    reader.read("ethane")
    started = time.perf_counter()
    assert reader.read(name) == smiles
    assert time.perf_counter() - started < 2.0


def test_a_reader_that_was_closed_reads_again(reader: SystematicNameReader) -> None:
    assert reader.read("1-phenylpropane") == "C1(=CC=CC=C1)CCC"
    reader.close()
    reader.close()
    assert reader.read("1-phenylpropane") == "C1(=CC=CC=C1)CCC"


def test_without_opsin_no_name_is_read() -> None:
    with SystematicNameReader(None) as reader:
        reader.start()
        assert reader.read("1-phenylpropane") is None


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("", id="ends at once"),
        pytest.param("print('smiles\\tethane', flush=True); input(); input()", id="ends later"),
        pytest.param("import time; time.sleep(60)", id="never answers"),
        pytest.param(
            "import time; print('C\\tethane', flush=True); time.sleep(60)", id="stops answering"
        ),
    ],
)
def test_a_process_that_fails_reads_no_name_and_holds_nobody_up(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systematic_names, "SECONDS_FOR_THE_START", 1.0)
    monkeypatch.setattr(systematic_names, "SECONDS_FOR_A_NAME", 0.3)
    with SystematicNameReader([sys.executable, "-c", program]) as reader:
        for _attempt in range(2):
            started = time.perf_counter()
            assert reader.read("1-phenylpropane") is None
            assert time.perf_counter() - started < 2.0


def test_opsin_is_found_only_with_java_and_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_opsin() is None
