"""A participation app for a neighbourhood: activities, help, ideas, and the room for action."""

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import db, i18n, live, rendering, web
from .config import settings
from .extensions import babel, compress, htmx


def create_app(config: dict[str, Any] | None = None) -> Flask:
    """Make the app from the environment's settings, with `config` over them; raises UnsafeSettings."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config.from_mapping({**settings(), **(config or {})})
    add_extensions(app)
    web.init_app(app)
    rendering.init_app(app)
    add_features(app)
    live.init_app(app)
    wrap(app)
    return app


def add_extensions(app: Flask) -> None:
    """Bind the extensions."""
    db.init_app(app)
    htmx.init_app(app)
    compress.init_app(app)


def add_features(app: Flask) -> None:
    """Register every feature: this is the only module that knows them all."""
    from . import activities, handlingsrom, home, offers, receipts, staff, workshops

    for feature in (home, activities, offers, workshops, handlingsrom, receipts, staff):
        app.register_blueprint(feature.bp)


def wrap(app: Flask) -> None:
    """Put the layers around the app: the outermost first sees the request."""
    i18n.init_app(babel, app)
    rendering.serve_built_files(app)
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
