"""Coupons and discounts: there are none yet, and shops that ask for all of them are told so."""

from collections.abc import Mapping
from typing import Any

from django.urls import path

from api.v1.base import View
from api.v1.old_lists import ANY_PAGE, nothing_found, searched
from foundation.wire.shapes import Shape
from foundation.wire.views import Call, operation

COUPONS = searched("CouponSearch", Shape("Coupon", doc="Not offered yet."))
DISCOUNTS = searched("DiscountSearch", Shape("Discount", doc="Not offered yet."))


class Coupons(View):
    @operation("List coupons (old form)", COUPONS, query=ANY_PAGE, doc="There are none yet.")
    def get(self, call: Call) -> Mapping[str, Any]:
        return nothing_found(call)


class Discounts(View):
    @operation("List discounts (old form)", DISCOUNTS, query=ANY_PAGE, doc="There are none yet.")
    def get(self, call: Call) -> Mapping[str, Any]:
        return nothing_found(call)


urls = [
    path("coupon", Coupons.as_view()),
    path("discount", Discounts.as_view()),
]
