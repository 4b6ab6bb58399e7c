"""``tocsin tools detect`` as its user meets it."""

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.commands import app
from tocsin.cli.tools import held_series
from tocsin.errors import ConfigurationError, DetectionInputError, TocsinError
from tocsin.science.detection.ears import EarsSettings, detect_ears

HEADING = "dataset,unit,k,date,freq,epochAsDate,observed,population,state"
COLUMNS = [
    "dataset", "unit", "setting", "k", "epoch", "observed", "expected", "upperbound", "alarm",
    "score", "pvalue", "phi", "mu0Vector", "trend", "trendVector",
]  # fmt: skip
OBSERVED = [1, 0, 2, 1, 1, 0, 1, 2, 9, 0, 1, 1]


def write_series(folder: Path, observed: list[int] = OBSERVED, *, by_day: str = "FALSE") -> Path:
    path = folder / "series.csv"
    first = np.datetime64("2001-01-01")
    lines = [
        f"m1,total,{k},{first + 7 * (k - 1)},52,{by_day},{count},1,0"
        for k, count in enumerate(observed, start=1)
    ]
    path.write_text("\n".join([HEADING, *lines, ""]), encoding="utf-8")
    return path


def write_counts(folder: Path) -> Path:
    path = folder / "ohio.csv"
    lines = [f"xylazine,{np.datetime64('2024-01-03') + 7 * week},{week % 3}" for week in range(40)]
    path.write_text("\n".join(["series,date,count", *lines, "new,2024-09-04,1", ""]))
    return path


def detect(*arguments: object, error: type[TocsinError] | None = None) -> Result:
    result = CliRunner().invoke(app, ["tools", "detect", *map(str, arguments)])
    if error is None:
        assert result.exit_code == 0, result.output
    else:
        assert isinstance(result.exception, error)
    return result


def read(path: Path) -> list[dict[str, str]]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", newline="") as stream:
        return list(csv.DictReader(stream))


