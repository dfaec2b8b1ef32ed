from django.db import models

from accounts.models.tokens import ApiToken
from accounts.models.users import User


class Event(models.Model):
    """One line of the ledger: who did which verb to what. Added, never changed.

    Object and job are type and id without a foreign key: the ledger lies below all it names.
    The row id is the order of writing (on SQLite also the order of commit).
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    verb = models.CharField(max_length=48)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    token = models.ForeignKey(ApiToken, null=True, on_delete=models.PROTECT, related_name="+")
    object_type = models.CharField(max_length=32)
    object_id = models.UUIDField()
    job_id = models.UUIDField(null=True, db_index=True)
    changed = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    is_read = models.BooleanField(default=False)
    request_id = models.CharField(max_length=36, blank=True)
    address = models.CharField(max_length=43, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["object_type", "object_id", "id"], name="event_by_object")]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id}"
