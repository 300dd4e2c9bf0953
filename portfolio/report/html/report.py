"""The report of a decision: everything that a council, an applicant or an auditor asks of it, as one page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from portfolio.call.files import atomic_write
from portfolio.call.kept import kept
from portfolio.report.html.amounts import Amounts
from portfolio.report.html.anonymous import without_names
from portfolio.report.html.balances import balances_of
from portfolio.report.html.certainty import with_certainty
from portfolio.report.html.drawings import charts_of
from portfolio.report.html.line import line_bounds, line_of, with_line
from portfolio.report.html.listing import listings_of
from portfolio.report.html.method import method_of
from portfolio.report.html.overview import overview_of
from portfolio.report.html.page import render
from portfolio.report.html.questions import conflicts_of, set_aside_of
from portfolio.report.html.withheld import published_bounds, published_demand, with_entrants, without_figures
from portfolio.report.stored import StoredDecision
from portfolio.report.stored_tables import stored_decisions

TITLE = "Funding decision"


def write_report(
    decision: StoredDecision,
    path: str | Path,
    *,
    title: str = TITLE,
    robustness: str | Path | None = None,
    anonymous: bool = False,
) -> Path:
    """Write the report of a decision as one HTML file, whole or not at all; see `report_page`.

    Raises
    ------
    DataError
        If the folder of the decision was changed, or the file of robustness is not about it.
    PortfolioError
        If matplotlib (the extra `report`) is not installed.
    OSError
        If a file cannot be read or written, or `path` is one that the report is made from.
    """
    page = report_page(decision, title=title, robustness=robustness, anonymous=anonymous)
    read = [*decision.files, *([] if robustness is None else [Path(robustness)])]
    with kept(read), atomic_write(path) as temporary:
        temporary.write_bytes(page.encode())
    return Path(path)


def report_page(
    decision: StoredDecision,
    *,
    title: str = TITLE,
    robustness: str | Path | None = None,
    anonymous: bool = False,
) -> str:
    """Return the report of a decision as HTML; the same decision gives the same text.

    The page holds no script and loads nothing. It is printed on A4 with the decision on its first page.

    Parameters
    ----------
    decision
        As `read_decision` gives it.
    title
        Stands above the page.
    robustness
        The table of `portfolio robustness`: then the report says how sure each borderline decision is.
    anonymous
        For publication: no ids, titles, investigators and requests of proposals that were not funded, and no texts of
        rows that were set aside.
    """
    record = decision.record
    decisions = stored_decisions(decision)
    decisions = with_line(decisions, Decimal(str(record["budget"])), record["currency"])
    if robustness is not None:
        decisions = with_certainty(decisions, robustness)
    hidden: frozenset[str] = frozenset()
    told, lined = None, True
    if anonymous:
        decision, decisions, hidden = without_names(decision, with_entrants(decisions, record))
        # From here on the table keeps its order, which is that of the sums.
        demand = published_demand(decisions).bounding(published_bounds(record, decisions))
        decision, decisions = without_figures(decision, decisions)
        bounded = demand.bounding(line_bounds(decisions))
        lined = not bounded.tell
        told = bounded if lined else demand
    amounts = Amounts.of(record["currency"], _sums(decisions, record, decision.policy.commitments))
    return render(
        "report.html",
        title=title,
        currency=record["currency"],
        anonymous=anonymous,
        charts=charts_of(decision, decisions, anonymous=anonymous, lined=lined),
        overview=overview_of(decision, decisions, amounts, anonymous=anonymous),
        balances=tuple(balances_of(decisions, amounts, told)),
        line=line_of(decisions) if lined else None,
        conflicts=conflicts_of(decisions, anonymous=anonymous),
        aside=set_aside_of(decision, anonymous=anonymous),
        notes=decision.record.get("notes", ()),
        listings=listings_of(decisions, amounts, anonymous=anonymous),
        method=method_of(decision, hidden),
    )


def _sums(
    decisions: pl.DataFrame, record: Mapping[str, Any], promised: Iterable[Decimal]
) -> Iterator[Decimal]:
    """Yield every sum that the page shows, or the parts that its sums are made of."""
    for name in ("amount_requested", "amount_awarded"):
        yield from decisions[name].unique()
    parts = [
        (record["budget"], record["spent"], *promised),
        *((row["required"], row["delivered"], row["eligible"]) for row in record["reserves"]),
        *((row["pot"], row["spent"]) for row in record["rounds"]),
    ]
    yield from (Decimal(str(money)) for part in parts for money in part if money is not None)
