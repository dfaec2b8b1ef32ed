from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models import Job
from lib.records import Record


class CsvImportQuerySet(models.QuerySet["CsvImport"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(uploaded_by=user, job__in=Job.objects.managed_by(user))


class CsvImport(Record):
    """An uploaded table of candidates on its way in: mapped, previewed, then imported once.

    The text is dropped after the import; `created`, `known` and `left_out` keep the counts.
    `leftover` has the rows left out, to mend and send again: {"header": [...], "rows": [{"row",
    "problems", "cells"}]}. Text and leftover are names of people and live for a day at most.
    """

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        IMPORTED = "imported", _("imported")

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="csv_imports")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    mapping = models.JSONField(default=dict)  # our field → number of their column
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.UPLOADED)
    created = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    leftover = models.JSONField(default=dict)
    imported_at = models.DateTimeField(null=True)

    objects = CsvImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name
