"""The handlingsrom: what is decided, what can be influenced, what one can just do."""

from flask import Blueprint

bp = Blueprint("handlingsrom", __name__)

from . import views  # noqa: E402, F401
