"""Random calls and policies as files, and the decisions on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from random_rules import random_case

import portfolio as pf


def decisions(seeds: Iterable[int], folder: Path) -> Iterator[tuple[int, Path, pf.Portfolio]]:
    """Yield the seed, the call as a file of the folder, and the decision, of every random case that has one."""
    for seed in seeds:
        frame, policy = random_case(seed)
        file = folder / "call.parquet"
        # A file that was read is never written over in place.
        file.unlink(missing_ok=True)
        frame.write_parquet(file)
        try:
            yield seed, file, pf.optimize(pf.read_call(file, policy=policy), policy)
        except pf.InfeasibleError:
            continue
