from datetime import timedelta
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models import Application, Job
from lib.records import Record
from lib.work import LeasedWork

KEPT_FOR = timedelta(days=7)


class Preset(models.TextChoices):
    HIRING_MANAGER = "hiring_manager", _("Hiring manager")


class Paper(models.TextChoices):
    A4 = "A4", "A4"
    LETTER = "Letter", "Letter"


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: User) -> Self:
        """One's own only: an export belongs to who asked for it."""
        return self.filter(requested_by=user)


class Export(Record):
    """A batch of PDFs asked for by one person. Its status follows from its reports.

    `skipped` is [{"code", "why"}]: what was asked for and could not be made.
    """

    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="exports")
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="exports")
    preset = models.CharField(max_length=18, choices=Preset.choices, default=Preset.HIRING_MANAGER)
    codes_instead_of_names = models.BooleanField(_("use codes instead of names"), default=True)
    paper = models.CharField(_("paper"), max_length=6, choices=Paper.choices, default=Paper.A4)
    skipped = models.JSONField(default=list)
    # Made with the form, so that a double click asks once.
    nonce = models.UUIDField(null=True, editable=False)
    cancelled_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["requested_by", "nonce"], name="export_once_per_form")
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"


class Report(LeasedWork):
    """One PDF of one application. What it says is pinned in `data` when it is asked for."""

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="reports")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="reports")
    data = models.JSONField(default=dict)
    file = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(null=True)
    pages = models.PositiveSmallIntegerField(null=True)

    class Meta(LeasedWork.Meta):
        abstract = False
        ordering = ["export", "application__code"]
        constraints = (
            *LeasedWork.Meta.constraints,
            models.UniqueConstraint(
                fields=["export", "application"], name="report_once_per_export"
            ),
        )

    def __str__(self) -> str:
        return f"PDF of {self.application}"
