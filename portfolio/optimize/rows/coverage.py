"""Coverage of tags: so many awards for each, and the value of the chance that each sees a success."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from portfolio.optimize.groups import Groups
from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import Block
from portfolio.optimize.model import Model
from portfolio.optimize.rows.layout import Layout, Softness, give_way, rows_per_group
from portfolio.optimize.vectors import Floats
from portfolio.optimize.worth import numbers
from portfolio.policy import Coverage, Policy

# No chance is taken for closer to certainty than this, so that its logarithm is finite.
_SURE = 1 - 1e-12
# Solvers keep rows to about this; a tangent where the chance is over-stated by less would change nothing.
_TOLERANCE = 2e-7
# The largest error of the tangents before any is added where a solution stands, in probability.
ERROR = 1e-3


def coverage_key(index: int) -> str:
    """Return the name of a coverage rule in messages and results, counted from 1."""
    return f"coverage[{index + 1}]"


def coverage_rows(layout: Layout, policy: Policy) -> Iterator[Block]:
    """Yield ``number of awards with a tag >= min_awards`` for every tag, and the rows of the chances of success."""
    for index, coverage in enumerate(policy.coverage):
        of = layout.instance.groups(coverage.per)
        if coverage.least:
            yield _floor(layout, index, coverage, of)
        if coverage.weight:
            yield from _chances(layout, index, coverage, of)


def _floor(layout: Layout, index: int, coverage: Coverage, of: Groups) -> Block:
    noun = "award" if coverage.least == 1 else "awards"
    words = f"{coverage.per} {{name}} gets at least {coverage.least} {noun}"
    ones = np.ones(layout.size)
    block = rows_per_group(layout, coverage_key(index), words, of, ones, low=coverage.least)
    if not coverage.soft:
        return block
    sizes = np.full(len(block), float(coverage.least))
    return give_way(layout, block, Softness(coverage.price or 0.0, coverage.priority, sizes))


def chances(instance: Instance, coverage: Coverage) -> Floats:
    """Return (n,) the chance of success of each proposal; 0 where it is not known."""
    return np.clip(np.nan_to_num(numbers(instance.table, coverage.probability)), 0.0, 1.0)


def _chances(layout: Layout, index: int, coverage: Coverage, of: Groups) -> Iterator[Block]:
    """Yield the rows of P <= 1 - exp(-t), t <= sum of -log(1 - p_i) x_i, for every tag (Nelson 1961).

    P is concave in t, so that its tangents bound it from above, and a linear program finds it.
    """
    count = len(of.names)
    tau = -np.log1p(-np.minimum(chances(layout.instance, coverage), _SURE))[layout.proposals]
    added = rows_per_group(layout, "", "the chances for {name} add up", of, -tau, high=0.0)
    # Members of groups come in no order of their own, and sums of floats depend on it.
    order = np.lexsort((added.column, added.row))
    most = np.bincount(added.row[order], -added.data[order], minlength=count)
    sums = layout.columns.add(count, high=most)
    success = layout.columns.add(count, value=float(coverage.weight or 0.0))
    for name, t, p in zip(of.names, sums.tolist(), success.tolist(), strict=True):
        layout.columns.chances[index, name] = (t, p)
    rows = np.arange(count)
    entries = (np.concatenate([added.row, rows]), np.concatenate([added.column, sums]))
    data = np.concatenate([added.data, np.ones(count)])
    yield Block((), added.words, of.names, *entries, data, added.low, added.high)
    for point in _points(float(most.max(initial=0.0))):
        yield _tangents(list(of.names), np.column_stack([sums, success]), np.full(count, point))


def _points(most: float) -> list[float]:
    """Return where to touch 1 - exp(-t) on [0, most], so that the tangents are nowhere off by more than `ERROR`.

    Two tangents at a distance d meet at about exp(-t) d^2 / 8 above the curve.
    """
    points, t = [0.0], 0.0
    while t < most and np.exp(-t) > ERROR:
        t += float(np.sqrt(8 * ERROR * np.exp(t)))
        points.append(t)
    return points


def _tangents(
    names: list[str], columns: np.ndarray[tuple[int, int], np.dtype[np.int64]], at: Floats
) -> Block:
    """Build ``P - exp(-t0) t <= 1 - exp(-t0) (1 + t0)`` for pairs of columns (t, P)."""
    count, slope = len(names), np.exp(-at)
    row = np.repeat(np.arange(count), 2)
    data = np.column_stack([-slope, np.ones(count)]).ravel()
    low = np.full(count, -np.inf)
    return Block((), "the chance for {name}", names, row, columns.ravel(), data, low, 1 - slope * (1 + at))


def sharpened(model: Model, x: Floats) -> Model | None:
    """Return the model with tangents where a solution stands; None if they are exact there already."""
    found = []
    for (_, name), (t, p) in model.chances.items():
        if x[p] > -np.expm1(-x[t]) + _TOLERANCE:
            found.append((name, t, p))
    if not found:
        return None
    columns = np.array([(t, p) for _, t, p in found], dtype=np.int64)
    return model.add(_tangents([name for name, _, _ in found], columns, x[columns[:, 0]]))
