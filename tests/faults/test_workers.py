"""Workers that break: the rest of a sweep is not lost, and what broke is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import highspy
import joblib
import pytest
from small import call, policy

import portfolio as pf
from portfolio.analysis.sweeps import whatif
from portfolio.errors import SolverError
from portfolio.optimize import highs


def _problem() -> pf.Problem:
    young = {"young": "young"}
    return pf.Problem(
        call(amount=[2] * 4, merit=[9, 8, 5, 4], young=[False, False, True, True]),
        policy(4, traits=young, reserve=[pf.Reserve(trait="young", share=0.0)]),
    )


def _grid(problem: pf.Problem, count: int) -> list[pf.Scenario]:
    values = [number / count for number in range(count)]
    return pf.scenario_grid(problem.policy, {"reserve.young.share": values})


def test_a_solver_that_fails_in_a_worker_is_said_and_the_journal_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, real = _problem(), whatif._one
    scenarios, journal = _grid(problem, 8), tmp_path / "whatif.partial"
    expected = pf.whatif(problem, scenarios, jobs=1)

    def failing(base: object, scenario: pf.Scenario) -> object:
        if scenario == scenarios[5]:
            raise MemoryError("the machine has no memory left")
        return real(base, scenario)

    monkeypatch.setattr(whatif, "_one", failing)
    with pytest.raises(MemoryError, match="no memory left"):
        pf.whatif(problem, scenarios, jobs=2, journal=journal)
    # What neighbours had done but nobody had taken yet is done again.
    assert journal.read_bytes().count(b"\n") <= 5
    monkeypatch.setattr(whatif, "_one", real)
    found = pf.whatif(problem, scenarios, jobs=2, journal=journal)
    assert found.scenarios.equals(expected.scenarios)
    assert not journal.exists()


def test_a_failure_of_highs_is_an_error_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highs, "run_within", lambda *_: (highspy.HighsStatus.kError, highs.Seen(ended=True)))
    with pytest.raises(SolverError, match="HiGHS failed"):
        _problem().solve()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_dask_worker_that_is_killed_changes_no_row() -> None:
    distributed = pytest.importorskip("distributed", reason="needs the extra dask")
    problem = _problem()
    scenarios = _grid(problem, 40)
    expected = pf.whatif(problem, scenarios, jobs=1)
    killed = []

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = client.run(os.getpid)

        def watch(done: int, total: int) -> None:
            # Late, and a worker that has work at this moment: there is something to lose.
            busy = [address for address, keys in client.processing().items() if keys]
            if done >= 10 and busy and not killed:
                killed.append(pids[busy[0]])
                os.kill(killed[0], signal.SIGKILL)

        with joblib.parallel_config(backend="dask"):
            found = pf.whatif(problem, scenarios, watch=watch)
        assert killed
    assert found.complete
    assert found.scenarios.equals(expected.scenarios)


FORKING = f"""
import multiprocessing
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
import portfolio as pf
import portfolio_cli.main
from small import call, policy

def value(budget):
    return pf.Problem(call(amount=[1, 1, 1], merit=[3, 2, 1]), policy(budget)).solve().value

with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map_async(value, [1, 2]).get(60))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="fork is what Linux starts processes with")
def test_processes_that_are_forked_after_the_import_can_decide() -> None:
    """To compute anything in the import would start threads of polars, which a forked process waits for in vain."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKING],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.stdout, done.returncode) == ("[3.0, 5.0]\n", 0), done.stderr
