"""A sweep is verified as it was written; a row or a policy that was changed is found by working it out again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from random_rules import random_case
from report.verified import POLICY, holds_but_for_the_policy

import portfolio as pf
from portfolio.analysis.sweeps.scenarios import as_scenarios
from portfolio.report import write_record
from portfolio.report.files import digest_of, fingerprint_line
from portfolio.report.layout import as_json

CALL = "id,amount,merit,dept\nA,4,3,x\nB,5,4,x\nC,3,4.5,y\nD,2,1.5,y\nE,2.5,2,x\nF,2.5,2,x\n"


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """Budgets of 8, 9 and 12, and a policy with a name of its own."""
    (tmp_path / "call.csv").write_text(CALL, encoding="utf-8")
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    policy = pf.read_policy(tmp_path / "policy.toml")
    problem = pf.Problem(pf.read_call(tmp_path / "call.csv", policy=policy), policy)
    grid = pf.scenario_grid(policy, {"budget": [8, 9, 12]})
    return written(tmp_path, problem, [*grid, pf.Scenario("no reserve", policy.replace(reserve=()))])


def written(folder: Path, problem: pf.Problem, asked: list[pf.Scenario]) -> Path:
    write_record(pf.whatif_record(pf.whatif(problem, asked, jobs=1), asked), folder / "sweep.json")
    return folder / "sweep.json"


def forge(file: Path, change: Callable[[dict[str, Any]], Any]) -> pf.Verification:
    """Change a record, make its fingerprint again, and verify it."""
    record = json.loads(file.read_bytes())
    change(record)
    file.write_bytes(as_json(record).encode())
    file.with_name(f"{file.name}.sha256").write_bytes(fingerprint_line(file.name, digest_of(file)))
    return pf.verify_record(file)


def failed(found: pf.Verification) -> str:
    return "\n".join(str(check) for check in found.checks if check.holds is False)


def row(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    """Change the row of a budget of 9."""
    return lambda record: record["rows"][2].update(changes)


def price(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    """Add a price to the row of a budget of 9."""
    added = {"rules": [], "block": 0, "name": "", "price": 0.0} | changes
    return lambda record: record["rows"][2]["prices"].append(added)


def test_a_sweep_holds_as_it_was_written(sweep: Path) -> None:
    found = forge(sweep, lambda record: None)
    assert found.holds, str(found)
    assert "no reserve changes reserve = [] instead of None" in str(found)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.update(certified={"gap": 0.0}),
        lambda record: record["scenarios"][0].update(note="audited"),
        lambda record: record.update(seed="1"),
        lambda record: record["versions"].update(audited=True),
    ],
)
def test_what_no_record_of_a_sweep_says_is_refused(
    sweep: Path, change: Callable[[dict[str, Any]], Any]
) -> None:
    assert "this is no record of a lottery or a sweep" in failed(forge(sweep, change))


@pytest.mark.parametrize(
    "change", [{"awards": 5}, {"spent": "9.50"}, {"bound": 7.0}, {"status": "impossible"}], ids=str
)
def test_a_scenario_without_a_portfolio_has_no_figures(sweep: Path, change: dict[str, Any]) -> None:
    policy = pf.read_policy(sweep.with_name("policy.toml"))
    problem = pf.Problem(pf.read_call(sweep.with_name("call.csv"), policy=policy), policy)
    file = written(sweep.parent, problem, list(pf.scenario_grid(policy, {"reserve.new.amount": [9]})))
    assert forge(file, lambda record: None).holds
    found = forge(file, lambda record: record["rows"][1].update(change))
    assert "what is said does not go together" in failed(found)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (row(bound=1.0), "worth 9, more than its bound of 1"),
        (row(bound=99.0, gap=10.0), "called optimal, with a bound of 99"),
        (row(gap=0.5), "gap is 0.0, not 0.5"),
        (row(comparable=False), "comparable is True"),
        (row(goals=["shortfall 1"]), "what comes before the value is nothing, not shortfall"),
        (row(gave_way=["limit[1] by 1"]), "gave_way is ()"),
        (row(proven=False), "its bound holds for every portfolio"),
        (row(reason="nobody else applied"), "reason is"),
        (row(reserves=[]), "there are 1 reserves, not 0"),
        (
            lambda record: record["rows"][2]["reserves"][0].update(delivered="9.00"),
            "new gets 3.00 of 3.00, not as the row says",
        ),
        (
            lambda record: record["rows"][2]["reserves"][0].update(shadow_price=99.0),
            "the shadow price of new is 0, not 99",
        ),
        (
            lambda record: record["rows"][2]["reserves"][0].update(shadow_price=None),
            "the shadow price of new is 0, not null",
        ),
        (price(rules=["reserve.old"]), "a price of reserve.old (0), which is no row of the rules"),
        (price(rules=["limit[1]"], name="z"), "a price of limit[1] z (0), which is no row of the rules"),
        (price(rules=["budget"], block=7), "a price of budget (7), which is no row of the rules"),
        (
            lambda record: record["rows"][2].update(prices=2 * record["rows"][2]["prices"]),
            "a row of the rules has two prices",
        ),
        (lambda record: record["rows"][0].update(values={"budget": 77}), "the values of the base are others"),
        (row(values={"budget": 77}), "the policy of budget=9 is not the base with these values"),
        (lambda record: record["scenarios"][1].update(policy=None), "has no policy, though its values make"),
        (
            lambda record: record["scenarios"][1]["policy"].update(must_not_fund=["D"]),
            "the policy of budget=9 is not the base with these values: it changes",
        ),
    ],
)
def test_what_does_not_follow_from_the_awards_is_found(
    sweep: Path, change: Callable[[dict[str, Any]], Any], words: str
) -> None:
    assert words in failed(forge(sweep, change))


@pytest.mark.parametrize("said", ["shortfall 0", "shortfall -31", "shortfall 0x", "shortfall"])
def test_what_is_said_to_come_before_the_value_follows_from_the_awards(tmp_path: Path, said: str) -> None:
    proposals = pl.DataFrame(
        {
            "id": list("ABCDE"),
            "amount": [40, 30, 20, 30, 20],
            "merit": [5.0, 4.0, 3.0, 4.5, 3.5],
            "new": [0, 0, 1, 0, 0],
        }
    )
    proposals.write_csv(tmp_path / "call.csv")
    reserve = pf.Reserve(trait="new", amount=50, shortfall="release")
    policy = pf.Policy(budget=100, traits={"new": "new = 1"}, reserve=[reserve])
    problem = pf.Problem(pf.read_call(tmp_path / "call.csv", policy=policy), policy)
    file = written(tmp_path, problem, list(pf.scenario_grid(policy, {"budget": [90, 110]})))
    assert json.loads(file.read_bytes())["rows"][2]["goals"] == ["shortfall -30"]
    assert holds_but_for_the_policy(forge(file, lambda record: None))
    assert "shortfall" in failed(forge(file, row(goals=[said])))


def test_a_scenario_with_a_name_that_is_not_its_own_is_said(sweep: Path) -> None:
    def call_twelve_nine(record: dict[str, Any]) -> None:
        record["scenarios"][1]["policy"] = record["scenarios"][2]["policy"]
        record["rows"][2] = record["rows"][3] | {"name": "budget=9", "values": {}}

    found = forge(sweep, call_twelve_nine)
    assert "budget=9 changes budget = 12 instead of 10" in str(found)


def test_a_base_other_than_the_file_of_the_policy_is_said(sweep: Path) -> None:
    def fund(record: dict[str, Any]) -> None:
        for one in (record, *record["scenarios"]):
            one["policy"]["must_fund"] = ["C"]

    found = forge(sweep, fund)
    assert "decided on that policy, but with must_fund = ['C'] instead of []" in str(found)


def test_bounds_alone_are_not_called_impossible(sweep: Path) -> None:
    policy = pf.read_policy(sweep.with_name("policy.toml"))
    problem = pf.Problem(pf.read_call(sweep.with_name("call.csv"), policy=policy), policy)
    asked = list(pf.scenario_grid(policy, {"budget": [8, 9]}))
    found = pf.whatif(problem, asked, exact=False, jobs=1)
    write_record(pf.whatif_record(found, asked), sweep)
    words = str(pf.verify_record(sweep))
    assert "budget=8, budget=9: a bound alone" in words
    assert "no portfolio" not in words.partition("\n\n")[0].replace("no portfolios", "")


@pytest.mark.parametrize("chunk", [0, 1])
def test_sweeps_over_every_kind_of_rule_are_verified(tmp_path: Path, chunk: int) -> None:
    verified = 0
    for seed in range(chunk, 40, 2):
        frame, policy = random_case(seed)
        (tmp_path / "call.parquet").unlink(missing_ok=True)
        frame.write_parquet(tmp_path / "call.parquet")
        try:
            problem = pf.Problem(pf.read_call(tmp_path / "call.parquet", policy=policy), policy)
            grid = pf.scenario_grid(policy, {"must_not_fund": [[], list(frame["id"][:2])]})
            file = written(tmp_path, problem, [*grid, pf.Scenario("free", policy.replace(link=()))])
        except pf.PortfolioError:
            continue
        found = pf.verify_record(file)
        open_ = {check.name for check in found.checks if not check.holds}
        # Sizes of awards that were cut are not kept.
        may = {"policy"} if policy.objective.partial is False else {"policy", "beyond"}
        assert {"policy"} <= open_ <= may, (seed, str(found))
        assert failed(found) == "", (seed, str(found))
        verified += 1
    assert verified > 10


@pytest.mark.parametrize("status", ["gap", "time_limit", "node_limit", "interrupted"])
def test_what_was_proven_is_not_called_cut_short(sweep: Path, status: str) -> None:
    assert f"it is called {status}, though its bound of 9 is its value" in failed(
        forge(sweep, row(status=status))
    )


PARTIAL = POLICY.replace("[[reserve]]", "[objective]\npartial = true\n[[reserve]]")


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A sweep of awards that may be smaller than the request, whose sizes no row keeps."""
    lines = CALL.splitlines()
    cells = [f"{lines[0]},min_amount", *(f"{line},1" for line in lines[1:])]
    (tmp_path / "call.csv").write_text("\n".join([*cells, ""]), encoding="utf-8")
    (tmp_path / "policy.toml").write_text(PARTIAL, encoding="utf-8")
    policy = pf.read_policy(tmp_path / "policy.toml")
    problem = pf.Problem(pf.read_call(tmp_path / "call.csv", policy=policy), policy)
    return written(tmp_path, problem, list(pf.scenario_grid(policy, {"budget": [8, 9]})))


