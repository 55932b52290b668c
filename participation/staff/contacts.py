"""Who helps, and how to reach them; the sheets that say so; and words to share when more are needed."""

from typing import Any

from flask import Response, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from .. import i18n
from ..activities import access, queues
from ..activities.models import Activity, Task
from ..messages.letters import apart, as_if_read_in
from ..messages.transport import channels
from ..posters import sheets
from ..receipts.rules import grouped
from ..web import Entry, found, open_to, show
from . import bp, me, reach, rights
from .organising import mine, sending


@bp.get("/aktivitet/<public_id:activity>/navn")
@open_to(Entry.STAFF)
def names(activity: str) -> Response:
    """Who helps, who waits, how to reach them, and whom one must call. Each look is kept."""
    wanted = mine(activity)
    rights.note_viewing(me(), "names", wanted)
    people = rights.helpers(wanted)
    everybody = [one for group in people for one in (*group.placed, *group.waiting)]
    return show(
        "organising/names.html",
        activity=wanted,
        people=people,
        places=queues.places(wanted.tasks),
        ways=reach.reaches(everybody, channels()),
        **sending(),
    )


@bp.post("/aktivitet/<public_id:activity>/kode/<public_id:signup>")
@open_to(Entry.STAFF)
def new_code(activity: str, signup: str) -> Response:
    """A new code for somebody who has lost theirs: shown once, as it is kept nowhere."""
    wanted = mine(activity)
    helper = found(rights.signup_at(wanted, signup))
    rights.note_viewing(me(), "code", wanted)
    code = grouped(access.reissue(helper))
    return show("organising/code.html", activity=wanted, helper=helper, code=code)


@bp.get("/aktivitet/<public_id:activity>/<any(kjokken, navneliste):kind>.pdf")
@open_to(Entry.STAFF)
def sheet(activity: str, kind: str) -> Response:
    """The sheet for the kitchen wall, or the list of names with contacts. Each is kept as a look."""
    wanted = mine(activity)
    rights.note_viewing(me(), kind, wanted)
    draw = {"kjokken": sheets.kitchen, "navneliste": sheets.names}[kind]
    response = Response(draw(wanted, rights.helpers(wanted)), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename={kind}.pdf"
    return response


@bp.get("/aktivitet/<public_id:activity>/del")
@open_to(Entry.STAFF)
def share(activity: str) -> Response:
    """«Vi mangler 2 til lørdag»: words to send to others, in one language or in all."""
    wanted = mine(activity)
    asked = request.args.get("sprak", i18n.SOURCE.tag)
    tags = [asked] if asked in i18n.LANGUAGES else list(i18n.LANGUAGES)
    places = queues.places(wanted.tasks)
    lacking = [(task, places[task.id].left) for task in wanted.tasks if places[task.id].left and not task.is_closed]
    texts = {tag: call_for_help(wanted, lacking, tag) for tag in tags} if lacking else {}
    return show("organising/share.html", activity=wanted, texts=texts, asked=asked)


def call_for_help(activity: Activity, lacking: list[tuple[Task, int]], tag: str) -> dict[str, Any]:
    """What to send to others: a first line, what is needed, where and when, and the way in."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with as_if_read_in(app, tag):
        many, title = sum(left for _task, left in lacking), apart(i18n.plain(activity.title))
        day, place = i18n.full_day(activity.starts_at), apart(activity.place.full_name)
        named = {"day": day, "title": title}
        # Translators: the first line of a message to share; %(day)s is a weekday with its date.
        coming = ngettext(
            "Vi mangler %(num)d til %(day)s: %(title)s", "Vi mangler %(num)d til %(day)s: %(title)s", many, **named
        )
        # Translators: the first line of a message to share, where help is needed all along.
        always = ngettext("Vi mangler %(num)d: %(title)s", "Vi mangler %(num)d: %(title)s", many, title=title)
        lines = [always if activity.standing else coming]
        lines += [
            ngettext("Trenger %(num)d: %(task)s", "Trenger %(num)d: %(task)s", left, task=apart(i18n.plain(task.title)))
            for task, left in lacking
        ]
        hours = apart(f"{i18n.clock_time(activity.starts_at)}–{i18n.clock_time(activity.ends_at)}")
        lines.append(place if activity.standing else f"{hours} · {place}")
        link = url_for("activities.activity", activity=activity.public_id, _external=True)
        return {"text": "\n".join([*lines, "", _("Bli med her:"), link]), "link": link}
