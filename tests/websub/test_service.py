"""Listening and falling silent, as the configuration wants it."""

from __future__ import annotations

import socket

import pytest

from monitor.core.model.subscription import SubscriptionReason, SubscriptionState
from monitor.settings.schema import WebSub
from tests.websub.conftest import Subscriber
from tests.websub.fake_hub import FakeHub


def test_switched_off_it_does_nothing(subscriber: Subscriber, hub: FakeHub) -> None:
    subscriber.feeds("harbour")
    subscriber.configure(WebSub())
    subscriber.pump()
    assert (subscriber.steps, subscriber.service.port, hub.asked) == ((), None, [])


def test_a_port_in_use_is_logged_and_tried_again(
    subscriber: Subscriber, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is asked of any hub while its question could not reach us."""
    subscriber.feeds("harbour")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        callback = f"http://127.0.0.1:{port}/"
        subscriber.configure(WebSub(enabled=True, listen=f"127.0.0.1:{port}", callback=callback))
        subscriber.pump()
        assert (subscriber.service.port, hub.asked) == (None, [])
    subscriber.clock.advance(seconds=31)
    subscriber.pump()
    assert subscriber.service.port == port
    assert subscriber.subscription.state is SubscriptionState.ACTIVE


def test_a_restart_keeps_the_subscription(subscribed: Subscriber, hub: FakeHub) -> None:
    settings = subscribed.settings
    subscribed.service.close()
    subscribed.configure(settings)
    subscribed.pump()
    assert len(hub.asked) == 1
    assert [answer.status for answer in hub.push()] == [204]


def test_switching_off_says_goodbye_before_it_falls_silent(subscribed: Subscriber, hub: FakeHub) -> None:
    subscribed.stop()
    subscribed.pump()
    subscribed.clock.advance(seconds=1)
    subscribed.pump()
    assert [asked["hub.mode"] for asked in hub.asked] == ["subscribe", "unsubscribe"]
    assert hub.held == {}
    assert subscribed.service.port is None
    assert subscribed.store.subscriptions.all() == ()


def test_a_goodbye_that_nobody_answers_ends_in_two_minutes(subscribed: Subscriber, hub: FakeHub) -> None:
    hub.status = 500
    subscribed.stop()
    subscribed.pump()
    assert subscribed.subscription.reason is SubscriptionReason.HUB_ERROR
    assert subscribed.service.port is not None
    subscribed.clock.advance(minutes=3)
    subscribed.pump()
    assert subscribed.service.port is None


def test_a_new_callback_means_new_subscriptions(subscribed: Subscriber, hub: FakeHub) -> None:
    before = subscribed.subscription
    callback = subscribed.settings.callback
    assert callback is not None
    subscribed.configure(subscribed.settings.model_copy(update={"callback": callback + "new"}))
    subscribed.pump()
    (now,) = [each for each in subscribed.store.subscriptions.all() if each.state is SubscriptionState.ACTIVE]
    assert now.callback.startswith(callback + "new/")
    assert now.token != before.token


def test_the_same_settings_again_leave_the_listener_alone(subscribed: Subscriber) -> None:
    port = subscribed.service.port
    subscribed.configure(subscribed.settings)
    assert subscribed.service.port == port
