"""Browse activities."""

from flask import Response, request

from .. import clock
from ..web import Entry, found, open_to, show
from . import bp, calendar, filters, queues, rules, structured, words

# How often something comes again, for rows: they are drawn without the page around them.
bp.record_once(lambda state: state.app.extensions["templates"].environment.filters.update(repeats=words.repeats))

HELP_FIRST = 2  # tasks that the top of the list names


@bp.get("/aktiviteter")
@open_to(Entry.ANYONE)
def index() -> Response:
    """All that happens: today, this week, later; or what of it fits."""
    listed = rules.browse(filters.read(request.args, filters.OF_ACTIVITIES), request.args.get("fra", ""))
    whole = listed.is_first and not listed.choice
    return show(
        "activities/index.html",
        listed=listed,
        groups=rules.by_time(listed.rows, clock.today()),
        wanted=tuple(rules.soonest_needs(listed.rows, HELP_FIRST)) if whole else (),
    )


@bp.get("/aktiviteter/tidligere")
@open_to(Entry.ANYONE)
def past() -> Response:
    """What has been, and what came of it."""
    rows, following = rules.past_page(request.args.get("fra", ""))
    return show("activities/past.html", past=rows, following=following)


@bp.get("/hjelp")
@open_to(Entry.ANYONE)
def needs() -> Response:
    """Every task that needs people, soonest first, and those that can be done whenever it suits; or what fits."""
    choice = filters.read(request.args, filters.OF_TASKS)
    listed = rules.help_wanted(choice, request.args.get("fra", ""))
    return show(
        "activities/needs.html",
        listed=listed,
        groups=rules.by_time([found for found in listed.found if not found.row.standing], clock.today()),
        standing=[found for found in listed.found if found.row.standing],
    )


@bp.get("/aktiviteter/<public_id:activity>")
@open_to(Entry.ANYONE)
def activity(activity: str) -> Response:
    """One activity, with what it needs, or what came of it."""
    shown = found(rules.activity(activity))
    return show(
        "activities/show.html",
        activity=shown,
        places=queues.places(shown.tasks),
        times=rules.times(shown),
        standing=rules.standing_beside(shown),
        helped=rules.helped(shown) if shown.is_over else 0,
        map_address=structured.map_address(shown.place),
        data=None if shown.standing else structured.event(shown),
    )


@bp.get("/aktiviteter/<public_id:activity>/kalender.ics")
@open_to(Entry.ANYONE)
def activity_calendar(activity: str) -> Response:
    """An activity for the phone's calendar."""
    return calendar.file(calendar.of_activity(found(rules.activity(activity))))
