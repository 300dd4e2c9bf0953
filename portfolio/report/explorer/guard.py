"""Who may talk to the server of the explorer: a page that it served itself, on this machine, and nobody else."""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def same(given: str | None, secret: str) -> bool:
    """Compare what was given with a secret in a time that does not depend on how much of it is right."""
    return secrets.compare_digest((given or "").encode(), secret.encode())


class Guard:
    """Refuses what comes from another host or page, before anything looks at it, and says so on every answer.

    A page elsewhere can make a browser send requests here, under a name of its own that leads to this machine (DNS
    rebinding) or across origins. The browser names the host and the origin, and neither would be ours.

    Parameters
    ----------
    app
        What answers the others.
    port
        Where the server listens.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        names = ("127.0.0.1", "localhost")
        self.hosts = {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            # There is no other way to talk to this server.
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        host, origins = headers.getlist("host"), headers.getlist("origin")
        if len(host) != 1 or host[0].lower() not in self.hosts:
            refusal = PlainTextResponse("This page is served to this machine only.\n", 403)
            await refusal(scope, receive, send_with_headers)
        elif any(origin.lower() != f"http://{host[0].lower()}" for origin in origins):
            refusal = PlainTextResponse("Another page may not ask here.\n", 403)
            await refusal(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive, send_with_headers)
