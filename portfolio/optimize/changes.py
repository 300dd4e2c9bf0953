"""Who is funded only without a reserve, and who only with it, in words; and the same words without some of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

_ENTERS = "; it would be funded without the reserve for "


@dataclass(frozen=True)
class Change:
    """Who is funded only without a rule, and who only with it."""

    entered: tuple[str, ...]
    left: tuple[str, ...]


def entering(without: Mapping[str, Change]) -> dict[str, str]:
    """Say of each proposal that would be funded without a reserve without which ones; the end of its reason."""
    found: dict[str, list[str]] = {}
    for trait, change in without.items():
        for name in change.entered:
            found.setdefault(name, []).append(trait)
    return {name: _enters(traits) for name, traits in found.items()}


def part(
    traits: Sequence[str],
    counting: Collection[str],
    needs: Collection[str],
    *,
    all_known: bool,
    first: bool,
) -> str:
    """Say what a funded proposal counts towards, and without which reserves it would not be funded.

    Parameters
    ----------
    traits
        Those for which money is held back, in the order in which they are said.
    counting, needs
        Those that it counts towards, and those without whose reserve it would not be funded.
    all_known
        Whether it is known of every reserve who would not be funded without it.
    first
        Whether anything comes before the value.
    """
    held = [trait for trait in traits if trait in needs and trait in counting]
    also = [trait for trait in traits if trait in needs and trait not in counting]
    rest = [trait for trait in traits if trait in counting and trait not in held]
    what = f"part of the {'best' if first else 'most valuable'} portfolio found"
    if held:
        what = f"funded from the reserve for {' and from that for '.join(held)}: without it, it would not be funded"
    elif all_known and not needs:
        what += ", with or without any one of the reserves"
    if also:
        nor = "nor" if held else "not funded"
        what += f"; {nor} without the reserve for {' or without that for '.join(also)}"
    return f"{what}; {'also ' if held else ''}counts towards {', '.join(rest)}" if rest else what


def without_changes(reason: str, traits: Sequence[str], hidden: Collection[str], *, first: bool) -> str:
    """Return a reason without what it says of who would be funded without some reserves.

    Parameters
    ----------
    traits
        Those for which money is held back, in the order of the policy.
    hidden
        Those of them of whose reserves nothing is said; if there are none, the reason stays as it is.
    first
        Whether anything comes before the value.
    """
    if not hidden:
        return reason
    one = "|".join(re.escape(trait) for trait in sorted(traits, key=len, reverse=True))

    def some(between: str) -> str:
        return f"((?:{one})(?:{between}(?:{one}))*)"

    def known(words: str | None) -> list[str]:
        return re.findall(one, words or "")

    enters = re.search(re.escape(_ENTERS) + some(" or that for ") + "$", reason)
    if enters:
        left = [trait for trait in known(enters[1]) if trait not in hidden]
        return reason[: enters.start()] + (_enters(left) if left else "")
    said = re.match(
        f"(?:funded from the reserve for {some(' and from that for ')}: without it, it would not be funded"
        "|part of the (?:best|most valuable) portfolio found(?:, with or without any one of the reserves)?)"
        f"(?:; (?:nor|not funded) without the reserve for {some(' or without that for ')})?"
        f"(?:; (?:also )?counts towards {some(', ')})?",
        reason,
    )
    if not said:
        return reason
    held, also, rest = (known(words) for words in said.groups())
    needs = {*held, *also} - {*hidden}
    return part(traits, {*held, *rest}, needs, all_known=False, first=first) + reason[said.end() :]


def _enters(traits: Sequence[str]) -> str:
    return f"{_ENTERS}{' or that for '.join(traits)}"
