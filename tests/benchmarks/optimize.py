"""One command for all figures of the solve: this library against HiGHS alone and solvers behind PuLP.

    python tests/benchmarks/optimize.py [--n 1000,10000] [--families ordinary,national,tiny_floors] [--limit 120]
        [--runs 3] [--peers highs,cbc,pulp-highs,scip] [--tables solve,tightness,first,phases,warm,clashes]
        [--out docs/benchmarks.md]

Every run is a process of its own, on one thread. Without --out the tables are printed; with it they replace those
of the page as soon as they grow, and a picture per family is drawn beside it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from clashes import CLASH_SIZES, clashes
from contest import Contest
from families import FAMILIES
from own import FIRST_SIZES, PHASE_SIZES, WARM_SIZES, first, phases, warm
from page import put
from peers import METHODS
from tightness import TIGHT_SIZES, tightness

PEERS = [name for name in METHODS if name != "library"]
TABLES = ("solve", "tightness", "first", "phases", "warm", "clashes")


def main() -> None:
    """Measure what is asked for."""
    options = _options()
    if "solve" in options.tables:
        for name in options.families:
            _contest(name, options)
    if "tightness" in options.tables:
        found = tightness(options.n or TIGHT_SIZES, options.runs, options.limit, options.gap)
        _write(options.out, "tightness", found)
    if "first" in options.tables:
        _write(options.out, "first", first(options.n or FIRST_SIZES, options.runs))
    if "phases" in options.tables:
        _write(options.out, "phases", phases(options.n or PHASE_SIZES, options.runs, options.limit))
    if "warm" in options.tables:
        _write(options.out, "warm", warm(options.n or WARM_SIZES, options.runs))
    if "clashes" in options.tables:
        _write(options.out, "clashes", clashes(options.n or CLASH_SIZES, options.runs))


def _contest(name: str, options: argparse.Namespace) -> None:
    family = FAMILIES[name]
    contest = Contest(name, options.limit, options.gap, options.runs)
    for n in options.n or family.sizes:
        if n > family.most:
            continue
        contest.measure(n, ["library", *options.peers])
        if options.out is not None:
            # What stands so far is kept if a long run is broken off.
            picture = options.out.with_suffix("") / f"{name}.svg"
            contest.draw(picture)
            shown = f"![Seconds against proposals]({picture.relative_to(options.out.parent).as_posix()})"
            _write(options.out, name, f"{shown}\n\n{contest.table()}")
    if options.out is None:
        _write(None, name, contest.table())


def _write(page: Path | None, name: str, text: str) -> None:
    if page is None:
        print(f"\n## {name}\n\n{text}", flush=True)
    else:
        put(page, name, text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=_sizes, help="sizes, with commas; each family has its own otherwise")
    parser.add_argument("--families", type=_some(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--peers", type=_some(PEERS), default=PEERS)
    parser.add_argument("--tables", type=_some(TABLES), default=TABLES)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds that a solver is given")
    parser.add_argument("--gap", type=float, default=1e-4, help="relative gap that a solver is asked for")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path, metavar="PAGE", help="Markdown page with places for the tables")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    return sorted(int(number) for number in text.split(","))


def _some(known: Iterable[str]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        chosen = [name for name in text.split(",") if name]
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(known)}")
        return chosen

    return names


if __name__ == "__main__":
    main()
