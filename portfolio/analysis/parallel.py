"""One function on many items, on the threads of this machine or on a cluster.

On one machine threads share the call, and the solver lets others run while it works. Under
``joblib.parallel_config(backend="dask")`` the same items go to the workers of a Dask cluster.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from threading import Event
from types import FrameType
from typing import Any, TypeVar

from portfolio.call.ctrl_c import on_ctrl_c
from portfolio.optimize.clock import ended_by
from portfolio.optimize.running import end_all

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(
    function: Callable[..., Result],
    items: Iterable[Item],
    *,
    jobs: int | None = None,
    shared: tuple[Any, ...] = (),
) -> Iterator[Result]:
    """Yield what a function makes of each item, in the order of the items, each as soon as it is there.

    After Ctrl-C, an error of an item, or when nobody asks for further results, no further item is begun, and solves
    that are under way for it in other threads are asked to end.

    Parameters
    ----------
    function
        Defined at the top of a module, so that a cluster can find it. Called with `shared` and an item.
    jobs
        How many items are worked on at a time; None for one per processor, or what the cluster has.
    shared
        What every call needs. Dask sends an object that says it is large (``__sizeof__``) to its workers once.
    """
    if jobs == 1:
        with _interrupted_at_once():
            yield from (function(*shared, item) for item in items)
        return
    # Imported when it is needed: it takes a tenth of the time of importing this library.
    from joblib import Parallel, delayed

    work = _Wished(function, Event())
    try:
        with Parallel(
            n_jobs=-1 if jobs is None else jobs, prefer="threads", return_as="generator"
        ) as workers:
            results = workers(delayed(work)(*shared, item) for item in items)
            try:
                # Taken one by one, so that they are not closed before the warning is silenced.
                yield from (result for result in results)
            finally:
                # joblib warns of items that nobody asks for any more; here that is what is meant.
                work.wish.set()
                with warnings.catch_warnings(action="ignore", category=UserWarning):
                    results.close()
    except KeyboardInterrupt:
        # The program may well end now, and would wait for them.
        end_all()
        raise


class _Wished:
    """A function whose solves end when an event is set; in another process nobody sets it."""

    def __init__(self, function: Callable[..., Any], wish: Event) -> None:
        self.function, self.wish = function, wish

    def __call__(self, *arguments: Any) -> Any:
        with ended_by(self.wish):
            return self.function(*arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._received, (self.function,)

    @classmethod
    def _received(cls, function: Callable[..., Any]) -> _Wished:
        return cls(function, Event())


def _interrupted_at_once() -> AbstractContextManager[None]:
    """Let Ctrl-C end the item that is worked on, and not only ask its solve to end.

    A short solve that ends by itself just then would take the wish with it, and the next item would begin.
    """
    return on_ctrl_c(_interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
