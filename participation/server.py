"""How gunicorn serves the app: two workers, each holding many open streams; see gunicorn's settings for the names."""

import gc
import os
from collections.abc import Callable
from typing import Any

import gevent.monkey
from gevent.baseserver import BaseServer

# The app is loaded once, before the workers are forked from it, so that they share its memory; then the patching must
# come before the app too, or its locks would block a whole worker.
gevent.monkey.patch_all()
preload_app = True

bind = f"{os.environ.get('HOST', '0.0.0.0')}:{os.environ.get('PORT', '8000')}"  # noqa: S104 phones must reach it
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gevent"
worker_connections = 2000
graceful_timeout = 3  # seconds: open streams would hold a restart up, and they come back by themselves
keepalive = 15
loglevel = "warning"
# No access log: it would hold addresses of people and codes of receipts.
accesslog = None

# A hundred unless told: then the first worker to wake takes a whole room of phones, and the other none.
BaseServer.max_accept = 1


def pre_request(_worker: Any, _request: Any) -> None:
    """Let the streams have their turn: requests that follow each other on one connection would starve them."""
    gevent.sleep(0)


def pre_fork(_server: Any, _worker: Any) -> None:
    """Leave what is loaded out of garbage collection: sweeping it would copy every shared page."""
    gc.freeze()


_end_work: list[Callable[[float], None]] = []


def post_worker_init(worker: Any) -> None:
    """Let each process also do what comes round, and send messages: one more process would cost more memory."""
    from participation.worker import start

    _end_work.append(start(worker.wsgi))


def worker_exit(_server: Any, _worker: Any) -> None:
    """Let a message that is on its way get there, so that it is not sent again."""
    for end in _end_work:
        end(graceful_timeout)
