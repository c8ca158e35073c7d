"""Addresses of the pages for customers: each begins with the token that opens it."""

from django.urls import path, re_path

from portal.pages import invoice, invoice_pdf, logo, nowhere, terms

app_name = "portal"
urlpatterns = [
    path("<str:token>", invoice, name="invoice"),
    path("<str:token>/invoice.pdf", invoice_pdf, name="invoice_pdf"),
    path("<str:token>/terms", terms, name="terms"),
    path("<str:token>/logo", logo, name="logo"),
    re_path("", nowhere),
]
