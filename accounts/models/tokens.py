from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.users import User
from lib.records import Record


class Scope(models.TextChoices):
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    CANDIDATES_READ = "candidates:read"
    CANDIDATES_WRITE = "candidates:write"
    APPLICATIONS_READ = "applications:read"
    APPLICATIONS_WRITE = "applications:write"
    USERS_READ = "users:read"
    CATALOG_READ = "catalog:read"
    SCREENINGS_READ = "screenings:read"
    SCORECARDS_READ = "scorecards:read"
    RESULTS_READ = "results:read"
    EXPORTS_READ = "exports:read"
    EXPORTS_WRITE = "exports:write"


class ApiToken(Record):
    """A key for a REST client. Only its SHA-256 is kept; a revoked row stays, for the audit."""

    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=8, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    allowed_cidrs = models.JSONField(_("allowed addresses"), default=list, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.name} (scr_{self.prefix}…)"

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and (
            self.expires_at is None or self.expires_at > timezone.now()
        )
