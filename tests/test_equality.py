"""Results are compared without surprise: what holds arrays or tables equals itself alone, and can be in a set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pkgutil import walk_packages

from small import call, policy

import portfolio as pf

# Of these numpy and polars make an array of answers, which is neither true nor false.
_ARRAYS = re.compile(
    r"\b(Floats|Integers|Bools|Objects|NDArray|ndarray|DataFrame|Series|LazyFrame|csr_array)\b"
)


def _dataclasses() -> dict[str, type]:
    modules = (import_module(module.name) for module in walk_packages(pf.__path__, "portfolio."))
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and is_dataclass(value) and value.__module__.startswith("portfolio")
    }


def _held(made: type, known: dict[str, type], seen: set[type]) -> Iterator[type]:
    """Yield a class and all that its values hold."""
    if made not in seen:
        seen.add(made)
        yield made
        for field in fields(made):
            for name in re.findall(r"\w+", str(field.type)):
                if name in known:
                    yield from _held(known[name], known, seen)


def test_a_result_with_arrays_equals_itself_alone() -> None:
    known, seen = _dataclasses(), set()
    public = [known[name] for name in pf.__all__ if name in known]
    held = [one for made in public for one in _held(made, known, seen)]
    compared = [
        one.__qualname__
        for one in held
        if one.__dataclass_params__.eq and any(_ARRAYS.search(str(field.type)) for field in fields(one))
    ]
    assert pf.Portfolio in held
    assert not compared


def test_portfolios_can_be_looked_for_and_counted() -> None:
    problem = pf.Problem(call(amount=[2.0, 3.0], merit=[2.0, 1.0]), policy(2))
    one, other = problem.solve(), problem.solve()
    assert one == one
    assert one != other
    assert one not in [other]
    assert len({one, other, one}) == 2
    assert hash(problem) == hash(problem)
    made = pf.replace_decliners(one, ["A"])
    assert made in {made}
    assert made != pf.replace_decliners(one, ["A"])
