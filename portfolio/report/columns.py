"""The single definition of the columns of a decision's tables: name, type, unit and meaning.

Columns that a proposal brings along are defined in `portfolio.call.proposal`, rules in `portfolio.policy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from portfolio.call.columns import Column, Kind, proposal_column
from portfolio.policy import Policy, Reserve

# Units beside those of a proposal: `at least` and `at most` are bounds on a value, never the figure itself.
VALUE, AT_LEAST, AT_MOST, SHARE = "value", "value, at least", "value, at most", "share"


def _columns(*rows: tuple[str, Kind, str, str]) -> Mapping[str, Column]:
    return MappingProxyType(
        {name: Column(name, kind, unit=unit, meaning=said) for name, kind, unit, said in rows}
    )


def _keys_of(names: Iterable[tuple[str, Kind, str]]) -> Mapping[str, Column]:
    """Define columns that repeat keys of a reserve, by what the policy says of them."""
    fields = Reserve.model_fields
    return _columns(*((name, kind, unit, fields[name].description or "") for name, kind, unit in names))


DECISIONS = _columns(
    ("id", "text", "", "the proposal"),
    ("decision", "word", "", "funded, not_funded or ineligible"),
    ("amount_awarded", "money", "money", "the award; 0 if it is not funded"),
    ("amount_requested", "money", "money", "the request"),
    ("merit", "number", "grade", "merit on the funder's scale, higher is better"),
    ("merit_low", "number", "grade", "lower end of the 90% interval of the merit"),
    ("merit_high", "number", "grade", "upper end of the 90% interval of the merit"),
    ("risk", "number", "0 to 1", "how likely it is that the stated outcome is not reached"),
    ("horizon_years", "number", "years", "how far away the outcome is"),
    ("basicness", "number", "0 to 1", "from 0, applied, to 1, basic"),
    ("early_career", "boolean", "", "by the rule of the policy; empty where the data do not tell"),
    ("paradigm", "word", "", "applied, mixed or basic"),
    ("conflicts", "text", "", "rows of the table of basic and applied research that contradict each other"),
    ("reason", "text", "", "why it was decided so"),
    (
        "price_bound",
        "number",
        AT_LEAST,
        "value that deciding the other way would lose at least: a proven lower bound, not the exact loss; empty where "
        "anything comes before the value",
    ),
)

RESERVES = MappingProxyType(
    {
        **_keys_of(
            [
                ("trait", "text", ""),
                ("share", "number", SHARE),
                ("amount", "money", "money"),
                ("base", "text", ""),
                ("shortfall", "text", ""),
                ("min_merit", "number", "grade"),
            ]
        ),
        **_columns(
            ("required", "money", "money", "held back"),
            ("delivered", "money", "money", "what the awards bring that count"),
            (
                "met",
                "boolean",
                "",
                "whether nothing is missing; left out over and above",
            ),
            ("eligible", "money", "money", "what all proposals that count and may be funded ask for"),
            (
                "shadow_price",
                "number",
                "value per unit of the currency",
                "value lost for each further unit of money held back, at the margin",
            ),
            ("price", "number", VALUE, "value lost against the same problem without the reserve, as found"),
            ("price_low", "number", AT_LEAST, "the true price is proven to be no lower"),
            ("price_high", "number", AT_MOST, "the true price is proven to be no higher"),
        ),
    }
)

LIMITS = _columns(
    ("limit", "text", "", "limit[1] is the first of the policy"),
    ("name", "text", "", "the value of the column, or the condition, that is limited"),
    ("bound", "text", "", "the bound in words"),
    ("delivered", "number", "as the bound", "money, awards or a sum, as the bound says"),
    ("binding", "boolean", "", "whether the bound is reached"),
)

ROUNDS = _columns(
    ("name", "text", "", "the open money, or a reserve"),
    ("pot", "money", "money", "what the round may spend"),
    ("spent", "money", "money", "what it has spent"),
    ("awards", "integer", "", "number of its awards"),
    ("value", "number", VALUE, "what its awards are worth"),
    (
        "bound",
        "number",
        AT_MOST,
        "nothing that the round could choose is worth more, given the rounds before it",
    ),
    ("status", "text", "", "how its search ended"),
)

SCENARIOS = _columns(
    ("scenario", "text", "", "base, the values that were set, or the name of the policy"),
    ("status", "text", "", "how the search ended, or why there is no portfolio"),
    ("value", "number", VALUE, "what the portfolio is worth"),
    (
        "bound",
        "number",
        AT_MOST,
        "no portfolio that keeps the rules, and does as well in the goals, is worth more",
    ),
    ("gap", "number", SHARE, "(bound - value) / value"),
    ("spent", "money", "money", "money awarded"),
    ("awards", "integer", "", "number of awards"),
    ("value_change", "number", VALUE, "value less that of the base, as found"),
    ("value_change_low", "number", AT_LEAST, "the difference of the best values is proven to be no lower"),
    ("value_change_high", "number", AT_MOST, "the difference of the best values is proven to be no higher"),
    ("entered", "integer", "", "how many proposals are funded that are not in the base"),
    ("entered_ids", "text", "", "which, joined by ;"),
    ("left", "integer", "", "how many proposals of the base are not funded"),
    ("left_ids", "text", "", "which, joined by ;"),
    ("goals", "text", "", "what was reached before the value"),
    ("gave_way", "text", "", "rules that gave way, with their size"),
    ("reason", "text", "", "why there is no portfolio"),
)
_OF_A_RESERVE = ("required", "delivered", "shadow_price")

SET_ASIDE = _columns(
    ("file", "text", "", "the file that the row stands in"),
    ("row", "integer", "", "its row, as a spreadsheet counts"),
    ("id", "text", "", "the proposal, where it is known"),
    ("column", "text", "", "the column that is wrong"),
    ("reason", "text", "", "what is wrong"),
)

FACTS = _columns(
    ("item", "text", "", "the line; in the policy its key, where tables of a list are numbered from 1"),
    ("value", "text", "as the line", "a number, a text or yes or no, as the line says"),
    ("meaning", "text", "", "what it means"),
)

TABLES: Mapping[str, Mapping[str, Column]] = MappingProxyType(
    {
        "Decisions": DECISIONS,
        "Reserves": RESERVES,
        "Limits": LIMITS,
        "Rounds": ROUNDS,
        "Scenarios": SCENARIOS,
        "Set aside": SET_ASIDE,
    }
)


def decision_column(name: str, policy: Policy) -> Column:
    """Return the definition of a column of ``decisions.csv``; a trait comes before a column of the same name."""
    if name in policy.traits:
        return Column(name, "integer", meaning=f"1 if {policy.traits[name]}, 0 if not")
    return (
        DECISIONS.get(name) or proposal_column(name) or Column(name, "text", meaning="a column of the call")
    )


def scenario_column(name: str) -> Column:
    """Return the definition of a column of a table of scenarios."""
    if name in SCENARIOS:
        return SCENARIOS[name]
    head, _, figure = name.rpartition(".")
    if head.startswith("reserve.") and figure in _OF_A_RESERVE:
        known = RESERVES[figure]
        trait = head.removeprefix("reserve.")
        return Column(name, known.kind, unit=known.unit, meaning=f"reserve for {trait}: {known.meaning}")
    return Column(name, "text", meaning="value of this key of the policy in the scenario")
