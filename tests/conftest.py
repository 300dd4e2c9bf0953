"""What all tests share: how hypothesis searches, and the optional folder of real data."""

from __future__ import annotations

import gc
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
# Real calls are not part of the project: their licences differ. Where the folder is absent, tests that need it skip.
DATA = Path(os.environ.get("PORTFOLIO_DATA") or ROOT.parent / "shared" / "data")

# Tests of so many cases are shared where two runs share the work.
_MANY = 4

# A busy machine is not a failure, so no example has a deadline. In CI the same examples are tried every time.
_SLOW = [HealthCheck.too_slow]
settings.register_profile("dev", deadline=None, max_examples=100, suppress_health_check=_SLOW)
settings.register_profile("ci", deadline=None, max_examples=30, derandomize=True, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


@pytest.fixture
def real_data() -> Path:
    """The folder of real data; ``@pytest.mark.needs_data("aibs/reviews.csv")`` names what a test reads of it."""
    return DATA


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # So does a shell without job control start what runs in the background; here and in commands Ctrl-C is meant.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "needs_data(path): reads real data that is not part of the project")
    config.addinivalue_line(
        "markers", "once: guides, examples, brute force; CI runs it on its newest Python alone"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what another run looks at.

    ``PORTFOLIO_CHUNKS=1/2`` keeps every other case of tests with many cases, ``PORTFOLIO_ONCE=elsewhere`` nothing that
    is marked ``once``: what hangs on the rules and the solver, or on the texts of the project, and not on the Python.
    """
    part, _, parts = os.environ.get("PORTFOLIO_CHUNKS", "1/1").partition("/")
    kept = [number is None or number % int(parts) == int(part) - 1 for number in _numbers(items)]
    if os.environ.get("PORTFOLIO_ONCE") == "elsewhere":
        kept = [
            keep and item.get_closest_marker("once") is None for item, keep in zip(items, kept, strict=True)
        ]
    config.hook.pytest_deselected(items=[item for item, keep in zip(items, kept, strict=True) if not keep])
    items[:] = [item for item, keep in zip(items, kept, strict=True) if keep]


def _numbers(items: list[pytest.Item]) -> Iterator[int | None]:
    """Yield the number of each chunk of random cases, and of each case of a test with many; None of others."""
    many = Counter(item.nodeid.partition("[")[0] for item in items)
    seen: Counter[str] = Counter()
    for item in items:
        test = item.nodeid.partition("[")[0]
        given = getattr(getattr(item, "callspec", None), "params", {})
        chunk = given.get("chunk", given.get("seed"))
        if isinstance(chunk, int):
            yield chunk
        else:
            yield seen[test] if many[test] >= _MANY else None
        seen[test] += 1


def pytest_collection_finish() -> None:
    """Leave thousands of tests, and all that is imported, out of every search for garbage."""
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs_data"):
        path = DATA.joinpath(*mark.args)
        if not path.exists():
            pytest.skip(
                f"needs {path}, real data that is not part of the project; PORTFOLIO_DATA names its folder"
            )
