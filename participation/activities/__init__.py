"""Activities, and helping at them."""

from flask import Blueprint

bp = Blueprint("activities", __name__)

from . import views  # noqa: E402, F401
