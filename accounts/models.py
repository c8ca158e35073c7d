"""Who the merchant is: organisation, accounts (the tenants), people and API keys."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from foundation.tenancy import TenantModel
from kernel.ids import new_id


class Organisation(models.Model):
    """A merchant's company; seen only from inside one of its accounts."""

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=255)
    subdomain = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdomain"], name="organisation_subdomain")]

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """The tenant: a closed world of data, settings and users. Test and live are two of them."""

    class State(models.TextChoices):
        TEST = "test"
        LIVE = "live"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    handle = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=State.choices)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=10)
    timezone = models.CharField(max_length=64)
    default_vat = models.DecimalField(max_digits=8, decimal_places=6)
    invoice_prefix = models.CharField(max_length=20, default="INV")
    payment_days = models.IntegerField(default=14)
    clock_at = models.DateTimeField(null=True)
    # How many of its keys were expired: who remembers a key sees that it may be among them.
    keys_expired = models.IntegerField(default=0, db_default=0)
    logo_digest = models.CharField(max_length=64, blank=True, default="")
    logo_mime = models.CharField(max_length=20, blank=True, default="")
    terms_of_service = models.TextField(blank=True, default="")
    version_id = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "handle"], name="account_handle"),
            models.CheckConstraint(
                condition=Q(state__in=["test", "live", "closed"]), name="account_state"
            ),
            models.CheckConstraint(
                condition=Q(clock_at=None) | ~Q(state="live"), name="account_live_has_real_time"
            ),
            models.CheckConstraint(
                condition=Q(default_vat__gte=0, default_vat__lt=1), name="account_default_vat"
            ),
        ]

    def __str__(self) -> str:
        return self.handle


class AccountVersion(TenantModel):
    """The merchant's name and address as they were at a time; documents refer to these."""

    id = models.UUIDField(primary_key=True, default=new_id)
    number = models.IntegerField()
    name = models.CharField(max_length=255)
    address = models.CharField(max_length=255, blank=True)
    address2 = models.CharField(max_length=255, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2)
    vat_id = models.CharField(max_length=30, blank=True)
    email = models.CharField(max_length=255, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    website = models.CharField(max_length=255, blank=True)
    tax_number = models.CharField(max_length=30, blank=True)
    register_entry = models.CharField(max_length=100, blank=True)
    managing_directors = models.CharField(max_length=255, blank=True)
    bank_name = models.CharField(max_length=70, blank=True)
    bank_iban = models.CharField(max_length=34, blank=True)
    bank_bic = models.CharField(max_length=11, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="account_version_number")
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class User(AbstractBaseUser):
    """A person, known by e-mail address over all accounts."""

    id = models.UUIDField(primary_key=True, default=new_id)
    email = models.EmailField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    language = models.CharField(max_length=10, default="en")
    preferences = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = BaseUserManager()

    USERNAME_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["email"], name="user_email")]

    def __str__(self) -> str:
        return self.email


class Membership(models.Model):
    """Route: a person's place in one account, and her role there."""

    class Role(models.TextChoices):
        ADMIN = "admin"
        FINANCE = "finance"
        OPERATIONS = "operations"
        DEVELOPER = "developer"
        READ_ONLY = "read_only"

    id = models.UUIDField(primary_key=True, default=new_id)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    account_id = models.UUIDField()
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "account_id"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(role__in=["admin", "finance", "operations", "developer", "read_only"]),
                name="membership_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class ApiKey(TenantModel):
    """A named key; the key itself is shown once and only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=255)
    key_hash = models.CharField(max_length=64)
    masked = models.CharField(max_length=40)
    created_at = models.DateTimeField()
    expired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key_hash"], name="api_key_hash")]

    def __str__(self) -> str:
        return f"{self.name} {self.masked}"


class ApiKeyRoute(models.Model):
    """Route: the hash of a key to its account; what else the key is, the account knows."""

    key_hash = models.CharField(max_length=64, primary_key=True)
    account_id = models.UUIDField()

    def __str__(self) -> str:
        return self.key_hash[:8]


class AccountRoute(models.Model):
    """Route: the names by which an operator calls an account; what is in it, the account knows."""

    account_id = models.UUIDField(primary_key=True)
    subdomain = models.CharField(max_length=64)
    handle = models.CharField(max_length=255)
    is_live = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdomain", "handle"], name="account_route_name")
        ]

    def __str__(self) -> str:
        return f"{self.subdomain}/{self.handle}"


class LoginThrottle(models.Model):
    """Failed log-ins under one digest: of an e-mail address, known or not, or of a network one."""

    digest = models.CharField(max_length=64, primary_key=True)
    failures = models.IntegerField(default=0)
    failed_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.digest[:8]} {self.failures}"
