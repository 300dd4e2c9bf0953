"""What a policy can get wrong by itself, before any call is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from portfolio.call.columns import known_columns, nearest_columns
from portfolio.errors import nearest
from portfolio.policy.combinations import refused_together
from portfolio.policy.rules import Limit, Link, Reserve, Softenable
from portfolio.policy.source import Fault, plain_keys

if TYPE_CHECKING:
    from portfolio.policy.model import Policy

# Columns of decisions.csv that a trait of the same name would hide.
_TAKEN = {
    "id",
    "decision",
    "amount_awarded",
    "merit",
    "risk",
    "horizon_years",
    "basicness",
    "reason",
    "price_bound",
}


_MOST_ONE_TO_ONE = 10
_MOST_RESERVES = 60


def contradictions(policy: Policy) -> list[Fault]:
    """Return every rule of a policy that names something unknown or contradicts itself."""
    checks = (_names, _columns, _reserves, _limits, _links, _coverage, _overspend, _stable, _pool)
    return [*(fault for check in checks for fault in check(policy)), *refused_together(policy)]


def engines() -> list[str]:
    """Return the names that `solver.engine` may have."""
    # PuLP takes longer to import than the rest of this room, and most policies do not name it.
    import pulp

    return ["highs", "pulp:CBC", *(f"pulp:{name}" for name in pulp.listSolvers())]


def _names(policy: Policy) -> Iterator[Fault]:
    engine = policy.solver.engine
    if engine != "highs":
        if engine not in engines():
            yield Fault(("solver", "engine"), "is not a known engine", nearest(engine, engines()), engine)
        for key, default in (("method", "auto"), ("nodes", None)):
            if getattr(policy.solver, key) != default:
                yield Fault(
                    ("solver", key), 'goes only with engine = "highs"', "remove it, or change the engine"
                )
    for trait in policy.traits:
        if trait in _TAKEN or not trait.strip():
            yield Fault(
                ("traits", trait), "cannot be the name of a trait", "it is a column of the results; rename it"
            )
    yield from _fallen_below(policy)


def _fallen_below(policy: Policy) -> Iterator[Fault]:
    """Yield the keys of the top that stand below a table whose names are free, where nothing would miss them."""
    top = plain_keys(type(policy))
    for table in ("traits", "derive"):
        for name in getattr(policy, table):
            if name in top:
                hint = f"to set {name}, write it above the first [table] of the file; otherwise rename it"
                yield Fault((table, name), "is a key of the top of a policy", hint)


def _columns(policy: Policy) -> Iterator[Fault]:
    known = known_columns()
    unknown = [
        name
        for name in policy.columns
        if name not in known and not (name.startswith("amount_y") and name[len("amount_y") :].isdecimal())
    ]
    for name, hint in zip(unknown, nearest_columns(unknown), strict=True):
        yield Fault(("columns", name), "is not a column that we know", hint)


def _reserves(policy: Policy) -> Iterator[Fault]:
    if policy.reserve_accounting == "one_to_one" and len(policy.reserve) > _MOST_ONE_TO_ONE:
        hint = f"every set of reserves becomes a rule; state at most {_MOST_ONE_TO_ONE}, or count one_to_all"
        yield Fault(("reserve_accounting",), "is too much for so many reserves", hint, "one_to_one")
    if len(policy.reserve) > _MOST_RESERVES:
        yield Fault(
            ("reserve",), f"has more than {_MOST_RESERVES} entries", "a limit can be a floor too: [[limit]]"
        )
    seen = Counter(reserve.trait for reserve in policy.reserve)
    for index, reserve in enumerate(policy.reserve):
        path = ("reserve", index)
        if reserve.trait not in policy.traits:
            yield Fault(
                (*path, "trait"), "is not a trait", nearest(reserve.trait, policy.traits), reserve.trait
            )
        if seen[reserve.trait] > 1:
            yield Fault((*path, "trait"), "has more than one reserve", "join them into one", reserve.trait)
        yield from _sizes(reserve, path, policy.reserve_order)


def _sizes(reserve: Reserve, path: tuple[str | int, ...], order: str) -> Iterator[Fault]:
    if (reserve.share is None) == (reserve.amount is None):
        yield Fault(path, "needs either share or amount", "give exactly one of the two")
    if reserve.base == "spent" and reserve.share is None:
        yield Fault((*path, "base"), "makes no sense with an amount", "base = 'spent' goes with a share")
    if reserve.soft and reserve.shortfall != "fail":
        hint = "a reserve gives way by its shortfall, or at a price or priority: remove one of them"
        yield Fault((*path, "shortfall"), "cannot stand beside a price or priority", hint, reserve.shortfall)
    yield from _softness(reserve, path)
    if reserve.base == "spent" and order == "over_and_above":
        yield Fault(
            (*path, "base"),
            "makes no sense over and above",
            "a reserve that is spent after the open money is a share of the budget: base = 'budget'",
        )


def _limits(policy: Policy) -> Iterator[Fault]:
    for index, limit in enumerate(policy.limit):
        path = ("limit", index)
        given = sum(value is not None for value in (limit.per, limit.where, limit.trait))
        if given > 1 or (given == 0 and limit.of is None):
            yield Fault(
                path,
                "needs one of per, where and trait",
                "give exactly one of the three; for all proposals together write where = 'TRUE'",
            )
        if limit.trait is not None and limit.trait not in policy.traits:
            yield Fault((*path, "trait"), "is not a trait", nearest(limit.trait, policy.traits), limit.trait)
        bounds = [(kind, *_range(limit, kind)) for kind in ("share", "amount", "awards")]
        if all(low is None and high is None for _, low, high in bounds) and limit.max_gap is None:
            yield Fault(path, "limits nothing", "add min_ or max_ with share, amount or awards, or max_gap")
        yield from _gap(limit, path)
        for kind, low, high in bounds:
            if low is not None and high is not None and low > high:
                yield Fault(
                    (*path, f"min_{kind}"), f"is more than max_{kind}", "swap them?", f"{low} > {high}"
                )
            if limit.of is not None and kind != "amount" and (low is not None or high is not None):
                what = "goes only with min_amount and max_amount, in units of that column"
                yield Fault((*path, "of"), what, "remove the other bounds", limit.of)
        yield from _softness(limit, path)


def _gap(limit: Limit, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if limit.max_gap is None:
        for name in ("gap_of", "gap_side", "min_proposals"):
            if getattr(limit, name) != Limit.model_fields[name].default:
                yield Fault((*path, name), "goes only with max_gap", "add max_gap, or remove it")
        return
    for name in (
        "of",
        *(f"{end}_{kind}" for kind in ("share", "amount", "awards") for end in ("min", "max")),
    ):
        if getattr(limit, name) is not None:
            yield Fault((*path, name), "cannot stand beside max_gap", "state it in a [[limit]] of its own")


def _softness(rule: Softenable, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if rule.price is not None and rule.priority is not None:
        yield Fault((*path, "price"), "cannot stand beside a priority", "give one of the two")


def _coverage(policy: Policy) -> Iterator[Fault]:
    for index, coverage in enumerate(policy.coverage):
        path = ("coverage", index)
        yield from _softness(coverage, path)
        if coverage.soft and not coverage.least:
            yield Fault(
                path, "has nothing that could give way", "add min_awards, or remove the price or priority"
            )


def _overspend(policy: Policy) -> Iterator[Fault]:
    rule, path = policy.overspend, ("overspend",)
    if rule is None:
        return
    yield from _softness(rule, path)
    if not rule.soft:
        yield Fault(path, "needs either price or priority", "remove it if the budget is firm")
    if rule.max_amount is not None and rule.max_share is not None:
        yield Fault((*path, "max_share"), "cannot stand beside max_amount", "give at most one of the two")


def _stable(policy: Policy) -> Iterator[Fault]:
    if policy.stable is not None:
        yield from _softness(policy.stable, ("stable",))


def _pool(policy: Policy) -> Iterator[Fault]:
    pool = policy.exploratory
    if pool is None:
        return
    yield from _softness(pool, ("exploratory",))
    if (pool.share is None) == (pool.amount is None):
        yield Fault(("exploratory",), "needs either share or amount", "give exactly one of the two")


def _range(limit: Limit, kind: str) -> tuple[Decimal | None, Decimal | None]:
    return getattr(limit, f"min_{kind}"), getattr(limit, f"max_{kind}")


# What each kind of link takes; at_most takes either `per` or `proposals`.
_TAKES = {
    "at_most": {"k"},
    "requires": {"proposal", "needs"},
    "all_or_none": {"proposals"},
    "synergy": {"proposals", "value"},
    "differs": {"proposals", "k"},
}


def _links(policy: Policy) -> Iterator[Fault]:
    for index, link in enumerate(policy.link):
        path = ("link", index)
        given = {name for name in ("k", "per", "proposals", "proposal", "needs", "value") if _has(link, name)}
        of = given & {"per", "proposals"} if link.kind == "at_most" else set()
        if link.kind == "at_most" and len(of) != 1:
            yield Fault(path, "needs either per or proposals", "give exactly one of the two")
        for name in sorted(_TAKES[link.kind] - given):
            yield Fault((*path, name), "is missing", f"a link of kind {link.kind!r} needs it")
        for name in sorted(
            given - _TAKES[link.kind] - {"per", "proposals"}
            if link.kind == "at_most"
            else given - _TAKES[link.kind]
        ):
            yield Fault((*path, name), f"does not belong to a link of kind {link.kind!r}", "remove it")
        yield from _lists(link, path)
        yield from _softness(link, path)
        if link.soft and link.kind == "synergy":
            yield Fault(
                path, "is no rule that could give way", "remove the price or priority of this synergy"
            )


def _has(link: Link, name: str) -> bool:
    return getattr(link, name) is not None


def _lists(link: Link, path: tuple[str | int, ...]) -> Iterator[Fault]:
    names = link.proposals
    # A portfolio that another differs from may be of one award, or of none.
    least = 0 if link.kind == "differs" else 2
    if names is not None and (len(names) < least or len(set(names)) < len(names)):
        what = "needs two or more different proposals" if least else "names a proposal more than once"
        yield Fault((*path, "proposals"), what, "list each id once")
    if link.kind == "requires" and link.proposal is not None and link.proposal == link.needs:
        yield Fault((*path, "needs"), "is the proposal itself", "name the other one", link.proposal)
