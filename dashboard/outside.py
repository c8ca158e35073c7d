"""Pages whose work opens doors of its own: they wait for a renderer, or a worker."""

from typing import Any

from django.http import HttpResponse

from dashboard.doors import AccountView
from foundation.tenancy import tenant


class OutsideView(AccountView):
    """The reader is let in as everywhere; then the door is closed before `get` or `post`.

    What they show afterwards they show by `show`, through a door of its own.
    """

    inside = False

    def show(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """The page inside the frame of its account."""
        with tenant(self.place.account_id) as account:
            self._enter(account)
            return self.render(template, context, status=status)
