"""What helpers and organisers are told, in whole sentences and in their own language.

A composer is asked when the letter is about to go: it answers None when there is nobody to tell any longer, or nothing
that is still true.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from .. import clock
from ..contact import Contact
from ..db import db
from ..i18n import Translated, clock_time, full_day, long_date, plain, reader
from ..messages.letters import Attachment, Letter, apart, composers, letter, way_to
from ..web import public_url
from . import calendar, owners, queues
from .access import personal_link
from .models import Purpose, Signup, SignupState, Task
from .notices import REMIND_BEFORE, Notice

REMINDED_LATE = timedelta(hours=1)  # a reminder may be this much earlier than it should be, and any time later
LONGEST_IN_SMS = 50  # characters of a title: what is told in more than two text messages costs, and is not read
# An SMS holds 160 characters of the old telephone alphabet, and 70 as soon as one is not in it.
SMS_ALPHABET = str.maketrans(
    {"–": "-", "—": "-", "«": '"', "»": '"', "“": '"', "”": '"', "’": "'", "…": "...", "\u00a0": " "}
)


class Words(NamedTuple):
    """One piece of news: a mail's subject and first paragraph, and an SMS's one sentence."""

    subject: str
    opening: str
    short: str


# --- To whoever signed up


def confirmation(signup: Signup) -> Letter | None:
    """Somebody said yes, or took a place."""
    names = _names(signup)
    if signup.state is SignupState.PLACED:
        words = Words(
            _("Du er med: %(task)s", **names),
            _("Hei %(name)s! Du er med på %(task)s. Så fint at du vil hjelpe!", **names),
            _("Du er med på %(task)s, %(when)s.", **names),
        )
        return _to_the_person(signup, words, with_calendar=True)
    if signup.state is not SignupState.WAITING:
        return None
    words = Words(
        _("Du står på ventelista: %(task)s", **names),
        _("Hei %(name)s! Det er fullt på %(task)s akkurat nå, og du står på ventelista. Vi sier fra.", **names),
        _("Du står på ventelista til %(task)s, %(when)s. Vi sier fra.", **names),
    )
    return _to_the_person(signup, words)


def placed(signup: Signup) -> Letter | None:
    """Somebody who waited has a place."""
    if signup.state is not SignupState.PLACED:
        return None
    names = _names(signup)
    words = Words(
        _("Du har fått plass: %(task)s", **names),
        _("Hei %(name)s! Det ble en ledig plass på %(task)s, og den er din.", **names),
        _("Du har fått plass på %(task)s, %(when)s.", **names),
    )
    return _to_the_person(signup, words, with_calendar=True)


def offer(signup: Signup) -> Letter | None:
    """A place is kept until somebody answers."""
    if signup.offered_until is None or not queues.may_take(signup):
        return None
    names = {**_names(signup), "until": full_day(signup.offered_until), "at": clock_time(signup.offered_until)}
    words = Words(
        _("Vil du ha plassen? %(task)s", **names),
        _(
            "Hei %(name)s! Det er en ledig plass på %(task)s. Den er din om du sier ja før %(until)s kl. %(at)s.",
            **names,
        ),
        _("Ledig plass på %(task)s. Din om du sier ja før %(until)s kl. %(at)s.", **names),
    )
    return _to_the_person(signup, words, label=_("Svar her"))


def free(signup: Signup) -> Letter | None:
    """A place is free that whoever is first may take."""
    if signup.state is not SignupState.WAITING or not queues.may_take(signup):
        return None
    names = _names(signup)
    words = Words(
        _("Ledig plass: %(task)s", **names),
        _("Hei %(name)s! Det er en ledig plass på %(task)s. Den som svarer først, får den.", **names),
        _("Ledig plass på %(task)s, %(when)s. Den som svarer først, får den.", **names),
    )
    return _to_the_person(signup, words, label=_("Svar her"))


def reminder(signup: Signup) -> Letter | None:
    """What somebody said yes to is near."""
    task = signup.task
    soon = task.starts_at - clock.now() <= REMIND_BEFORE + REMINDED_LATE
    if signup.state is not SignupState.PLACED or not soon or task.starts_at <= clock.now():
        return None
    names = _names(signup)
    words = Words(
        _("Snart: %(task)s", **names),
        _("Hei %(name)s! Du ville bli minnet på %(task)s. Vi gleder oss til å se deg.", **names),
        _("Husk %(task)s, %(when)s.", **names),
    )
    return _to_the_person(signup, words, purpose=Purpose.REMINDER)


def change(signup: Signup) -> Letter | None:
    """What somebody said yes to has another time or place."""
    names = _names(signup)
    words = Words(
        _("Endret tid eller sted: %(task)s", **names),
        _("Hei %(name)s! Det er endringer i %(task)s. Slik er det nå:", **names),
        _("Endret: %(task)s er nå %(when)s, %(place)s.", **names),
    )
    return _to_the_person(signup, words, with_calendar=signup.state is SignupState.PLACED)


def cancellation(signup: Signup) -> Letter | None:
    """What somebody said yes to is off."""
    activity = signup.task.activity
    if not activity.is_cancelled or signup.task.ends_at <= clock.now() or not signup.allows(Purpose.TASK):
        return None
    names = _names(signup)
    if "@" not in _address(signup):
        text = _("Avlyst: %(task)s, %(when)s. Du trenger ikke å møte.", **names)
        return _sms(signup, text, _("Les mer"))
    paragraphs = [_("Hei %(name)s! %(activity)s er avlyst. Du trenger ikke å møte.", **names)]
    if activity.cancelled_why:
        paragraphs.append(apart(plain(activity.cancelled_why)))
    paragraphs += [_("Takk for at du ville hjelpe!"), _small_print(signup)]
    links = [(_("Se påmeldingen"), personal_link(signup))]
    subject = _("Avlyst: %(task)s", **names)
    return letter(_address(signup), subject, paragraphs, links, _calendar(signup))


def lost(signup: Signup) -> Letter | None:
    """Somebody who has lost the code asked for a way in: to all that this contact is on."""
    mine = owners.reached_at(Contact(signup.phone, signup.email))
    if not mine:
        return None
    if "@" not in _address(signup):
        return letter(_address(signup), "", [], [(_short(one.task.title), personal_link(one)) for one in mine])
    words = _("Du, eller noen som kan adressen din, ba om lenker til påmeldingene dine. Ikke del dem med andre.")
    links = [
        (_("%(task)s, %(when)s", task=plain(one.task.title), when=_begins(one.task)), personal_link(one))
        for one in mine
    ]
    return letter(_address(signup), _("Påmeldingene dine"), [words, _small_print(signup)], links)


# --- To the organiser


def left(task: Task) -> Letter | None:
    """Somebody with a place left."""
    email = task.activity.organiser.email
    if not email or task.is_closed:
        return None
    places = queues.places([task])[task.id]
    names = {"task": apart(plain(task.title)), "when": _begins(task)}
    paragraphs = [
        _("Noen meldte seg av %(task)s, %(when)s.", **names),
        ngettext("Nå mangler %(num)d.", "Nå mangler %(num)d.", places.left) if places.left else _("Plassen er tatt."),
        ngettext("%(num)d står på venteliste.", "%(num)d står på venteliste.", places.waiting),
    ]
    address = public_url(url_for("activities.activity", activity=task.activity.public_id))
    subject = _("Noen meldte seg av: %(task)s", task=plain(task.title))
    return letter(email, subject, paragraphs, [(_("Se aktiviteten"), address)])


# --- How they are put together


def _to_the_person(
    signup: Signup,
    words: Words,
    *,
    purpose: Purpose = Purpose.TASK,
    label: str = "",
    with_calendar: bool = False,
) -> Letter | None:
    if signup.task.is_closed or not signup.allows(purpose):
        return None
    label = label or _("Se eller meld deg av")
    if "@" not in _address(signup):
        return _sms(signup, words.short, label)
    way_out = _("Kan du ikke likevel? Meld deg av med lenken her, når du vil og uten å si hvorfor.")
    paragraphs = [words.opening, *_facts(signup), way_out, _small_print(signup)]
    attached = _calendar(signup) if with_calendar else []
    return letter(_address(signup), words.subject, paragraphs, [(label, personal_link(signup))], attached)


def _sms(signup: Signup, text: str, label: str) -> Letter:
    return letter(_address(signup), "", [text.translate(SMS_ALPHABET)], [(label, personal_link(signup))])


def _address(signup: Signup) -> str:
    return signup.email or signup.phone or ""


def _names(signup: Signup) -> dict[str, str]:
    """What sentences are about. Somebody's own words stand in isolation, but in an SMS that needs none."""
    task, by_mail = signup.task, "@" in _address(signup)
    title = apart(plain(task.title)) if by_mail else _short(task.title)
    place = task.activity.place.full_name
    return {
        "name": apart(signup.name),
        "task": title,
        "activity": apart(plain(task.activity.title)),
        "place": apart(place) if by_mail or reader().direction == "rtl" else place[:LONGEST_IN_SMS],
        "when": _begins(task),
    }


