"""What can be seen before solving: each finding says the fact, the likely cause and the way forward."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from portfolio.call.money import total
from portfolio.optimize import figures
from portfolio.optimize.audit import over_budget
from portfolio.optimize.awards import Awards
from portfolio.optimize.causes import counted, of_floor, of_reserve
from portfolio.optimize.finding import Finding
from portfolio.optimize.groups import Groups
from portfolio.optimize.instance import Instance
from portfolio.optimize.mistyped import mistyped
from portfolio.optimize.room import room, room_in_words, short_years
from portfolio.optimize.rows.limits import bounds, group_name, limit_groups, limit_key
from portfolio.optimize.rows.links import at_most_groups, link_key
from portfolio.optimize.rows.reserves import counts, required
from portfolio.optimize.tally import group_awards, group_sums, group_totals
from portfolio.optimize.unknown import not_known
from portfolio.optimize.vectors import Bools
from portfolio.optimize.worth import needs_merit
from portfolio.policy import Policy


def findings(instance: Instance, policy: Policy) -> tuple[Finding, ...]:
    """Return every finding, the fatal ones first."""
    checks = (_demand, _worth, _locks, _reserves, _limits, _gaps, _floors, _years, not_known, mistyped)
    found = [finding for check in checks for finding in check(instance, policy)]
    return tuple(sorted(found, key=lambda finding: not finding.fatal))


def _after(instance: Instance) -> str:
    return " after what is promised" if any(instance.committed) else ""


def _too_much(instance: Instance, policy: Policy, money: int) -> str:
    there_is = room_in_words(policy, promised=any(instance.committed))
    return f"{instance.money(money)}, more than {there_is}"


def _demand(instance: Instance, policy: Policy) -> Iterator[Finding]:
    demand = total(instance.sizes.top[instance.open])
    wanted = instance.sizes.least[instance.eligible]
    if len(wanted) and int(wanted.min()) > instance.budget:
        yield Finding(
            False,
            f"the budget of {instance.money(instance.budget)}{_after(instance)} is smaller than every request",
            "the budget is in thousands or millions",
            "write `budget` in units of the currency",
        )
    elif demand > instance.budget or _somebody_unpaid(instance, policy):
        return
    elif short := list(short_years(instance, Awards.of(instance, instance.open))):
        yield Finding(
            False,
            f"the budget covers all that may be funded ({instance.money(demand)}) in sum, not in {', '.join(short)}",
            "a year of the budget or of the requests is wrong, or money is scarce in that year alone",
            "check the list of budgets; `carry_over` moves money to the next year",
        )
    else:
        yield Finding(
            False,
            f"the budget of {instance.money(instance.budget)} covers all that may be funded ({instance.money(demand)})",
            "the budget is in another unit, or the call is not competitive",
            "check `budget`; only the rules, not the money, decide who is left out",
        )


def _somebody_unpaid(instance: Instance, policy: Policy) -> bool:
    """Tell whether money alone leaves somebody out though all others add up to less than the budget."""
    if (instance.wanted & ~instance.payable).any():
        return True
    # How much may be promised is no sum.
    all_of_them = Awards.of(instance, instance.open)
    return policy.overcommit is not None and any(over_budget(instance, policy, all_of_them))


def _worth(instance: Instance, policy: Policy) -> Iterator[Finding]:
    unknown = int(np.isnan(instance.merit).sum())
    if unknown and needs_merit(policy):
        yield Finding(
            False,
            f"{unknown:,} of {len(instance.ids):,} proposals have no merit and are ineligible",
            "they have no review, or the merit column is empty",
            'add reviews, or map the column that holds the merit: [columns] merit = "..."',
        )
    if policy.objective.criterion:
        return
    known = ~np.isnan(instance.merit)
    with np.errstate(invalid="ignore"):
        worth = instance.merit >= policy.objective.zero
    if known.any() and not worth.any():
        zero = policy.objective.zero
        highest = figures.told_from(float(np.nanmax(instance.merit)), zero, 6)
        yield Finding(
            False,
            f"no merit reaches {zero:.15g}, at which a proposal is worth nothing",
            f"[objective] zero is on another scale than the merit; the highest is {highest}",
            "set zero on the scale of merit; higher is better, also where 1 is the best grade",
        )


def _locks(instance: Instance, policy: Policy) -> Iterator[Finding]:
    for name in sorted(set(policy.must_fund) & set(policy.must_not_fund)):
        yield Finding(
            True, f"{name} must be funded and must not be", "it is in both lists", "remove it from one"
        )
    for name in sorted(set(policy.must_fund)):
        reason = instance.ineligible[instance.position[name]]
        if reason:
            yield Finding(
                True, f"{name} must be funded but {reason}", "two rules disagree", "remove it from must_fund"
            )
    locked = _mask(instance, policy.must_fund)
    money = total(instance.sizes.least[locked])
    if money > room(instance, policy):
        yield Finding(
            True,
            f"the proposals that must be funded ask for {_too_much(instance, policy, money)}",
            "too many are locked in, or the budget is in another unit",
            "shorten must_fund or raise the budget",
            about=("budget",),
        )
    yield from _locked_links(instance, policy, locked)


def _locked_links(instance: Instance, policy: Policy, locked: Bools) -> Iterator[Finding]:
    for index, link in enumerate(policy.link):
        if link.kind != "at_most" or link.soft:
            continue
        of = at_most_groups(instance, link)
        for name, awards in zip(of.names, group_awards(of, locked).tolist(), strict=True):
            if awards > (link.k or 0):
                yield Finding(
                    True,
                    f"{figures.counted(awards, 'proposal', 'proposals')} of {name} must be funded, but "
                    f"{link_key(index)} allows {link.k}",
                    "must_fund and the link contradict each other",
                    "remove one from must_fund, or raise k",
                    about=(link_key(index),),
                )


def _reserves(instance: Instance, policy: Policy) -> Iterator[Finding]:
    fixed = [reserve for reserve in policy.reserve if reserve.base == "budget"]
    in_rounds = policy.reserve_order == "over_and_above"
    firm = [reserve for reserve in fixed if in_rounds or (reserve.shortfall == "fail" and not reserve.soft)]
    asked = sum((required(instance, reserve, 0) for reserve in firm), 0)
    if (in_rounds or policy.reserve_accounting == "one_to_one") and asked > room(instance, policy):
        yield Finding(
            True,
            f"the reserves together hold back {_too_much(instance, policy, int(asked))}",
            "shares add up to more than 1 while money counts once",
            'lower the shares, or set reserve_accounting = "one_to_all"',
            about=("budget", *(reserve.key for reserve in firm)),
        )
    for reserve in fixed:
        need = int(required(instance, reserve, 0))
        eligible = total(instance.sizes.top[counts(instance, reserve) & instance.open])
        if eligible < need:
            yield Finding(
                reserve.shortfall == "fail" and not reserve.soft and policy.reserve_accounting != "shared",
                f"{reserve.key} holds back {instance.money(need)}, but eligible demand is {instance.money(eligible)}",
                *of_reserve(instance, policy, reserve),
                about=(reserve.key,),
            )


def _limits(instance: Instance, policy: Policy) -> Iterator[Finding]:
    """Yield floors that exceed the demand of their group."""
    everyone = Awards.of(instance, instance.open)
    for index, limit in enumerate(policy.limit):
        of, words = limit_groups(instance, index, limit)
        for bound in bounds(instance, index, limit):
            if not bound.floor or bound.of == "spent" or bound.gap:
                continue
            for name, size in zip(of.names, group_totals(instance, index, of, everyone, bound), strict=True):
                if size < bound.size:
                    what = counted(instance, index, bound, size)
                    yield Finding(
                        not limit.soft
                        and (bound.of != "column" or bool(np.all(instance.sums[index].cells >= 0))),
                        f"{limit_key(index)}: {words.replace('{name}', name)} {bound.words}, "
                        f"but all that may be funded there is {what}",
                        *of_floor(instance, policy, index, of, bound, name),
                        about=(limit_key(index),),
                        group=name if limit.per is None else f"{limit.per} {name}",
                    )


def _gaps(instance: Instance, policy: Policy) -> Iterator[Finding]:
    """Yield gaps that do not hold for all groups, since some are too small."""
    for index, limit in enumerate(policy.limit):
        if limit.max_gap is None:
            continue
        large, every = len(limit_groups(instance, index, limit)[0].names), 1
        if limit.per is not None:
            every = len(instance.groups(limit.per).names)
        if large < every:
            of = f"groups of {limit.per}" if limit.per else f"groups: {group_name(limit)}"
            yield Finding(
                False,
                f"{limit_key(index)}: the gap holds for {large:,} of {every:,} {of}",
                "the others have fewer eligible proposals than min_proposals",
                "set min_proposals; without it, groups count in which one award moves the rate by no more than the gap",
            )


def _floors(instance: Instance, policy: Policy) -> Iterator[Finding]:
    """Yield floors of one column that together exceed the budget, and reserves that caps make impossible."""
    for index, limit in enumerate(policy.limit):
        of, _ = limit_groups(instance, index, limit)
        for bound in bounds(instance, index, limit):
            together = bound.size * len(of.names)
            if bound.of != "money" or bound.gap:
                continue
            if bound.floor and together > room(instance, policy):
                yield Finding(
                    limit.per is not None and not _overlap(of.member) and not limit.soft,
                    f"{limit_key(index)}: the floors of all {len(of.names)} groups add up to "
                    f"{_too_much(instance, policy, int(together))}",
                    "a floor meant for a few groups holds for every value of the column",
                    "lower it, or use `where`",
                    about=(limit_key(index),),
                )
            if not bound.floor and not limit.soft and policy.reserve_order == "minimum_guarantee":
                yield from _capped(instance, policy, index, float(bound.size))


def _added(instance: Instance, of: Groups, members: Bools) -> list[int]:
    inside = members[of.member]
    return group_sums(instance.sizes.top[of.member[inside]], of.group[inside], len(of.names))


def _overlap(member: np.ndarray[tuple[int], np.dtype[np.int64]]) -> bool:
    return any(a == b for a, b in pairwise(np.sort(member).tolist()))


def _capped(instance: Instance, policy: Policy, index: int, cap: float) -> Iterator[Finding]:
    """Yield reserves that a cap puts out of reach: each group gives them at most the cap."""
    limit = policy.limit[index]
    of, _ = limit_groups(instance, index, limit)
    if _overlap(of.member):
        return
    for reserve in policy.reserve:
        given = reserve.soft or reserve.shortfall != "fail"
        if given or reserve.base == "spent" or policy.reserve_accounting == "shared":
            continue
        members = counts(instance, reserve) & instance.open
        outside = members.copy()
        outside[of.member] = False
        money = _added(instance, of, members)
        reach = total(instance.sizes.top[outside]) + sum(min(float(m), cap) for m in money)
        need = required(instance, reserve, 0)
        if reach < need <= total(instance.sizes.top[members]):
            yield Finding(
                True,
                f"{reserve.key} holds back {instance.money(int(need))}, but {limit_key(index)} leaves at most "
                f"{instance.money(int(reach))} for it",
                "the proposals with the trait are in few groups, and the cap binds there",
                "raise the cap or lower the reserve",
                about=(reserve.key, limit_key(index)),
            )


def _years(instance: Instance, policy: Policy) -> Iterator[Finding]:
    for year, budget in enumerate(instance.budgets):
        there_is = budget + instance.beyond[year] + (instance.carry if year else 0)
        if there_is == 0 and int(instance.by_year[instance.eligible, year].max(initial=0)) > 0:
            yield Finding(
                False,
                f"the budget of year {year + 1} is 0, so nothing that costs money in that year can be funded",
                "a year was left out",
                "check the list of budgets",
            )


def _mask(instance: Instance, names: tuple[str, ...]) -> Bools:
    mask = np.zeros(len(instance.ids), dtype=bool)
    mask[[instance.position[name] for name in names]] = True
    return mask
