"""What the tests of webhooks do again and again."""

from datetime import timedelta

from customers.events import CustomerChanged
from customers.queries import by_handle
from foundation import outbox
from foundation.tenancy import tenant
from kernel.clock import wall_now
from tests.factories import make_account, make_customers
from webhooks.commands.change_settings import change_settings
from webhooks.commands.deliver import deliver
from webhooks.domain.settings import NewSettings
from webhooks.domain.timetable import gap
from webhooks.models import Delivery, Endpoint


def told_account(*urls: str, **rest):
    """A new account whose webhooks go to these addresses."""
    account_id = make_account()
    set_urls(account_id, *urls, **rest)
    return account_id


def set_urls(account_id, *urls: str, **rest):
    with tenant(account_id) as account:
        new = NewSettings(urls=urls, **rest)
        change_settings(account=account, new=new, actor="test", now=wall_now())


def say(account_id, *handles: str):
    """Make customers, and hand the facts to their hearers; returns the customers' ids."""
    with tenant(account_id) as account:
        ids = make_customers(account, *handles)
    outbox.drain(account_id, limit=100)
    return ids


def change(account_id, handle, times=1):
    """More facts about the customer."""
    with tenant(account_id) as account:
        fact = CustomerChanged(customer_id=by_handle(account, handle).id)
        outbox.append(*[fact] * times)
    outbox.drain(account_id, limit=100)


def rows(account_id) -> list[Delivery]:
    """The deliveries in their order, with their endpoints."""
    with tenant(account_id) as account:
        found = Delivery.objects.of(account).order_by("sequence")
        return list(found.select_related("endpoint", "event"))


def states(account_id) -> list[str]:
    return [each.state for each in rows(account_id)]


def let_pass(account_id, span: timedelta):
    """As if so much time had gone by for all that waits."""
    with tenant(account_id) as account:
        for each in Delivery.objects.of(account):
            each.next_at -= span
            each.began_at -= span
            each.lease_until = each.lease_until and each.lease_until - span
            each.save(update_fields=["next_at", "began_at", "lease_until"])
        for endpoint in Endpoint.objects.of(account):
            endpoint.rest_until = endpoint.rest_until and endpoint.rest_until - span
            endpoint.failing_since = endpoint.failing_since and endpoint.failing_since - span
            endpoint.save(update_fields=["rest_until", "failing_since"])


def fail_times(account_id, times, first=1):
    """So many calls, each when it is due after the one before."""
    for tries in range(first, first + times):
        deliver(account_id)
        let_pass(account_id, gap(tries))
