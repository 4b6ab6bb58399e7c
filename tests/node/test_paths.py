import os
import stat
from pathlib import Path

import pytest

from tocsin.errors import ConfigurationError
from tocsin.node.paths import get_secret_key, get_subfolder, get_tocsin_home


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_home_is_the_folder_the_environment_names_and_closed(tmp_path: Path) -> None:
    home = get_tocsin_home({"TOCSIN_HOME": str(tmp_path / "deep" / "node")})

    assert home == tmp_path / "deep" / "node"
    # Root's home lets the user of the database server pass, and shows no names.
    assert permissions(home) == (0o711 if os.geteuid() == 0 else 0o700)


def test_home_without_a_name_is_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert get_tocsin_home({}) == tmp_path / "tocsin"


def test_home_that_exists_keeps_its_permissions(tmp_path: Path) -> None:
    home = tmp_path / "node"
    home.mkdir()
    home.chmod(0o750)

    get_tocsin_home({"TOCSIN_HOME": str(home)})

    assert permissions(home) == 0o750


def test_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(ConfigurationError, match=r"taken/node: cannot be made"):
        get_tocsin_home({"TOCSIN_HOME": str(tmp_path / "taken" / "node")})


def test_subfolder_is_closed(tmp_path: Path) -> None:
    assert permissions(get_subfolder(tmp_path, "files")) == 0o700


def test_secret_key_is_made_once_and_closed(tmp_path: Path) -> None:
    key = get_secret_key(tmp_path)

    assert get_secret_key(tmp_path) == key
    assert len(key) >= 64
    assert permissions(tmp_path / "secret_key") == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_empty_secret_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()

    with pytest.raises(ConfigurationError, match=r"secret_key: is empty"):
        get_secret_key(tmp_path)
