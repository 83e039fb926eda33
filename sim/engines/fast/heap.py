"""Who is first in a queue? Pairing heaps of tokens, ordered by turn, then case, then token [rule 7].

A heap is a table with one row for each token and the position of its root, -1 when empty (Fredman, Sedgewick, Sleator and Tarjan 1986,
"The pairing heap"). A token may be taken out of the middle, so nobody stale is ever in a queue.
"""

from __future__ import annotations

from typing import Any

from sim.compile import inlined


@inlined
def _meld(heap: Any, one: int, two: int) -> int:
    """The first of two roots, with the other below it."""
    if heap[two].turn < heap[one].turn or (heap[two].turn == heap[one].turn and heap[two].order < heap[one].order):
        one, two = two, one
    child = heap[one].child
    heap[two].next, heap[two].last = child, one
    if child >= 0:
        heap[child].last = two
    heap[one].child = two
    return one


@inlined
def push(heap: Any, root: int, token: int) -> int:
    """The root once a token has joined, whose turn and order stand in its row."""
    heap[token].child = heap[token].next = heap[token].last = -1
    if root < 0:
        return token
    return _meld(heap, root, token)


@inlined
def pop(heap: Any, root: int) -> int:
    """The root once the first has left."""
    rest, pairs = heap[root].child, -1
    while rest >= 0:
        one = rest
        two = heap[one].next
        if two < 0:
            rest = -1
        else:
            rest = heap[two].next
            one = _meld(heap, one, two)
        heap[one].next = pairs
        pairs = one
    if pairs < 0:
        return -1
    root = pairs
    rest = heap[root].next
    while rest >= 0:
        one = rest
        rest = heap[one].next
        root = _meld(heap, root, one)
    heap[root].next = heap[root].last = -1
    return root


@inlined
def remove(heap: Any, root: int, token: int) -> int:
    """The root once a token has left from wherever it stood."""
    if token == root:
        return pop(heap, root)
    last, after = heap[token].last, heap[token].next
    if heap[last].child == token:
        heap[last].child = after
    else:
        heap[last].next = after
    if after >= 0:
        heap[after].last = last
    below = pop(heap, token)
    return root if below < 0 else _meld(heap, root, below)
