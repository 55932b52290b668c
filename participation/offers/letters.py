"""The letter that asks somebody who made an offer."""

from flask import current_app, url_for
from flask_babel import gettext as _

from .. import i18n
from ..activities.letters import LONGEST_IN_SMS, SMS_ALPHABET
from ..activities.models import Task
from ..db import db
from ..messages import letters
from ..messages.letters import Letter, apart
from ..web import public_url
from . import invitations, rules
from .models import Invitation, InvitationState


def question(about: int) -> Letter | None:
    """Whether somebody will help with a task; None once that is answered, or there is nothing to ask any longer."""
    asked = db.session.get(Invitation, about)
    if asked is None or asked.state is not InvitationState.ASKED or asked.task.is_closed:
        return None
    if not rules.stands(asked.offer) or not letters.way_to(asked.offer):
        return None
    link = (_("Svar ja eller nei:"), _address(asked))
    if asked.offer.phone:
        return letters.letter(asked.offer.phone, "", [_short_question(asked.task)], [link])
    return letters.letter(asked.offer.email or "", *_question(asked), [link])


def _question(asked: Invitation) -> tuple[str, list[str]]:
    task = asked.task
    title, activity = apart(i18n.plain(task.title)), apart(i18n.plain(task.activity.title))
    organiser, place = apart(task.activity.organiser.name), apart(task.activity.place.full_name)
    return _("Kan du hjelpe? %(task)s", task=title), [
        _("Hei, %(name)s!", name=apart(asked.offer.name)),
        _("%(organiser)s spør om du kan hjelpe til.", organiser=organiser),
        _("Oppgaven er «%(task)s» på «%(activity)s».", task=title, activity=activity),
        _("Når: %(when)s", when=_when(task)),
        _("Hvor: %(place)s", place=place),
        _("Du er ikke meldt på før du selv sier ja. Et nei er like greit."),
        _("Du får dette fordi du har sagt at du kan hjelpe. Vil du ikke bli spurt mer, sier du det samme sted."),
    ]


def _short_question(task: Task) -> str:
    title = i18n.plain(task.title)
    title = title if len(title) <= LONGEST_IN_SMS else title[: LONGEST_IN_SMS - 3].rstrip() + "..."
    isolated = apart(title) if i18n.reader().direction == "rtl" else title
    return str(_("Kan du hjelpe? %(task)s, %(when)s.", task=isolated, when=_when(task))).translate(SMS_ALPHABET)


def _when(task: Task) -> str:
    if task.activity.standing:
        return str(_("når det passer, til %(day)s", day=i18n.full_day(task.ends_at)))
    return str(_("%(day)s kl. %(time)s", day=i18n.full_day(task.starts_at), time=i18n.clock_time(task.starts_at)))


def _address(asked: Invitation) -> str:
    """The personal address where this one person answers, in the language of the letter."""
    key = invitations.key_of(asked.public_id, current_app.config["SECRET_KEY"])
    return public_url(url_for("offers.invitation", invitation=asked.public_id, link=key))


letters.composers[rules.INVITATION] = question
