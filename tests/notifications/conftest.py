"""A focal point with a laboratory and a customs office, and reports to make packages of."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from copy import deepcopy

import pytest

from tests.api.conftest import Node, open_node


@pytest.fixture(scope="module")
def module_node(module_db: Callable[[], AbstractContextManager[None]]) -> Node:
    with module_db():
        return open_node()


@pytest.fixture
def node(module_node: Node, db: None) -> Node:
    """People: one for each role, nobody (no role), partner-analyst elsewhere; all with tokens."""
    return deepcopy(module_node)
