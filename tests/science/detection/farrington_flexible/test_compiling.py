from collections.abc import Callable
from typing import Any

from tocsin.science.detection.farrington_flexible.compiling import (
    compiled_and_kept,
    derive_fingerprint,
)


def double(value: float) -> float:
    return 2.0 * value


def test_where_nothing_can_be_written_the_function_is_compiled_all_the_same() -> None:
    asked: list[bool] = []

    def jit_without_place(*, cache: bool = False, **_options: Any) -> Callable[..., Any]:
        asked.append(cache)
        if cache:
            # What numba says where neither the module nor the user has a cache.
            raise RuntimeError("cannot cache function 'double': no locator available")
        return lambda function: function

    assert compiled_and_kept(double, jit=jit_without_place)(4.0) == 8.0
    assert asked == [True, False]


def test_the_fingerprint_stays_while_the_sources_do() -> None:
    assert derive_fingerprint() == derive_fingerprint()
