"""What activities are called in everyday words, in the reader's language."""

from datetime import datetime

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from .recurrence import Every, pattern

# Whole sentences, one for each place in the month: languages bend the ordinal after the day, or put it elsewhere.
REPEATS = {
    # Translators: every week; %(weekday)s is a day as calendars in your language write it, such as «onsdag».
    (Every.WEEK, 0): _l("Hver %(weekday)s"),
    # Translators: every second week; %(weekday)s is a day as calendars in your language write it, such as «onsdag».
    (Every.FORTNIGHT, 0): _l("Annenhver %(weekday)s"),
    # Translators: the first such day of each month; %(weekday)s is a day of the week, such as «onsdag».
    (Every.MONTH, 1): _l("Første %(weekday)s i måneden"),
    # Translators: the second such day of each month; %(weekday)s is a day of the week, such as «onsdag».
    (Every.MONTH, 2): _l("Andre %(weekday)s i måneden"),
    # Translators: the third such day of each month; %(weekday)s is a day of the week, such as «onsdag».
    (Every.MONTH, 3): _l("Tredje %(weekday)s i måneden"),
    # Translators: the fourth such day of each month; %(weekday)s is a day of the week, such as «onsdag».
    (Every.MONTH, 4): _l("Fjerde %(weekday)s i måneden"),
    # Translators: the last such day of each month; %(weekday)s is a day of the week, such as «onsdag».
    (Every.MONTH, -1): _l("Siste %(weekday)s i måneden"),
    # Translators: an activity that is held several times, on days that no short sentence can name.
    (None, 0): _l("Flere ganger"),
}


def repeats(rule: str, first: datetime) -> str:
    """How often it repeats: «Hver onsdag», «Første onsdag i måneden»."""
    every, weekday, ordinal = pattern(rule, first)
    return str(REPEATS[every, ordinal]) % {"weekday": get_day_names("wide", locale=get_locale())[weekday]}
