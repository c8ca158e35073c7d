"""Customers, and what they were called at each time."""

from django.db import models
from django.db.models import Q

from foundation.tenancy import TenantModel, parent
from kernel.ids import new_id


class Customer(TenantModel):
    """Who buys from the merchant; what is personal stands in the current version."""

    id = models.UUIDField(primary_key=True, default=new_id)
    handle = models.CharField(max_length=255)
    version_id = models.UUIDField()
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    debtor_number = models.BigIntegerField(null=True)
    metadata = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "handle"], name="customer_handle"),
            models.UniqueConstraint(
                fields=["account", "debtor_number"],
                name="customer_debtor_number",
                condition=Q(debtor_number__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.handle


class CustomerNote(TenantModel):
    """What somebody wrote down about a customer, and who that was."""

    id = models.UUIDField(primary_key=True, default=new_id)
    customer = parent(Customer)
    text = models.TextField()
    author_name = models.CharField(max_length=255, blank=True)
    author_email = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "customer"], name="customer_note")]

    def __str__(self) -> str:
        return str(self.id)


class CustomerVersion(TenantModel):
    """Name and address as they were at a time, never changed: documents refer to these."""

    id = models.UUIDField(primary_key=True, default=new_id)
    customer = parent(Customer)
    number = models.IntegerField()
    first_name = models.CharField(max_length=255, blank=True)
    last_name = models.CharField(max_length=255, blank=True)
    company = models.CharField(max_length=255, blank=True)
    address = models.CharField(max_length=255, blank=True)
    address2 = models.CharField(max_length=255, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, blank=True)
    vat_id = models.CharField(max_length=30, blank=True)
    email = models.CharField(max_length=255, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    language = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "customer", "number"], name="customer_version_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.company or self.last_name} v{self.number}"
