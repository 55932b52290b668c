"""Workshops: a question, many ideas, a wall."""

from flask import Blueprint

bp = Blueprint("workshops", __name__)

from . import views  # noqa: E402, F401
