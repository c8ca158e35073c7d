"""The samples of the quick start: what the page shows is what a test performs."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
SHELL: Mapping[str, str] = {
    "account": 'curl -s -u "$KEY:" "$KONTOR/v1/account"',
    "customer": """\
curl -s -u "$KEY:" "$KONTOR/v1/customer" \\
  -H "Content-Type: application/json" -d @- <<JSON
{"handle": "ada", "email": "ada@example.com", "first_name": "Ada"}
JSON""",
    "plan": """\
curl -s -u "$KEY:" "$KONTOR/v1/plan" \\
  -H "Content-Type: application/json" -d @- <<JSON
{
  "handle": "gold",
  "name": "Gold",
  "amount": 1990,
  "schedule_type": "month_startdate",
  "interval_length": 1
}
JSON""",
    "payment_method": """\
METHOD=$(curl -s -u "$KEY:" "$KONTOR/v1/payment_method" \\
  -H "Content-Type: application/json" -d @- <<JSON | grep -o '"id":"ca_[^"]*"' | cut -d'"' -f4
{"customer_handle": "ada", "source": "ct_test_4111111111111111_1239_123_ada"}
JSON
)
echo "$METHOD\"""",
    "subscription": """\
curl -s -u "$KEY:" "$KONTOR/v1/subscription" \\
  -H "Content-Type: application/json" -d @- <<JSON
{
  "handle": "ada-gold",
  "customer": "ada",
  "plan": "gold",
  "signup_method": "source",
  "source": "$METHOD"
}
JSON""",
    "invoice": """\
until curl -s -u "$KEY:" "$KONTOR/v1/list/invoice?subscription=ada-gold" \\
  | grep '"state":"settled"'
do sleep 1
done""",
    "webhooks": """\
curl -s -u "$KEY:" -X PUT "$KONTOR/v1/account/webhook_settings" \\
  -H "Content-Type: application/json" -d @- <<JSON
{"urls": ["https://shop.example/kontor"], "disabled": false}
JSON""",
}
"""One call a step; `$KONTOR` is the address of the server and `$KEY` the private key."""


@cache
def program(name: str) -> str:
    """A whole program of `programs/`, as it is shown and as it runs."""
    return (PROGRAMS / f"{name}.txt").read_text()
