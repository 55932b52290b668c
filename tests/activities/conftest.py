"""What the tests of helping stand on besides: the post office and the SMS gateway of the messages' tests."""

from tests.messages.conftest import gateway, open_post_office, post_office, set_up

__all__ = ["gateway", "open_post_office", "post_office", "set_up"]
