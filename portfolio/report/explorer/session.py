"""The answers to what a page asks: one problem that never changes, and what was decided of it lately."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from decimal import Decimal
from threading import Event, Lock
from time import perf_counter
from typing import TypeVar

from portfolio.analysis import evenly, inclusion
from portfolio.call.csvfile import as_csv
from portfolio.errors import InfeasibleError, LimitError, PolicyError, PortfolioError
from portfolio.optimize import Portfolio, Problem, Relaxed, ReservePrice, price_reserves
from portfolio.optimize.clock import ended_by
from portfolio.report.explorer import answers
from portfolio.report.explorer.answers import Answer
from portfolio.report.explorer.controls import controls
from portfolio.report.explorer.requests import Change, Request
from portfolio.report.files import awards_table
from portfolio.report.why import explanation_in_words

Made = TypeVar("Made")

# A first answer within this gap comes at once where the policy asks for less and there are many proposals.
_ROUGH, _SEVERAL = 1e-3, 500
# How many decisions are kept, so that going back and forth asks no solver.
_KEPT = 8
_PLACES = 15


class EndedError(Exception):
    """Nobody waits for the answer any more."""


class Session:
    """Answers the requests of one page.

    Every request says all that was moved on the page, so that an answer depends on nothing that was asked before. The
    proof in particular is found as ``portfolio optimize`` finds it, from nothing; what earlier solves have left
    behind only makes the bound and the first answer quicker.

    Parameters
    ----------
    problem
        What is to be decided.
    """

    def __init__(self, problem: Problem) -> None:
        self.base = problem.afresh()
        # Made once, before threads look for it.
        _ = self.base.instance
        self.controls = controls(self.base)
        self._keys = tuple(control.key for control in self.controls)
        self._warm = self.base
        self._last: tuple[Change, Portfolio] | None = None
        self._decided: OrderedDict[Change, Portfolio] = OrderedDict()
        self._priced: dict[Change, tuple[ReservePrice, ...]] = {}
        # One search among whole proposals at a time; bounds do not wait for a search that is being ended.
        self._searching = Lock()

    def answers(self, request: Request, wish: Event) -> Iterator[Answer]:
        """Yield the answers to a request as they are found; the last is ``done``.

        Parameters
        ----------
        wish
            Set by whoever does not wait for the answers any more. The solve then ends as soon as it can, and nothing
            but ``done`` comes.
        """
        for answer in self._answers(request, wish):
            yield {**answer, "step": request.step}
        yield {"kind": "done", "step": request.step}

    def _answers(self, request: Request, wish: Event) -> Iterator[Answer]:
        try:
            yield from self._of_kind(request, wish)
        except EndedError:
            return
        except PortfolioError as error:
            if not wish.is_set():
                yield answers.mistake(error)

    def _of_kind(self, request: Request, wish: Event) -> Iterator[Answer]:
        if refusal := self._too_much(request.change):
            yield answers.refused(refusal)
            return
        match request.kind:
            case "start":
                yield answers.start(self.base, self.controls)
            case "solve":
                yield from self._solve(request.change, wish)
            case "why":
                yield from self._why(request.change, request.id, wish)
            case "frontier":
                yield from self._frontier(request.change, request.key, wish)
            case "policy":
                policy = request.change.of(self.base.policy, self._keys)
                yield answers.file("policy.toml", "application/toml", policy.to_toml())
            case "awards":
                table = awards_table(self._proof(request.change, wish).to_frame())
                yield answers.file("awards.csv", "text/csv", as_csv(table))

    def _too_much(self, change: Change) -> str:
        """Say of what a request names more than there is; nothing if of nothing."""
        count, numbers = len(self.base.instance.ids), len(self._keys)
        if max(len(change.fund), len(change.decline)) > count:
            return f"More proposals are locked than the call has: {count:,}. Load the page again."
        if len(change.keys) > numbers:
            return f"More numbers are moved than the policy has here: {numbers:,}. Load the page again."
        return ""

    def _problem(self, change: Change) -> Problem:
        """Return the changed problem as a command would see it: nothing is known of earlier solves."""
        return self.base.under(change.of(self.base.policy, self._keys))

    def _solve(self, change: Change, wish: Event) -> Iterator[Answer]:
        begun = perf_counter()
        problem = self._problem(change)
        if problem.policy.reserve_order == "minimum_guarantee":
            relaxed = self._relaxed(problem, wish)
            yield answers.relaxed(problem, relaxed, perf_counter() - begun)
        if self._is_long(problem) and change not in self._decided:
            first = self._first(change, problem, wish)
            if first is not None:
                yield answers.decided(first, "first", perf_counter() - begun)
        portfolio = self._proof(change, wish)
        yield answers.decided(portfolio, "proof", perf_counter() - begun)
        if portfolio.problem.policy.reserve:
            yield answers.prices(portfolio, self._prices(change, portfolio, wish))

    def _relaxed(self, problem: Problem, wish: Event) -> Relaxed:
        warm = problem.after(self._warm)
        relaxed = self._within(wish, warm.relax)
        self._warm = warm
        return relaxed

    def _is_long(self, problem: Problem) -> bool:
        return len(problem.instance.ids) >= _SEVERAL and problem.policy.solver.gap < _ROUGH

    def _first(self, change: Change, problem: Problem, wish: Event) -> Portfolio | None:
        """Return a decision within a wider gap, as near to the last one as it may be; None if there is none yet."""
        settings = problem.policy.solver.replace(gap=_ROUGH)
        rough = problem.under(problem.policy.replace(solver=settings)).after(self._warm)
        near = None if self._last is None else self._last[1]
        try:
            first = self._search(wish, lambda: rough.solve(near=near))
        except LimitError:
            return None
        self._last = change, first
        return first

    def _proof(self, change: Change, wish: Event) -> Portfolio:
        """Return the decision of the command for the changed policy."""
        with self._searching:
            if change not in self._decided:
                self._decided[change] = self._within(wish, self._problem(change).solve)
            self._decided.move_to_end(change)
            while len(self._decided) > _KEPT:
                self._priced.pop(self._decided.popitem(last=False)[0], None)
            self._last = change, self._decided[change]
            return self._decided[change]

    def _prices(self, change: Change, portfolio: Portfolio, wish: Event) -> tuple[ReservePrice, ...]:
        if change not in self._priced:
            self._priced[change] = self._search(wish, lambda: price_reserves(portfolio))
        return self._priced[change]

    def _why(self, change: Change, name: str, wish: Event) -> Iterator[Answer]:
        if name not in self.base.instance.position:
            yield answers.refused(f"{name!r} is not the id of a proposal of this call.")
            return
        at_hand = self._decided.get(change)
        if at_hand is None and self._last is not None and self._last[0] == change:
            at_hand = self._last[1]
        if at_hand is not None:
            yield self._reason(at_hand, change, name)
        portfolio = self._proof(change, wish)
        if portfolio is not at_hand:
            yield self._reason(portfolio, change, name)
        row, currency = self._row(portfolio, change, name), portfolio.problem.call.currency
        (answer,) = self._search(wish, lambda: inclusion(portfolio, [name]))
        yield answers.why(row, explanation_in_words(row, answer, currency=currency), exact=True)

    def _reason(self, portfolio: Portfolio, change: Change, name: str) -> Answer:
        row = self._row(portfolio, change, name)
        return answers.why(row, explanation_in_words(row), exact=False)

    def _row(self, portfolio: Portfolio, change: Change, name: str) -> dict[str, object]:
        frame = portfolio.to_frame(self._priced.get(change, ()))
        return frame.row(portfolio.problem.instance.position[name], named=True)

    def _frontier(self, change: Change, key: str, wish: Event) -> Iterator[Answer]:
        found = [control for control in self.controls if control.key == key]
        problem = self._problem(change)
        if not found or problem.policy.reserve_order != "minimum_guarantee":
            why = f"{key!r} is not a number that can be moved here."
            if found:
                why = "Reserves over and above have no bound to draw: each round depends on the rounds before it."
            yield answers.refused(why)
            return
        control, given = found[0], dict(change.keys)
        ends = Decimal(str(control.low)), Decimal(str(control.high))
        places = {float(at) for at in evenly(self.base.policy, key, *ends, _PLACES)}
        places.add(float(given.get(key, control.value)))
        points = [
            (x, self._most(Change(_moved(given, key, x), change.fund, change.decline), wish))
            for x in sorted(places)
        ]
        yield answers.frontier(key, points)

    def _most(self, change: Change, wish: Event) -> float | None:
        """Return what no portfolio exceeds; None if none keeps the rules, or the rules contradict themselves."""
        try:
            return self._relaxed(self._problem(change), wish).bound
        except (InfeasibleError, PolicyError):
            return None

    def _search(self, wish: Event, work: Callable[[], Made]) -> Made:
        """Do work that searches among whole proposals, one at a time."""
        with self._searching:
            return self._within(wish, work)

    def _within(self, wish: Event, work: Callable[[], Made]) -> Made:
        """Do work that ends when nobody waits for it any more; what is then found is no answer."""
        if wish.is_set():
            raise EndedError
        with ended_by(wish):
            made = work()
        if wish.is_set():
            raise EndedError
        return made


def _moved(given: dict[str, float | int], key: str, value: float) -> tuple[tuple[str, float | int], ...]:
    return tuple(sorted((given | {key: value}).items()))
