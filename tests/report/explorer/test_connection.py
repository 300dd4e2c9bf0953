"""Connections that nobody uses end by themselves, and hold up nobody."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from threading import Thread

import pytest
from starlette.types import Receive, Scope, Send

from portfolio.report.explorer import connection
from portfolio.report.explorer.serving import server_of

HEAD = b"GET / HTTP/1.1\r\nHost: here\r\n"
ASKED = HEAD + b"\r\n"
LONG = b"x" * 20_000_000


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with more than the buffers of the system hold."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        for more in (True, False):
            await send({"type": "http.response.body", "body": LONG, "more_body": more})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(connection, "PATIENCE", 0.1)
    server = server_of(app)
    server.config.lifespan = "off"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        yield int(listener.getsockname()[1])
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def opened(port: int, said: bytes) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=20)
    made.sendall(said)
    return made


def read(one: socket.socket, pause: float = 0) -> int:
    """Read until the other side ends the connection, or for 20 seconds; return how many bytes."""
    got = 0
    with suppress(ConnectionResetError):
        while part := one.recv(4 << 20):
            got += len(part)
            time.sleep(pause)
    return got


@pytest.mark.parametrize("said", [b"", HEAD[:5], HEAD])
def test_a_connection_on_which_nothing_is_asked_ends(port: int, said: bytes) -> None:
    with ExitStack() as open_:
        some = [open_.enter_context(opened(port, said)) for _ in range(30)]
        assert sum(map(read, some)) == 0


def test_a_slow_reader_gets_all_and_one_that_does_not_read_is_let_go(port: int) -> None:
    with opened(port, ASKED) as deaf, opened(port, ASKED) as slow:
        assert read(slow, pause=0.03) > 2 * len(LONG)
        time.sleep(0.1 * (connection._UNREAD + 4))
        # What had left the server before is still read; the rest is gone.
        assert read(deaf) < 2 * len(LONG)
