"""Running the server of the explorer until somebody ends it."""

from __future__ import annotations

import logging
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from portfolio.optimize import Problem
from portfolio.report.explorer.connection import Connection
from portfolio.report.explorer.server import make_app

_HOST = "127.0.0.1"
# How long answers that are under way hold up the end, in seconds.
_GRACE = 1


def serve(problem: Problem, port: int, ready: Callable[[str], None]) -> None:
    """Serve the explorer of a problem on this machine, to this machine only, until Ctrl-C.

    Nothing is logged: what is asked says who may be funded.

    Parameters
    ----------
    problem
        What is to be decided.
    port
        Where to listen; 0 for any that is free.
    ready
        Called with the address of the page, which holds the token, as soon as it can be opened.

    Raises
    ------
    OSError
        If the port is taken.
    PolicyError
        If the policy does not fit the call.
    """
    token = secrets.token_urlsafe(32)
    with socket.create_server((_HOST, port)) as listener:
        at = int(listener.getsockname()[1])
        server = server_of(make_app(problem, at, token))
        ready(f"http://{_HOST}:{at}/?token={token}")
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def server_of(app: ASGIApp) -> uvicorn.Server:
    """Return the server of an application, which logs nothing, not even that the system allows no more connections."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
            http=Connection,
            ws="none",
        )
    )
