"""A UDP socket that sends by hand and shows what came back."""

from __future__ import annotations

import socket

from tests.waiting import await_until


class Stranger:
    """Bound to `host` (any address of loopback) and a free port."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._socket.setblocking(False)
        self.port = int(self._socket.getsockname()[1])

    def send(self, data: bytes, port: int) -> None:
        self._socket.sendto(data, ("127.0.0.1", port))

    @property
    def got(self) -> list[bytes]:
        """What arrived since the last look."""
        received = []
        while True:
            try:
                received.append(self._socket.recv(65535))
            except BlockingIOError:
                return received

    async def hear(self) -> bytes:
        """The first message that arrives."""
        return (await await_until(lambda: self.got, what="an answer"))[0]

    def close(self) -> None:
        self._socket.close()
