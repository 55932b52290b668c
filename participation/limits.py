"""A brake on floods: how often one phone or one account may ask for something."""

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec

import limits
from flask import Response, current_app
from werkzeug.exceptions import TooManyRequests

P = ParamSpec("P")


@cache
def counter() -> limits.strategies.MovingWindowRateLimiter:
    """What this process has counted. It starts with the first count, so after the server has forked."""
    return limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())


def at_most(rate: str, whom: Callable[[], str]) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Answer 429 when one asks more often than `rate`, such as `30 per minute`; an empty name is not counted.

    Never by address alone where a room full of people asks: they share one.
    """
    limit = limits.parse(rate)

    def brake(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def counted(*args: P.args, **kwargs: P.kwargs) -> Response:
            who = whom()
            if who and current_app.config["RATE_LIMITS"] and not counter().hit(limit, view.__qualname__, who):
                raise TooManyRequests(retry_after=limit.get_expiry())
            return view(*args, **kwargs)

        return counted

    return brake
