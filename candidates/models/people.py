from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Event, User
from candidates.models.jobs import Job
from lib.records import Record


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def visible_to(self, user: User) -> Self:
        """People whose name this user may read: those who apply for a job they manage, and those
        who have not applied yet, for admins and for who wrote them down.
        """
        applied = self.model.applications.rel.related_model.objects.filter(candidate=OuterRef("pk"))
        written = Event.objects.filter(
            object_type="candidate", object_id=OuterRef("pk"), verb="create_candidate", by=user
        )
        unattached = ~Exists(applied) if user.is_admin else ~Exists(applied) & Exists(written)
        managed = applied.filter(job__in=Job.objects.managed_by(user))
        return self.filter(Exists(managed) | Q(unattached))


class Candidate(Record):
    """A person. The only home of names and contacts; everything else knows the application's code.

    `emails`, `phones` and `links` are lists of {"value", "type"}; `email` is the first address in
    lower case, for look-ups. An address is optional and not unique: two records can share one.
    """

    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    preferred_name = models.CharField(_("preferred name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True, db_index=True)
    emails = models.JSONField(default=list, blank=True)
    phones = models.JSONField(default=list, blank=True)
    links = models.JSONField(default=list, blank=True)
    title = models.CharField(_("current title"), max_length=120, blank=True)
    company = models.CharField(_("current company"), max_length=120, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    is_private = models.BooleanField(default=False)
    source_updated_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name", "id"]
        indexes = [models.Index(fields=["created_at", "id"], name="candidate_browse")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.preferred_name or self.first_name} {self.last_name}".strip()
