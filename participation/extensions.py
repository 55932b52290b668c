"""The extensions, made unbound so that nothing needs the app to import them."""

from flask_babel import Babel
from flask_compress import Compress
from htmx_flask import Htmx

babel = Babel()
compress = Compress()
htmx = Htmx()
