"""A decision is verified as it was written, and no change of it is."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from random_rules import random_case
from report.cases import decisions
from report.verified import POLICY, holds_but_for_the_policy

import portfolio as pf
from portfolio.optimize.highs import HighsEngine
from portfolio.optimize.proof import proof_of
from portfolio.report import Places
from portfolio.report.files import digest_of, fingerprint_line
from portfolio.report.layout import as_json
from portfolio.report.schema import record_schema

ROOT = Path(__file__).parents[2]
GOAL = ("value", "bound", "delivered")
CALL = "id,amount,merit,dept\nA,4,3,x\nB,5,4,x\nC,3,4.5,y\nD,2,1.5,y\nE,2.5,2,x\n"


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small call, decided: by hand, B, C (the reserve) and D; E is worth more, but half a unit too dear."""
    home = tmp_path_factory.mktemp("home")
    (home / "call.csv").write_text(CALL, encoding="utf-8")
    (home / "policy.toml").write_text(POLICY, encoding="utf-8")
    decide(home, home / "decision")
    return home


def decide(home: Path, folder: Path, **changes: Any) -> pf.Portfolio:
    policy = pf.read_policy(home / "policy.toml")
    portfolio = pf.optimize(pf.read_call(home / "call.csv", policy=policy), policy)
    pf.write_decision(portfolio, folder, **changes)
    return portfolio


@pytest.fixture
def home(decided: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(decided, tmp_path / "home"))


