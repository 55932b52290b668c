"""«Jeg kan …»: what people offer to do, and the tasks they are asked to help with."""

from flask import Blueprint

from .. import worker
from . import rules

bp = Blueprint("offers", __name__)

worker.jobs["offers"] = worker.Routine(3600, rules.expire)

from . import letters, views  # noqa: E402, F401