def _short(title: Translated) -> str:
    words = plain(title)
    short = words if len(words) <= LONGEST_IN_SMS else words[: LONGEST_IN_SMS - 3].rstrip() + "..."
    return apart(short) if reader().direction == "rtl" else short.translate(SMS_ALPHABET)


def _facts(signup: Signup) -> Iterator[str]:
    task = signup.task
    yield _("Når: %(when)s", when=_begins(task))
    yield _("Hvor: %(place)s", place=apart(task.activity.place.full_name))
    yield _("Oppmøte: %(meet)s", meet=apart(plain(task.meet)))
    if signup.party > 1:
        yield ngettext("Du og %(num)d til.", "Du og %(num)d til.", signup.party - 1)


def _begins(task: Task) -> str:
    if task.activity.standing:
        return str(_("når det passer, til %(day)s", day=full_day(task.ends_at)))
    return str(_("%(day)s kl. %(time)s", day=full_day(task.starts_at), time=clock_time(task.starts_at)))


def _small_print(signup: Signup) -> str:
    day = clock.local(signup.task.ends_at).date() + timedelta(days=current_app.config["CONTACT_DAYS"])
    return str(_("Adressen din bruker vi bare til dette, og vi sletter den %(day)s.", day=long_date(day)))


def _calendar(signup: Signup) -> list[Attachment]:
    if signup.task.activity.standing:
        return []
    return [Attachment("oppgave.ics", "text/calendar", calendar.of_task(signup.task))]


# --- In the post


def _about_a_signup(compose: Callable[[Signup], Letter | None]) -> Callable[[int], Letter | None]:
    """Find who it is about; nobody is told who has left, is forgotten, or gave no address that a letter reaches."""

    def find_and_compose(about: int) -> Letter | None:
        signup = db.session.get(Signup, about)
        if signup is None or signup.state is SignupState.WITHDRAWN or not way_to(signup):
            return None
        return compose(signup)

    return find_and_compose


def _left(about: int) -> Letter | None:
    task = db.session.get(Task, about)
    return left(task) if task else None


composers.update(
    {
        Notice.CONFIRMATION: _about_a_signup(confirmation),
        Notice.PLACED: _about_a_signup(placed),
        Notice.OFFER: _about_a_signup(offer),
        Notice.FREE: _about_a_signup(free),
        Notice.REMINDER: _about_a_signup(reminder),
        Notice.CHANGE: _about_a_signup(change),
        Notice.CANCELLATION: _about_a_signup(cancellation),
        Notice.LOST: _about_a_signup(lost),
        Notice.LEFT: _left,
    }
)
