"""The way in: what happens today, and what the app is."""

from flask import Blueprint

bp = Blueprint("home", __name__)

from . import views  # noqa: E402, F401
