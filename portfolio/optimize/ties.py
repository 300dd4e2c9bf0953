"""The tie rule: among proposals that no rule and no value tells apart, a keyed order of ids decides."""

from __future__ import annotations

import hashlib
from collections import defaultdict

import numpy as np

from portfolio.optimize.awards import Awards
from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Model
from portfolio.optimize.vectors import Bools


def keyed_order(name: str, seed: int) -> bytes:
    """Return the key by which tied proposals are put in order: a hash of the seed and the id."""
    return hashlib.blake2b(f"{seed}\x1f{name}".encode(), digest_size=16).digest()


def settle(instance: Instance, model: Model, awards: Awards, seed: int) -> Awards:
    """Fund, among interchangeable proposals, those that come first in the keyed order.

    Two proposals are interchangeable if their value, amounts, bounds and entries in every row are equal. Swapping
    them changes neither the value nor any rule, so that the awards do not depend on the solver's whim. Those whose
    awards may be cut are not interchanged.
    """
    funded, amount = awards.funded.copy(), awards.amount.copy()
    for members in _classes(instance, model, awards.funded):
        ranked = sorted(members, key=lambda member: keyed_order(instance.ids[member], seed))
        count = int(awards.funded[members].sum())
        funded[members], amount[members] = False, 0
        funded[ranked[:count]], amount[ranked[:count]] = True, instance.sizes.top[ranked[:count]]
    return Awards(funded, amount)


def _classes(instance: Instance, model: Model, chosen: Bools) -> list[list[int]]:
    """Group interchangeable proposals; only groups with both funded and unfunded members matter."""
    matrix = model.arrays.matrix
    # Equal columns have equal sketches; those with equal sketches are compared in full.
    weights = np.random.default_rng(0).random(matrix.shape[0])
    sketch = (matrix.T @ weights)[: model.size] + model.value[: model.size]
    _, kind, size = np.unique(sketch, return_inverse=True, return_counts=True)
    alike = size[kind] > 1
    alike[model.owner] = False
    candidates = np.flatnonzero(alike)
    columns = matrix[:, candidates].tocsc()
    columns.sort_indices()
    classes: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, column in enumerate(candidates.tolist()):
        position = int(model.proposals[column])
        entries = slice(columns.indptr[place], columns.indptr[place + 1])
        key = (
            float(model.value[column]),
            float(model.low[column]),
            float(model.high[column]),
            int(instance.sizes.top[position]),
            instance.by_year[position].tobytes(),
            columns.indices[entries].tobytes(),
            columns.data[entries].tobytes(),
        )
        classes[key].append(position)
    return [members for members in classes.values() if 0 < int(chosen[members].sum()) < len(members)]
