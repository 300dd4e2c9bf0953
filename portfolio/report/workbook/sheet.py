"""A sheet before it is Excel: a table, and what each of its columns is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from portfolio.call.columns import Column, Kind


@dataclass(frozen=True)
class Sheet:
    """A table with the definition of each of its columns, in their order."""

    name: str
    table: pl.DataFrame
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Fact:
    """A line of a sheet that is no table: a value, what it is, and what it means."""

    column: Column
    value: Any


@dataclass(frozen=True)
class Facts:
    """A sheet of facts, of which each has its own type."""

    name: str
    facts: tuple[Fact, ...]


def fact(name: str, kind: Kind, value: Any, meaning: str, unit: str = "") -> Fact:
    """Make a fact of its parts."""
    return Fact(Column(name, kind, unit=unit, meaning=meaning), value)
