"""What the page may ask, checked once where it arrives."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portfolio.errors import Issue, PolicyError
from portfolio.policy import Policy
from portfolio.policy.keys import with_keys

KINDS = ("start", "solve", "why", "frontier", "policy", "awards")


class RequestError(ValueError):
    """A request that no page of ours sends; the message is a plain sentence."""


@dataclass(frozen=True)
class Change:
    """What was moved on the page against the policy of the file: the same changes are equal in whatever order.

    Attributes
    ----------
    keys
        Key and value of each control that was moved, sorted.
    fund, decline
        Ids that must, and must not, be funded, sorted.
    """

    keys: tuple[tuple[str, float | int], ...] = ()
    fund: tuple[str, ...] = ()
    decline: tuple[str, ...] = ()

    def of(self, policy: Policy, known: Sequence[str]) -> Policy:
        """Return the policy with the changes.

        Parameters
        ----------
        known
            The keys of the controls.

        Raises
        ------
        PolicyError
            If a key is none of a control, a value may not be, or the changed policy contradicts itself.
        """
        unknown = [key for key, _ in self.keys if key not in known]
        if unknown:
            hint = f"these can be moved: {', '.join(known)}"
            raise PolicyError(
                Issue("is not a number that can be moved here", hint, file="policy", column=key)
                for key in unknown
            )
        changed = with_keys(policy, dict(self.keys)) if self.keys else policy
        locks = {
            name: (*old, *(one for one in new if one not in old))
            for name, old, new in (
                ("must_fund", policy.must_fund, self.fund),
                ("must_not_fund", policy.must_not_fund, self.decline),
            )
            if new
        }
        return changed.replace(**locks) if locks else changed


@dataclass(frozen=True)
class Request:
    """One request of a page.

    Attributes
    ----------
    step
        Its number on the page.
    kind
        One of `KINDS`.
    id, key
        The proposal that is asked about, and the control; empty where the kind needs none.
    """

    step: int
    kind: str
    change: Change = field(default_factory=Change)
    id: str = ""
    key: str = ""


def parse(body: bytes) -> Request:
    """Read a request from JSON.

    Raises
    ------
    RequestError
        If it is none.
    """
    try:
        document = json.loads(body.decode(), parse_constant=_refuse)
    except RecursionError:
        raise RequestError("The request is nested too deeply.") from None
    except ValueError:
        raise RequestError("The request is not JSON.") from None
    return read(document)


def read(document: Any) -> Request:
    """Check a request that is plain data.

    Raises
    ------
    RequestError
        If it is none.
    """
    if not isinstance(document, dict):
        raise RequestError("A request is a JSON object.")
    step, kind = document.get("step"), document.get("kind")
    if isinstance(step, bool) or not isinstance(step, int):
        raise RequestError("A request has a whole number `step`.")
    if kind not in KINDS:
        raise RequestError(f"A request has a `kind`, one of: {', '.join(KINDS)}.")
    request = Request(step, kind, _change(document), *_named(document, kind))
    change = request.change
    try:
        # JSON can hold halves of characters, and no answer that names them could be sent.
        "".join(
            (*(key for key, _ in change.keys), *change.fund, *change.decline, request.id, request.key)
        ).encode()
    except UnicodeEncodeError:
        raise RequestError("A key or id of the request holds half a character.") from None
    return request


def _named(document: Mapping[str, Any], kind: str) -> tuple[str, str]:
    """Return the proposal and the control that a request is about."""
    needs = {"why": "id", "frontier": "key"}.get(kind)
    if needs is not None and not isinstance(document.get(needs), str):
        raise RequestError(f"A request of the kind `{kind}` has a text `{needs}`.")
    return (document["id"] if needs == "id" else ""), (document["key"] if needs == "key" else "")


def _change(document: Mapping[str, Any]) -> Change:
    keys, locks = document.get("set", {}), [document.get(name, []) for name in ("fund", "decline")]
    if not isinstance(keys, dict) or not all(_number(value) for value in keys.values()):
        raise RequestError("`set` holds a finite number for each key.")
    if not all(isinstance(ids, list) and all(isinstance(one, str) for one in ids) for ids in locks):
        raise RequestError("`fund` and `decline` are lists of ids.")
    return Change(tuple(sorted(keys.items())), *(tuple(sorted(set(ids))) for ids in locks))


def _number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
