"""Why each proposal was decided as it was, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from portfolio.optimize.alone import told_alone
from portfolio.optimize.awards import Awards, values
from portfolio.optimize.changes import Change, entering, part
from portfolio.optimize.enough import enough
from portfolio.optimize.for_money import for_money, most_for_money
from portfolio.optimize.instance import Instance
from portfolio.optimize.obstacles import obstacles
from portfolio.optimize.pots import exhausted, listed_rounds, pots_of
from portfolio.optimize.rows.reserves import counts
from portfolio.optimize.solution import Solution
from portfolio.optimize.subsets import subsets
from portfolio.optimize.value import worth_alone, worth_of_awards
from portfolio.optimize.vectors import Bools, Integers, Texts
from portfolio.policy import Objective, Policy

# Smaller losses read as 0.
_LEAST = 5e-5
# Values for money that differ by less than this share are equal but for rounding.
_SAME = 1e-9
_FOR_MONEY = re.compile(
    r", (?:\S+ of them with|with|though not with) more (?:merit|value)(?: above \S+)? per [A-Z]{3}"
)


@dataclass(frozen=True)
class Reasons:
    """A sentence per proposal, in two parts that many share: joined for all of a large call, they take much room.

    Attributes
    ----------
    decided, proven
        (n,) why it was decided so, and what is proven about deciding otherwise.
    """

    decided: Texts
    proven: Texts

    def of(self, rows: slice) -> list[str]:
        """Return the sentences of some proposals."""
        sentences: list[str] = (self.decided[rows] + self.proven[rows]).tolist()
        return sentences


_NOTHING: Mapping[str, Change] = {}


def reasons(
    instance: Instance, policy: Policy, solution: Solution, without: Mapping[str, Change] = _NOTHING
) -> Reasons:
    """Say of every proposal why it was decided as it was.

    Parameters
    ----------
    without
        What changes in the best portfolio without each reserve, by trait; only those of which that is known.
    """
    why = np.array(instance.ineligible, dtype=object)
    funded = solution.chosen
    left_out = ~funded & ~why.astype(bool)
    why[left_out] = _not_funded(instance, policy, solution, left_out)
    why[funded] = _funded(instance, policy, solution, without)
    for name, words in entering(without).items():
        why[instance.position[name]] += words
    # What the policy decides by itself no merit changes.
    decided = [instance.position[name] for name in (*policy.must_fund, *policy.must_not_fund)]
    proven = np.setdiff1d(np.flatnonzero(solution.margins > _LEAST), decided)
    beyond = np.full(len(why), "", dtype=object)
    if len(proven):
        beyond[proven] = enough(instance, policy, solution, proven)
    return Reasons(why, beyond)


def _funded(instance: Instance, policy: Policy, solution: Solution, without: Mapping[str, Change]) -> Texts:
    """Say what each funded proposal is part of."""
    funded = np.flatnonzero(solution.chosen)
    traits = [reserve.trait for reserve in policy.reserve]
    counting = [counts(instance, reserve)[funded] for reserve in policy.reserve]
    needs = [np.zeros(len(funded), dtype=bool) for _ in traits]
    for trait, mask in zip(traits, needs, strict=True):
        mask[_rows(instance, funded, without[trait].left if trait in without else ())] = True
    # Each combination of traits that count, and of reserves without which it is not funded, is said once.
    size = len(traits)
    kinds, kind_of = subsets([*counting, *needs], len(funded))
    all_known = bool(traits) and set(traits) == set(without)
    first = bool(solution.goals)
    texts = []
    for kind in kinds:
        towards = [traits[code] for code in kind if code < size]
        held = [traits[code - size] for code in kind if code >= size]
        texts.append(part(traits, towards, held, all_known=all_known, first=first))
    why = np.array(texts, dtype=object)[kind_of]
    less = solution.awards.amount[funded] < instance.amount[funded]
    for row in np.flatnonzero(less).tolist():
        why[row] += (
            f"; awarded less than the {instance.money(int(instance.amount[funded[row]]))} that it asks for"
        )
    for done in solution.rounds:
        why[_rows(instance, funded, done.awards)] = f"funded with the money of the round {done.name}"
    why[_rows(instance, funded, policy.must_fund)] = "the policy says that it must be funded"
    return why


def _rows(instance: Instance, funded: Integers, names: Iterable[str]) -> Integers:
    """Return where some that are funded stand among all that are."""
    rows: Integers = np.searchsorted(funded, [instance.position[name] for name in names])
    return rows


def _not_funded(instance: Instance, policy: Policy, solution: Solution, mask: Bools) -> Texts:
    """Say why each of some proposals is not funded."""
    rows = np.flatnonzero(mask)
    caps = [
        (words, over[rows])
        for words, over in (
            *obstacles(instance, policy, solution.awards),
            *exhausted(instance, policy, solution.rounds),
        )
    ]
    broken, which = subsets((over for _, over in caps), len(rows))
    rules = [" and ".join(caps[place][0] for place in places) for places in broken]
    beside = "the awards" if solution.rounds else "them"
    texts = [f"; beside {beside} it would break {text}" if text else ", under the rules" for text in rules]
    why = _went_to(instance, policy, solution, rows)
    why += np.array(texts, dtype=object)[which]
    alone = dict(told_alone(instance, policy))
    for place, row in enumerate(rows.tolist()):
        why[place] = alone.get(row, why[place])
    refused = np.isin(rows, [instance.position[name] for name in policy.must_not_fund])
    why[refused] = "the policy says that it must not be funded"
    return why


def _went_to(instance: Instance, policy: Policy, solution: Solution, rows: Integers) -> Texts:
    """Say how many awards the money went to that each of some proposals could have, and how they compare with it."""
    if not solution.rounds:
        return _compared(instance, policy, solution, solution.awards, rows, "")
    open_to = pots_of(instance, policy, solution.rounds)
    kinds, kind_of = subsets((pot.member[rows] for pot in open_to), len(rows))
    why = np.full(len(rows), "", dtype=object)
    for kind, places in enumerate(kinds):
        parts = [solution.rounds[place] for place in places]
        mine, among = kind_of == kind, np.zeros(len(instance.ids), dtype=bool)
        among[[instance.position[name] for part in parts for name in part.awards]] = True
        money = f" that it could have, of {listed_rounds([part.name for part in parts])},"
        awards = solution.awards.among(among)
        why[mine] = _compared(instance, policy, solution, awards, rows[mine], money)
    return why


def _compared(
    instance: Instance, policy: Policy, solution: Solution, awards: Awards, rows: Integers, money: str
) -> Texts:
    """Say how many awards some `money` went to, and how many of them are worth more for it than each proposal.

    That they are worth more together is said where no portfolio with the proposal is worth as much, and they are worth
    more than it is by itself: a rule may leave no place for what is worth more than all of them.
    """
    number = int(awards.funded.sum())
    if not number:
        none = f"the money{money} went to nobody" if money else "nothing is funded"
        return np.full(len(rows), none, dtype=object)
    went = np.full(
        len(rows), f"the money{money} went to {number:,} award{'' if number == 1 else 's'}", dtype=object
    )
    if not solution.goals:
        more = " that is worth more" if number == 1 else " that are worth more together"
        worth, alone = worth_of_awards(instance, policy, awards), worth_alone(instance, policy)[rows]
        went[(solution.margins[rows] > _LEAST) & (worth > alone + _SAME * np.abs(alone))] += more
    if policy.objective.order == "lexicographic":
        return went
    if _by_merit(policy):
        asks, got = instance.merit[rows], np.sort(instance.merit[awards.funded])
    else:
        asks = most_for_money(instance, policy)[rows]
        got = np.sort(for_money(values(instance, awards, instance.value), awards.amount)[awards.funded])
    better = number - np.searchsorted(got, asks + _SAME * np.abs(asks), side="right")
    what = _measure(instance, policy)
    known = np.unique(better)
    texts = [f", {_of_them(count, number)} {what}" for count in known.tolist()]
    return np.asarray(went + np.array(texts, dtype=object)[np.searchsorted(known, better)])


def without_place(reason: str) -> str:
    """Return a reason without how many awards are worth more for the money: with a merit that bounds the request."""
    return _FOR_MONEY.sub("", reason)


def _by_merit(policy: Policy) -> bool:
    """Tell whether merit is the value for money, also of what asks for nothing."""
    objective = policy.objective
    return _in_proportion(objective) and not objective.criterion and objective.exponent == 1.0


def _in_proportion(objective: Objective) -> bool:
    """Tell whether half of a request is worth half of the merit: not by levels, nor along a curve."""
    return not objective.curve and objective.partial != "levels"


def _of_them(count: int, number: int) -> str:
    if number == 1:
        return "with" if count else "though not with"
    return {0: "none", number: "all"}.get(count, f"{count:,}") + " of them with"


def _measure(instance: Instance, policy: Policy) -> str:
    """Say what more value for money is, in the words of the objective."""
    objective, per = policy.objective, f"per {instance.currency}"
    if _by_merit(policy):
        return "higher merit"
    if objective.criterion or objective.exponent or not _in_proportion(objective):
        return f"more value {per}"
    return f"more merit {per}" if not objective.zero else f"more merit above {objective.zero:.15g} {per}"
