"""The explorer in the browser: plain HTTP on this machine, answers as lines of JSON, as soon as each is there."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Event

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from portfolio.optimize import Problem
from portfolio.report.explorer import bundle
from portfolio.report.explorer.answers import Answer
from portfolio.report.explorer.guard import Guard, same
from portfolio.report.explorer.requests import Request as Asked
from portfolio.report.explorer.requests import RequestError, parse
from portfolio.report.explorer.session import Session
from portfolio.report.explorer.worker import Worker

# The largest request, in bytes: the ids of all proposals of a very large call.
MOST_BYTES = 1_000_000
# How many pages (tabs of the browser) may be open; the one that was opened first is forgotten.
_PAGES = 64
# How many answers of one page may be under way. One that is not read is kept for its reader, so there must be an end.
_UNREAD = 16
_SHOWN = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_PLACE = "{{token}}"
_STRANGER = "This address is not complete: open the one that `portfolio explore` printed.\n"


_BUSY = "Too much is asked at a time; wait for the answers.\n"


class TooLargeError(RequestError):
    """A request that is larger than any of ours."""


class Pages:
    """The open pages, each with a session, so that two tabs do not end each other's work.

    Parameters
    ----------
    problem
        What all of them decide.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._workers: OrderedDict[str, Worker] = OrderedDict()

    def open(self) -> str:
        """Open a page and return its token."""
        token = secrets.token_urlsafe(32)
        self._workers[token] = Worker(Session(self._problem))
        while len(self._workers) > _PAGES:
            self._workers.popitem(last=False)[1].end()
        return token

    def find(self, token: str | None) -> Worker | None:
        """Return the worker of a page; None if there is no such page."""
        # All are compared, each in constant time.
        found = [worker for known, worker in tuple(self._workers.items()) if same(token, known)]
        return found[0] if found else None

    def close(self) -> None:
        """End all work."""
        for worker in self._workers.values():
            worker.end()
        for worker in self._workers.values():
            worker.close()


def make_app(problem: Problem, port: int, token: str, static: Path = bundle.STATIC) -> Starlette:
    """Return the server as an ASGI application.

    Parameters
    ----------
    problem
        What is to be decided.
    port
        Where it will listen.
    token
        Without it the page is not given out.
    static
        The folder of the page's files, all of which are read here, once.

    Raises
    ------
    PolicyError
        If the policy does not fit the call.
    """
    # Made once, so that a page opens at once.
    _ = problem.instance
    pages = Pages(problem)
    page = (static / "page.html").read_text(encoding="utf-8")
    files = _files(static)

    async def start(request: Request) -> Response:
        if not same(request.query_params.get("token"), token):
            return PlainTextResponse(_STRANGER, 403)
        return HTMLResponse(page.replace(_PLACE, pages.open()))

    async def file(request: Request) -> Response:
        text, kind = files[request.url.path]
        return Response(text, media_type=kind)

    async def ask(request: Request) -> Response:
        worker = pages.find(request.headers.get("x-portfolio-token"))
        if worker is None:
            return PlainTextResponse(_STRANGER, 403)
        try:
            asked = parse(await _body(request))
        except ClientDisconnect:
            return Response(status_code=400)
        except RequestError as error:
            return PlainTextResponse(f"{error}\n", 413 if isinstance(error, TooLargeError) else 400)
        if worker.unread >= _UNREAD:
            return PlainTextResponse(_BUSY, 429)
        return _Answers(worker, asked, request)

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(pages.close)

    routes = [Route("/", start), Route("/ask", ask, methods=["POST"]), *(Route(path, file) for path in files)]
    return Starlette(routes=routes, middleware=[Middleware(Guard, port=port)], lifespan=life)


def _files(static: Path) -> dict[str, tuple[str, str]]:
    """Return text and type of each file by its address; the modules of the page are one."""
    files = {
        f"/{path.name}": (path.read_text(encoding="utf-8"), _SHOWN[path.suffix])
        for path in sorted(static.iterdir())
        if path.suffix in _SHOWN
    }
    return files | {"/explorer.js": (bundle.module(static), _SHOWN[".js"])}


async def _body(request: Request) -> bytes:
    """Read a request, and no more of it than a page would send, whatever length it says it has."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise TooLargeError("The request is too large.")
    return bytes(body)


class _Answers(StreamingResponse):
    """The answers to a request, counted until they are read to the end or nobody reads them any more."""

    def __init__(self, worker: Worker, asked: Asked, request: Request) -> None:
        super().__init__(_lines(worker, asked, request), media_type="application/x-ndjson")
        self._worker = worker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._worker.unread += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._worker.unread -= 1


async def _lines(worker: Worker, asked: Asked, request: Request) -> AsyncIterator[bytes]:
    """Yield each answer as a line as soon as it is there; a client that goes away ends the work."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[tuple[bytes, bool]]()

    def emit(answer: Answer) -> None:
        # Written here, in the thread of the work, so that a large answer holds up nobody else.
        line = json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"
        # A loop that has ended has nobody to tell.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(queue.put_nowait, (line, answer["kind"] == "done"))

    wish = worker.ask(asked, emit)
    gone = asyncio.create_task(_end_when_gone(request, wish))
    try:
        done = False
        while not done:
            line, done = await queue.get()
            yield line
    finally:
        wish.set()
        gone.cancel()


async def _end_when_gone(request: Request, wish: Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    wish.set()
