"""The readers that ``make fuzz`` searches at length, with some inputs each time and all kept ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.bounds import bounded
from tests.fuzz.edits import Choices, edit_bytes, edit_document
from tests.fuzz.targets import BUNDLE, KEPT, TARGETS, list_kept, run

EXAMPLES = 8


@pytest.mark.parametrize("name", TARGETS)
def test_reader_fails_at_nothing(name: str) -> None:
    """It refuses with an error of its own, within the time that any input may take."""
    seeds = TARGETS[name].seeds()

    @bounded(EXAMPLES)
    @given(seed=st.sampled_from(seeds), steps=st.binary(max_size=20), plain=st.binary(max_size=99))
    def read(seed: bytes, steps: bytes, plain: bytes) -> None:
        run(name, edit_bytes(seed, Choices(steps)))
        run(name, plain)

    for seed in seeds:
        run(name, seed)
    read()


@pytest.mark.parametrize("name", TARGETS)
def test_reader_takes_what_once_was_a_fault(name: str) -> None:
    for path in list_kept(name):
        run(name, path.read_bytes())


def test_every_kept_input_is_read() -> None:
    assert {path.name for path in KEPT.iterdir()} <= set(TARGETS)


@bounded(50)
@given(steps=st.binary(max_size=30))
def test_edits_are_the_same_for_the_same_bytes(steps: bytes) -> None:
    assert edit_document(BUNDLE, Choices(steps)) == edit_document(BUNDLE, Choices(steps))
    assert edit_bytes(b"a,b\n1,2\n", Choices(steps)) == edit_bytes(b"a,b\n1,2\n", Choices(steps))
