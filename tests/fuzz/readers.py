"""The readers that are fuzzed: how a file of each kind is made, changed and read."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import tomli_w
from fuzz import packed
from fuzz.mutations import Mutate, as_json, mixed, nested, texts
from fuzz.words import CSV, JSON, SQL, TOML
from hostile.corpus import HEAD, HEAVY, READ, REFUSED

import portfolio as pf
from portfolio.analysis.sweeps.journal import Journal
from portfolio.call.confusable import look_alikes
from portfolio.report import read_record, write_record
from portfolio.scoring.text.model import PARTS, WORDS, Block, TextModel
from portfolio.scoring.text.saved import read_model, write_model

EXAMPLE = Path(__file__).parents[2] / "examples" / "data"
_LARGEST = 20_000
_PROPOSALS = "id,amount,merit,field,tags\nA,100,5,x,a;b\nB,200,4,y,b\nC,150,3.5,x,\n"
_TIED = "id,amount,merit,field,merit_low,merit_high\nA,100,5,x,4,6\nB,200,4,y,3,5\nC,150,3.5,x,3,5\nD,90,1,x,0,2\n"
_POLICY = """budget = 300
eligible = "field <> 'z'"
[traits]
x = "field = 'x'"
[[reserve]]
trait = "x"
share = 0.2
"""


@dataclass(frozen=True)
class Reader:
    """One kind of file.

    Attributes
    ----------
    name
        Of the file, in a folder of its own.
    seeds
        Makes well-formed and hostile files in a folder.
    read
        Reads a file as the package's commands do; raises when it was refused, or returns False.
    change
        Gives a file that is a little other.
    beside
        Makes what has to stand in the folder with the file.
    """

    name: str
    seeds: Callable[[Path], Iterator[bytes]]
    read: Callable[[Path], object]
    change: Mutate
    beside: Callable[[Path], object] = lambda _: None


def _corpus(*suffixes: str) -> Callable[[Path], Iterator[bytes]]:
    """Return the small files of the corpus that have one of some suffixes."""

    def seeds(folder: Path) -> Iterator[bytes]:
        builders = {name: row[0] for name, row in (*REFUSED.items(), *READ.items()) if name not in HEAVY}
        for build in builders.values():
            path = build(folder)
            data = path.read_bytes()
            path.unlink()
            if path.suffix in suffixes and len(data) <= _LARGEST:
                yield data

    return seeds


def _written(suffix: str, **options: Any) -> Callable[[Path], Iterator[bytes]]:
    """Return the corpus, and a call of every type of column in the format of the suffix."""

    def seeds(folder: Path) -> Iterator[bytes]:
        made = pf.simulate_call(6, seed=1).call
        for path in made.write(folder / f"made{suffix}"):
            yield path.read_bytes()
            path.unlink()
        yield from _corpus(suffix)(folder)

    return seeds


def _tables(folder: Path) -> Iterator[bytes]:
    path = folder / "made.parquet"
    made = (
        pf.simulate_call(6, seed=1).call.to_polars().with_columns(tags=pl.lit(["a", "b"]), word=pl.lit("x"))
    )
    made = made.with_columns(pl.col("word").cast(pl.Categorical), day=pl.date(2020, 1, 1), none=pl.lit(None))
    for packing in ("uncompressed", "snappy", "zstd"):
        made.write_parquet(path, compression=packing)
        yield path.read_bytes()
    made.select("id", "amount").write_parquet(path, compression="uncompressed", statistics=False)
    yield path.read_bytes()
    path.unlink()
    yield from _corpus(".parquet")(folder)


def _call(path: Path) -> None:
    """Do what ``portfolio check`` does, and look at all that was read."""
    call = pf.read_call(path)
    look_alikes(call.ids)
    call.to_polars()
    repr(call)


def _graded(path: Path) -> None:
    repr(pf.read_call(path.with_name("proposals.csv"), path))


def _policy(path: Path) -> None:
    problem = pf.Problem(pf.read_call(path.with_name("proposals.csv")), pf.read_policy(path))
    str(problem)


def _condition(path: Path) -> None:
    sql = path.read_bytes().decode("utf-8", "replace")
    rules = pf.ReadingRules(derive={"made": sql}, only=sql)
    pf.read_call(path.with_name("proposals.csv"), policy=rules)


def _beside(folder: Path) -> None:
    (folder / "proposals.csv").write_text(_PROPOSALS)


def _example(name: str) -> Callable[[Path], Iterator[bytes]]:
    def seeds(folder: Path) -> Iterator[bytes]:
        yield (EXAMPLE / name).read_bytes()[:_LARGEST]

    return seeds


def _reviews(_: Path) -> Iterator[bytes]:
    yield b"proposal,reviewer,criterion,score,confidence,panel\nA,r1,quality,5,1,p\nB,r1,quality,4.5,0.5,p\nC,r2,,3,,\n"
    yield b"proposal;reviewer;score\nA;r1;5,5\nB;r2;4,5\n"


def _policies(folder: Path) -> Iterator[bytes]:
    yield _POLICY.encode()
    yield from _example("policy.toml")(folder)


def _conditions(_: Path) -> Iterator[bytes]:
    yield b"merit >= 4 AND field IN ('x', 'y')"
    yield b"CASE WHEN amount > 100 THEN merit / 2 ELSE NULL END > 1"
    yield b"tags LIKE '%a%' OR COALESCE(field, 'x') = 'x' AND NOT (id IS NULL)"
    yield b"CAST(amount AS DOUBLE) BETWEEN 1 AND 2e2 AND UPPER(TRIM(\"id\")) <> 'b' || 'c'"
    yield b"id ~ '^[A-C]$' AND LENGTH(SUBSTR(field, 1, 2)) % 2 = 1 AND DATE '2020-01-01' < '2021-01-01'::date"


def _decide(folder: Path) -> None:
    """Put a decision and the files that it was made from into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / "proposals.csv").write_text(_PROPOSALS)
    (folder / "policy.toml").write_text(_POLICY)
    decided = pf.optimize(pf.read_call(folder / "proposals.csv"), pf.read_policy(folder / "policy.toml"))
    pf.write_decision(decided, folder)


