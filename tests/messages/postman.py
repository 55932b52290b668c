"""An app that has something to say: what other processes of the tests run, by `python -m tests.messages.postman`."""

from flask import Flask

from participation import create_app, worker
from participation.messages import letters
from participation.messages.letters import Letter

KIND = "greeting"


def greet(about: int) -> Letter | None:
    """A greeting to person number so and so."""
    return letters.letter(f"person{about}@people.example", f"Hei, nummer {about}", ["Velkommen på lørdag."])


def make_app() -> Flask:
    """The app, with one more kind of message than its features have."""
    letters.composers[KIND] = greet
    return create_app()


if __name__ == "__main__":
    app = make_app()
    while worker.run_due(app):
        pass
