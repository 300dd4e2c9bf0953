"""Charts: functions from tables to pictures, that also work alone in a notebook."""

from portfolio.report.charts.balance import plot_balance
from portfolio.report.charts.chart import Chart
from portfolio.report.charts.frontier import plot_frontier
from portfolio.report.charts.line import plot_funding_line
from portfolio.report.charts.money import plot_money
from portfolio.report.charts.plane import plot_plane

__all__ = ["Chart", "plot_balance", "plot_frontier", "plot_funding_line", "plot_money", "plot_plane"]
