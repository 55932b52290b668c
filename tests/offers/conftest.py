"""People who have said what they can."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from participation import clock
from participation.activities.models import Kind
from participation.contact import Contact
from participation.offers import rules
from participation.offers.models import Offer
from tests.messages.conftest import gateway, open_post_office, post_office, set_up  # noqa: F401


@pytest.fixture
def offer(app: Flask) -> Callable[..., Offer]:
    """Makes somebody say what they can, each on a receipt of their own unless told otherwise."""

    def make(name: str = "Amina", *kinds: Kind, days: int = 30, holder: str = "", **details: Any) -> Offer:
        told = {"contact": Contact(email=f"{name.lower()}@people.example"), "languages": ("nb",), **details}
        helper = rules.Helper(name, kinds or (Kind.COOK,), until=clock.today() + timedelta(days=days), **told)
        return rules.leave(helper, f"key-of-{name}", holder or f"holder-of-{name}")

    return make
