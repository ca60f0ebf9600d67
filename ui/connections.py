"""Keep room for those who use the page: any user of this machine can open connections to it, and say nothing."""

import asyncio
import resource

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_S = 10.0
"""How long a connection may take to say what it asks for."""


class PunctualHTTP(H11Protocol):
    """HTTP that closes a connection which does not say in time what it asks for; what was asked may take long."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection, and look later whether it came to anything."""
        super().connection_made(transport)
        self.loop.call_later(HEAD_S, self._close_if_silent, None)

    def _close_if_silent(self, answered: RequestResponseCycle | None) -> None:
        """Close a connection that asked for nothing, or for nothing whole since what was answered HEAD_S ago."""
        # A socket of the page has another protocol by then.
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        cycle: RequestResponseCycle | None = self.cycle
        is_answered = cycle is not None and cycle.response_complete
        if cycle is None or (is_answered and cycle is answered):
            self.transport.close()
        else:
            self.loop.call_later(HEAD_S, self._close_if_silent, cycle if is_answered else None)


def allow_connections() -> None:
    """Take as many connections at once as the system lets this process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
