"""The command line as its user meets it: real processes, a real node in an empty folder."""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from waitress.proxy_headers import proxy_headers_middleware

from tocsin.cli.commands import app
from tocsin.cli.node import derive_proxy_settings
from tocsin.node.postgres import EmbeddedCluster

FILE = """\
reference,event type,event date,country,region,substance,specimen,amount,unit
C-1,seizure,2024-03-04,AT,AT13,Protonitazene,tablet,12,tablets
C-2,seizure,2024-03-05,AT,AT13,Xylazine,powder,0.8,g
C-3,seizure,2024-02-31,AT,AT13,Xylazine,powder,0.8,g
C-4,collected sample,2024-03-06,AT,AT13,Protonitazeen,powder,0.4,g
"""


class Node:
    """A node in a folder of its own, reached through its command only."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str, code: int = 0, typed: str = "") -> str:
        environment = {**os.environ, "TOCSIN_HOME": str(self.home), "COLUMNS": "200"}
        result = subprocess.run(
            [sys.executable, "-m", "tocsin.cli", *arguments],
            env=environment,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == code, result.stderr[-2_000:]
        assert "Traceback" not in result.stderr
        return (
            result.stdout if code in {0, 2} and not result.stderr else result.stdout + result.stderr
        )

    def read(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    made = Node(tmp_path_factory.mktemp("node") / "home")
    made.home.mkdir()
    # Kept running meanwhile: each command would otherwise start and stop the server.
    with EmbeddedCluster(made.home, durable=False).running():
        made.run("init", "--organisation", "Focal Point of X", "--country", "xx")
        yield made


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "week.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


PROBLEM = {
    "row": 4,
    "column": "event date",
    "code": "bad-date",
    "found": "2024-02-31",
}


def test_a_file_goes_in_once_and_is_detected_saved_and_brought_back(
    node: Node, file: Path, tmp_path: Path
) -> None:
    checked = node.read("import", str(file), "--dry-run", code=2)
    first = node.read("import", str(file), code=2)
    second = node.read("import", str(file), code=2)

    assert {key: value for key, value in first["errors"][0].items() if key != "expected"} == PROBLEM
    counts = ("rows", "accepted", "duplicates", "refused", "unresolved")
    assert [checked[key] for key in counts] == [4, 3, 0, 1, 1]
    assert [first[key] for key in counts] == [4, 3, 0, 1, 1]
    assert [second[key] for key in counts] == [4, 0, 3, 1, 0]

    replayed = node.read("detect", "--replay")
    assert [(one["kind"], one["substance"], one["on"]) for one in replayed] == [
        ("first-detection", "Protonitazene", "2024-03-04"),
        ("first-detection", "Xylazine", "2024-03-05"),
    ]
    assert set(replayed[0]) == {
        "kind", "substance", "place", "matrix", "on", "reason", "method", "series",
    }  # fmt: skip
    assert node.read("detect", "--replay", "--from", "2024-03-05") == replayed[1:]
    emerged = node.read("detect", "--replay", "--method", "emergence")
    assert [(one["kind"], one["on"]) for one in emerged] == [
        (one["kind"], one["on"]) for one in replayed
    ]
    signals = node.read("signals")
    assert [one["reason"] for one in signals] == [one["reason"] for one in reversed(replayed)]

    before = node.read("journal", "verify")
    archive = tmp_path / "node.tar"
    spectra = b"188.1 999"
    digest = hashlib.sha256(spectra).hexdigest()
    kept = Path("files") / digest[:2] / digest
    (node.home / kept).parent.mkdir(parents=True, exist_ok=True)
    (node.home / kept).write_bytes(spectra)
    node.run("backup", str(archive))
    copy = Node(tmp_path / "copy")
    copy.run("restore", str(archive))
    assert (copy.home / kept).read_bytes() == spectra
    assert copy.read("detect", "--replay") == replayed
    assert copy.read("import", str(file), code=2)["duplicates"] == 3
    after = copy.read("journal", "verify")
    assert before["intact"]
    assert after["intact"]
    assert "expected an empty node, or --replace" in copy.run("restore", str(archive), code=1)

    # A restored journal must be as closed to the application as the first one.
    looked_at = {one["what"]: one["well"] for one in copy.read("doctor", code=1)}
    assert [what for what, is_well in looked_at.items() if not is_well] == [
        "Organisation and people"
    ]
    copy.run("init", "--administrator", "ada", "--password-stdin", typed="a long password\n")
    assert all(one["well"] for one in copy.read("doctor"))


def test_a_damaged_backup_takes_nothing_away(node: Node, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text('{"format": "tocsin-backup-1"}')
    dump = tmp_path / "database.dump"
    dump.write_bytes(b"PGDMP" + bytes(1_000))
    damaged, cut = tmp_path / "damaged.tar", tmp_path / "cut.tar"
    with tarfile.open(damaged, "w") as archive:
        archive.add(manifest, arcname=manifest.name)
        archive.add(dump, arcname=dump.name)
    node.run("backup", str(tmp_path / "whole.tar"))
    cut.write_bytes((tmp_path / "whole.tar").read_bytes()[:-200_000])
    before = node.read("journal", "verify")
    assert "pg_restore: failed" in node.run("restore", "--replace", str(damaged), code=1)
    for path in (cut, dump):
        assert "expected a whole one" in node.run("restore", "--replace", str(path), code=1)
    assert node.read("journal", "verify") == before


def test_a_real_node_is_never_made_the_demonstration(node: Node) -> None:
    before = node.read("journal", "verify")
    for arguments in (("demo",), ("demo", "--reset")):
        assert "is no demonstration" in node.run(*arguments, code=1)
    assert node.read("journal", "verify") == before


def test_who_asks_is_learnt_from_the_named_proxy_only() -> None:
    def ask(trusted_proxy: str) -> tuple[str, str, bool]:
        environ = {
            "REMOTE_ADDR": "192.0.2.1",
            "wsgi.url_scheme": "http",
            "HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7",
            "HTTP_X_FORWARDED_PROTO": "https",
            "HTTP_HOST": "node.example",
            "SERVER_PORT": "8765",
        }
        seen: dict[str, Any] = {}
        settings = derive_proxy_settings(trusted_proxy)
        proxy_headers_middleware(
            lambda given, _start: seen.update(given) or [],
            trusted_proxy=settings.get("trusted_proxy"),
            trusted_proxy_count=settings.get("trusted_proxy_count", 1),
            trusted_proxy_headers=settings.get("trusted_proxy_headers"),
            clear_untrusted=settings["clear_untrusted_proxy_headers"],
        )(environ, lambda *_given: None)
        return (
            seen["REMOTE_ADDR"], seen["wsgi.url_scheme"], "HTTP_X_FORWARDED_FOR" in seen
        )  # fmt: skip

    assert ask("") == ("192.0.2.1", "http", False)
    assert ask("192.0.2.2") == ("192.0.2.1", "http", False)
    assert ask("192.0.2.1")[:2] == ("198.51.100.7", "https")


def test_a_text_is_resolved_or_offered_to_a_person(node: Node) -> None:
    held, offered = node.read("resolve", "437-38-7", "fentanil", code=2)
    assert (held["tier"], held["substance"]) == (
        "identifier",
        {"key": "fentanyl", "name": "Fentanyl"},
    )
    assert (offered["tier"], offered["substance"]) == ("fuzzy", None)
    assert offered["candidates"][0]["key"] == "fentanyl"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("--profile", "nosuch"), "profile 'nosuch': not found", id="profile"),
        pytest.param(("--share-with", "nobody"), "organisation 'nobody': not found", id="audience"),
        pytest.param(("--as", "nobody"), "person 'nobody': not found", id="person"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    node: Node, file: Path, arguments: tuple[str, ...], said: str
) -> None:
    answer = node.run("import", str(file), *arguments, code=1)
    assert said in answer
    assert answer.count("\n") == 1


def test_a_column_of_personal_data_is_refused_and_nothing_kept(node: Node, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("reference,patient name,substance\nC-9,J. Doe,Xylazine\n", encoding="utf-8")
    answer = node.run("import", str(path), code=1)
    assert "column 'patient name': looks like" in answer
    assert "Doe" not in answer
    assert not list(node.home.glob(f"files/**/*{path.suffix}*doe*"))


@pytest.mark.parametrize(
    "command",
    [
        "init", "serve", "demo", "import", "detect", "resolve", "signals", "alerts", "journal",
        "backup", "restore", "doctor",
    ],
)  # fmt: skip
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"{command} [" in result.output


def test_packages_are_listed_and_one_that_is_not_held_is_told(node: Node) -> None:
    assert node.read("packages", "list") == []
    assert "package EDAS-AT-2026-0001: not found" in node.run(
        "packages", "export", "EDAS-AT-2026-0001", code=1
    )


def test_setting_up_again_renames_the_organisation(node: Node) -> None:
    node.run("init", "--key", "focal-point", "--organisation", "Focal Point of Y")
    assert "The node of Focal Point of Y is ready" in node.run("init")
    entry = node.read("journal", "list", "--action", "organisation.changed", "--limit", "1")[0]
    assert entry["record"] == "organisation focal-point"


def test_identities_are_merged_split_resolved_and_taken_back(node: Node, tmp_path: Path) -> None:
    rows = tmp_path / "identities.csv"
    rows.write_text(
        "reference,event_type,date,country,substance\n"
        "I-1,seizure,2024-03-06,AT,fluorofentanyl\nI-2,seizure,2024-03-06,AT,flualprazolam\n"
    )
    node.run("import", str(rows))
    group = "fluorofentanyl-isomer-undetermined"

    would = node.run(
        *("substances", "merge", "flualprazolam", "etizolam", "--reason", "a trial", "--dry-run")
    )
    assert "1 findings in 1 reports would follow" in would
    merged = node.read("substances", "merge", "flualprazolam", "etizolam", "--reason", "a trial")
    assert (merged["kind"], merged["into"], merged["followed"]) == ("merged", "etizolam", 1)
    assert node.read("resolve", "flualprazolam")[0]["substance"]["key"] == "etizolam"
    back = node.read("substances", "undo-merge", "flualprazolam", "--reason", "it was none")
    assert (back["undoes"], back["followed"]) == (merged["event"], 1)
    split = node.read(
        *("substances", "split", "flualprazolam", "etizolam", "--spelling", "flualprazolam"),
        *("--reason", "a trial"),
    )
    assert (split["kind"], split["names"], split["followed"]) == ("split", [], 1)
    resolved = node.read(
        *("substances", "resolve-group", group, "para-fluorofentanyl", "--reference", "I-1"),
        *("--reason", "NMR"),
    )
    assert resolved["followed"] == 1
    number = str(resolved["event"])
    node.run("substances", "undo-resolution", number, "--reason", "another sample")
    history = node.read("substances", "history", group)
    assert history["stands_for"] == group
    assert [one["undoes"] for one in history["events"]] == [resolved["event"], None]
    assert "not found" in node.run(
        *("substances", "split", group, "etizolam", "--name", "nothing", "--reason", "x"), code=1
    )
