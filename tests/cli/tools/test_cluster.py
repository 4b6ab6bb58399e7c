"""The same work on a real cluster: one scheduler and two workers, processes of this machine."""

import logging
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tocsin.cli.commands import app
from tocsin.cli.tools import held_series
from tocsin.cli.tools.cluster import judge_on_cluster
from tocsin.errors import ConfigurationError, DetectionInputError
from tocsin.science.detection.methods import SeriesBlock

distributed = pytest.importorskip(
    "distributed", reason="the extra `cluster` (package distributed) is not installed"
)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with warnings.catch_warnings():
        # What the packages of the cluster say of one another is not ours to mend.
        warnings.simplefilter("ignore")
        with distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as cluster:
            yield cluster.scheduler_address


def write_counts(folder: Path) -> Path:
    path = folder / "week.csv"
    rows = [
        f"s{series},2024-{1 + month:02d}-01,{series + month}"
        for series in range(9)
        for month in range(12)
    ]
    path.write_text("\n".join(["series,date,count", *rows, ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize("method", ["ears-c1", "emergence"])
def test_a_cluster_writes_the_very_same_file(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(held_series, "VALUES_PER_BLOCK", 100)
    series = write_counts(tmp_path)
    arguments = ["tools", "detect", str(series), "--counts", "--method", method, "--out"]
    alone, together = tmp_path / "alone.csv", tmp_path / "together.csv"

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = CliRunner().invoke(app, [*arguments, str(alone)])
        many = CliRunner().invoke(app, [*arguments, str(together), "--scheduler", scheduler])

    assert (one.exit_code, many.exit_code) == (0, 0), many.exception
    assert len(alone.read_text().splitlines()) > 100
    assert together.read_bytes() == alone.read_bytes()


def test_what_a_method_refuses_comes_back_as_its_own_error(scheduler: str) -> None:
    block = SeriesBlock(names=("a",), counts=np.array([[-1]]))

    with pytest.raises(DetectionInputError, match="series 0, week 0: found -1"):
        list(judge_on_cluster(scheduler, "spike-rule", [(block, None)]))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("127.0.0.1:8786", "is no address of one; expected tcp://HOST:PORT"),
        ("tcp://127.0.0.1:1", "does not answer; expected a Dask scheduler there"),
    ],
)
def test_a_scheduler_that_is_none_is_named(
    monkeypatch: pytest.MonkeyPatch, address: str, message: str
) -> None:
    monkeypatch.setattr("tocsin.cli.tools.cluster._CONNECT_SECONDS", "1s")
    nothing: list[tuple[SeriesBlock, Any]] = []

    with pytest.raises(ConfigurationError, match=message):
        list(judge_on_cluster(address, "spike-rule", nothing))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(ConfigurationError, match=r"expected the extra `cluster`"):
        list(judge_on_cluster("tcp://127.0.0.1:1", "spike-rule", []))


def test_a_cluster_classifies_structures_as_this_machine_does(
    scheduler: str, tmp_path: Path
) -> None:
    path = tmp_path / "structures.smi"
    path.write_text("CCO ethanol\nC1CC( broken\n" * 300, encoding="utf-8")
    arguments = ["tools", "classify", str(path), "--as-of", "2025-12-31", "--json"]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = CliRunner().invoke(app, [*arguments, "--processes", "1"])
        many = CliRunner().invoke(app, [*arguments, "--scheduler", scheduler])

    assert (one.exit_code, many.exit_code) == (0, 0), many.exception
    assert len(one.stdout.splitlines()) == 600
    assert many.stdout == one.stdout
