"""The UDP ports of all media, RTP and WebRTC alike: one range, and a freed port rests.

A trunk goes on sending for a while after a call has ended. A port given out again at once would
play those packets to the next customer, so a freed port waits at the end of the queue and for
`rest_s`. When nothing else is left it may go sooner, after `LEAST_REST_S`: a call that cannot be
placed is worse than one at a port that has been quiet for that long. A port that no media ever came
to, such as most attempts', need not rest.

RTP takes even ports and WebRTC odd ones from the other end, so that the odd port beside an RTP
port, which is where RTCP belongs, is mostly free. aioice and asyncio offer no port range of their
own.
"""

from __future__ import annotations

import errno
import socket
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from itertools import islice

REST_S = 10.0
LEAST_REST_S = 2.0
# Even ports looked at in search of one whose neighbour is free.
_PAIRS_TRIED = 8


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
        # By parity: even, odd. The ports in the order in which they will be given out.
        self._free: tuple[OrderedDict[int, None], ...] = (OrderedDict(), OrderedDict())
        for port in range(first, last + 1) if first else ():
            self._free[port % 2][port] = None
        self._resting: deque[tuple[float, int]] = deque()

    def bind(self, host: str, *, receive_buffer: int, even: bool = False) -> socket.socket:
        """A non-blocking socket bound to `host`; `even` as RFC 3550 §11 asks of RTP ports.

        `receive_buffer` in octets, which the kernel doubles. Raises `PortsUsedUp`, or the
        `OSError` of an address that is not ours.
        """
        if self._any:
            return _bind(host, 0, receive_buffer)
        for rested_s in (self._rest_s, min(LEAST_REST_S, self._rest_s)):
            self._wake(rested_s)
            bound = self._bind_free(host, receive_buffer, even=even)
            if bound is not None:
                return bound
        raise PortsUsedUp(errno.EADDRINUSE, "every media port is taken or resting")

    def _bind_free(self, host: str, receive_buffer: int, *, even: bool) -> socket.socket | None:
        """The first of the free ports that no other program holds."""
        if even:
            self._prefer_pairs()
        # Without a wish for even ones, take the odd ports first: RTP may need the others.
        for free in self._free[:1] if even else reversed(self._free):
            for _ in range(len(free)):
                port = free.popitem(last=not even)[0]
                try:
                    return _bind(host, port, receive_buffer)
                except OSError as error:
                    free[port] = None
                    free.move_to_end(port, last=even)
                    if error.errno != errno.EADDRINUSE:  # else some other program has this one
                        raise
        return None

    def bind_beside(self, host: str, port: int, *, receive_buffer: int) -> socket.socket | None:
        """The next higher port of one that is bound, for its RTCP; None when it is taken."""
        self._wake(self._rest_s)
        beside = port + 1
        if not self._any and beside not in self._free[beside % 2]:
            return None
        try:
            bound = _bind(host, beside, receive_buffer)
        except (OSError, OverflowError):
            return None
        self._free[beside % 2].pop(beside, None)
        return bound

    def release(self, port: int, *, rest: bool = True) -> None:
        """Take back a port whose socket was closed; `rest`: media may still be on its way to it."""
        if self._any:
            return
        if rest:
            self._resting.append((self._clock(), port))
        else:
            self._free[port % 2][port] = None

    def _prefer_pairs(self) -> None:
        """Bring an even port to the front whose neighbour is free too, if one is soon found."""
        even, odd = self._free
        for port in list(islice(even, _PAIRS_TRIED)):
            if port + 1 in odd:
                even.move_to_end(port, last=False)
                return

    def _wake(self, after_s: float) -> None:
        """Ports that have rested for so long may be given out again."""
        until = self._clock() - after_s
        while self._resting and self._resting[0][0] <= until:
            port = self._resting.popleft()[1]
            self._free[port % 2][port] = None


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
