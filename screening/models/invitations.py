from django.db import models
from django.utils import timezone

from accounts.models import User
from candidates.models import Application
from lib.records import Record


class Invitation(Record):
    """The personal link of one application: all its take-home exercises on one page."""

    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, related_name="invitation"
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    consented_at = models.DateTimeField(null=True)
    # The one device that may write now; another that opens the link takes over.
    device = models.CharField(max_length=64, blank=True)
    # The autosave store of the warm-up: nobody but the candidate ever reads it.
    warmup = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"link of {self.application}"

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()


class LinkToken(Record):
    """One secret that opens an invitation, kept as a keyed hash. "Copy link" makes a new one."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"secret of {self.invitation}"
