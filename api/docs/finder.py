"""What people want to do, and the calls that do it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from api.docs.reference import Entry, entries

WORD_LETTERS_MIN = 2


@dataclass(frozen=True)
class Task:
    """A wish in plain words."""

    text: Promise
    calls: Sequence[str]


TASKS: Sequence[Task] = (
    Task(_("Check that a key works, and which account it opens"), ["GET /v1/account"]),
    Task(_("Change name, address, currency or time zone of the account"), ["PUT /v1/account"]),
    Task(_("Create a customer"), ["POST /v1/customer"]),
    Task(_("Look a customer up"), ["GET /v1/customer/{handle}"]),
    Task(_("Change a customer's address or mail address"), ["PUT /v1/customer/{handle}"]),
    Task(_("Find customers by name, mail address or city"), ["GET /v1/list/customer"]),
    Task(_("Delete a customer"), ["DELETE /v1/customer/{handle}"]),
    Task(
        _("Keep data of your own with a customer"),
        ["PUT /v1/customer/{handle}/metadata", "GET /v1/customer/{handle}/metadata"],
    ),
    Task(_("Create a plan with price and rhythm"), ["POST /v1/plan"]),
    Task(_("See what a plan costs now"), ["GET /v1/plan/{handle}/current"]),
    Task(_("Change the texts of a plan"), ["PUT /v1/plan/{handle}"]),
    Task(_("Give a plan a new price or other terms"), ["POST /v1/plan/{handle}"]),
    Task(_("List the plans on sale"), ["GET /v1/list/plan", "GET /v1/plan"]),
    Task(_("Store a card, by a token"), ["POST /v1/payment_method"]),
    Task(_("See the cards of a customer"), ["GET /v1/list/payment_method"]),
    Task(
        _("See with which card a subscription is paid"),
        ["GET /v1/subscription/{subscription}/pm"],
    ),
    Task(_("Start a subscription"), ["POST /v1/subscription"]),
    Task(
        _("Let a subscription end: cancel it, or at once expire it"),
        [
            "POST /v1/subscription/{subscription}/cancel",
            "POST /v1/subscription/{subscription}/expire",
        ],
    ),
    Task(_("Take a cancellation back"), ["POST /v1/subscription/{subscription}/uncancel"]),
    Task(_("See when a subscription is billed next"), ["GET /v1/subscription/{subscription}"]),
    Task(
        _("List subscriptions by customer, plan or state"),
        ["GET /v1/list/subscription"],
    ),
    Task(_("See what a customer has been billed"), ["GET /v1/list/invoice"]),
    Task(_("Read one invoice with its lines and payments"), ["GET /v1/invoice/{invoice}"]),
    Task(
        _("See the payments of an invoice, and why one was declined"),
        ["GET /v1/list/transaction", "GET /v1/invoice/{invoice}/transaction/{transaction}"],
    ),
    Task(_("Find invoices that are not paid"), ["GET /v1/list/invoice"]),
    Task(
        _("Have events sent to a server of yours"),
        ["PUT /v1/account/webhook_settings"],
    ),
    Task(
        _("Learn or change the secret that signs webhooks"),
        [
            "GET /v1/account/webhook_settings",
            "POST /v1/account/webhook_settings/secret",
        ],
    ),
    Task(_("See which webhooks were delivered, and which failed"), ["GET /v1/list/webhook"]),
    Task(_("Send a webhook again"), ["POST /v1/webhook/resend"]),
    Task(_("See what happened to a customer, as events"), ["GET /v1/event"]),
    Task(
        _("Make a private key, or expire one"),
        ["POST /v1/account/privkey", "POST /v1/account/privkey/{key}/expire"],
    ),
    Task(_("Look up what a numeric error code means"), ["GET /v1/error_codes"]),
)


@dataclass(frozen=True)
class Found:
    """A task with those of its calls that the server has."""

    text: str
    calls: Sequence[Entry]


def find(asked: str) -> list[Found]:
    """The tasks that have every word of `asked`, in their text or in one of their calls."""
    words = [each for each in asked.lower().split() if len(each) >= WORD_LETTERS_MIN]
    known = entries()
    found = []
    for task in TASKS:
        calls = [known[each] for each in task.calls if each in known]
        text = str(task.text)
        haystack = " ".join([text, *task.calls, *(each.summary for each in calls)]).lower()
        if calls and all(word in haystack for word in words):
            found.append(Found(text, calls))
    return found
