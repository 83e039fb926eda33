"""What is due next? Tokens in buckets of minutes; the bucket being played is in order of minute, case and token.

Every token has at most one thing pending, so it is itself the list's link, and whatever is called off leaves the list at once. Nothing due at or
after the plan's end is kept.
"""

from __future__ import annotations

from typing import Any

from sim.compile import inlined, part
from sim.engines.fast.layout import BUCKET, BUCKET_AT, BUCKET_TO, READY, SHIFT
from sim.engines.fast.read import LATEST


@inlined
def _place(play: Any, t: int, minute: int) -> None:
    """Put a token where it belongs in the bucket being played."""
    if play.seen[BUCKET_TO] == len(play.bucket):
        begin, length = play.seen[BUCKET_AT], play.seen[BUCKET_TO] - play.seen[BUCKET_AT]
        for i in range(length):
            play.bucket[i] = play.bucket[begin + i]
        play.seen[BUCKET_AT], play.seen[BUCKET_TO] = 0, length
    at, begin, order = play.seen[BUCKET_TO], play.seen[BUCKET_AT], play.tokens[t].order
    play.seen[BUCKET_TO] = at + 1
    while at > begin:
        other = play.bucket[at - 1]
        due = play.tokens[other].due
        if due < minute or (due == minute and play.tokens[other].order < order):
            break
        play.bucket[at] = other
        at -= 1
    play.bucket[at] = t


@inlined
def agree(plan: Any, play: Any, t: int, minute: int) -> None:
    """A token is due at a later minute."""
    if minute >= plan.ends_at[0]:
        return
    play.tokens[t].due = minute
    bucket = minute >> play.seen[SHIFT]
    if bucket == play.seen[BUCKET]:
        _place(play, t, minute)
        return
    play.tokens[t].next = play.buckets[bucket]
    play.buckets[bucket] = t


@part
def _withdraw(tokens: Any, buckets: Any, list_: Any, seen: Any, t: int) -> None:
    bucket = tokens[t].due >> seen[SHIFT]
    if bucket == seen[BUCKET]:
        at = seen[BUCKET_AT]
        while list_[at] != t:
            at += 1
        seen[BUCKET_TO] -= 1
        for i in range(at, seen[BUCKET_TO]):
            list_[i] = list_[i + 1]
    else:
        other = buckets[bucket]
        if other == t:
            buckets[bucket] = tokens[t].next
        else:
            while tokens[other].next != t:
                other = tokens[other].next
            tokens[other].next = tokens[t].next
    tokens[t].due = -1


@inlined
def call_off(play: Any, t: int) -> None:
    """Nothing is due for a token any more."""
    if play.tokens[t].due >= 0:
        _withdraw(play.tokens, play.buckets, play.bucket, play.seen, t)


@inlined
def next_due(play: Any, limit: int) -> int:
    """The earliest minute at which a token is due; none after the bucket of `limit` is looked for."""
    if play.seen[BUCKET_AT] < play.seen[BUCKET_TO]:
        return play.tokens[play.bucket[play.seen[BUCKET_AT]]].due
    bucket, last = play.seen[BUCKET] + 1, limit >> play.seen[SHIFT]
    while bucket <= last and play.buckets[bucket] < 0:
        bucket += 1
    play.seen[BUCKET_AT] = play.seen[BUCKET_TO] = 0
    if bucket > last:
        play.seen[BUCKET] = max(last, play.seen[BUCKET])
        return LATEST
    play.seen[BUCKET] = bucket
    t = play.buckets[bucket]
    play.buckets[bucket] = -1
    while t >= 0:
        after = play.tokens[t].next
        _place(play, t, play.tokens[t].due)
        t = after
    return play.tokens[play.bucket[0]].due


@inlined
def get_ready(play: Any, t: int) -> None:
    """A token moves in this round or the next."""
    if not play.tokens[t].is_ready:
        play.tokens[t].is_ready = 1
        play.ready[play.seen[READY]] = t
        play.seen[READY] += 1


@inlined
def gather(play: Any, minute: int) -> int:
    """Whatever is due at a minute moves in its first round; how many tokens, in order."""
    at, number = play.seen[BUCKET_AT], 0
    while at < play.seen[BUCKET_TO]:
        t = play.bucket[at]
        if play.tokens[t].due != minute:
            break
        play.tokens[t].due = -1
        play.moving[number] = t
        number += 1
        at += 1
    play.seen[BUCKET_AT] = at
    return number
