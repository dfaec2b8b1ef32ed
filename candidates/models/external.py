from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from candidates.models.applications import Application
from candidates.models.jobs import Job
from candidates.models.people import Candidate
from lib.records import Record

KINDS = ("job", "candidate", "application")


def _only(kind: str) -> Q:
    return Q(**{f"{other}__isnull": other != kind for other in KINDS})


class ExternalId(Record):
    """What another system calls one of our jobs, candidates or applications."""

    source = models.CharField(
        max_length=32, validators=[RegexValidator(r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    )
    value = models.CharField(max_length=191)
    job = models.ForeignKey(Job, null=True, on_delete=models.CASCADE, related_name="external_ids")
    candidate = models.ForeignKey(
        Candidate, null=True, on_delete=models.CASCADE, related_name="external_ids"
    )
    application = models.ForeignKey(
        Application, null=True, on_delete=models.CASCADE, related_name="external_ids"
    )

    class Meta:
        ordering = ["source", "value"]
        constraints = [
            models.CheckConstraint(
                condition=_only("job") | _only("candidate") | _only("application"),
                name="external_id_of_one_thing",
            ),
            *(
                models.UniqueConstraint(
                    fields=["source", "value"],
                    condition=Q(**{f"{kind}__isnull": False}),
                    name=f"external_id_once_per_{kind}",
                )
                for kind in KINDS
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.value}"