def test_judged_weeks_stand_in_the_columns_of_the_reference(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"

    result = detect(write_series(tmp_path), "--method", "ears-c1", "--out", out)

    judged = detect_ears(np.array([OBSERVED]), EarsSettings("C1"))
    rows = read(out)
    assert list(rows[0]) == COLUMNS
    assert [(row["k"], row["epoch"], row["observed"]) for row in rows] == [
        (str(k), str(k), str(OBSERVED[k - 1])) for k in range(8, 13)
    ]
    assert [float(row["upperbound"]) for row in rows] == judged.thresholds[0, 7:].tolist()
    assert [float(row["score"]) for row in rows] == judged.scores[0, 7:].tolist()
    assert [row["alarm"] for row in rows] == ["0", "1", "0", "0", "0"]
    assert {(row["dataset"], row["unit"], row["setting"]) for row in rows} == {
        ("m1", "total", "default")
    }
    assert {row["phi"] + row["mu0Vector"] + row["trend"] + row["trendVector"] for row in rows} == {
        ""
    }
    assert "1 series judged, 5 weeks written" in result.output


def test_epoch_is_the_day_where_the_past_goes_by_days(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"

    detect(write_series(tmp_path, by_day="TRUE"), "--method", "ears-c1", "--out", out)

    assert [row["epoch"] for row in read(out)][:2] == ["2001-02-19", "2001-02-26"]


def test_months_are_judged_with_the_years_of_their_dataset(tmp_path: Path) -> None:
    series, settings, out = (tmp_path / name for name in ("in.csv", "settings.json", "out.csv"))
    observed = np.random.default_rng(5).poisson(20, size=84)
    lines = [
        f"rota,all,{k},{np.datetime64('2001-01') + k - 1}-01,12,TRUE,{count},1,0"
        for k, count in enumerate(observed, start=1)
    ]
    series.write_text("\n".join([HEADING, *lines, ""]))
    settings.write_text(json.dumps({"nb": {"noPeriods": 1, "w": 1}, "_b": {"rota": 4}}))

    detect(series, "--method", "farrington-flexible", "--settings", settings, "--out", out)

    rows = read(out)
    assert {row["setting"] for row in rows} == {"nb"}
    # As in R, four years lie before the first judged month, and the oldest window may lack one.
    assert (rows[0]["k"], rows[0]["epoch"]) == ("49", "2005-01-01")
    assert len(rows) == 84 - 48
    assert all(float(row["phi"]) >= 1 for row in rows)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    out = tmp_path / ("o" * 250 + ".csv")

    result = detect(
        write_series(tmp_path), "--method", "ears-c1", "--out", out, error=ConfigurationError
    )

    assert "cannot be written" in str(result.exception)


@pytest.mark.shared
def test_numbers_are_those_of_r_where_farrington_runs_on_its_series(
    shared: Path, tmp_path: Path
) -> None:
    folder, out = shared / "data/detection", tmp_path / "out.csv.gz"

    detect(
        folder / "series.csv.gz", "--method", "farrington-flexible",
        "--settings", folder / "settings.json", "--setting", "flex_p05_nb_nolim", "--out", out,
    )  # fmt: skip

    key = ("dataset", "unit", "setting", "k")
    found = {tuple(row[name] for name in key): row for row in read(out)}
    reference = [
        row
        for row in read(folder / "farrington_core.csv.gz")
        if row["setting"] == "flex_p05_nb_nolim"
    ]
    assert len(reference) == 7_797
    for row in reference:
        ours = found[tuple(row[name] for name in key)]
        assert [ours[name] for name in ("epoch", "observed", "alarm", "trend")] == [
            row[name] for name in ("epoch", "observed", "alarm", "trend")
        ]
        for name in ("expected", "upperbound", "pvalue", "phi", "mu0Vector"):
            assert float(ours[name]) == pytest.approx(float(row[name]), rel=1e-7, abs=1e-9)


def test_a_long_file_of_counts_is_judged_by_weeks(tmp_path: Path) -> None:
    out = tmp_path / "out.csv.gz"

    result = detect(write_counts(tmp_path), "--counts", "--method", "emergence", "--out", out)

    rows = read(out)
    assert list(rows[0]) == [*COLUMNS, "signal"]
    assert {(row["dataset"], row["unit"]) for row in rows} == {
        ("ohio", "xylazine"),
        ("ohio", "new"),
    }
    signals = [
        (row["unit"], row["k"], row["epoch"], row["signal"]) for row in rows if row["signal"]
    ]
    assert signals == [
        ("xylazine", "2", "2024-01-08", "first-detection"),
        ("new", "36", "2024-09-02", "first-detection"),
    ]
    assert "39 weeks of a series without a row taken as zero" in result.stderr


def test_equal_input_gives_equal_bytes_however_it_is_divided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = write_counts(tmp_path)
    whole, divided = tmp_path / "whole.csv.gz", tmp_path / "divided.csv.gz"

    detect(series, "--counts", "--method", "sparse", "--out", whole)
    monkeypatch.setattr(held_series, "VALUES_PER_BLOCK", 1)
    detect(series, "--counts", "--method", "sparse", "--out", divided)

    assert divided.read_bytes() == whole.read_bytes()


def test_settings_are_taken_by_name(tmp_path: Path) -> None:
    settings, out = tmp_path / "settings.json", tmp_path / "out.csv"
    settings.write_text(json.dumps({"wide": {"minimum_sigma": 2.5}, "narrow": {}}))
    series = write_series(tmp_path)
    common = (series, "--method", "ears-c1", "--settings", settings, "--out", out)

    detect(*common, "--setting", "wide")

    expected = detect_ears(np.array([OBSERVED]), EarsSettings("C1", minimum_sigma=2.5))
    rows = read(out)
    assert {row["setting"] for row in rows} == {"wide"}
    assert [float(row["upperbound"]) for row in rows] == expected.thresholds[0, 7:].tolist()
    refused = detect(*common, error=DetectionInputError)
    assert "holds 2 settings; expected one of wide, narrow" in str(refused.exception)


def test_what_cannot_be_done_leaves_an_older_result_alone(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("older")
    series = write_series(tmp_path, [1, 2, -3])

    refused = detect(series, "--method", "ears-c1", "--out", out, error=DetectionInputError)

    assert "line 4, series m1/total, week k 3" in str(refused.exception)
    assert out.read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "series.csv"]


def test_the_series_are_never_overwritten(tmp_path: Path) -> None:
    series = write_series(tmp_path)
    before = series.read_bytes()

    detect(series, "--method", "ears-c1", "--out", series, error=ConfigurationError)
    detect(series, "--method", "ears-c1", "--out", tmp_path / "no/x", error=ConfigurationError)

    assert series.read_bytes() == before


def test_methods_are_listed_with_their_settings() -> None:
    listed = detect("--list-methods").output

    assert "ears-c1, version 1" in listed
    assert "    minimum_sigma = 0.0" in listed
    assert "variant" not in listed


def start(*arguments: object, home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tocsin.cli", "tools", "detect", *map(str, arguments)],
        env={**os.environ, "TOCSIN_HOME": str(home), "DJANGO_SETTINGS_MODULE": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_works_without_a_node_and_says_errors_in_one_line(tmp_path: Path) -> None:
    home, out = tmp_path / "home", tmp_path / "out.csv"
    series = write_series(tmp_path)

    done = start(series, "--method", "ears-c1", "--out", out, home=home)
    _said, told = done.communicate(timeout=60)
    assert (done.returncode, told.strip()) == (0, "")
    assert len(read(out)) == 5
    # A node would keep its database server's files there.
    assert [path.name for path in home.iterdir() if path.is_dir()] == []

    refused = start(series, "--method", "farington", "--out", out, home=home)
    _said, told = refused.communicate(timeout=60)
    assert refused.returncode == 1
    assert told.strip().startswith("tocsin: method 'farington': unknown; expected one of ")
    assert told.strip().count("\n") == 0


def test_stopped_with_ctrl_c_it_leaves_no_half_file(tmp_path: Path) -> None:
    series, out = tmp_path / "many.csv", tmp_path / "out.csv"
    with series.open("w") as stream:
        stream.write("series,date,count\n")
        for number in range(20_000):
            stream.write(f"s{number},2014-01-06,1\ns{number},2023-12-25,2\n")

    running = start(series, "--counts", "--method", "emergence", "--out", out, home=tmp_path / "h")
    deadline = time.monotonic() + 60
    while not (tmp_path / ".out.csv.partial").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)

    assert running.returncode == 130
    assert sorted(path.name for path in tmp_path.iterdir()) == ["h", "many.csv"]
