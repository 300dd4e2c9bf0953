"""What values say of themselves: readable, and inert whatever stands in the data and in the policy."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from typing import Any

import polars as pl
import pytest
from rich.console import Console
from small import call, policy

import portfolio as pf
from portfolio.shown import Outline

HOSTILE = ["<script>alert(1)</script>", "[bold]x[/bold] [/]", "a\x1b[31mred\x07", "\u202eevil", "$x$ & \"'"]


class Tags(HTMLParser):
    """Collects the tags, and fails on attributes that do or load something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        assert {name for name, _ in attrs} <= {"style", "scope", "class", "border"}


def problem_with(text: str) -> pf.Problem:
    asked = call(amount=[1, 2, 3], merit=[3.0, 2.0, 1.0], label=[text, text, "b"]).to_polars()
    asked = asked.with_columns(pl.lit(text).alias(f"column {text}".replace("\x00", "")))
    rules = {
        "traits": {text: f"label = '{text.replace(chr(39), chr(39) * 2)}'"},
        "reserve": [pf.Reserve(trait=text, amount=3, shortfall="release")],
        "limit": [pf.Limit(per="label", max_awards=2)],
    }
    return pf.Problem(pf.Call.from_frame(asked), policy(4, **rules))


def shown(text: str) -> list[Any]:
    problem = problem_with(text)
    decision = problem.solve()
    results = [pf.frontier(problem, "budget", [2, 4]), pf.trade_off(problem, text)]
    results += [pf.robustness(problem, draws=2), pf.fairness(decision, ["label"])]
    return [problem.call, problem.policy, problem, decision, problem.instance.scores, *results]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_inert_in_a_notebook(text: str) -> None:
    for value in shown(text):
        page = value._repr_html_()
        parser = Tags()
        parser.feed(page)
        allowed = {"table", "caption", "thead", "tbody", "tr", "th", "td", "br", "pre", "p", "div", "small"}
        assert parser.found <= allowed | {"style"}, type(value)
        assert "http" not in page


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_inert_in_a_terminal(text: str) -> None:
    problem = problem_with(text)
    for value in (problem, problem.solve(), problem.policy):
        assert not set(str(value)) & {"\x1b", "\x07", "\u202e"}
        console = Console(file=io.StringIO(), force_terminal=True, width=2000, color_system="truecolor")
        console.print(value)
        written = console.file.getvalue()
        assert "\x1b[1m" not in written
        assert ("[bold]x[/bold] [/]" in text) is ("[bold]x[/bold] [/]" in written)


def test_a_portfolio_says_its_money_its_proof_and_its_reserves() -> None:
    decision = problem_with("young").solve()
    # The first two cost 3 together; the reserve of 3 is met by them, and the cap of two is not passed by the third.
    assert str(decision).splitlines() == [
        "Portfolio: 2 of 3 proposals, EUR 3.00 of 4.00",
        "├─ proof",
        "│  └─ Proven: no portfolio that keeps the rules, and does as well in what comes before the value, "
        "is worth more than this one (5).",
        "├─ reserves",
        "│  └─ young: EUR 3.00 of 3.00: met",
        "└─ limits reached",
        "   └─ young: at most 2 awards",
    ]
    assert repr(decision) == "<Portfolio: 2 of 3 proposals, EUR 3.00 of EUR 4.00, value 5, optimal, gap 0>"


def test_a_portfolio_says_what_is_missing_and_what_was_left_out() -> None:
    frame = pl.DataFrame({"id": ["A", "B", "C"], "amount": ["3", "2", "?"], "merit": [3.0, 2.0, 1.0]})
    rules = policy(
        4,
        eligible="merit > 2",
        on_bad_rows="set_aside",
        traits={"all": "TRUE"},
        reserve=[pf.Reserve(trait="all", amount=4, shortfall="release")],
    )
    text = str(pf.optimize(pf.Call.from_frame(frame, rules=rules), rules))
    assert "all: EUR 3.00 of 4.00: 1.00 missing" in text
    assert "1 proposal is ineligible" in text
    assert "1 row of the files was set aside" in text


def test_a_bound_that_is_not_reached_is_no_exact_figure() -> None:
    asked = pf.simulate_call(120, seed=2, reviews_per_proposal=0).call
    rules = pf.Policy(budget=asked.requested // 300, solver=pf.SolverSettings(gap=0.5))
    decision = pf.optimize(asked, rules)
    if decision.status == "gap":
        assert "Proven within the gap asked for: none is worth more than" in str(decision)
    assert pf.gap_in_words(decision) in str(decision)


def test_rounds_are_said() -> None:
    over = problem_with("young").replace(reserve_order="over_and_above").solve()
    assert "young: EUR" in str(over)
    assert "├─ rounds" in str(over)
    assert "rounds" in over._repr_html_()


def test_a_policy_prints_as_its_file(tmp_path: Any) -> None:
    rules = problem_with("young").policy
    assert repr(rules) == "<Policy: EUR 4; 1 reserve, 1 limit, no links>"
    assert repr(rules.replace(budget=(4, 5))) == "<Policy: EUR 9 over 2 years; 1 reserve, 1 limit, no links>"
    (tmp_path / "policy.toml").write_text(str(rules), encoding="utf-8")
    assert pf.read_policy(tmp_path / "policy.toml") == rules


def test_scores_say_what_is_known() -> None:
    asked = call(amount=[1, 2], merit=[1.0, None], success_probability=[0.3, None])
    scores = pf.score(asked)
    assert repr(scores).startswith("<Scores of 2 proposals: merit of 1, risk of 1, horizon of 0,")
    assert "<table" in scores._repr_html_()


def test_an_outline_without_lines_says_none() -> None:
    outline = Outline("T", {"a": [], "b": ["x\ny"]})
    assert str(outline) == "T\n├─ a\n│  └─ none\n└─ b\n   └─ x\\ny"
    assert "none" in outline.html()
