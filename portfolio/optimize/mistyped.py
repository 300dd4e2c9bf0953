"""What looks mistyped: ids and names that look alike, amounts in thousands, rules that hold for no proposal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portfolio.call.confusable import look_alikes
from portfolio.call.money import format_money
from portfolio.call.requests import small_middle
from portfolio.optimize.figures import counted
from portfolio.optimize.finding import Finding
from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.limits import limit_groups, limit_key
from portfolio.optimize.vectors import Integers
from portfolio.policy import Policy

_SHOWN = 3


def mistyped(instance: Instance, policy: Policy) -> Iterator[Finding]:
    """Yield what is read as it stands and was probably meant otherwise."""
    if groups := look_alikes(instance.ids):
        fact = f"these ids look alike and are different proposals: {_shown(groups)}"
        way = "compare the titles; give one of them another id, or leave the copy out"
        yield Finding(False, fact, "one proposal entered twice, or typed with letters of another script", way)
    yield from scaled(instance.amount, instance.currency, policy.columns.get("amount", ""))
    yield from _names(instance, policy)
    yield from _no_proposal(instance, policy)


def scaled(requests: Integers, currency: str, heading: str = "") -> Iterator[Finding]:
    """Yield that requests in minor units, read from a heading if it is known, look as if they were in thousands.

    No list of the words for thousands is complete, so that a heading of another word is read as one of single units.
    """
    middle = small_middle(requests, currency)
    if middle is not None:
        read = f", read from {heading!r}" if heading else ""
        yield Finding(
            False,
            f"the middle request is {format_money(middle, currency)}{read}",
            "the amounts are in thousands or millions, or the requests are that small",
            f"amounts are in single units of {currency}: if these are thousands, convert them, or leave their heading "
            "out of [columns] and say in [derive]: amount = '1000 * CAST(\"your heading\" AS DOUBLE)'",
        )


def _names(instance: Instance, policy: Policy) -> Iterator[Finding]:
    """Yield names of groups that look alike: what a rule allows each of them, one group has more than once."""
    named = [
        *(limit.per for limit in policy.limit),
        *(link.per for link in policy.link),
        *(coverage.per for coverage in policy.coverage),
    ]
    columns = {column for column in named if column is not None}
    for column in sorted(columns):
        if groups := look_alikes(map(str, instance.groups(column).names)):
            fact = f"these values of {column} look alike and are different groups to a rule: {_shown(groups)}"
            way = "write it in one way, so that the rule holds for all of them together"
            yield Finding(False, fact, "one name in two spellings", way)
        if several := [name for name in map(str, instance.groups(column).names) if ";" in name]:
            shown = ", ".join(map(repr, several[:_SHOWN]))
            count = counted(len(several), f"value of {column} holds", f"values of {column} hold")
            fact = f"{count} a semicolon and count{'s' * (len(several) == 1)} as one each: {shown}"
            cause = "several values in one cell, in a column of your own"
            way = f'map it to a column of lists: [columns] bottlenecks = "{column}", or fields'
            yield Finding(False, fact, cause, way)


def _no_proposal(instance: Instance, policy: Policy) -> Iterator[Finding]:
    """Yield conditions that are true of nothing, so that what is said of them has no effect."""
    way = "compare the condition with the values in the column; texts are equal only letter by letter"
    for name in sorted({reserve.trait for reserve in policy.reserve}):
        if not instance.traits[name].any():
            yield Finding(False, f"no proposal has the trait {name}", "a value is spelled otherwise", way)
    for index, limit in enumerate(policy.limit):
        if (
            limit.per is None
            and limit.max_gap is None
            and not len(limit_groups(instance, index, limit)[0].member)
        ):
            of = f"the trait {limit.trait}" if limit.where is None else limit.where
            fact = f"{limit_key(index)} holds for no proposal: {of}"
            yield Finding(False, fact, "a value is spelled otherwise", way)


def _shown(groups: Sequence[tuple[str, ...]]) -> str:
    shown = "; ".join(" and ".join(map(repr, group)) for group in groups[:_SHOWN])
    return shown + (f" and {len(groups) - _SHOWN:,} more groups" if len(groups) > _SHOWN else "")
