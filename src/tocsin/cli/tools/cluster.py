"""Work in portions on the machines of a Dask cluster (extra ``cluster``)."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from tocsin.errors import ConfigurationError, TocsinError
from tocsin.science.detection.judgements import Judgements
from tocsin.science.detection.methods import SeriesBlock, get_method, run_method

_ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:\d+")
_CONNECT_SECONDS = "10s"
_PORTIONS_PER_THREAD = 2
"""So many portions wait for each thread of the cluster: no thread is idle, and memory is bounded."""

_Result = TypeVar("_Result")


def judge_on_cluster(
    address: str, method: str, blocks: Iterable[tuple[SeriesBlock, Any]]
) -> Iterator[Judgements]:
    """Yield the judgements of blocks, each with its settings, in the order of the blocks.

    Raises as run_on_cluster, and ConfigurationError where a worker has another version.
    """
    expected = get_method(method).version
    portions = ((method, block, settings) for block, settings in blocks)
    for judgements in run_on_cluster(address, run_method, portions):
        if judgements.version != expected:
            raise ConfigurationError(
                f"cluster: a worker has version {judgements.version} of {method}; expected "
                f"{expected}, as here"
            )
        yield judgements


def run_on_cluster(
    address: str, work: Callable[..., _Result], portions: Iterable[tuple[Any, ...]]
) -> Iterator[_Result]:
    """Yield what work makes of each portion, its arguments, in the order of the portions.

    address: of the scheduler, as ``tcp://host:8786``; its workers must have this version of Tocsin.
    Raises ConfigurationError where the extra is missing or no scheduler answers, and whatever the
    work raises.
    """
    if not _ADDRESS.fullmatch(address):
        raise ConfigurationError(
            f"scheduler {address!r}: is no address of one; expected tcp://HOST:PORT"
        )
    try:
        from distributed import Client  # noqa: PLC0415  (of an extra that need not be there)
    except ImportError as error:
        raise ConfigurationError(
            "scheduler: the package distributed is not installed; expected the extra `cluster` "
            "(install tocsin[cluster])"
        ) from error
    try:
        connect: Any = Client
        client = connect(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise ConfigurationError(
            f"scheduler {address}: does not answer; expected a Dask scheduler there"
        ) from error
    with client:
        most = _PORTIONS_PER_THREAD * max(1, sum(client.nthreads().values()))
        waiting: deque[Any] = deque()
        for portion in portions:
            # Impure: equal portions are then not looked for, which would mean hashing all of them.
            waiting.append(client.submit(work, *portion, pure=False))
            if len(waiting) >= most:
                yield _collect(waiting.popleft())
        while waiting:
            yield _collect(waiting.popleft())


def _collect(future: Any) -> Any:
    try:
        return future.result()
    except TocsinError:
        raise
    except Exception as error:
        raise ConfigurationError(
            f"cluster: could not do its part ({type(error).__name__}: {error}); expected workers "
            "with Tocsin installed"
        ) from error