def test_awards_that_were_not_looked_at_are_not_called_checked(cut: Path) -> None:
    honest = forge(cut, lambda record: None)
    assert failed(honest) == ""
    assert "not checked  beyond: base, budget=8, budget=9: awards smaller than the request" in str(honest)
    solved = pf.verify_record(cut, solve=True)
    assert solved.holds, str(solved)
    forge(cut, row(spent="8.50"))
    assert "budget=9 (deciding again comes to other figures: spent)" in str(pf.verify_record(cut, solve=True))
    assert not pf.verify_record(cut, solve=True).holds


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"awards": 99}, "not 99"),
        ({"gap": 0.5}, "gap is 0.0, not 0.5"),
        ({"gap": None}, "gap is 0.0, not None"),
        ({"shares": {"A": 1.37}}, "a share is not within 0 and 1"),
        ({"shares": {"A": 0.5}}, "a share is not that of a proposal that is funded otherwise"),
        ({"shares": {"Z": 1.0}}, "funds what is no proposal of the call"),
        ({"reason": "too little money"}, "a reason is given where there is a portfolio"),
        ({"proven": False}, "its bound holds for every portfolio"),
        ({"comparable": False}, "comparable is True, not False"),
        ({"spent": "99.00"}, "99.00 cannot be spent on these awards"),
        ({"spent": None}, "None cannot be spent on these awards"),
        ({"status": "time_limit"}, "it is called time_limit, though its bound"),
    ],
    ids=str,
)
def test_what_a_row_says_of_cut_awards_holds_together(cut: Path, change: dict[str, Any], words: str) -> None:
    assert words in failed(forge(cut, row(**change)))


