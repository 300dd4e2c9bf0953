"""The parsed form of an expression: its nodes, parents first, and where the parts of each stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

import polars as pl

Node: TypeAlias = dict[str, Any]

LEFT_OUT: Node = {"Literal": {"Scalar": {"Null": "Null"}}}
"""What the parser writes for an argument that a call does not have."""

_NOTHING = {"Literal": {"Dyn": {"Int": 0}}}
_FLOAT = {"dtype": {"Literal": "Float64"}, "options": "Strict"}
_AT_LEAST = {"Clip": {"has_min": True, "has_max": False}}


def tree_of(expression: pl.Expr) -> Node:
    """Return an expression as nodes."""
    tree: Node = json.loads(expression.meta.serialize(format="json"))
    for node in parents_first(tree):
        match node:
            case {
                "Function": {
                    "input": [_, {"BinaryExpr": {"left": {"Cast": {"expr": length}}}} as start, _] as parts,
                    "function": {"StringExpr": "Slice"},
                }
            } if length == {"Function": {"input": [parts[0]], "function": {"StringExpr": "LenChars"}}}:
                # RIGHT counts from the end; where that is before the first letter, it takes all of them.
                parts[1] = {"Function": {"input": [start, _NOTHING], "function": _AT_LEAST}}
    return tree


def constant_of(value: pl.Series) -> Node:
    """Write one value as a constant of an expression; infinity has no place in JSON but as a text."""
    if value.dtype == pl.Float64 and not value.is_finite().all():
        return {"Cast": _FLOAT | {"expr": constant_of(value.cast(pl.String))}}
    constant = pl.lit(value) if value.dtype.is_nested() else pl.lit(value.item(), dtype=value.dtype)
    written: Node = json.loads(constant.meta.serialize(format="json"))
    return written


def parents_first(tree: Node) -> list[Node]:
    """Return all the nodes of a tree, each before its parts."""
    found = [tree]
    for node in found:
        found += [holder[key] for holder, key in places(node)]
    return found


def places(node: Node) -> list[tuple[Any, Any]]:
    """Return where the parts of a node stand."""
    match node:
        case {"BinaryExpr": inner}:
            return [(inner, "left"), (inner, "right")]
        case {"Function": {"input": [{"Cast": inner}], "function": {"Boolean": "Not"}}}:
            # The parser has NOT take everything for a truth value.
            return [(inner, "expr")]
        case {"Cast": inner} | {"Eval": inner}:
            return [(inner, "expr")]
        case {"Function": inner}:
            return [(inner["input"], index) for index in range(len(inner["input"]))]
        case {"Ternary": inner}:
            return [(inner, key) for key in ("predicate", "truthy", "falsy")]
    return []


def joins_texts(node: Node) -> bool:
    """Whether a sum is what the parser makes of ``||``: it has both sides be texts, whatever they are."""
    match node:
        case {"BinaryExpr": {"op": "Plus", "left": {"Cast": one}, "right": {"Cast": other}}}:
            as_texts = {"dtype": {"Literal": "String"}, "options": "NonStrict"}
            return all(side | as_texts == side for side in (one, other))
    return False


def passed_on(node: Node) -> slice:
    """Return which parts of a node have their texts passed on as they are, but for capitals and blanks."""
    match node:
        case {"Ternary": _}:
            return slice(1, None)
        case {"Function": {"function": "Coalesce" | "MaxHorizontal" | "MinHorizontal"}}:
            return slice(None)
        case (
            {"Cast": _}
            | {"Eval": {"evaluation": {"Function": {"function": "Reverse" | {"Unique": _}}}}}
            | {"Function": {"function": {"ListExpr": {"Get": _}}}}
            | {
                "Function": {
                    "function": {"StringExpr": "Uppercase" | "Lowercase" | "Titlecase" | "StripChars"}
                }
            }
        ):
            return slice(1)
    return slice(0)


def read_as_days(expression: pl.Expr) -> frozenset[str]:
    """Return the columns whose texts an expression reads as days of a form that it names, by STRPTIME."""
    texts = (part for text, _ in _read_by_form(expression) for part in parents_first(text))
    return frozenset(part["Column"] for part in texts if "Column" in part)


def read_as_texts(expression: pl.Expr) -> frozenset[str]:
    """Return the columns that an expression takes for texts: it compares or mixes them with one, or looks into them."""
    found: set[str] = set()
    for node in parents_first(tree_of(expression)):
        parts = [holder[key] for holder, key in places(node)]
        match node:
            case {"Function": {"function": {"StringExpr": {"ConcatHorizontal": _}}}}:
                # It joins whatever it is given.
                texts = []
            case {"Function": {"function": {"StringExpr": _}}}:
                texts = parts[:1]
            case _:
                mixed = parts[1:] if "Ternary" in node else parts
                texts = mixed if any(map(_is_text, mixed)) else []
        found.update(part["Column"] for part in texts if "Column" in part)
    return frozenset(found)


def _is_text(node: Node) -> bool:
    """Whether a node is a text, or a list of texts, that the expression writes."""
    if "Literal" not in node:
        return False
    constant = pl.Expr.deserialize(json.dumps(node).encode(), format="json")
    return pl.select(constant).to_series().dtype in (pl.String, pl.List(pl.String))


def whole_as_days(expression: pl.Expr) -> Iterator[tuple[str, pl.Expr]]:
    """Yield the columns whose whole texts an expression reads so, each with the part of the expression that does."""
    for text, node in _read_by_form(expression):
        *casts, last = parents_first(text)
        if "Column" in last and all("Cast" in cast for cast in casts):
            yield last["Column"], pl.Expr.deserialize(json.dumps(node).encode(), format="json")


def _read_by_form(expression: pl.Expr) -> Iterator[tuple[Node, Node]]:
    for node in parents_first(tree_of(expression)):
        match node:
            case {
                "Function": {
                    "input": [text, *_],
                    "function": {"StringExpr": {"Strptime": [_, {"format": str()}]}},
                }
            }:
                yield text, node
