"""The record of a lottery: everything that is needed to repeat the draw and to check that it was right."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any, get_args

import numpy as np

from portfolio._version import __version__
from portfolio.analysis.lottery.feasible import feasible
from portfolio.analysis.lottery.lottery import Draw, Lottery, Method
from portfolio.analysis.lottery.refusals import refuse_rules
from portfolio.analysis.lottery.tickets import ALGORITHM, TICKETS, is_seed
from portfolio.errors import DataError, Issue, PortfolioError
from portfolio.optimize import Problem, Stop
from portfolio.optimize.inputs import recorded_inputs, recorded_policy_file
from portfolio.optimize.vectors import Integers

FORMAT = 1
_KEYS = frozenset(
    {"kind", "format", "algorithm", "method", "places", "tickets", "proposals", "portfolios", "proof"}
    | {"inputs", "policy", "policy_file", "previous", "versions", "draw"}
)
# What is kept of the proof, by method; `groups` where the search for who is tied was cut short.
_PROOF: Mapping[str, Collection[str]] = {
    "fair": {"smallest_chance", "bound", "gap", "status", "groups"},
    "merit": {"value", "bound", "share_of_best"},
    "bayes": {"line", "places_in_the_lottery"},
}

# Chances of whole tickets, and sums of them.
_ROUNDING = 1e-6
# What a chance of 1 may be missed by, as a sum of others.
_NOTHING = 1e-9


def lottery_record(
    lottery: Lottery,
    problem: Problem,
    draw: Draw | None = None,
    previous: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a lottery as plain data; without a draw it is what is published before the draw.

    Parameters
    ----------
    previous
        Name and SHA-256 of the record that this one follows: that of the lottery as it was published.
    """
    names = np.array(lottery.ids, dtype=object)
    rows = zip(lottery.ids, lottery.groups, lottery.tickets.tolist(), strict=True)
    return {
        "kind": "lottery",
        "format": FORMAT,
        "algorithm": ALGORITHM,
        "method": lottery.method,
        "places": lottery.places,
        "tickets": TICKETS,
        "proposals": [{"id": name, "group": group, "tickets": tickets} for name, group, tickets in rows],
        "portfolios": [
            {"tickets": weight, "drawn": names[funded & lottery.tied].tolist()}
            for weight, funded in zip(lottery.weights.tolist(), lottery.portfolios, strict=True)
        ],
        "proof": dict(lottery.proof),
        "inputs": recorded_inputs(problem),
        "policy": problem.policy.model_dump(mode="json", exclude_none=True),
        "policy_file": recorded_policy_file(problem),
        "previous": None if previous is None else dict(previous),
        "versions": {"grant-portfolio": __version__},
        "draw": None
        if draw is None
        else {"seed": draw.seed, "number": draw.number, "funded": list(draw.funded)},
    }


def lottery_of(record: Mapping[str, Any]) -> Lottery:
    """Return the lottery that a record holds.

    Raises
    ------
    DataError
        If it is no record of a lottery, or of another way to draw, or its tickets do not add up.
    """
    try:
        lottery = _parsed(record)
        faults = list(_sums(record, lottery))
        _draw_in(record)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        hint = "take the file that `portfolio lottery --record` wrote, unchanged"
        raise DataError(
            [Issue(f"is no record of a lottery ({type(error).__name__}: {error})", hint)]
        ) from None
    if faults:
        raise DataError(
            [Issue(fault, "the record was changed, or is of another version") for fault in faults]
        )
    return lottery


def check_lottery(record: Mapping[str, Any], problem: Problem) -> tuple[str, ...]:
    """Return what is wrong with the record of a lottery; nothing if all of this holds.

    The tickets add up; the files and the policy are those of the record, by their SHA-256 and key by key; every
    portfolio that could be drawn keeps every rule, added up in integers, and is full; and the seed gives the winners.

    Raises
    ------
    DataError
        If it is no record of a lottery.
    """
    lottery = lottery_of(record)
    faults = list(_other_inputs(record, problem))
    try:
        faults += _broken(lottery, problem)
    except PortfolioError as error:
        faults.append(f"the rules cannot be checked with these files: {error}")
    draw = _draw_in(record)
    if draw is not None and not is_seed(draw.seed):
        faults.append("the seed of the draw is empty of visible signs, and no public text")
    elif draw is not None and lottery.draw(draw.seed) != draw:
        faults.append(f"the seed {draw.seed!r} gives other winners than the record says")
    return tuple(faults)


