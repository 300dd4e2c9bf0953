"""A page without a screen: asks a session and keeps the answers."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import Any

import portfolio as pf
from portfolio.report.explorer.requests import read
from portfolio.report.explorer.session import Session

EXAMPLE = Path(__file__).parents[3] / "examples" / "data"
FILES = EXAMPLE / "proposals.csv", EXAMPLE / "reviews.csv"

Answer = dict[str, Any]


def example() -> pf.Problem:
    policy = pf.read_policy(EXAMPLE / "policy.toml")
    return pf.Problem(pf.read_call(*FILES, policy=policy), policy)


def ask(session: Session, **request: Any) -> list[Answer]:
    """Ask and return the answers as a page gets them, without the last, which ends every request."""
    found = session.answers(read({"step": 7, **request}), Event())
    *some, last = json.loads(json.dumps(list(found), allow_nan=False))
    assert last == {"kind": "done", "step": 7}
    assert all(answer["step"] == 7 for answer in some)
    return some


def last(session: Session, **request: Any) -> Answer:
    return ask(session, **request)[-1]


def proof(session: Session, **request: Any) -> Answer:
    """The decision that `portfolio optimize` would make, or what stands in its place."""
    some = ask(session, kind="solve", **request)
    stages = [answer for answer in some if answer.get("stage") == "proof"]
    return stages[0] if stages else some[-1]
