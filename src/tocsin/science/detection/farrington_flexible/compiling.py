"""Compiling to machine code: kept between runs where that can be written, without it elsewhere."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import numba

Compiled = TypeVar("Compiled", bound=Callable[..., Any])

# Without Python's lock; floating point as NumPy has it: a division by zero is no exception.
_OPTIONS: Final[Mapping[str, Any]] = {"nogil": True, "error_model": "numpy"}


def compiled(function: Compiled) -> Compiled:
    """Return a part of the compiled loop, compiled with what calls it."""
    made: Compiled = numba.njit(**_OPTIONS)(function)
    return made


def compiled_and_kept(function: Compiled, *, jit: Callable[..., Any] = numba.njit) -> Compiled:
    """Return the function compiled on its first call, with all parts that it calls.

    The result is kept beside the module or in the user's cache, and compiled anew in each process
    where neither can be written (a read-only installation without a home).
    """
    made: Compiled
    try:
        made = jit(cache=True, **_OPTIONS)(function)
    except RuntimeError:
        made = jit(**_OPTIONS)(function)
    return made


def derive_fingerprint() -> str:
    """Return what differs whenever a source file of this package does.

    Kept machine code is looked up by the file of the function alone; a function that holds this as
    well is compiled anew when a part of it in another file has changed.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