def other_lottery(published: Mapping[str, Any], drawn: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys by which a draw is not of the lottery that was published before it; none if it is."""
    beside = {"draw", "previous", "versions"}
    return tuple(key for key in sorted({*published, *drawn} - beside) if published.get(key) != drawn.get(key))


def _parsed(record: Mapping[str, Any]) -> Lottery:
    rows, portfolios = record["proposals"], record["portfolios"]
    _refuse_unknown("record", record, _KEYS)
    _refuse_unknown(
        f"proof of a lottery by {record['method']}",
        record["proof"],
        _PROOF.get(record["method"], record["proof"]),
    )
    if any(isinstance(value, bool) for value in record["proof"].values()):
        raise TypeError("true or false is no figure of a proof")
    if not Stop(record["proof"].get("groups", Stop.TIME_LIMIT)).cut_short:
        raise ValueError("the search for who is tied is said to have been cut short, and not by what")
    for row in rows:
        _refuse_unknown("proposal", row, ("id", "group", "tickets"))
    for row in portfolios:
        _refuse_unknown("portfolio", row, ("tickets", "drawn"))
    ids = tuple(str(row["id"]) for row in rows)
    position = {name: index for index, name in enumerate(ids)}
    groups = np.array([row["group"] for row in rows])
    funded = np.tile(groups == "accepted", (len(portfolios), 1))
    for index, portfolio in enumerate(portfolios):
        funded[index, [position[name] for name in portfolio["drawn"]]] = True
        drawn = [name for name, one in zip(ids, funded[index] & (groups == "lottery"), strict=True) if one]
        if portfolio["drawn"] != drawn:
            raise ValueError(f"portfolio {index + 1} names others than those it draws, or one of them again")
    places = record["places"]
    if (
        record["algorithm"] != ALGORITHM
        or record["tickets"] != TICKETS
        or (places is None) == (not portfolios)
    ):
        raise ValueError("another algorithm, or neither places nor portfolios")
    if record["method"] not in get_args(Method) or (record["method"] == "fair") != (places is None):
        raise ValueError(f"a lottery by {record['method']!r} is none, or not of this kind")
    return Lottery(
        record["method"],
        ids,
        _whole([row["tickets"] for row in rows]),
        groups == "lottery",
        funded.reshape(len(portfolios), len(ids)),
        _whole([portfolio["tickets"] for portfolio in portfolios]),
        None if places is None else int(_whole([places])[0]),
        dict(record["proof"]),
    )


def _whole(numbers: list[Any]) -> Integers:
    """Return whole numbers as an array, which would cut off others, and read texts, without a word."""
    for number in numbers:
        # In Python true is the whole number 1.
        if type(number) is not int:
            raise TypeError(f"{number!r} is no whole number of tickets or places")
    return np.array(numbers, dtype=np.int64)


def _draw_in(record: Mapping[str, Any]) -> Draw | None:
    draw = record.get("draw")
    if draw is None:
        return None
    kinds = {"funded": list, "number": int, "seed": str}
    _refuse_unknown("draw", draw, kinds)
    for key, kind in kinds.items():
        # In Python true is the whole number 1.
        if type(draw[key]) is not kind:
            raise TypeError(f"the {key} of the draw is {draw[key]!r}")
    return Draw(draw["seed"], draw["number"], tuple(draw["funded"]))


def _refuse_unknown(what: str, part: Mapping[str, Any], keys: Collection[str]) -> None:
    """Refuse what nothing checks: a reader would take it for a part of what holds."""
    unknown = sorted(part.keys() - set(keys))
    if unknown:
        raise ValueError(f"the {what} says {unknown[0]!r}, which no {what} of format {FORMAT} does")


def _sums(record: Mapping[str, Any], lottery: Lottery) -> Iterator[str]:
    if [row["group"] for row in record["proposals"]] != list(lottery.groups):
        yield "the groups of the proposals are not those of their tickets"
    proof = record["proof"]
    if lottery.places is not None:
        if lottery.method == "merit" and not _guaranteed(proof, lottery.places):
            yield "the guarantee is more than its bound, or not that share of the places"
        if int(lottery.tickets.sum()) != lottery.places * TICKETS:
            yield "the tickets of the proposals are not a billion for each place"
        if lottery.tickets.min() < 0 or lottery.tickets.max() > TICKETS:
            yield "a proposal has less than none of the tickets, or more than all"
        return
    # Sums of numbers that are too large for an array come out as any other.
    within = lottery.weights.min() >= 1 and lottery.weights.max() <= TICKETS
    if not within or int(lottery.weights.sum()) != TICKETS:
        yield "the tickets of the portfolios do not add up to a billion"
    if not np.array_equal(lottery.weights @ lottery.portfolios, lottery.tickets):
        yield "the chances of the proposals are not those of the portfolios that fund them"
    # The order says which numbers stand for which portfolio: another one after the seed is known is another winner.
    rows = [tuple(row) for row in lottery.portfolios.tolist()]
    if rows != sorted(set(rows)):
        yield "the portfolios are not in the order in which they are drawn"
    smallest = int(lottery.tickets[lottery.tied].min(initial=TICKETS)) / TICKETS
    if proof["smallest_chance"] != smallest or proof["bound"] < smallest:
        yield f"the smallest chance is {smallest:g}, and the record says otherwise"
    if not proof["bound"] <= 1 + _NOTHING:
        yield f"a bound of {proof['bound']:g} is none of a chance, which is at most 1"
    yield from _ended(proof, smallest)


def _ended(proof: Mapping[str, Any], smallest: float) -> Iterator[str]:
    """Yield what cannot be of the gap of a fair lottery, and of how its search is said to have ended."""
    gap, stop = proof["gap"], Stop(proof["status"])
    if gap is None:
        if not stop.cut_short:
            yield "no gap is known, and the record says that every chance was settled"
        return
    if not 0 <= gap <= 1:
        yield f"a gap of {gap:g} is none of a chance"
    elif stop.cut_short or (stop is Stop.GAP and gap == 0):
        yield f"every chance was settled within a gap of {gap:g}, and the record says that it ended by {stop}"
    elif proof["bound"] - smallest > gap + _ROUNDING:
        yield f"the smallest chance is {smallest:g} and its bound {proof['bound']:g}: the gap is more than is said"


def _guaranteed(proof: Mapping[str, Any], places: int) -> bool:
    """Whether a guarantee, its bound and its share of the places go together."""
    value, bound, share = (float(proof[key]) for key in ("value", "bound", "share_of_best"))
    return 0 <= value <= bound <= places and math.isclose(share, value / places, abs_tol=1e-12)


def _other_inputs(record: Mapping[str, Any], problem: Problem) -> Iterator[str]:
    if record.get("inputs") != recorded_inputs(problem):
        yield "the files are not those of the record: a name or a SHA-256 differs"
    if record.get("policy") != problem.policy.model_dump(mode="json", exclude_none=True):
        yield "the policy is not that of the record"


def _broken(lottery: Lottery, problem: Problem) -> Iterator[str]:
    if problem.instance.ids != lottery.ids:
        yield "the proposals are not those of the record"
        return
    if lottery.places is not None:
        refuse_rules(problem.instance, problem.policy, lottery.chances, lottery.places)
        return
    names = np.array(lottery.ids, dtype=object)
    sure = ~lottery.tied & (lottery.tickets == TICKETS)
    locked = set(problem.policy.must_fund)
    accepted = [name for name in names[sure].tolist() if name not in locked]
    among = feasible(problem, accepted, names[lottery.tied].tolist())
    for index, funded in enumerate(lottery.portfolios):
        found = among.broken(funded)
        for broken in found:
            yield f"portfolio {index + 1} breaks {broken.rule} {broken.name}: {broken.what}"
        room = [] if found else among.addable(funded)
        if room:
            yield f"portfolio {index + 1} is not full: {names[room[0]]} could be added to it"
