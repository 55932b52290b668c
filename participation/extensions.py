"""The extensions, made unbound so that nothing needs the app to import them."""

from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from htmx_flask import Htmx

babel = Babel()
compress = Compress()
htmx = Htmx()


def _nobody() -> str:
    raise RuntimeError("Every limit names whom it counts.")


# Kept per process: a limit is a brake on one phone or one account, not an account of anything.
limiter = Limiter(_nobody, storage_uri="memory://", strategy="moving-window")
