"""Work on the next pieces while the one before is on its way: one thread, a few pieces ahead."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

Piece = TypeVar("Piece")

_LOOK_S = 0.2  # how soon a thread notices that nobody wants more


class _Over:
    """No more pieces come; `error` is why, where it went wrong."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def read_ahead(pieces: Iterator[Piece], *, depth: int = 3) -> Iterator[Piece]:
    """The same pieces in order, up to `depth` of them made before they are asked for.

    What making them raises is raised here; a caller that stops early stops the thread too.
    """
    ahead: _Ahead[Piece] = _Ahead(pieces, depth)
    thread = threading.Thread(target=ahead.work, daemon=True)
    thread.start()
    try:
        while not isinstance(piece := ahead.made.get(), _Over):
            yield piece
        if piece.error is not None:
            raise piece.error
    finally:
        ahead.unwanted.set()
        thread.join()


class _Ahead(Generic[Piece]):
    """What the thread does."""

    def __init__(self, pieces: Iterator[Piece], depth: int) -> None:
        self.made: queue.Queue[Piece | _Over] = queue.Queue(maxsize=depth)
        self.unwanted = threading.Event()
        self._pieces = pieces

    def work(self) -> None:
        error: Exception | None = None
        try:
            for piece in self._pieces:
                if not self._put(piece):
                    return
        except Exception as fault:  # boundary: what the thread trips over is its caller's
            error = fault
        self._put(_Over(error))

    def _put(self, piece: Piece | _Over) -> bool:
        while not self.unwanted.is_set():
            try:
                self.made.put(piece, timeout=_LOOK_S)
            except queue.Full:
                continue
            return True
        return False
