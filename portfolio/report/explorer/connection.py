"""A connection of the explorer's server: whoever opens one and does not ask, or asks and does not read, loses it."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

# How often a connection is looked at, in seconds: so long a request may take to arrive, without its body.
PATIENCE = 10.0
# How many looks an answer may lie unread before its reader is taken for dead.
_UNREAD = 6


class Connection(H11Protocol):
    """Ends itself where nothing is asked or nothing is read.

    Half-open connections would use up what the system allows a process, and answers that nobody reads its memory.
    """

    _left = 0
    _looks = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch."""
        super().connection_made(transport)
        self._watch = self.loop.call_later(PATIENCE, self._look)

    def _look(self) -> None:
        left, before = self.transport.get_write_buffer_size(), self._left
        self._looks = self._looks + 1 if left and left == before else 0
        self._left = left
        idle = self.cycle is None or self.cycle.response_complete
        if (idle and not left) or self._looks >= _UNREAD:
            self.transport.abort()
        else:
            self._watch = self.loop.call_later(PATIENCE, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """End watching."""
        self._watch.cancel()
        super().connection_lost(exc)
