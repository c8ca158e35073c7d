"""What beat wakes, and how often. What is due stands in the due list, not here."""

SCHEDULE = {
    "sweep what is due": {"task": "foundation.tasks.sweep", "schedule": 5.0},
    "heartbeat": {"task": "foundation.tasks.heartbeat", "schedule": 10.0},
    "seal audit trails": {"task": "operations.tasks.seal_audit_trails", "schedule": 3600.0},
    "keep house": {"task": "foundation.tasks.keep_house", "schedule": 3600.0},
}

# The due list's kinds, each with the task that works it off for one account.
DUE_TASKS: dict[str, str] = {
    "dispatch": "foundation.tasks.run_dispatches",
    "renewal": "subscriptions.tasks.bill",
    "run": "subscriptions.tasks.close_run",
    "attempt": "payments.tasks.perform_attempts",
    "look_up": "payments.tasks.look_up_attempts",
    "delivery": "webhooks.tasks.deliver",
    "mail": "messaging.tasks.send_mails",
    "render": "invoicing.tasks.render",
}
