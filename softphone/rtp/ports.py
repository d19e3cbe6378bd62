"""The UDP ports of all media, RTP and WebRTC alike: one range, and a freed port rests.

A trunk goes on sending for a while after a call has ended. A port given out again at once would
play those packets to the next customer, so a freed port waits at the end of the queue and for
`rest_s` at least. aioice and asyncio offer no port range of their own.
"""

from __future__ import annotations

import errno
import socket
import time
from collections import deque
from collections.abc import Callable

REST_S = 10.0


class PortsUsedUp(OSError):
    """Every port of the range is taken or resting."""


class PortPool:
    """Binds UDP sockets in `first` … `last` (inclusive); 0 … 0 leaves the choice to the system."""

    def __init__(
        self,
        first: int = 0,
        last: int = 0,
        *,
        rest_s: float = REST_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not (first == last == 0 or 0 < first <= last <= 65535):
            raise ValueError(f"not a range of UDP ports: {first}-{last}")
        self._any = first == 0
        self._rest_s = rest_s
        self._clock = clock
        self._free: tuple[deque[int], deque[int]] = (deque(), deque())
        for port in range(first, last + 1) if first else ():
            self._free[port % 2].append(port)
        self._resting: deque[tuple[float, int]] = deque()

    def bind(self, host: str, *, receive_buffer: int, even: bool = False) -> socket.socket:
        """A non-blocking socket bound to `host`; `even` as RFC 3550 §11 asks of RTP ports.

        `receive_buffer` in octets, which the kernel doubles. Raises `PortsUsedUp`, or the
        `OSError` of an address that is not ours.
        """
        self._wake_rested()
        if self._any:
            return _bind(host, 0, receive_buffer)
        # Without a wish for even ones, take the odd ports first: RTP may need the others.
        for free in self._free[:1] if even else reversed(self._free):
            for _ in range(len(free)):
                port = free.popleft()
                try:
                    return _bind(host, port, receive_buffer)
                except OSError as error:
                    free.append(port)
                    if error.errno != errno.EADDRINUSE:  # else some other program has this one
                        raise
        raise PortsUsedUp(errno.EADDRINUSE, "every media port is taken or resting")

    def release(self, port: int) -> None:
        """Let a port rest after its socket was closed."""
        if not self._any:
            self._resting.append((self._clock() + self._rest_s, port))

    def _wake_rested(self) -> None:
        now = self._clock()
        while self._resting and self._resting[0][0] <= now:
            port = self._resting.popleft()[1]
            self._free[port % 2].append(port)


def _bind(host: str, port: int, receive_buffer: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
