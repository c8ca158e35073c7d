"""What an alarm about webhooks says."""

from django.conf import settings

from accounts.models import Account
from accounts.queries import profile
from messaging.domain.alarms import said
from messaging.domain.values import Values, merchant
from messaging.models import Mail


def alarm(*, account: Account, mail: Mail) -> Values:
    """The values for one mail, with the address of the page that shows what came back."""
    known = profile(account)
    place = f"{settings.PUBLIC_URL.rstrip('/')}/a/{known.organisation}/{account.handle}"
    return {
        "language": mail.language,
        "is_test": account.state != Account.State.LIVE,
        "subject": mail.subject,
        "merchant": merchant(known.party, mail.language, logo="", terms=""),
        "failing": said(mail.facts, timezone=account.timezone, language=mail.language),
        "link": f"{place}/webhooks",
    }
