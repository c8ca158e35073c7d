"""Addresses of the pages for people."""

from django.urls import URLPattern, include, path

from dashboard import entrance
from dashboard.account_settings import AccountSettings, Logo
from dashboard.api_keys import ApiKeys
from dashboard.attempts import AttemptList
from dashboard.audit_log import AuditLog
from dashboard.catalogue import AddOnList, PlanList
from dashboard.customer import CustomerDetail
from dashboard.customers import CustomerList
from dashboard.home import Home
from dashboard.invoice import InvoiceDetail, InvoicePage, InvoicePdf
from dashboard.invoices import InvoiceList
from dashboard.journal import Journal
from dashboard.mails import MailBody, MailDetail, MailList, MailPart
from dashboard.parked import Parked
from dashboard.plan import PlanDetail
from dashboard.runs import RunDetail, RunList
from dashboard.search import Search
from dashboard.subscription import SubscriptionDetail
from dashboard.subscriptions import SubscriptionList
from dashboard.views import healthz, status
from dashboard.webhook_settings import WebhookSettings
from dashboard.webhooks import DeliveryDetail, DeliveryList

app_name = "dashboard"

# Pages of one account; the first two parts of the address name it.
of_account: list[URLPattern] = [
    path("", Home.as_view(), name="home"),
    path("search", Search.as_view(), name="search"),
    path("customers", CustomerList.as_view(), name="customers"),
    path("customers/<str:handle>", CustomerDetail.as_view(), name="customer"),
    path("subscriptions", SubscriptionList.as_view(), name="subscriptions"),
    path("subscriptions/<str:handle>", SubscriptionDetail.as_view(), name="subscription"),
    path("invoices", InvoiceList.as_view(), name="invoices"),
    path("invoices/<str:handle>", InvoiceDetail.as_view(), name="invoice"),
    path("invoices/<str:handle>/pdf", InvoicePdf.as_view(), name="invoice_pdf"),
    path("invoices/<str:handle>/page", InvoicePage.as_view(), name="invoice_page"),
    path("transactions", AttemptList.as_view(), name="attempts"),
    path("runs", RunList.as_view(), name="runs"),
    path("runs/<uuid:run_id>", RunDetail.as_view(), name="run"),
    path("ledger", Journal.as_view(), name="journal"),
    path("plans", PlanList.as_view(), name="plans"),
    path("plans/<str:handle>", PlanDetail.as_view(), name="plan"),
    path("add-ons", AddOnList.as_view(), name="add_ons"),
    path("mail", MailList.as_view(), name="mails"),
    path("mail/<uuid:mail_id>", MailDetail.as_view(), name="mail"),
    path("mail/<uuid:mail_id>/body", MailBody.as_view(), name="mail_body"),
    path("mail/<uuid:mail_id>/files/<int:number>", MailPart.as_view(), name="mail_part"),
    path("webhooks", DeliveryList.as_view(), name="webhooks"),
    path("webhooks/settings", WebhookSettings.as_view(), name="webhook_settings"),
    path("webhooks/<uuid:delivery_id>", DeliveryDetail.as_view(), name="delivery"),
    path("keys", ApiKeys.as_view(), name="api_keys"),
    path("parked", Parked.as_view(), name="parked"),
    path("audit", AuditLog.as_view(), name="audit"),
    path("settings", AccountSettings.as_view(), name="settings"),
    path("logo/<str:digest>", Logo.as_view(), name="logo"),
]

urlpatterns = [
    path("", entrance.entrance, name="entrance"),
    path("login", entrance.log_in, name="login"),
    path("logout", entrance.log_out, name="logout"),
    path("preferences", entrance.preferences, name="preferences"),
    path("status", status, name="status"),
    path("healthz", healthz, name="healthz"),
    path("a/<str:subdomain>/<str:account_handle>/", include(of_account)),
]
