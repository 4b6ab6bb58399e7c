import multiprocessing
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tocsin.errors import DatabaseUnavailableError
from tocsin.node.postgres import EmbeddedCluster, pg_binary

AS_ROOT = os.geteuid() == 0
SOURCES = Path(__file__).parents[2] / "src"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[EmbeddedCluster]:
    cluster = EmbeddedCluster(tmp_path, durable=False)
    yield cluster
    cluster.destroy()


def ask(cluster: EmbeddedCluster, statement: bytes) -> list[Any]:
    address = cluster.address(user="postgres", name="postgres")
    with psycopg.connect(**address.for_psycopg(), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


def server_process(cluster: EmbeddedCluster) -> int:
    return int((cluster.data_folder / "postmaster.pid").read_text().split()[0])


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def run_python(program: str, *arguments: Path, **options: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        env={"PYTHONPATH": str(SOURCES), "PATH": os.defpath},
        **options,
    )


USE_UNTIL_TOLD = """
import sys
from pathlib import Path
from tocsin.node.postgres import EmbeddedCluster
with EmbeddedCluster(Path(sys.argv[1]), durable=False).running():
    print("ready", flush=True)
    sys.stdin.readline()
"""


def test_server_runs_inside_the_block_only_and_keeps_its_rows(cluster: EmbeddedCluster) -> None:
    with cluster.running():
        assert cluster.is_running()
        ask(cluster, b"CREATE TABLE kept AS SELECT 7 AS number")
    assert not cluster.is_running()

    with cluster.running():
        assert ask(cluster, b"SELECT number FROM kept") == [7]


def test_server_listens_on_a_closed_socket_and_nowhere_else(cluster: EmbeddedCluster) -> None:
    with cluster.running():
        settings = ask(
            cluster,
            b"SELECT name || '=' || setting FROM pg_settings WHERE name IN ('data_checksums', "
            b"'jit', 'listen_addresses', 'log_min_error_statement', 'server_encoding', "
            b"'unix_socket_permissions') ORDER BY name",
        )
        folders = [cluster.folder, cluster.data_folder, cluster.socket_folder]
        closed = [permissions(folder) for folder in folders]

    assert settings == [
        "data_checksums=on",
        "jit=off",
        "listen_addresses=",
        "log_min_error_statement=panic",
        "server_encoding=UTF8",
        "unix_socket_permissions=0700",
    ]
    assert closed == [0o700, 0o700, 0o700]


def test_folder_opened_by_mistake_is_closed_at_the_next_start(cluster: EmbeddedCluster) -> None:
    with cluster.running():
        pass
    cluster.folder.chmod(0o755)

    with cluster.running():
        assert permissions(cluster.folder) == 0o700


def test_last_of_two_processes_to_leave_stops_the_server(
    cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    with run_python(USE_UNTIL_TOLD, tmp_path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        with cluster.running():
            started_by_other = server_process(cluster)
            other.communicate("leave\n", timeout=60)
            assert cluster.is_running()
            assert server_process(cluster) == started_by_other
    assert not cluster.is_running()


def test_processes_that_start_at_once_share_one_server(
    cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    others = [run_python(USE_UNTIL_TOLD, tmp_path) for _ in range(3)]
    outcomes = []
    for other in others:
        assert other.stdout is not None
        outcomes.append(other.stdout.readline())
    assert cluster.is_running()
    for other in others:
        other.communicate("leave\n", timeout=60)

    assert outcomes == ["ready\n"] * 3
    assert not cluster.is_running()
    assert cluster.log_path.read_text().count("ready to accept connections") == 1


def test_server_outlives_the_kill_of_its_only_process_and_is_found_again(
    cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    with run_python(USE_UNTIL_TOLD, tmp_path) as other:
        assert other.stdout is not None
        other.stdout.readline()
        running = server_process(cluster)
        other.kill()

    with cluster.running():
        assert server_process(cluster) == running
    assert not cluster.is_running()


def test_killed_server_comes_back_with_every_committed_row(cluster: EmbeddedCluster) -> None:
    with cluster.running():
        ask(cluster, b"CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
        killed = server_process(cluster)
        os.kill(killed, signal.SIGKILL)

        with cluster.running():
            assert server_process(cluster) != killed
            assert ask(cluster, b"SELECT count(*) FROM kept") == [1000]


def test_note_of_an_earlier_server_that_names_a_living_stranger_is_no_obstacle(
    cluster: EmbeddedCluster,
) -> None:
    with cluster.running():
        pass
    note = cluster.data_folder / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{cluster.data_folder}\n1\n5432\n\n\n\nready\n")

    with cluster.running():
        assert cluster.is_running()


def test_half_made_data_folder_is_made_again(cluster: EmbeddedCluster) -> None:
    with cluster.running():
        pass
    cluster.data_folder.rename(cluster.folder / "data.unfinished")

    with cluster.running():
        assert cluster.is_running()
    assert not (cluster.folder / "data.unfinished").exists()


def test_ctrl_c_while_waiting_does_not_reach_the_server(
    cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    with run_python(USE_UNTIL_TOLD, tmp_path, start_new_session=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with cluster.running():
            before = server_process(cluster)
            os.killpg(other.pid, signal.SIGINT)
            other.wait(timeout=60)
            assert server_process(cluster) == before
            assert cluster.is_running()


@pytest.mark.parametrize("delay_seconds", [0.15, 0.3, 0.5])
def test_ctrl_c_during_the_first_start_leaves_nothing_running(
    cluster: EmbeddedCluster, tmp_path: Path, delay_seconds: float
) -> None:
    with run_python(USE_UNTIL_TOLD, tmp_path, start_new_session=True) as other:
        time.sleep(delay_seconds)
        os.killpg(other.pid, signal.SIGINT)
        other.wait(timeout=60)

    assert not cluster.is_running()
    with cluster.running():
        assert cluster.is_running()


def test_home_with_a_long_path_gets_a_short_closed_socket_folder(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    home.mkdir()
    cluster = EmbeddedCluster(home, durable=False)
    try:
        with cluster.running():
            assert ask(cluster, b"SELECT 1") == [1]
            assert permissions(cluster.socket_folder) == 0o700
            assert cluster.socket_folder.parent == Path("/tmp")  # noqa: S108
    finally:
        cluster.destroy()
    assert not cluster.socket_folder.exists()


def test_socket_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    home = tmp_path / ("link" * 30)
    home.mkdir()
    cluster = EmbeddedCluster(home, durable=False)
    target = tmp_path / "elsewhere"
    target.mkdir()
    cluster.socket_folder.symlink_to(target)
    try:
        with (
            pytest.raises(DatabaseUnavailableError, match="expected a folder"),
            cluster.running(),
        ):
            pass
    finally:
        cluster.socket_folder.unlink()
        cluster.destroy()


def test_start_that_fails_says_why_in_plain_words(cluster: EmbeddedCluster) -> None:
    with cluster.running():
        pass
    version = cluster.data_folder / "PG_VERSION"
    version.write_text("12\n")

    with (
        pytest.raises(DatabaseUnavailableError, match="the data is of another PostgreSQL version"),
        cluster.running(),
    ):
        pass


def test_database_in_use_is_not_destroyed(cluster: EmbeddedCluster) -> None:
    with cluster.running():
        with pytest.raises(DatabaseUnavailableError, match="in use by another process"):
            EmbeddedCluster(cluster.home).destroy()
        assert cluster.is_running()


def test_destroyed_database_begins_empty(cluster: EmbeddedCluster) -> None:
    with cluster.running():
        ask(cluster, b"CREATE TABLE gone ()")
    held_in = cluster.folder
    cluster.destroy()
    assert not held_in.exists()

    with cluster.running():
        assert ask(cluster, b"SELECT to_regclass('gone')") == [None]


def hold_until_the_process_ends(home: Path) -> None:
    cluster = EmbeddedCluster(home, durable=False)
    cluster.ensure_running()
    os.kill(server_process(cluster), signal.SIGKILL)
    cluster.ensure_running()
    if ask(cluster, b"SELECT 1") != [1]:
        raise AssertionError


def test_server_held_by_a_process_stops_with_it(cluster: EmbeddedCluster, tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(
        target=hold_until_the_process_ends, args=(tmp_path,)
    )
    process.start()
    process.join(timeout=60)

    assert process.exitcode == 0
    assert not cluster.is_running()


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as another user")
def test_root_runs_the_server_as_a_user_without_rights_and_leaves_other_folders_alone(
    cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    above = [(path, path.stat().st_mode, path.stat().st_uid) for path in tmp_path.parents]
    with cluster.running():
        owner = Path(f"/proc/{server_process(cluster)}").stat().st_uid
        assert pwd.getpwuid(owner).pw_name == "tocsin-postgres"
        assert cluster.data_folder.stat().st_uid == owner

    # pytest's folders are closed, so the data lies where that user can get to.
    assert (tmp_path / "postgres").is_symlink()
    assert cluster.folder.parent == Path("/var/lib/tocsin/clusters")
    assert [(path, path.stat().st_mode, path.stat().st_uid) for path in tmp_path.parents] == above


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as another user")
def test_home_that_root_opened_to_passing_holds_its_database_itself() -> None:
    home = Path(tempfile.mkdtemp(prefix="tocsin-test-"))
    home.chmod(0o711)
    cluster = EmbeddedCluster(home, durable=False)
    try:
        with cluster.running():
            assert cluster.folder == home / "postgres"
            assert permissions(cluster.folder) == 0o700
        cluster.destroy()
    finally:
        shutil.rmtree(home)


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as another user")
def test_link_to_a_database_that_is_gone_is_not_taken_for_a_new_node(
    cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    (tmp_path / "postgres").symlink_to(tmp_path / "gone")

    with pytest.raises(DatabaseUnavailableError, match="which is gone"), cluster.running():
        pass


def use_as_ordinary_user(
    home: Path, user: str, ready: "Connection[Any, Any]", leave: "Connection[Any, Any]"
) -> None:
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    cluster = EmbeddedCluster(home, durable=False)
    with cluster.running():
        ready.send((cluster.folder, ask(cluster, b"SELECT 1")))
        leave.recv()


@pytest.mark.skipif(not AS_ROOT, reason="only root can become an ordinary user for a test")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_ordinary_user_has_all_of_it_in_the_home_and_others_are_kept_out() -> None:
    programs_stand_open = all(path.stat().st_mode & 0o001 for path in pg_binary("psql").parents)
    if not programs_stand_open:
        pytest.skip("an ordinary user cannot reach the programs of this installation")
    # A fork, since an ordinary user may not reach the interpreter either.
    context = multiprocessing.get_context("fork")
    (is_ready, ready), (leave, may_leave) = context.Pipe(False), context.Pipe(False)
    home = Path(tempfile.mkdtemp(prefix="tocsin-test-"))
    ordinary = pwd.getpwnam("nobody")
    os.chown(home, ordinary.pw_uid, ordinary.pw_gid)
    home.chmod(0o755)
    owner = context.Process(target=use_as_ordinary_user, args=(home, "nobody", ready, leave))
    try:
        owner.start()
        assert is_ready.poll(60)
        assert is_ready.recv() == (home / "postgres", [1])
        cluster = EmbeddedCluster(home)
        assert cluster.data_folder.stat().st_uid == ordinary.pw_uid
        stranger = subprocess.run(
            [pg_binary("psql"), "-h", cluster.socket_folder, "-U", "postgres", "-c", "SELECT 1"],
            user="daemon",
            group="daemon",
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Permission denied" in stranger.stderr
        # Root, who can do anything anyway, may back the node up while it runs.
        with cluster.running():
            assert ask(cluster, b"SELECT 1") == [1]
        may_leave.send("leave")
        owner.join(timeout=60)
        assert owner.exitcode == 0
        assert not cluster.is_running()
    finally:
        owner.kill()
        owner.join()
        EmbeddedCluster(home).destroy()
        shutil.rmtree(home)
        for end in (is_ready, ready, leave, may_leave):
            end.close()


def test_stranger_is_refused_by_the_server_even_where_the_folder_stands_open(
    cluster: EmbeddedCluster,
) -> None:
    with cluster.running():
        rules = (cluster.data_folder / "pg_hba.conf").read_text().splitlines()
        names = (cluster.data_folder / "pg_ident.conf").read_text().split()

    assert all(rule.endswith("peer map=tocsin") for rule in rules)
    server_user = pwd.getpwuid(cluster.data_folder.stat().st_uid).pw_name
    assert {name for name in names if name.startswith('"')} == {'"root"', f'"{server_user}"'}
