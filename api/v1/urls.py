"""Every address of this dialect; none ends with a slash, and none sends elsewhere."""

from django.urls import re_path

from api.v1 import (
    account,
    add_on,
    coupon,
    customer,
    error_codes,
    event,
    invoice,
    payment_method,
    plan,
    subscription,
    transaction,
    webhook,
)
from api.v1.base import Nowhere

app_name = "v1"
urlpatterns = [
    *error_codes.urls,
    *account.urls,
    *customer.urls,
    *plan.urls,
    *add_on.urls,
    *coupon.urls,
    *webhook.urls,
    *subscription.urls,
    *invoice.urls,
    *transaction.urls,
    *payment_method.urls,
    *event.urls,
    re_path("", Nowhere.as_view()),
]
