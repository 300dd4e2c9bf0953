"""What people and scripts read: the files of a decision, and its findings in words."""

from portfolio.optimize.words import gap_in_words, price_in_words, rules_in_words, value_in_words
from portfolio.report.charts import (
    Chart,
    plot_balance,
    plot_frontier,
    plot_funding_line,
    plot_money,
    plot_plane,
)
from portfolio.report.common_grants import common_grants_name
from portfolio.report.files import RECORD, fingerprint_of, write_decision, write_record
from portfolio.report.giving import Publication, grants_of, read_publication, write_giving
from portfolio.report.html.report import report_page, write_report
from portfolio.report.lottery import read_record, refuse_another_draw
from portfolio.report.record import as_record
from portfolio.report.restored import restored
from portfolio.report.reviewers import comparison_in_words, comparison_page, write_comparison
from portfolio.report.stored import StoredDecision, problem_of, read_decision
from portfolio.report.tables import write_table
from portfolio.report.verify.check import Check, Verification
from portfolio.report.verify.decision import verify_decision
from portfolio.report.verify.fingerprints import Places
from portfolio.report.verify.record import verify_record
from portfolio.report.why import explanation, explanation_in_words, stored_rows
from portfolio.report.workbook import write_workbook

__all__ = [
    "RECORD",
    "Chart",
    "Check",
    "Places",
    "Publication",
    "StoredDecision",
    "Verification",
    "as_record",
    "common_grants_name",
    "comparison_in_words",
    "comparison_page",
    "explanation",
    "explanation_in_words",
    "fingerprint_of",
    "gap_in_words",
    "grants_of",
    "plot_balance",
    "plot_frontier",
    "plot_funding_line",
    "plot_money",
    "plot_plane",
    "price_in_words",
    "problem_of",
    "read_decision",
    "read_publication",
    "read_record",
    "refuse_another_draw",
    "report_page",
    "restored",
    "rules_in_words",
    "stored_rows",
    "value_in_words",
    "verify_decision",
    "verify_record",
    "write_comparison",
    "write_decision",
    "write_giving",
    "write_record",
    "write_report",
    "write_table",
    "write_workbook",
]
