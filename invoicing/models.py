"""Claims (invoices), the documents that state them, and their lines."""

from django.db import models
from django.db.models import F, Q

from foundation.tenancy import TenantModel, parent
from invoicing.domain.lifecycle import State
from invoicing.domain.rendering import RenderState
from kernel.ids import new_id


class Invoice(TenantModel):
    """The claim for money: a state and what is open. It changes only along its table."""

    id = models.UUIDField(primary_key=True, default=new_id)
    handle = models.CharField(max_length=255)
    customer = parent("customers.Customer")
    subscription_id = models.UUIDField(null=True)
    state = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    gross_minor = models.BigIntegerField()
    settled_minor = models.BigIntegerField(default=0)
    issued_on = models.DateField()
    due_on = models.DateField()
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "handle"], name="invoice_handle"),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in State]), name="invoice_state"
            ),
            models.CheckConstraint(
                condition=Q(settled_minor__gte=0, settled_minor__lte=F("gross_minor")),
                name="invoice_settled_within",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "customer"], name="invoice_customer"),
            models.Index(fields=["account", "created_at", "id"], name="invoice_created"),
            models.Index(fields=["account", "subscription_id"], name="invoice_subscription"),
            models.Index(
                fields=["account", "due_on"],
                name="invoice_open",
                condition=Q(state__in=["pending", "dunning", "failed"]),
            ),
        ]

    def __str__(self) -> str:
        return self.handle

    @property
    def open_minor(self) -> int:
        """What is still to be paid, in minor units."""
        return self.gross_minor - self.settled_minor


class Document(TenantModel):
    """The numbered paper of a claim, final from its first second: INSERT only."""

    class Kind(models.TextChoices):
        INVOICE = "invoice"

    id = models.UUIDField(primary_key=True, default=new_id)
    invoice = parent(Invoice)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    series = models.CharField(max_length=40)
    year = models.IntegerField()
    sequence = models.BigIntegerField()
    number = models.CharField(max_length=60)
    issued_on = models.DateField()
    due_on = models.DateField()
    service_from = models.DateField()
    service_to = models.DateField()
    account_version = parent("accounts.AccountVersion")
    customer_version = parent("customers.CustomerVersion")
    language = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "series", "year", "sequence"], name="document_sequence"
            ),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor")), name="document_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(service_from__lte=F("service_to")), name="document_service"
            ),
            models.CheckConstraint(condition=Q(kind__in=["invoice"]), name="document_kind"),
        ]
        indexes = [models.Index(fields=["account", "invoice"], name="document_invoice")]

    def __str__(self) -> str:
        return self.number


class DocumentLine(TenantModel):
    """One priced, taxed, described amount on a document: INSERT only."""

    id = models.BigAutoField(primary_key=True)
    document = parent(Document)
    position = models.IntegerField()
    origin = models.CharField(max_length=30)
    origin_handle = models.CharField(max_length=255)
    text = models.CharField(max_length=255)
    quantity = models.BigIntegerField()
    unit_minor = models.BigIntegerField()
    incl_vat = models.BooleanField()
    vat_rate = models.DecimalField(max_digits=8, decimal_places=6)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    service_from = models.DateField()
    service_to = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "document", "position"], name="document_line_position"
            ),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor")),
                name="document_line_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Rendering(TenantModel):
    """A document as a file: asked for, made once, and never made anew.

    The row appears when somebody first wants the file, not when the document is issued. What the
    page says beyond the document, whether it asks for a transfer, is settled with the row.
    """

    class Kind(models.TextChoices):
        PDF = "pdf"

    id = models.UUIDField(primary_key=True, default=new_id)
    document = parent(Document)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=20, default=RenderState.WAITING.value)
    asks_transfer = models.BooleanField()
    digest = models.CharField(max_length=64, default="", blank=True)
    tries = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    failure = models.CharField(max_length=1000, default="", blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "document", "kind"], name="rendering_once"),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in RenderState]), name="rendering_state"
            ),
            models.CheckConstraint(
                condition=Q(state="ready", digest__regex="^[0-9a-f]{64}$")
                | (~Q(state="ready") & Q(digest="")),
                name="rendering_ready_has_file",
            ),
            models.CheckConstraint(condition=Q(kind__in=["pdf"]), name="rendering_kind"),
        ]
        indexes = [
            models.Index(
                fields=["account", "next_at"],
                name="rendering_waiting",
                condition=Q(state="waiting"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.document_id}"
