"""Home: the month's figures, the last year at a glance, what runs, what waits, what to do next."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.domain.rights import Right
from catalog.listings import PLANS
from customers.listings import CUSTOMERS
from dashboard import showing
from dashboard.doors import AccountView
from dashboard.navigation import address
from dashboard.presets import months_later
from foundation import queries
from foundation.listing import Asked, Listing, page
from invoicing.queries.months import Month, Standing, months, standing
from kernel.clock import local_date
from kernel.moments import local_moment
from subscriptions.queries import runs
from subscriptions.queries.months import Movement, movement

MONTHS = 12
RUNS_MAX = 4
PARKED_MAX = 5
CHART_HEIGHT = 140
BAR_WIDTH, BAR_STEP = 44, 64


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, with where it comes from."""

    label: str
    shown: str
    beside: str
    url: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of the chart: its place, and its heights in the drawing's own units."""

    first_day: date
    label: str
    month: Month | None
    x: int
    told: str
    top: int
    height: int
    paid_top: int
    paid_height: int
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do in a new account, and whether it is done."""

    title: str
    text: str
    is_done: bool
    url: str


class Home(AccountView):
    here = "home"

    def get(self, _request: HttpRequest) -> HttpResponse:
        today = local_date(self.now, self.account.timezone)
        first_day = months_later(today, 1 - MONTHS)
        counted = [
            each
            for each in months(self.account, first_day)
            if each.currency == self.account.currency
        ]
        moved = self._movement(today)
        return self.render(
            "dashboard/home.html",
            {
                "today": today,
                "figures": self._figures(today, counted, moved),
                "bars": self._bars(today, counted),
                "chart_width": MONTHS * BAR_STEP,
                "runs": runs(self.account, RUNS_MAX),
                "runs_url": self._to("runs"),
                "parked": queries.parked(self.account)[:PARKED_MAX],
                "parked_url": self._to("parked"),
                "steps": [] if counted else self._steps(moved),
            },
        )

    def _to(self, name: str, query: str = "") -> str:
        url = address(self.place, name)
        return f"{url}?{query}" if url and query else url

    def _movement(self, today: date) -> Movement:
        zone = self.account.timezone
        starts = [months_later(today, each).isoformat() for each in (0, 1)]
        since, until = (local_moment(each, zone).instant for each in starts)
        return movement(self.account, since, until)

    def _figures(self, today: date, counted: list[Month], moved: Movement) -> list[Figure]:
        currency = self.account.currency
        this = [each for each in counted if each.first_day == today.replace(day=1)]
        month = this[0] if this else Month(today, currency, 0, 0, 0, 0)
        left = [each for each in standing(self.account, today) if each.currency == currency]
        now = left[0] if left else Standing(currency, 0, 0, 0, 0, 0, 0)
        of_month = "issued_on=this_month"
        unpaid = "state=pending&state=dunning&state=failed"
        return [
            self._money(
                _("Billed"), month.billed_minor, month.count, self._to("invoices", of_month)
            ),
            self._money(
                _("Paid of it"),
                month.paid_minor,
                month.paid_count,
                self._to("invoices", f"{of_month}&state=settled"),
            ),
            self._money(
                _("Open now"), now.open_minor, now.open_count, self._to("invoices", unpaid)
            ),
            self._money(
                _("Failed"),
                now.failed_minor,
                now.failed_count,
                self._to("invoices", "state=failed"),
            ),
            Figure(
                _("New subscriptions"),
                showing.number(moved.new),
                _("{n} active now").format(n=showing.number(moved.active)),
                self._to("subscriptions", "created_at=this_month"),
            ),
            Figure(
                _("Cancellations"),
                showing.number(moved.cancelled),
                _("{n} ended").format(n=showing.number(moved.expired)),
                self._to("subscriptions", "cancelled_at=this_month"),
            ),
        ]

    def _money(self, label: str, minor: int, count: int, url: str) -> Figure:
        beside = _("1 invoice") if count == 1 else _("{n} invoices")
        told = beside.format(n=showing.number(count))
        return Figure(label, showing.money(minor, self.account.currency), told, url)

    def _bars(self, today: date, counted: list[Month]) -> list[Bar]:
        """Twelve months up to this one, from one zero line."""
        by_month = {each.first_day: each for each in counted}
        highest = max([each.billed_minor for each in counted] or [0]) or 1
        found = []
        for index in range(MONTHS):
            first_day = months_later(today, index + 1 - MONTHS)
            month = by_month.get(first_day)
            billed, paid = (month.billed_minor, month.paid_minor) if month else (0, 0)
            height, paid_height = (each * CHART_HEIGHT // highest for each in (billed, paid))
            last_day = date.fromordinal(months_later(first_day, 1).toordinal() - 1)
            query = f"issued_on=custom&issued_on.from={first_day}&issued_on.to={last_day}"
            x = index * BAR_STEP + (BAR_STEP - BAR_WIDTH) // 2
            found.append(
                Bar(
                    first_day,
                    showing.short_month(first_day),
                    month,
                    x,
                    showing.money(billed, self.account.currency),
                    CHART_HEIGHT - height,
                    height,
                    CHART_HEIGHT - paid_height,
                    paid_height,
                    self._to("invoices", query),
                )
            )
        return found

    def _steps(self, moved: Movement) -> list[Step]:
        party = self.frame.party
        has_address = bool(party.address and party.city and (party.vat_id or party.tax_number))
        return [
            Step(
                _("Say who you are"),
                _("Address and tax number stand on every invoice."),
                has_address,
                self._to("settings") if self.may(Right.CHANGE_SETTINGS) else "",
            ),
            Step(
                _("Create a plan"),
                _("What you sell, at which price and how often."),
                self._has_any(PLANS),
                self._to("plans"),
            ),
            Step(
                _("Bring in customers"),
                _("Through the API, or one by one."),
                self._has_any(CUSTOMERS),
                self._to("customers"),
            ),
            Step(
                _("Start the first subscription"),
                _("From then on it bills itself."),
                moved.active > 0,
                self._to("subscriptions"),
            ),
        ]

    def _has_any(self, listing: Listing) -> bool:
        return bool(page(self.account, listing, Asked(size=1, columns=("handle",))).rows)
