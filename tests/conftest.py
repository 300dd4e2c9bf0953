"""What all tests share: how hypothesis searches, and the optional folder of real data."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
# Real calls are not part of the project: their licences differ. Where the folder is absent, tests that need it skip.
DATA = Path(os.environ.get("PORTFOLIO_DATA") or ROOT.parent / "shared" / "data")

# What guides, examples and benchmarks say, and long runs over published data and thousands of solves, does not hang on
# the Python that follows them: CI does so on its newest.
_FOLLOWED = ["test_benchmarks.py", "test_docs.py", "test_examples.py", "test_snsf_mint.py"]
_FOLLOWED += ["faults/test_load.py", "optimize/test_published.py", "scoring/test_text_nhmrc.py"]
collect_ignore = _FOLLOWED if os.environ.get("PORTFOLIO_GUIDES") == "elsewhere" else []

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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out chunks of random cases that another run looks at: ``PORTFOLIO_CHUNKS=1/2`` keeps every other one."""
    part, _, parts = os.environ.get("PORTFOLIO_CHUNKS", "1/1").partition("/")
    params = [getattr(getattr(item, "callspec", None), "params", {}) for item in items]
    chunks = [given.get("chunk", given.get("seed")) for given in params]
    kept = [not isinstance(chunk, int) or chunk % int(parts) == int(part) - 1 for chunk in chunks]
    config.hook.pytest_deselected(items=[item for item, keep in zip(items, kept, strict=True) if not keep])
    items[:] = [item for item, keep in zip(items, kept, strict=True) if keep]


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs_data"):
        path = DATA.joinpath(*mark.args)
        if not path.exists():
            pytest.skip(
                f"needs {path}, real data that is not part of the project; PORTFOLIO_DATA names its folder"
            )