@pytest.mark.parametrize("change", [{"reason": ""}, {"comparable": False}, {"proven": False}], ids=str)
def test_what_a_row_without_a_portfolio_says_holds_together(sweep: Path, change: dict[str, Any]) -> None:
    policy = pf.read_policy(sweep.with_name("policy.toml"))
    problem = pf.Problem(pf.read_call(sweep.with_name("call.csv"), policy=policy), policy)
    file = written(sweep.parent, problem, list(pf.scenario_grid(policy, {"reserve.new.amount": [9]})))
    assert "scenarios" in failed(forge(file, lambda record: record["rows"][1].update(change)))


def test_a_reason_that_is_seen_without_a_solver_is_made_again(sweep: Path) -> None:
    policy = pf.read_policy(sweep.with_name("policy.toml"))
    problem = pf.Problem(pf.read_call(sweep.with_name("call.csv"), policy=policy), policy)
    file = written(sweep.parent, problem, list(pf.scenario_grid(policy, {"reserve.new.amount": [9]})))
    honest = forge(file, lambda record: None)
    assert honest.holds
    assert "that there is none, and why, rests on the solver" not in str(honest)
    for change in ({"reason": "the rector asked for EUR 99,000.00"}, {"status": "nothing_found"}):
        found = failed(forge(file, lambda record, change=change: record["rows"][1].update(change)))
        assert f"reserve.new.amount=9: its {next(iter(change))} is: " in found


