"""The merchant's customers."""

from django.utils.translation import gettext_lazy as _

from customers.listings import CUSTOMERS
from dashboard.columns import Column, Empty, Table
from dashboard.lists import ListView

TABLE = Table(
    name="customers",
    title=_("Customers"),
    listing=CUSTOMERS,
    columns=(
        Column(name="handle", label=_("Handle"), link="customer"),
        Column(name="company", label=_("Company")),
        Column(name="last_name", label=_("Last name")),
        Column(name="first_name", label=_("First name")),
        Column(name="email", label=_("E-mail")),
        Column(name="country", label=_("Country"), is_default=False),
        Column(name="city", label=_("City")),
        Column(name="postal_code", label=_("Postal code"), is_default=False),
        Column(name="address", label=_("Address"), is_default=False),
        Column(name="phone", label=_("Phone"), is_default=False),
        Column(name="vat_id", label=_("VAT ID"), is_default=False),
        Column(name="language", label=_("Language"), is_default=False),
        Column(name="created_at", label=_("Created")),
    ),
    empty=Empty(
        icon="customers",
        title=_("No customers yet"),
        text=_("Customers come in through the API, a hosted page or an import."),
    ),
)


class CustomerList(ListView):
    table = TABLE
    here = "customers"
