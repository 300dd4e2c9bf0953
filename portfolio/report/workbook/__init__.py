"""A decision as an Excel workbook, with a dictionary of everything in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from portfolio.call.columns import proposal_column
from portfolio.call.excel import refuse_unprintable
from portfolio.call.files import atomic_write, refuse_suffix
from portfolio.call.kept import kept
from portfolio.errors import DataError, Issue
from portfolio.policy import Policy
from portfolio.report.columns import DECISIONS
from portfolio.report.common_grants import common_grants_name
from portfolio.report.stored import StoredDecision
from portfolio.report.stored_tables import stored_decisions
from portfolio.report.workbook.layout import write_sheets
from portfolio.report.workbook.sheet import Facts, Sheet
from portfolio.report.workbook.summary import policy_facts, summary_of
from portfolio.report.workbook.tables import (
    OF_PROPOSALS,
    decision_sheets,
    dictionary,
    rule_sheets,
    scenario_sheet,
    set_aside_sheet,
)

__all__ = ["workbook_sheets", "write_workbook"]

_MOST_ROWS = 1_048_575


def write_workbook(decision: StoredDecision, path: str | Path, scenarios: str | Path | None = None) -> None:
    """Write a decision as an Excel workbook; the same decision gives the same bytes.

    Its sheets are Summary, Awards, Decisions, Reserves, Limits, Rounds (over and above), Scenarios (if given), Set
    aside, Policy and Data dictionary. A text is never a formula.

    Parameters
    ----------
    decision
        As `read_decision` gives it.
    path
        The file to write, ``.xlsx``.
    scenarios
        A table that ``portfolio whatif --out FILE`` wrote, or `write_table` of `WhatIf.scenarios`.

    Raises
    ------
    DataError
        If the decision has more rows than a sheet, a text has characters that Excel cannot hold, or a file cannot be
        read.
    OSError
        If the file cannot be written, its suffix is another, or it is one that the workbook is made from.
    """
    file = Path(path)
    refuse_other_suffix(file)
    sheets = workbook_sheets(decision, scenarios)
    for sheet in sheets:
        if isinstance(sheet, Sheet):
            _refuse_oversize(sheet, file)
            refuse_unprintable(
                sheet.table, file.name, "take them out of the text of the call and decide again"
            )
    read = [*decision.files, *([] if scenarios is None else [Path(scenarios)])]
    with kept(read), atomic_write(file) as temporary:
        write_sheets(sheets, temporary, decision.policy.currency, _title(decision))


def workbook_sheets(decision: StoredDecision, scenarios: str | Path | None = None) -> Sequence[Sheet | Facts]:
    """Return the sheets of `write_workbook` before they are written."""
    currency = decision.policy.currency
    table = stored_decisions(decision)
    sheets: list[Sheet | Facts] = [summary_of(decision, table)]
    sheets += [*decision_sheets(decision, table), *rule_sheets(decision)]
    if scenarios is not None:
        sheets.append(scenario_sheet(scenarios, decision))
    sheets += [set_aside_sheet(decision), policy_facts(decision.policy)]
    return [*sheets, dictionary(sheets, currency, partial(_common_grants, decision.policy))]


def _common_grants(policy: Policy, sheet: str, column: str) -> str:
    """Return what a column of a sheet is called in CommonGrants; a trait or a column of the funder is what it is."""
    ours = column in DECISIONS or proposal_column(column) is not None
    named = ours and sheet in OF_PROPOSALS and column not in policy.traits
    return common_grants_name(column) if named else ""


def refuse_other_suffix(path: Path) -> None:
    """Refuse a file that is no Excel workbook by its name; known before the work begins."""
    refuse_suffix(path, [".xlsx"])


def _refuse_oversize(sheet: Sheet, file: Path) -> None:
    if sheet.table.height > _MOST_ROWS:
        what = f"cannot hold {sheet.table.height:,} rows of {sheet.name}: a sheet has {_MOST_ROWS:,}"
        raise DataError([Issue(what, "use the files of the decision as they are", file=file.name)])


def _title(decision: StoredDecision) -> str:
    record = decision.record
    return f"Decision: {record['n_awards']:,} of {record['n_proposals']:,} proposals funded"
