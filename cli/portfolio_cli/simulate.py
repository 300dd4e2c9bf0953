"""``portfolio simulate``: a synthetic call with known truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from portfolio.call.csvfile import write_csv
from portfolio.call.files import atomic_write, together
from portfolio.simulate import simulate_frames
from portfolio_cli.options import Quiet
from portfolio_cli.terminal import say, steps

_CALL, _TRUTH = ("proposals.csv", "reviews.csv"), "truth.csv"


def simulate(
    n: Annotated[
        int,
        typer.Argument(help="How many.", min=1, max=10_000_000, metavar="N", show_default=False),
    ],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same call.", min=0)] = 0,
    folder: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder to write into.")] = Path(
        "simulated"
    ),
    quiet: Quiet = False,
) -> None:
    """Write a synthetic call: proposals.csv, reviews.csv, and truth.csv with what nobody knows in reality.

    Example: portfolio simulate 500 --seed 1 --out simulated
    """
    _refuse_other_calls(folder)
    with steps(quiet=quiet) as step:
        step(f"Simulating {n:,} proposals")
        frames = simulate_frames(n, seed=seed, criteria=("overall", "originality"))
        folder.mkdir(parents=True, exist_ok=True)
        parts = dict(zip(_CALL, (frames.proposals, frames.reviews), strict=True))
        with together():
            # First of all the truth, by which the same command knows its own files if it is killed between two.
            with atomic_write(folder / _TRUTH) as temporary:
                write_csv(frames.truth, temporary)
            for name, frame in parts.items():
                with atomic_write(folder / name) as temporary:
                    write_csv(frame, temporary)
    say(f"Wrote {', '.join((*parts, _TRUTH))} into {folder}.", quiet=quiet)


def _refuse_other_calls(folder: Path) -> None:
    """Refuse a folder that holds a call without its truth: it is somebody's own, and would be lost."""
    taken = [name for name in _CALL if (folder / name).exists()]
    if taken and not (folder / _TRUTH).exists():
        what = (
            f"{folder} holds {' and '.join(taken)} that were not simulated, and would be lost; name another"
        )
        raise typer.BadParameter(what, param_hint="--out")
