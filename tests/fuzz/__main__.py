"""Fuzz the readers that are named, or all of them, and then the API and the forms at length.

    python -m tests.fuzz [--seconds=N] [--examples=N] [TARGET …]

What is found is written to build/fuzz/TARGET; the inputs that reached new code are kept there for
the next run. Exit code 1 where anything was found.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ.setdefault("OMP_NUM_THREADS", "1")
django.setup()

from tests.fuzz.targets import TARGETS, list_kept  # noqa: E402  (Django must be set up first)

ROOT = Path(__file__).parents[2]
SECONDS = "30"
EXAMPLES = "200"
DOORS = {"api": "test_api.py", "forms": "test_forms.py"}
LONGEST_INPUT_BYTES = 20_000
MOST_MEMORY_MIB = 2_048


def main() -> None:
    options = dict(one[2:].split("=", 1) for one in sys.argv[1:] if one.startswith("--"))
    known = [*TARGETS, *DOORS]
    chosen = [one for one in sys.argv[1:] if not one.startswith("--")] or known
    unknown = [one for one in chosen if one not in known]
    if unknown or options.keys() - {"seconds", "examples"}:
        sys.exit(f"fuzz: expected --seconds=N, --examples=N and some of {', '.join(known)}")
    if importlib.util.find_spec("atheris") is None and set(chosen) & TARGETS.keys():
        sys.exit("fuzz: atheris is not installed; it is the extra `fuzz`, for Linux")
    failed = [
        name
        for name in chosen
        if (
            _fuzz_door(name, options.get("examples", EXAMPLES))
            if name in DOORS
            else _fuzz_reader(name, options.get("seconds", SECONDS))
        )
    ]
    sys.exit(f"fuzz: found something in {', '.join(failed)}" if failed else 0)


def _fuzz_reader(name: str, seconds: str) -> int:
    """Run atheris in a process of its own, as it ends the one it runs in."""
    folder = ROOT / "build" / "fuzz" / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    kept = [path.read_bytes() for path in list_kept(name)]
    for number, content in enumerate([*TARGETS[name].seeds(), *kept]):
        (corpus / f"seed-{number}").write_bytes(content)
    print(f"\n== {name}", flush=True)  # noqa: T201
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.fuzz.atheris_run",
            name,
            str(corpus),
            f"-max_total_time={seconds}",
            f"-max_len={LONGEST_INPUT_BYTES}",
            f"-rss_limit_mb={MOST_MEMORY_MIB}",
            f"-artifact_prefix={folder}/",
            "-timeout=60",
            "-print_final_stats=1",
            "-verbosity=0",
        ],
        cwd=ROOT,
        check=False,
    ).returncode


def _fuzz_door(name: str, examples: str) -> int:
    """Run the suite's own fuzz with more examples, and others each time."""
    print(f"\n== {name}", flush=True)  # noqa: T201
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"tests/fuzz/{DOORS[name]}"],
        cwd=ROOT,
        env={**os.environ, "TOCSIN_FUZZ_EXAMPLES": examples},
        check=False,
    ).returncode


if __name__ == "__main__":
    main()
