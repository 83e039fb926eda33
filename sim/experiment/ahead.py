"""What is needed once all has been played? Libraries that take a while to import are imported while it is played."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Thread


@contextmanager
def imported_meanwhile(*modules: str) -> Iterator[None]:
    """Imports modules in a thread of their own, which ends before this does. What cannot be imported is for whoever needs it to say."""

    def bring() -> None:
        for name in modules:
            with suppress(ImportError):
                import_module(name)

    thread = Thread(target=bring, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()
