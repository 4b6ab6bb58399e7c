"""A workbook of 50,000 seizures into a node, counted by Tocsin and by Polars."""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.seizures import count_cases, frame, make_rows, write_workbook
from tocsin.node.postgres import EmbeddedCluster

EVENTS = int(os.environ.get("TOCSIN_BENCH_SEIZURES", "50000"))
Result = TypeVar("Result")


def run() -> None:
    """Print the seconds of the import, of the table, of what is published, and whether all agree."""
    home = Path(tempfile.mkdtemp(prefix="tocsin-bench-"))
    home.chmod(0o711)
    environment = {**os.environ, "TOCSIN_HOME": str(home)}
    try:
        rows = list(make_rows(EVENTS))
        write_workbook(home / "seizures.xlsx", rows)
        _tocsin(environment, "init", "--organisation", "Bench")
        _time("import", lambda: _tocsin(environment, "import", str(home / "seizures.xlsx")))
        made = _time(
            "aggregated table, with the start of the node",
            lambda: _tocsin(environment, "tables", "make", "2025", "--country", "IE"),
        )
        _time(
            "the same with small counts hidden",
            lambda: _tocsin(environment, "tables", "make", "2025", "--country", "IE", "--public"),
        )
        file = home / "table.csv"
        number = made.split(":")[0]
        _tocsin(environment, "tables", "write", number, "csv", str(file))
        peer = _time(
            "Polars, from the rows in memory",
            lambda: count_cases(frame(rows, "IE"), ["key", "form", "by"]),
        )
        ours = _read(file)
        agree = {key: ours[key] for key in peer} == peer
        print(f"{len(peer):,} cells above zero, equal: {agree}")
    finally:
        EmbeddedCluster(home).destroy()
        shutil.rmtree(home, ignore_errors=True)


def _read(file: Path) -> dict[tuple[str, ...], int]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return {
            (row["substance"], row["form"], row["authority"]): int(row["value"])
            for row in csv.DictReader(stream)
            if row["indicator"] == "SEIZURES" and row["value"]
        }


def _time(name: str, step: Callable[[], Result]) -> Result:
    began = time.perf_counter()
    result = step()
    print(f"{name}: {time.perf_counter() - began:.1f} s")
    return result


def _tocsin(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tocsin.cli", *arguments],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
