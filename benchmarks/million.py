"""A file of 1,000,000 rows into a node, and its pages afterwards.

The import stands beside PostgreSQL's own COPY of the same file into a bare table, which checks,
resolves and journals nothing. Pages are asked for over HTTP by a logged-in analyst.
"""

import csv
import http.cookiejar
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from datetime import date, timedelta
from pathlib import Path

import psycopg

from tocsin.node.postgres import EmbeddedCluster

ROWS = int(os.environ.get("TOCSIN_BENCH_ROWS", "1000000"))
PORT = 8791
PASSWORD = "a-long-benchmark-password"  # noqa: S105  (of a node that is thrown away)
REQUESTS = 15
SUBSTANCES = (
    "Cocaine", "Heroin", "MDMA", "Ketamine", "Fentanyl", "Xylazine", "Bromazolam", "3-MMC",
    "Metonitazene", "Protonitazene", "Etizolam", "Amphetamine", "unknown powder 7",
)  # fmt: skip
COUNTRIES = ("AT", "DE", "FR", "ES", "IT", "PL", "NL", "BE", "SE", "FI", "EE", "LT", "IE", "PT")


def run() -> None:
    """Print rows a second, peak memory, and the median answer of Overview and Signals."""
    home = Path(tempfile.mkdtemp(prefix="tocsin-bench-"))
    home.chmod(0o711)
    environment = {**os.environ, "TOCSIN_HOME": str(home)}
    try:
        file = home / "million.csv"
        _write_file(file)
        _tocsin(environment, "init", "--administrator", "bench", "--password-stdin", typed=PASSWORD)
        _measure_import(environment, home, file)
        _measure_pages(environment)
    finally:
        EmbeddedCluster(home).destroy()
        shutil.rmtree(home, ignore_errors=True)


def _write_file(file: Path) -> None:
    chance = random.Random(20250613)
    first = date.today() - timedelta(weeks=312)  # noqa: DTZ011  (any recent day does)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("reference", "event type", "event date", "country", "region", "substance"))
        for number in range(ROWS):
            country = chance.choice(COUNTRIES)
            writer.writerow(
                (
                    f"B-{number:08d}",
                    "seizure",
                    (first + timedelta(days=chance.randrange(312 * 7))).isoformat(),
                    country,
                    f"{country}{chance.randrange(1, 6)}0",
                    chance.choice(SUBSTANCES),
                )
            )


def _measure_import(environment: dict[str, str], home: Path, file: Path) -> None:
    began = time.perf_counter()
    _tocsin(environment, "import", str(file), "--profile", "generic", "--json")
    ours = time.perf_counter() - began
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    peer = _measure_copy(home, file)
    print(f"tocsin import: {ours:8.1f} s, {ROWS / ours:10,.0f} rows/s, peak {peak_mib:,.0f} MiB")
    print(f"bare COPY:     {peer:8.1f} s, {ROWS / peer:10,.0f} rows/s (no checks, no journal)")
    print(f"ratio: {ours / peer:,.1f} times the peer's time; peak under 1 GiB: {peak_mib < 1024}")
    began = time.perf_counter()
    _tocsin(environment, "detect", "--json")
    print(f"tocsin detect: {time.perf_counter() - began:8.1f} s (counts and signals of all rows)")


def _measure_copy(home: Path, file: Path) -> float:
    cluster = EmbeddedCluster(home)
    with cluster.running():
        address = cluster.address(user="postgres", name="postgres")
        with psycopg.connect(**address.for_psycopg()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE bare (a text, b text, c date, d text, e text, f text)"
            )
            began = time.perf_counter()
            with (
                file.open("rb") as stream,
                cursor.copy("COPY bare FROM STDIN WITH (FORMAT csv, HEADER)") as copy,
            ):
                while piece := stream.read(1 << 20):
                    copy.write(piece)
            return time.perf_counter() - began


def _measure_pages(environment: dict[str, str]) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "tocsin.cli", "serve", "--port", str(PORT)],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_healthy()
        opener = _log_in()
        for path in ("/", "/signals/"):
            seconds = []
            for _request in range(REQUESTS):
                began = time.perf_counter()
                with opener.open(f"http://127.0.0.1:{PORT}{path}") as answer:
                    answer.read()
                seconds.append(time.perf_counter() - began)
            median_ms = statistics.median(seconds) * 1000
            print(f"{path:<12} median {median_ms:6.0f} ms; under 300 ms: {median_ms < 300}")
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait_until_healthy() -> None:
    for _attempt in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthy") as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("benchmark: the node does not answer; expected it within a minute")


def _log_in() -> urllib.request.OpenerDirector:
    opener = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    address = f"http://127.0.0.1:{PORT}/accounts/login/"
    with opener.open(address) as answer:
        page = answer.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if token is None:
        sys.exit("benchmark: the log-in page has no form; expected one")
    fields = {"csrfmiddlewaretoken": token[1], "login": "bench", "password": PASSWORD}
    with opener.open(address, urllib.parse.urlencode(fields).encode()) as answer:
        answer.read()
    return opener


def _tocsin(environment: dict[str, str], *arguments: str, typed: str = "") -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tocsin.cli", *arguments],
        env=environment,
        input=typed + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        sys.exit(f"benchmark: tocsin {arguments[0]} failed: {result.stderr[-500:]}")