def _of_decision(name: str) -> Callable[[Path], Iterator[bytes]]:
    def seeds(folder: Path) -> Iterator[bytes]:
        _decide(folder / "decided")
        yield (folder / "decided" / name).read_bytes()

    return seeds


def _verify(path: Path) -> bool:
    with suppress(pf.DataError):
        pf.read_decision(path.parent)
    return _holds(pf.verify_decision(path.parent))


def _holds(found: pf.Verification) -> bool:
    """Whether everything holds but the fingerprint, which stands in a file of its own."""
    return bool(str(found)) and all(one.holds for one in found.checks if one.name != "fingerprint")


def _held(folder: Path) -> None:
    (folder / "proposals.csv").write_text(_TIED)
    (folder / "policy.toml").write_text(_POLICY)


def _lotteries(folder: Path) -> Iterator[bytes]:
    _held(folder)
    problem = pf.Problem(pf.read_call(folder / "proposals.csv"), pf.read_policy(folder / "policy.toml"))
    lottery = pf.fair_lottery(problem)
    for draw in (None, lottery.draw("7")):
        write_record(pf.lottery_record(lottery, problem, draw), folder / "lottery.json")
        yield (folder / "lottery.json").read_bytes()


def _check_lottery(path: Path) -> bool:
    found = pf.verify_record(path)
    problem = pf.Problem(pf.read_call(path.with_name("proposals.csv")), pf.Policy(budget=300))
    pf.check_lottery(read_record(path), problem)
    return _holds(found)


def _model(folder: Path) -> Iterator[bytes]:
    blocks = tuple(
        Block(kind, ("ab", "abc"), np.array([1.0, 2.0]), np.array([0.5, -1.0])) for kind in (WORDS, PARTS)
    )
    model = TextModel(0, 1, {"en": 3}, (2, 1), "combined", 1.0, 0.1, 1.0, (0.0, 1.0, 0.5), blocks)
    write_model(model, folder / "model.json")
    yield (folder / "model.json").read_bytes()


def _sealed(change: Mutate) -> Mutate:
    """Change a model and renew its fingerprint, as somebody would who wants it to be read."""

    def changed(data: bytes, rng: np.random.Generator) -> bytes:
        data = change(data, rng)
        try:
            document = json.loads(data)
            body = json.dumps(document["model"], sort_keys=True).encode()
            return as_json(document | {"sha256": sha256(body).hexdigest()})
        except (ValueError, TypeError, KeyError, RecursionError):
            return data

    return changed


def _journals(_: Path) -> Iterator[bytes]:
    yield b'{"key": "a", "result": {"value": 1.5, "ids": ["A"]}}\n{"key": "b", "result": null}\n{"key": "c", "res'


_CSV, _JSON = texts(CSV), texts(JSON)
_PLAIN_JSON = mixed(nested(as_json, json.loads), nested(as_json, json.loads), _JSON)
_PLAIN_TOML = mixed(
    nested(lambda found: tomli_w.dumps(found).encode(), lambda data: tomllib.loads(data.decode())),
    texts(TOML),
)
_LINES = mixed(
    _JSON, nested(lambda found: as_json(found) + b"\n", lambda data: json.loads(data.splitlines()[0]))
)


def _records(_: Path) -> Iterator[bytes]:
    yield HEAD.encode() + b"A,1,2,x\nB,2.50,3,y\n"


def _calls(folder: Path) -> Iterator[bytes]:
    yield from _records(folder)
    yield from _written(".csv")(folder)


READERS = {
    "csv": Reader("call.csv", _calls, _call, _CSV),
    "excel": Reader("call.xlsx", _written(".xlsx"), _call, packed.workbook),
    "parquet": Reader("call.parquet", _tables, _call, packed.parquet),
    "json": Reader("call.json", _written(".json"), _call, _PLAIN_JSON),
    "reviews": Reader("reviews.csv", _reviews, _graded, _CSV, _beside),
    "toml": Reader("policy.toml", _policies, _policy, _PLAIN_TOML, _beside),
    "condition": Reader("condition.sql", _conditions, _condition, texts(SQL), _beside),
    "record": Reader("portfolio.json", _of_decision("portfolio.json"), _verify, _PLAIN_JSON, _decide),
    "decisions": Reader("decisions.csv", _of_decision("decisions.csv"), _verify, _CSV, _decide),
    "lottery": Reader("lottery.json", _lotteries, _check_lottery, _PLAIN_JSON, _held),
    "model": Reader("model.json", _model, read_model, _sealed(_PLAIN_JSON)),
    "journal": Reader("sweep.journal", _journals, lambda path: Journal(path).known, _LINES),
}
