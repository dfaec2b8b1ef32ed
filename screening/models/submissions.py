from typing import Any

from django.db import models

from lib.records import Record
from screening.models.assignments import Assignment


class Submission(Record):
    """What came back: answers, line comments, DDL, AI transcript. Sealed when handed in.

    `fields` is the autosave store of `lib.autosave`: name → {"v": value, "rev": n, …}.
    """

    assignment = models.OneToOneField(
        Assignment, on_delete=models.PROTECT, related_name="submission"
    )
    fields = models.JSONField(default=dict)
    sealed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"work for {self.assignment}"

    def value(self, name: str, default: Any = "") -> Any:
        return self.fields.get(name, {}).get("v", default)

    @property
    def comments(self) -> list[dict[str, Any]]:
        """Line comments in reading order, each with its `id`."""
        found = [
            {"id": name.removeprefix("comment:"), **field["v"]}
            for name, field in self.fields.items()
            if name.startswith("comment:") and field["v"]
        ]
        return sorted(
            found, key=lambda comment: (comment["file"], comment["end"], comment["start"])
        )


class Attachment(Record):
    """A file a candidate handed in, under a random name outside the web root."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="attachments")
    purpose = models.CharField(max_length=12, default="transcript")
    name = models.CharField(max_length=120)
    file = models.FileField(upload_to="attachments/%Y/%m/")
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.name
