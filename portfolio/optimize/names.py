"""Names of a call, which may be hundreds of thousands: kept as a column, and found by halving."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import polars as pl


@dataclass(frozen=True, eq=False)
class Names(Sequence[str]):
    """A column of names; a text of Python is made of a name when it is asked for."""

    column: pl.Series

    def __len__(self) -> int:
        return len(self.column)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return Names(self.column[index])
        name: str = self.column[index]
        return name

    def __iter__(self) -> Iterator[str]:
        return iter(self.column.to_list())


@dataclass(frozen=True)
class Positions(Mapping[str, int]):
    """Where each name stands in a sorted list, without a second list."""

    names: Sequence[str]

    def __getitem__(self, name: object) -> int:
        if isinstance(name, str):
            at = bisect_left(self.names, name)
            if at < len(self.names) and self.names[at] == name:
                return at
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)
