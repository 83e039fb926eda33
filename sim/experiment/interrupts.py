"""When may Ctrl-C be heard? Not inside libraries that swallow it, nor by processes that are told by this one when to stop."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Ctrl-C is heard when this is over; processes that start meanwhile never hear it.

    Outside the main thread, where Python hears no signals, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        heard.append(number)

    before = signal.signal(signal.SIGINT, note)
    if sys.platform != "win32":
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # which a new process inherits
    try:
        yield
    finally:
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
    if heard:
        signal.raise_signal(heard[0])


def hear_no_interrupts() -> None:
    """For a worker: Ctrl-C is for the process that asked, and that stops its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
