"""One real PostgreSQL for the whole run, used in the application's ordinary role."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import hypothesis
import pytest

# A run in the background of a shell is deaf to Ctrl-C, and so would be the processes tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says something of the machine only.
hypothesis.settings.register_profile("tocsin", deadline=None)
hypothesis.settings.load_profile("tocsin")

SHARED = Path(__file__).parents[2] / "shared"


collect_ignore = ["fuzz/atheris_run.py"]
"""Needs atheris, which only `make fuzz` installs."""


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference data beside the checkout; the test is skipped where they are absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the reference data (../shared) are not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A migrated database with the register loaded; each test's changes are rolled back."""
    from tests.database import prepare_database  # noqa: PLC0415  (Django must be set up first)

    with django_db_blocker.unblock(), prepare_database():  # type: ignore[attr-defined]
        yield


@pytest.fixture(scope="module")
def module_db(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """One transaction around all tests of a module, for rows that each of them begins with.

    A fixture of the module writes them within the block that this returns, once. What a test
    changes is rolled back after it as ever, the rows themselves after the module.
    """
    from tests.database import begin, roll_back, write  # noqa: PLC0415  (Django must be set up first)

    @contextmanager
    def write_rows() -> Iterator[None]:
        with django_db_blocker.unblock(), write():  # type: ignore[attr-defined]
            yield

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        transaction = begin()
    yield write_rows
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        roll_back(transaction)


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the test's own, for tests that commit, crash or run in several processes."""
    from tests.database import copy_database  # noqa: PLC0415  (Django must be set up first)

    with django_db_blocker.unblock(), copy_database() as name:  # type: ignore[attr-defined]
        yield name