def test_a_scenario_without_a_policy_has_none_and_says_why(sweep: Path) -> None:
    policy = pf.read_policy(sweep.with_name("policy.toml"))
    problem = pf.Problem(pf.read_call(sweep.with_name("call.csv"), policy=policy), policy)
    link = [{"kind": "at_most", "k": 2, "per": "dept"}]
    asked = [*pf.scenario_grid(policy, {"budget": [9, -5]}), *pf.scenario_grid(policy, {"link": [link]})]
    file = written(sweep.parent, problem, asked)
    reason = json.loads(file.read_bytes())["rows"][2]["reason"]
    honest = forge(file, lambda record: None)
    assert honest.holds, str(honest)

    def hidden(record: dict[str, Any]) -> None:
        record["scenarios"][2]["policy"] = None
        nothing = dict.fromkeys(("value", "bound", "gap", "spent", "awards"))
        record["rows"][3] |= nothing | {
            key: [] for key in ("reserves", "prices", "goals", "gave_way", "rounds")
        }
        record["rows"][3].update(status="invalid", reason="the board said no", shares={})

    assert "has no policy, though its values make one" in failed(forge(file, hidden))
    said = failed(forge(file, lambda record: record["rows"][2].update(reason="the minister forbade it")))
    assert "the reason why budget=-5 has no policy is: " in said
    assert reason == "1 problem in the policy: policy, key budget: '-5' must be at least 0"
    before = reason.replace("policy, key", "policy.toml, line 2, key")
    for other in (
        reason.replace("1 problem in the policy", "The council voted for this, and P-007 has withdrawn"),
        reason.replace("policy, key", "the chair refused, key"),
        before.replace("policy.toml", "the chair refused"),
        before.replace(", line 2,", ", line 2 by the chair,"),
        reason.replace("key budget", "key salary"),
        f"{reason}; P-007 has withdrawn",
        f"P-007 has withdrawn. {reason}",
    ):
        assert other != reason
        said = failed(forge(file, lambda record, other=other: record["rows"][2].update(reason=other)))
        assert "the reason why budget=-5 has no policy is: " in said, other
    file = written(sweep.parent, problem, asked)
    for honest_reason in (reason, before):
        file = written(sweep.parent, problem, asked)
        assert forge(file, lambda record, said=honest_reason: record["rows"][2].update(reason=said)).holds


def test_no_row_of_a_decided_sweep_is_a_bound_alone(sweep: Path) -> None:
    def relabelled(record: dict[str, Any]) -> None:
        record["rows"][2].update(status="bound", value=None, gap=None, awards=None, bound=99.0, spent="1.00")

    assert "some rows are bounds and some are decided" in failed(forge(sweep, relabelled))


