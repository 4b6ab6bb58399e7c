"""``tocsin detect``: what is refused before a node is opened."""

import pytest
from typer.testing import CliRunner

from tocsin.cli.commands import app
from tocsin.errors import ConfigurationError, DetectionInputError, TocsinError


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["--method", "emergence"], ConfigurationError, "--method: given without --replay"),
        (["--replay", "--method", "x"], DetectionInputError, "method 'x': unknown; expected one"),
    ],
)
def test_a_method_that_cannot_be_replayed_is_refused(
    arguments: list[str], error: type[TocsinError], message: str
) -> None:
    refused = CliRunner().invoke(app, ["detect", *arguments])

    assert isinstance(refused.exception, error)
    assert message in str(refused.exception)
