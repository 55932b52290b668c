"""The app, with plain things to compare it with beside it in the same processes, where none of its hooks run."""

import gzip
import os
from pathlib import Path

from flask import Flask, Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware

import participation


def bare_file(name: str) -> Path:
    """Where the bare page of a name lies, for the bench to put it there."""
    return Path(os.environ["DATA_DIR"]) / f"bare-{name}.html"


def create_app() -> Flask:
    """The app as it is served, and `/bench` beside it."""
    app = participation.create_app()
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/bench": plain()})  # type: ignore[method-assign]
    return app


def plain() -> Flask:
    """As little as Flask can do: a word, and pages without style or script, compressed as the app's are."""
    app = Flask("plain", static_folder=None)

    @app.get("/hello")
    def hello() -> str:
        return "Hello"

    @app.get("/bare/<name>")
    def bare(name: str) -> Response:
        page = gzip.compress(bare_file(name).read_bytes())
        return Response(page, mimetype="text/html", headers={"Content-Encoding": "gzip"})

    return app
