"""What can be offered, in words and pictures, and the languages that people here speak."""

from flask_babel import lazy_gettext as _l

from ..activities.models import Kind

# Translators: what somebody can do; each ends the sentence «I can …» and stands on a button of its own.
KINDS = {
    Kind.COOK: _l("Lage mat"),
    Kind.BAKE: _l("Bake kaker"),
    Kind.CARRY: _l("Bære og flytte"),
    Kind.DRIVE: _l("Kjøre bil"),
    Kind.HOST: _l("Ta imot folk"),
    Kind.TRANSLATE: _l("Oversette"),
    Kind.FIX: _l("Fikse ting"),
    Kind.PLAY: _l("Leke og spille"),
    Kind.TIDY: _l("Rydde"),
}

# Those that many here speak come first. Their names are the languages' own.
LANGUAGES = (
    *("nb", "en", "ar", "uk", "pl", "lt", "so", "ti", "fa"),
    *("ku", "ckb", "tr", "ru", "es", "fr", "de", "pt", "ro", "sq", "bs", "am", "sw", "ur", "hi", "th", "vi", "fil"),
)
