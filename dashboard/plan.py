"""One plan: what it costs, when it is billed, and what it was before."""

from django.http import HttpRequest, HttpResponse

from catalog import queries
from dashboard.catalogue import SCHEDULES, UNITS
from dashboard.doors import AccountView


class PlanDetail(AccountView):
    here = "plans"

    def get(self, _request: HttpRequest, handle: str) -> HttpResponse:
        plan = queries.plan(self.account, handle)
        versions = queries.versions(self.account, plan)
        newest = next(each.version for each in versions if each.is_newest)
        context = {
            "plan": plan,
            "newest": newest,
            "schedule": SCHEDULES.get(newest.schedule, newest.schedule),
            "trial_unit": UNITS.get(newest.trial_unit or "", ""),
            "versions": [each.version for each in versions],
        }
        return self.render("dashboard/plan.html", context)
