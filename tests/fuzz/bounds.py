"""How long a fuzz runs: little and always the same in the suite, at length and anew by hand."""

import os

from hypothesis import HealthCheck, settings

_WANTED = int(os.environ.get("TOCSIN_FUZZ_EXAMPLES", "0"))


def bounded(examples: int) -> settings:
    """Return the settings of a fuzz with so many examples, or as many as ``make fuzz`` asks for."""
    return settings(
        max_examples=_WANTED or examples,
        derandomize=not _WANTED,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