@pytest.mark.parametrize("said", ["-12,499", "-12,501"])
def test_what_reserves_miss_is_held_to_the_figure_that_is_written(said: str, tmp_path: Path) -> None:
    # Of the 90,000 that are due, A and C have 77,500.40; the 12,499.60 that are missed are written as 12,500.
    text = "id,amount,merit,young\nA,50000,5,yes\nB,40000,4,no\nC,27500.40,3,yes\nD,30000,2,no\n"
    (tmp_path / "call.csv").write_text(text, encoding="utf-8")
    (tmp_path / "policy.toml").write_text(
        "budget = 120_000\ntraits = { young = \"young = 'yes'\" }\n"
        '[[reserve]]\ntrait = "young"\namount = 90_000\nshortfall = "release"\n',
        encoding="utf-8",
    )
    policy = pf.read_policy(tmp_path / "policy.toml")
    problem = pf.Problem(pf.read_call(tmp_path / "call.csv", policy=policy), policy)
    grid = list(pf.scenario_grid(policy, {"reserve.young.amount": [60_000, 95_000]}))
    found = forge(written(tmp_path, problem, grid), lambda record: None)
    assert found.holds, str(found)
    change = forge(
        tmp_path / "sweep.json", lambda record: record["rows"][0].update(goals=[f"shortfall {said}"])
    )
    assert f"base: the awards reach -12,500 of shortfall, and {said} is said to be the best" in failed(change)


def again(record: dict[str, Any], name: str) -> None:
    """Put the first scenario before itself, with a row that says otherwise and another name."""
    record["rows"].insert(1, record["rows"][1] | {"name": name, "spent": "1.00", "awards": 1})
    record["scenarios"].insert(0, record["scenarios"][0] | {"name": name})
    record["asked"] += 1


@pytest.mark.parametrize("name", ["budget=8", "base", "", "x\nok           solve: decided again"])
def test_no_two_scenarios_have_one_name_and_each_shows_its_own(sweep: Path, name: str) -> None:
    found = forge(sweep, lambda record: again(record, name))
    assert " name" in failed(found)
    assert sum(line.startswith(("ok ", "FAILED ")) for line in str(found).splitlines()) == len(found.checks)
    policy = pf.Policy(budget=9)
    if name != "budget=8":
        with pytest.raises(pf.PolicyError, match="name"):
            as_scenarios({name: policy}, policy)


def test_a_policy_without_values_says_what_it_changes(sweep: Path) -> None:
    found = forge(sweep, lambda record: record["rows"][2].update(values={}))
    assert "budget=9 changes budget = 9 instead of 10" in str(found)


@pytest.mark.parametrize(
    "change",
    [
        row(value="9.0"),
        row(value=9),
        row(proven="yes"),
        lambda record: record["rows"][2].pop("gave_way"),
        lambda record: record.update(seed=99),
    ],
)
def test_a_row_has_one_form_and_the_seed_is_that_of_the_policy(
    sweep: Path, change: Callable[[dict[str, Any]], Any]
) -> None:
    assert "scenarios" in failed(forge(sweep, change))


def test_a_sweep_names_each_input_once(sweep: Path) -> None:
    def twice(record: dict[str, Any]) -> None:
        record["inputs"] *= 2

    assert "inputs: the record names two files of one kind" in failed(forge(sweep, twice))


def test_a_reason_about_texts_in_lists_is_compared_or_said_not_to_be(sweep: Path) -> None:
    policy = pf.read_policy(sweep.with_name("policy.toml"))
    problem = pf.Problem(pf.read_call(sweep.with_name("call.csv"), policy=policy), policy)
    file = written(
        sweep.parent,
        problem,
        list(pf.scenario_grid(policy, {"reserve_order": ["minimum_guarantee", ["A", "B"]]})),
    )
    assert json.loads(file.read_bytes())["rows"][2]["status"] == "invalid"
    honest = forge(file, lambda record: None)
    assert honest.holds, str(honest)
    found = forge(file, row(reason="the minister forbade it"))
    assert "not checked  beyond: reserve_order=[A, B]: why it has no policy is not compared" in str(found)
