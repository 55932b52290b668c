"""The commands: bring the app up, its parts one by one, and let the first administrator in."""

import os
import sys

import click
from flask import Flask

from . import create_app
from .config import PACKAGE, UnsafeSettings

DEMO_CODE = "GRENDE"
FIRST_ADMIN = ("Administrator", "admin@localhost")


@click.group()
def main() -> None:
    """Participation for a neighbourhood. Settings come from the environment; see the README."""


@main.command()
def up() -> None:
    """Migrate, say where everything is, and serve. On a local network: with the demo, and a link to sign in."""
    from . import schema

    app = _app()
    with app.app_context():
        schema.migrate()
        if not app.config["SECURE_COOKIES"]:
            _load_demo()
        click.echo(_welcome(app))
    _serve()


@main.command()
def serve() -> None:
    """Serve, and nothing else."""
    _serve()


@main.command()
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
def work(once: bool) -> None:
    """Send messages and do what comes round, as the server also does by itself."""
    import logging
    from signal import SIGINT, SIGTERM, signal
    from threading import Event

    from . import worker

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    app, stop = _app(), Event()
    for end in (SIGINT, SIGTERM):
        signal(end, lambda *_: stop.set())
    if not once:
        worker.run_forever(app, stop)
    while once and worker.run_due(app, stop):
        pass


@main.command()
@click.option(
    "--down", metavar="REVISION", help="Go back to an earlier revision instead: `base`, or `-1` for one step."
)
def migrate(down: str | None) -> None:
    """Bring the database's schema up to date."""
    from . import schema

    with _app().app_context():
        if down:
            schema.undo(down)
        else:
            schema.migrate()


@main.command("make-migration")
@click.argument("message")
def make_migration(message: str) -> None:
    """For developers: draft a migration from what the models and the database differ in."""
    from . import schema

    with _app().app_context():
        schema.draft(message)


@main.command()
def demo() -> None:
    """Load the demo, if the database has no content yet."""
    with _app().app_context():
        _load_demo()


@main.command()
@click.argument("email", default=FIRST_ADMIN[1])
@click.option("--name", default=FIRST_ADMIN[0], help="The person's name, for a new account.")
@click.option("--facilitator", is_flag=True, help="A new account that runs its own workshops only.")
@click.option("--organiser", default="", help="The association the person makes activities for; made if it is new.")
def invite(email: str, name: str, facilitator: bool, organiser: str) -> None:
    """Print a link that signs somebody in, once, within an hour; makes the account if it is new."""
    app = _app()
    with app.app_context():
        click.echo(_link(app, name, email, facilitator, organiser))


def _app() -> Flask:
    try:
        return create_app()
    except UnsafeSettings as refusal:
        raise click.ClickException(str(refusal)) from refusal


def _load_demo() -> None:
    from . import demo

    if demo.load_if_empty():
        click.echo("Loaded the demo content.")


def _link(app: Flask, name: str, email: str, facilitator: bool = False, organiser: str = "") -> str:
    from .staff import rules
    from .staff.models import Role

    _, token = rules.invite(name, email, Role.FACILITATOR if facilitator or organiser else Role.ADMIN, organiser)
    return f"{app.config['PUBLIC_URL']}/stab/lenke/{token}"


def _welcome(app: Flask) -> str:
    from .posters import qr
    from .workshops import rules

    home = app.config["PUBLIC_URL"]
    places = [("Front page", home + "/")]
    if rules.by_code(DEMO_CODE):
        places += [
            ("Workshop, on a phone", f"{home}/W/{DEMO_CODE}"),
            ("Workshop, on the wall", f"{home}/W/{DEMO_CODE}/vegg"),
        ]
    if not app.config["SECURE_COOKIES"]:  # a public server's output is kept by its log
        places.append(("Sign in, once, within an hour", _link(app, *FIRST_ADMIN)))
    width = max(len(name) for name, _ in places)
    listed = "\n".join(f"  {name:<{width}}  {address}" for name, address in places)
    return f"\n{qr.terminal(home + '/')}\n{listed}\n\nStop with Ctrl-C.\n"


def _serve() -> None:
    # In this process's place, so that signals reach the server and nothing of the set-up stays in memory.
    sys.stdout.flush()
    # The settings by their path: named as a module, they would make gunicorn's master load the whole app too.
    server = str(PACKAGE / "server.py")
    command = [sys.executable, "-m", "gunicorn", "--config", server, "participation:create_app()"]
    os.execv(sys.executable, command)  # noqa: S606


if __name__ == "__main__":
    main()
