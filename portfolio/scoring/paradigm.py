"""The paradigm table: what sets applied from basic research, as data that every score refers to.

The four rows are the table of the project. A *position* is a number in [0, 1]: 0 is the applied pole of a
row, 1 its basic pole. `POSITIONS` places the words of each vocabulary; the numbers are decisions of this
project:

- `research_type` follows OECD Frascati Manual 2015, sections 2.23-2.32 (basic research with its kinds pure
  and oriented; applied research; experimental development). The line between basic and applied research is the
  middle, 0.5; on either side the purer kind sits at the pole and the other halfway.
- `driver` follows Stokes, *Pasteur's Quadrant*, 1997: curiosity alone is the basic pole; a goal within
  science is on the basic side; a purpose outside science leans to the applied side, but not to its pole, since
  strategic basic research (fusion, a quantum computer) is driven by a purpose too.
- `expected_outputs` are placed by the key metric of the table. A method or a data set serves either pole, so
  it may lie anywhere: 0.5, with a half-width of 0.5. A list of outputs is placed at the mean of its distinct
  words.

Nine in ten proposals that are described by a word lie within its half-width. Words are chosen by applicants
and cut a scale into a few pieces, hence 0.3; `basic` does not say which kind, hence more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from types import MappingProxyType
from typing import Literal

import polars as pl

RowName = Literal["primary_goal", "risk_profile", "time_horizon", "key_metric"]


@dataclass(frozen=True, slots=True)
class Row:
    """One feature by which applied and basic research differ.

    Parameters
    ----------
    name
        How settings and scores refer to the row.
    applied, basic
        The pole at position 0 and the pole at position 1, in words.
    question
        What a reader of a proposal has to ask to place it on this row.
    evidence
        The pieces of evidence that may place a proposal here: columns of a call, `feasibility`, the reviewers'
        ratings, or `text`, the title and the abstract.
    """

    name: RowName
    applied: str
    basic: str
    question: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Paradigm:
    """An immutable table of rows that prints as a table and is indexed by the name of a row."""

    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> Row:
        return {row.name: row for row in self.rows}[name]  # type: ignore[index]

    @property
    def names(self) -> tuple[RowName, ...]:
        """The names of the rows, in order."""
        return tuple(row.name for row in self.rows)

    def to_frame(self) -> pl.DataFrame:
        """Return the table: feature, applied, basic, question and evidence (a list of columns)."""
        return pl.DataFrame(
            {
                "feature": [row.name for row in self.rows],
                "applied": [row.applied for row in self.rows],
                "basic": [row.basic for row in self.rows],
                "question": [row.question for row in self.rows],
                "evidence": [list(row.evidence) for row in self.rows],
            }
        )

    def __repr__(self) -> str:
        lines = [line for cells in self._cells() for line in _wrapped(cells)]
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str:
        head, *body = (tuple(escape(cell) for cell in cells) for cells in self._cells())
        rows = "".join(f"<tr><td>{'</td><td>'.join(cells)}</td></tr>" for cells in body)
        return f"<table><tr><th>{'</th><th>'.join(head)}</th></tr>{rows}</table>"

    def _cells(self) -> list[tuple[str, str, str]]:
        head = ("Feature", "Applied research (0)", "Basic research (1)")
        return [head, *((row.name.replace("_", " "), row.applied, row.basic) for row in self.rows)]


def _wrapped(cells: tuple[str, str, str]) -> list[str]:
    """Lay three cells out in columns of 15, 32 and 36 characters, on as many lines as they need."""
    columns = [wrap(cell, width) for cell, width in zip(cells, (14, 30, 36), strict=True)]
    height = max(len(column) for column in columns)
    padded = [column + [""] * (height - len(column)) for column in columns]
    return [f"{a:<16}{b:<32}{c}" for a, b, c in zip(*padded, strict=True)]


PARADIGM = Paradigm(
    (
        Row(
            "primary_goal",
            "product optimization and scaling",
            "discovery of new theories or principles",
            "Is the aim to improve something for use, or to understand something?",
            ("research_type", "driver", "text"),
        ),
        Row(
            "risk_profile",
            "low to moderate; predictable",
            "high; high probability of failure",
            "How likely is it that the stated outcome is not reached?",
            ("success_probability", "trl", "feasibility"),
        ),
        Row(
            "time_horizon",
            "short to medium term",
            "long term (decades)",
            "How many years until the result is expected to matter?",
            ("years_to_outcome",),
        ),
        Row(
            "key_metric",
            "market share, efficiency, patents",
            'fundamental breakthroughs, "firsts"',
            "By what will success be known?",
            ("expected_outputs", "text"),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a word lies in [0, 1]: at `at`, and nine times in ten within `half_width` of it."""

    at: float
    half_width: float


POSITIONS: Mapping[str, Mapping[str, Position]] = MappingProxyType(
    {
        "research_type": MappingProxyType(
            {
                "experimental_development": Position(0.0, 0.3),
                "applied": Position(0.25, 0.3),
                "oriented_basic": Position(0.75, 0.3),
                "basic": Position(0.875, 0.375),
                "pure_basic": Position(1.0, 0.3),
            }
        ),
        "driver": MappingProxyType(
            {
                "application_purpose": Position(0.25, 0.3),
                "scientific_goal": Position(0.75, 0.3),
                "curiosity": Position(1.0, 0.3),
            }
        ),
        "expected_outputs": MappingProxyType(
            {
                "market_share": Position(0.0, 0.3),
                "efficiency": Position(0.0, 0.3),
                "product": Position(0.0, 0.3),
                "patent": Position(0.0, 0.3),
                "dataset": Position(0.5, 0.5),
                "method": Position(0.5, 0.5),
                "publication": Position(0.75, 0.3),
                "discovery": Position(1.0, 0.3),
                "theory": Position(1.0, 0.3),
            }
        ),
    }
)
