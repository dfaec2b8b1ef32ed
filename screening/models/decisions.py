from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models import Application
from lib.records import Record


class Outcome(models.TextChoices):
    HIRE = "hire", _("Hire")
    NO_HIRE = "no_hire", _("No hire")
    ANOTHER_ROUND = "another_round", _("Another round")


class Decision(Record):
    """A person decides, with a reason; a changed mind is a new row, and the newest counts."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=13, choices=Outcome.choices)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["application", "-created_at"], name="decision_newest")]

    def __str__(self) -> str:
        return f"{self.application}: {self.get_outcome_display()}"