def script(folder: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(ROOT / "docs" / "verify.py"), str(folder), *map(str, files)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def failed(found: pf.Verification) -> set[str]:
    return {check.name for check in found.checks if check.holds is False}


def forge(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a record, and make all fingerprints again."""
    record = json.loads((folder / "portfolio.json").read_bytes())
    change(record)
    record["files"] = {name: digest_of(folder / name) for name in record["files"]}
    (folder / "portfolio.json").write_bytes(as_json(record).encode())
    digest = digest_of(folder / "portfolio.json")
    (folder / "portfolio.json.sha256").write_bytes(fingerprint_line("portfolio.json", digest))


def test_a_decision_is_verified_without_a_solver(decided: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def solve(*_: object) -> None:
        raise AssertionError("a solver was asked")

    for name in ("solve", "relax"):
        monkeypatch.setattr(HighsEngine, name, solve)
    found = pf.verify_decision(decided / "decision")
    assert found.holds, str(found)
    assert all(check.holds for check in found.checks)
    assert found.figures["certified_bound"] >= found.figures["bound"] == found.figures["value"]
    assert "without a solver" in found.verdict
    assert json.loads(json.dumps(found.as_record()))["holds"] is True


def test_every_byte_of_every_file_counts(home: Path) -> None:
    # Fingerprints and the canonical form alone find each of them; the rules are not even looked at.
    from portfolio.report.verify.fingerprints import files_of, find, read_canonical

    folder = home / "decision"
    record = json.loads((folder / "portfolio.json").read_bytes())
    inputs = {entry["name"]: entry for entry in [*record["inputs"], record["policy_file"]]}

    def holds(name: str) -> bool:
        if name in inputs:
            return find(inputs[name], "input", folder, None).same is True
        if name in record["files"]:
            return all(check.holds for check in files_of(folder, {name: record["files"][name]}))
        return all(check.holds for check in read_canonical(folder / "portfolio.json")[1])

    files = sorted(path for path in home.rglob("*") if path.is_file())
    assert len(files) == 8
    for file in files:
        data = file.read_bytes()
        assert holds(file.name)
        # Every byte of the small ones, and some hundreds of the others.
        for place in range(0, len(data), 1 + len(data) // 500):
            file.write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :])
            assert not holds(file.name), (file.name, place)
        file.write_bytes(data)


@pytest.mark.parametrize(
    "name",
    ["awards.csv", "decisions.csv", "set_aside.csv", "proof.json", "portfolio.json", "portfolio.json.sha256"],
)
@pytest.mark.parametrize("what", ["appended", "gone"])
def test_a_changed_file_is_named(home: Path, name: str, what: str) -> None:
    file = home / "decision" / name
    if what == "gone":
        file.unlink()
        if name == "portfolio.json":
            with pytest.raises(OSError, match="No such file"):
                pf.verify_decision(home / "decision")
            return
    else:
        file.write_bytes(file.read_bytes() + b"\n")
    found = pf.verify_decision(home / "decision")
    assert name.removesuffix(".json.sha256") in failed(found) or "fingerprint" in failed(found)
    assert "not verified" in found.verdict


@pytest.mark.parametrize("name", ["call.csv", "policy.toml"])
def test_a_changed_input_is_named_and_a_missing_one_too(home: Path, name: str) -> None:
    role = "policy" if name == "policy.toml" else "proposals"
    (home / name).write_bytes((home / name).read_bytes() + b"\n")
    assert failed(pf.verify_decision(home / "decision")) == {role}
    (home / name).rename(home / "elsewhere")
    found = pf.verify_decision(home / "decision")
    assert not found.holds
    assert failed(found) == set()
    assert {check.name for check in found.checks if check.holds is None} >= {role}


def test_files_may_have_moved(home: Path, tmp_path: Path) -> None:
    policy = (home / "policy.toml").rename(tmp_path / "p.toml")
    proposals = (home / "call.csv").rename(tmp_path / "c.csv")
    assert pf.verify_decision(home / "decision", pf.Places(proposals=proposals, policy=policy)).holds


def test_an_award_a_cent_over_the_budget_breaks_a_rule(home: Path) -> None:
    folder = home / "decision"
    for name in ("awards.csv", "decisions.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        assert "B,funded,5.00" in text or "B,5.00" in text
        text = text.replace("B,funded,5.00", "B,funded,5.01").replace("B,5.00", "B,5.01")
        (folder / name).write_text(text, encoding="utf-8")
    forge(folder, lambda record: record.update(spent=record["spent"] + 0.01))
    found = pf.verify_decision(folder)
    assert failed(found) == {"rules"}
    assert "amount B" in str(found)
    assert "FAILED" in script(folder).stdout


def test_another_portfolio_that_breaks_a_limit_is_found(home: Path) -> None:
    folder = home / "decision"
    text = (folder / "decisions.csv").read_text(encoding="utf-8")
    text = text.replace("E,not_funded,0.00", "E,funded,2.50").replace("A,not_funded,0.00", "A,funded,4.00")
    (folder / "decisions.csv").write_text(text, encoding="utf-8")
    awards = (folder / "awards.csv").read_text(encoding="utf-8")
    (folder / "awards.csv").write_text(awards + "A,4.00,3.0\n", encoding="utf-8")

    def change(record: dict[str, Any]) -> None:
        ids = [line.split(",")[0] for line in text.splitlines() if ",funded," in line]
        money = [float(line.split(",")[2]) for line in text.splitlines() if ",funded," in line]
        record.update(awards=ids, spent=sum(money))

    forge(folder, change)
    found = pf.verify_decision(folder)
    assert failed(found) == {"rules"}
    done = script(folder)
    assert done.returncode == 1
    assert "budget" in done.stdout


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda record: record.update(value=record["value"] + 1), "rules"),
        (lambda record: record.update(gap=0.5), "sums"),
        (lambda record: record.update(n_proposals=4), "sums"),
        (lambda record: record.update(certified={"bound": 1.0, "gap": 0.0, "why_not": None}), "sums"),
        (lambda record: record["reserves"][0].update(delivered=9), "sums"),
        (lambda record: record["prices"].clear(), "proof"),
        (lambda record: record["policy"].update(budget="11"), "sums"),
        (lambda record: record["files"].pop("awards.csv"), "files"),
        (lambda record: record.update(format=2), "schema"),
        (lambda record: record.update(more=1), "schema"),
        (lambda record: record.update(previous={"name": "none", "sha256": "0" * 64}), None),
        # A bound that is none, and a search that ended otherwise than its bound says.
        (lambda record: record.update(bound=1.0), "search"),
        (lambda record: record.update(bound=2 * record["value"], gap=1.0), "search"),
        (lambda record: record.update(bound=None, gap=None), "search"),
        # What comes before the value, without a rule that would.
        (
            lambda record: record.update(goals=[dict.fromkeys(GOAL, 0.0) | {"name": "x", "status": "gap"}]),
            "goals",
        ),
        (lambda record: record.update(goals=[{}]), "schema"),
        (lambda record: record.update(rounds=[{}]), "schema"),
        (lambda record: record["reserves"][0].update(shadow_price=77.0), "losses"),
        (lambda record: record["reserves"][0].update(shadow_price=None), "losses"),
        (lambda record: record["prices"].append({**record["prices"][0], "name": "nobody"}), "losses"),
        (lambda record: record["prices"].append({**record["prices"][0], "block": 7}), "losses"),
        (lambda record: record["reserves"][0].update(price=77.0), "reserves"),
        (lambda record: record["reserves"][0].update(enters=["A"], leaves=["A"]), "reserves"),
        (lambda record: record["reserves"][0].update(price=0.0, price_low=5.0), "reserves"),
        (lambda record: record["reserves"][0].update(trait="old", price=1.0), "reserves"),
        (lambda record: record["inputs"].append(record["inputs"][0]), "inputs"),
    ],
)
def test_a_forged_record_is_found_with_all_fingerprints_made_again(
    home: Path, change: Callable[[dict[str, Any]], None], check: str | None
) -> None:
    forge(home / "decision", change)
    found = pf.verify_decision(home / "decision")
    assert not found.holds
    assert check in failed(found) if check else not failed(found)


@pytest.mark.parametrize(
    ("column", "text"), [("reason", "the applicant has been found guilty"), ("price_bound", "1000.0")]
)
def test_a_reason_or_a_loss_that_does_not_follow_is_found(home: Path, column: str, text: str) -> None:
    file = home / "decision" / "decisions.csv"
    pl.read_csv(file, infer_schema=False).with_columns(pl.lit(text).alias(column)).write_csv(file)
    forge(home / "decision", lambda record: None)
    assert "tables" in failed(pf.verify_decision(home / "decision"))


def test_losses_and_reasons_that_fit_each_other_are_found_by_the_prices(home: Path) -> None:
    policy = pf.read_policy(home / "policy.toml")
    portfolio = pf.optimize(pf.read_call(home / "call.csv", policy=policy), policy)
    margins = np.where(portfolio.solution.margins > 0, 2.0, np.nan)
    forged = replace(portfolio, solution=replace(portfolio.solution, margins=margins))
    pf.write_decision(forged, home / "decision")
    found = pf.verify_decision(home / "decision")
    assert failed(found) == {"losses"}
    assert "loses more than the prices prove" in str(found)


def priced(home: Path) -> tuple[pf.Portfolio, tuple[pf.ReservePrice, ...]]:
    """A reserve of 6 for `new`, of whom there are C and F: with it C, F and E; without it B, C and D."""
    text = (home / "call.csv").read_text(encoding="utf-8")
    (home / "call.csv").write_text(f"{text}F,4,2.9,z\n", encoding="utf-8")
    policy = POLICY.replace("amount = 3", "amount = 6").replace("merit > 4", "id IN ('C', 'F')")
    (home / "policy.toml").write_text(policy, encoding="utf-8")
    portfolio = decide(home, home / "decision")
    return portfolio, pf.price_reserves(portfolio)


def test_the_price_of_a_reserve_is_that_of_who_enters_and_leaves(home: Path) -> None:
    portfolio, prices = priced(home)
    assert portfolio.ids == ("C", "E", "F")
    assert (prices[0].entered, prices[0].left) == (("B", "D"), ("E", "F"))
    pf.write_decision(portfolio, home / "decision", prices)
    found = pf.verify_decision(home / "decision")
    assert found.holds, str(found)
    assert any(check.name == "reserves" for check in found.checks)
    for change in (
        {"price": 1.6, "price_high": 1.6},
        {"price_low": 0.0, "price_high": 1000.0},
        {"enters": ["A", "D"], "price": 0.0, "price_low": 0.0},
        {"enters": ["A", "B"], "price": 1.9, "price_high": 2.0},
        {"leaves": ["E", "F", "F"]},
    ):
        pf.write_decision(portfolio, home / "decision", prices)

        def forged(record: dict[str, Any], change: dict[str, Any] = change) -> None:
            record["reserves"][0].update(change)

        forge(home / "decision", forged)
        assert failed(pf.verify_decision(home / "decision")) & {"reserves", "tables"}, change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda rounds: [part.update(pot=10) for part in rounds],
            "reserve.new: the money is 3.00, of which 0.00 are spent",
        ),
        (
            lambda rounds: [part.update(value=99.0, bound=99.0) for part in rounds],
            "open: the awards up to this round are worth",
        ),
        (lambda rounds: rounds.pop(1), "the rounds should be open, reserve.new, left over"),
        (lambda rounds: rounds[1].update(awards=["E"]), "may not have this money"),
        (lambda rounds: rounds[0].update(bound=1.0), "more than its bound of 1"),
        (lambda rounds: rounds[2].update(awards=[], spent=0), "E is funded in no round"),
        (lambda rounds: rounds.clear(), "the rounds should be"),
    ],
)
def test_forged_rounds_are_found(home: Path, change: Callable[[Any], None], words: str) -> None:
    """The open 7 go to A and C; nobody new is left, so that the 3 held back go to E in a last round."""
    policy = POLICY.replace("amount = 3", 'amount = 3\nshortfall = "release"')
    (home / "policy.toml").write_text(f'reserve_order = "over_and_above"\n{policy}', encoding="utf-8")
    shutil.rmtree(home / "decision")
    decide(home, home / "decision")
    assert pf.verify_decision(home / "decision").holds is True
    forge(home / "decision", lambda record: change(record["rounds"]))
    found = pf.verify_decision(home / "decision")
    assert "rounds" in failed(found)
    assert words in str(found)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.update(goals=[]),
        lambda record: record["goals"][0].update(name="priority 3"),
        lambda record: record["goals"][0].update(value=5.0, bound=-7.0),
        lambda record: record["goals"][0].update(value=-5.0, bound=-5.0),
    ],
)
def test_forged_goals_before_the_value_are_found(
    home: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    policy = POLICY.replace("amount = 3", 'amount = 3\nshortfall = "release"')
    (home / "policy.toml").write_text(policy, encoding="utf-8")
    decide(home, home / "decision")
    assert pf.verify_decision(home / "decision").holds
    forge(home / "decision", change)
    assert failed(pf.verify_decision(home / "decision")) & {"goals", "search", "goal shortfall"}


def test_a_policy_other_than_that_of_the_file_is_said(home: Path) -> None:
    policy = pf.read_policy(home / "policy.toml")
    call = pf.read_call(home / "call.csv", policy=policy)
    pf.write_decision(pf.optimize(call, policy.replace(budget=12)), home / "decision")
    found = pf.verify_decision(home / "decision")
    assert found.holds
    assert "decided on that policy, but with budget = 12 instead of 10" in str(found)


def test_a_file_that_the_record_does_not_name_is_not_one_of_it(home: Path) -> None:
    reviews = home / "reviews.csv"
    reviews.write_text("proposal,reviewer,score\nA,r,6\n", encoding="utf-8")
    found = pf.verify_decision(home / "decision", pf.Places(reviews=reviews))
    assert "reviews" in failed(found)
    forge(home / "decision", lambda record: record.update(policy_file=None))
    found = pf.verify_decision(home / "decision", pf.Places(policy=home / "policy.toml"))
    assert "policy" in failed(found)


def test_the_script_finds_a_value_that_no_synergy_can_make(home: Path) -> None:
    # By hand: B, C and D are worth 10, and a synergy of 2 between B and C is all that may come to it.
    synergy = '[[link]]\nkind = "synergy"\nproposals = ["B", "C"]\nvalue = 2\n'
    (home / "policy.toml").write_text(POLICY + synergy, encoding="utf-8")
    assert decide(home, home / "decision").value == 12
    done = script(home / "decision", home / "call.csv", home / "policy.toml")
    assert done.returncode == 0, done.stdout
    forge(home / "decision", lambda record: record.update(value=12.5))
    done = script(home / "decision")
    assert done.returncode == 1
    assert "FAILED the awards are worth at most 12.000000, and 12.500000 is said" in done.stdout


def test_the_script_finds_a_value_that_the_prices_of_rules_rule_out(home: Path) -> None:
    # By hand: B, C and D are worth 10, less 0.5 for the award that no dept z gets.
    limit = "[[limit]]\nwhere = \"dept = 'z'\"\nmin_awards = 1\nprice = 0.5\n"
    (home / "policy.toml").write_text(POLICY + limit, encoding="utf-8")
    assert decide(home, home / "decision").value == 9.5
    assert "ok     the awards are worth at most 9.6" in script(home / "decision").stdout
    forge(home / "decision", lambda record: record.update(value=10.0))
    done = script(home / "decision")
    assert done.returncode == 1
    assert "FAILED the awards are worth at most 9.600000, and 10.000000 is said" in done.stdout


def test_zeros_at_the_end_of_an_amount_are_nothing_changed(home: Path) -> None:
    limit = '[[limit]]\nof = "merit"\nmin_amount = 1.50\n[[limit]]\nof = "amount"\nmax_amount = 1e2\n'
    (home / "policy.toml").write_text(POLICY + limit, encoding="utf-8")
    decide(home, home / "decision")
    assert not failed(pf.verify_decision(home / "decision"))
    record = json.loads((home / "decision" / "portfolio.json").read_bytes())
    assert [row["bound"] for row in record["limits"][-2:]] == [
        "at least 1.5 of merit",
        "at most 100 of amount",
    ]


@pytest.mark.parametrize("seed", [159, 161, 211])
def test_decisions_with_cuts_and_chances_are_verified(seed: int, tmp_path: Path) -> None:
    # Prices of the parts of one award were kept as one, what was delivered came from the solver instead of the awards,
    # and chances were added up in the order of a set.
    frame, policy = random_case(seed)
    frame.write_parquet(tmp_path / "call.parquet")
    portfolio = pf.optimize(pf.read_call(tmp_path / "call.parquet", policy=policy), policy)
    pf.write_decision(portfolio, tmp_path / "decision", pf.price_reserves(portfolio))
    found = pf.verify_decision(tmp_path / "decision")
    assert holds_but_for_the_policy(found), str(found)


def test_a_goal_that_a_later_stage_reached_better_holds(tmp_path: Path) -> None:
    # The search for the goal ends at its first node, and that for the value finds a portfolio that does better in it.
    frame, rules = random_case(1400315, 30)
    frame.write_parquet(tmp_path / "call.parquet")
    rules = rules.replace(solver=rules.solver.replace(nodes=1))
    portfolio = pf.optimize(pf.read_call(tmp_path / "call.parquet", policy=rules), rules)
    last = portfolio.goals[-1]
    assert (last.stop, last.value) == ("node_limit", last.delivered)
    pf.write_decision(portfolio, tmp_path / "decision")
    found = pf.verify_decision(tmp_path / "decision")
    assert holds_but_for_the_policy(found), str(found)


def test_a_record_in_another_form_is_refused(home: Path) -> None:
    file = home / "decision" / "portfolio.json"
    record = json.loads(file.read_bytes())
    file.write_text(json.dumps(record), encoding="utf-8")
    line = fingerprint_line("portfolio.json", digest_of(file))
    file.with_name("portfolio.json.sha256").write_bytes(line)
    assert failed(pf.verify_decision(home / "decision")) == {"record"}


def test_a_chain_holds_as_long_as_no_link_is_changed(home: Path) -> None:
    decide(home, home / "second", previous=home / "decision")
    assert pf.verify_decision(home / "second").holds
    record = json.loads((home / "second" / "portfolio.json").read_bytes())
    assert record["previous"] == {
        "name": "decision",
        "sha256": digest_of(home / "decision" / "portfolio.json"),
    }
    forge(home / "decision", lambda record: record.update(seed=7))
    assert failed(pf.verify_decision(home / "second")) == {"chain"}
    shutil.rmtree(home / "decision")
    assert not failed(pf.verify_decision(home / "second"))
    with pytest.raises(pf.DataError, match="name the folder"):
        decide(home, home / "third", previous=home / "nowhere")


def test_the_same_decision_has_the_same_bytes(home: Path) -> None:
    decide(home, home / "again")
    for file in (home / "decision").iterdir():
        assert file.read_bytes() == (home / "again" / file.name).read_bytes(), file.name


@pytest.mark.parametrize("chunk", range(4))
def test_every_kind_of_decision_is_verified_and_so_does_the_script(chunk: int, tmp_path: Path) -> None:
    verified, certified = 0, 0
    for seed, file, portfolio in decisions(range(chunk, 48, 4), tmp_path):
        folder = tmp_path / str(seed)
        pf.write_decision(portfolio, folder)
        found = pf.verify_decision(folder)
        assert holds_but_for_the_policy(found), (seed, str(found))
        done = script(folder, file)
        assert done.returncode == 0, (seed, done.stdout)
        verified += 1
        if portfolio.rounds:
            assert "nothing is certified" in done.stdout.lower()
            assert "Nothing is certified" in found.verdict
        else:
            exact = portfolio.certified_bound()
            # Nothing that a search among whole proposals has proven can be above it.
            assert exact >= Fraction(portfolio.bound) - Fraction(1, 10**6), seed
            said = re.search(r"worth more than (-?[0-9.]+)\.\n", done.stdout)
            # Rounded up to ten digits, and never below what the prices prove.
            assert said is not None
            assert exact <= Fraction(said[1]) <= exact + abs(exact) / 10**9
            certified += 1
    assert verified >= certified > 3


@lru_cache
def solved(seed: int) -> pf.Portfolio:
    rng = np.random.default_rng(seed)
    n = 8
    amount, merit = rng.integers(1, 9, n) / 4, rng.uniform(0, 5, n)
    frame = pl.DataFrame({"id": [f"P{i}" for i in range(n)], "amount": amount, "merit": merit})
    policy = pf.Policy(
        budget=5,
        traits={"small": "amount < 2"},
        reserve=[pf.Reserve(trait="small", share=0.05)],
        limit=[pf.Limit(where="merit > 3", max_share=0.625)],
        solver=pf.SolverSettings(gap=0.0),
    )
    return pf.optimize(pf.Call.from_frame(frame), policy)


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=3), st.integers(0, 4))
def test_wrong_prices_prove_less_but_nothing_false(prices: list[float], seed: int) -> None:
    portfolio = solved(seed)
    keys = [((rule,), 0, "") for rule in ("budget", "reserve.small", "limit[1]")]
    proof = proof_of(portfolio.problem.model, dict(zip(keys, prices, strict=True)))
    assert {row.rules[0] for row in proof.rows} == {key[0][0] for key in keys}
    assert proof.bound() >= Fraction(portfolio.value) - Fraction(1, 10**9)


def test_the_script_is_short_and_needs_nothing() -> None:
    text = (ROOT / "docs" / "verify.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    tree = ast.parse(text, feature_version=(3, 8))
    named = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert {str(name).partition(".")[0] for name in named} <= sys.stdlib_module_names


def test_a_record_follows_its_schema(decided: Path) -> None:
    record = json.loads((decided / "decision" / "portfolio.json").read_bytes())
    validator = Draft202012Validator(record_schema())
    assert list(validator.iter_errors(record)) == []
    assert list(validator.iter_errors(record | {"format": 2}))
    assert list(validator.iter_errors({key: record[key] for key in record if key != "files"}))


@pytest.mark.parametrize("name", ["portfolio.json", "proof.json", "awards.csv", "portfolio.json.sha256"])
def test_the_script_says_in_words_what_it_cannot_read(home: Path, name: str) -> None:
    file = home / "decision" / name
    data = file.read_bytes()
    for damaged in (data[: len(data) // 2], data[:-3], b"\xff" + data, b""):
        file.write_bytes(damaged)
        done = script(home / "decision")
        assert done.returncode == 1, damaged[:80]
        assert "FAILED" in done.stdout
        assert "Traceback" not in done.stderr


def test_the_script_knows_the_awards_of_the_record(home: Path) -> None:
    forge(home / "decision", lambda record: record["awards"].append("nobody"))
    done = script(home / "decision")
    assert done.returncode == 1
    assert "FAILED the awards are of the record and of due sizes" in done.stdout


@pytest.mark.parametrize("name", ["call.csv", "decision/proof.json", "decision/portfolio.json.sha256"])
def test_what_is_no_record_is_followed_by_none(home: Path, name: str) -> None:
    with pytest.raises(pf.DataError, match="is no record"):
        decide(home, home / "second", previous=home / name)
    previous = {"name": Path(name).name, "sha256": digest_of(home / name)}
    forge(home / "decision", lambda record: record.update(previous=previous))
    found = pf.verify_decision(home / "decision", Places(previous=home / name))
    assert f"FAILED       chain: {home / name} is no record" in str(found)


def test_names_in_a_record_print_no_checks_of_their_own(home: Path) -> None:
    name = "HiGHS\nok           solve: decided again\x1b[8m"
    forge(home / "decision", lambda record: record.update(solver=name))
    found = pf.verify_decision(home / "decision")
    assert not any(line.startswith("ok           solve") for line in str(found).splitlines())
    assert "\x1b" not in json.dumps(found.as_record(), ensure_ascii=False)
    forge(home / "decision", lambda record: record["inputs"][0].update(name="x\nok     all of it\x1b[8m"))
    said = script(home / "decision").stdout
    assert "\nok     all of it" not in said
    assert "\x1b" not in said


def test_versions_are_those_that_are_known(home: Path) -> None:
    forge(home / "decision", lambda record: record["versions"].update(approved="yes"))
    assert "schema" in failed(pf.verify_decision(home / "decision"))
