"""What the API takes and gives for jobs, candidates and applications."""

from typing import Any

from rest_framework import serializers

from candidates.models import Application, ApplicationStatus, Candidate, Job, JobStatus
from lib.rest.json import moment
from rubrics.models import Level

AnyDict = dict[str, Any]


class Moment(serializers.DateTimeField):
    """A time in; one without an offset is refused."""

    default_error_messages = {"no_offset": "Give a UTC offset or Z."}

    def enforce_timezone(self, value: Any) -> Any:
        if value.tzinfo is None:
            self.fail("no_offset")
        return super().enforce_timezone(value)


class Strict(serializers.Serializer):
    """Unknown properties are refused, but for what an ATS sends along (`lenient`)."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and not self.context.get("lenient"):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError(
                    {name: ["There is no such property."] for name in unknown}, code="unknown"
                )
        return super().to_internal_value(data)


class ContactValue(serializers.Serializer):
    value = serializers.CharField(max_length=300)
    type = serializers.CharField(max_length=20, required=False, default="other")


class EmailValue(ContactValue):
    value = serializers.EmailField()


class LinkValue(ContactValue):
    value = serializers.URLField()


class ExternalRef(serializers.Serializer):
    source = serializers.RegexField(r"^[a-z0-9][a-z0-9_-]{0,31}$")
    id = serializers.CharField(max_length=191)


class Reference(serializers.Serializer):
    """One of our ids, or what another system calls it."""

    id = serializers.UUIDField(required=False)
    external = ExternalRef(required=False)

    def validate(self, attrs: AnyDict) -> AnyDict:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give either an id or an external reference.")
        return attrs


class JobInput(Strict):
    title = serializers.CharField(max_length=120)
    level = serializers.SlugRelatedField("key", queryset=Level.objects.all())
    department = serializers.CharField(max_length=80, required=False, allow_blank=True)
    requirements = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    status = serializers.ChoiceField(JobStatus.choices, required=False)


class CandidateInput(Strict):
    first_name = serializers.CharField(max_length=80)
    last_name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    preferred_name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    emails = EmailValue(many=True, required=False)
    phones = ContactValue(many=True, required=False)
    links = LinkValue(many=True, required=False)
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    company = serializers.CharField(max_length=120, required=False, allow_blank=True)
    time_zone = serializers.CharField(max_length=64, required=False, allow_blank=True)
    is_private = serializers.BooleanField(required=False)
    source_updated_at = Moment(required=False, allow_null=True)

    def validate(self, attrs: AnyDict) -> AnyDict:
        if "emails" in attrs:
            attrs["emails"] = [dict(item) for item in attrs["emails"]]
            attrs["email"] = attrs["emails"][0]["value"].lower() if attrs["emails"] else ""
        for name in ("phones", "links"):
            if name in attrs:
                attrs[name] = [dict(item) for item in attrs[name]]
        return attrs


class ApplicationInput(Strict):
    job = Reference()
    candidate = Reference()
    source = serializers.CharField(max_length=80, required=False, allow_blank=True)
    status = serializers.ChoiceField(ApplicationStatus.choices, required=False)
    applied_at = Moment(required=False, allow_null=True)


def external_ids(row: Any) -> list[AnyDict]:
    return [{"source": one.source, "id": one.value} for one in row.external_ids.all()]


def _times(row: Any) -> AnyDict:
    return {
        "version": row.version,
        "deleted_at": None,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


def job_out(job: Job, stages: list[AnyDict]) -> AnyDict:
    return {
        "id": str(job.pk),
        "external_ids": external_ids(job),
        "title": job.title,
        "level": job.level.key,
        "department": job.department or None,
        "status": job.status,
        "is_confidential": job.is_confidential,
        "stages": stages,
        **_times(job),
    }


def candidate_out(person: Candidate) -> AnyDict:
    return {
        "id": str(person.pk),
        "external_ids": external_ids(person),
        "first_name": person.first_name,
        "last_name": person.last_name or None,
        "preferred_name": person.preferred_name or None,
        "emails": person.emails,
        "phones": person.phones,
        "links": person.links,
        "title": person.title or None,
        "company": person.company or None,
        "time_zone": person.time_zone or None,
        "is_private": person.is_private,
        "source_updated_at": moment(person.source_updated_at),
        "merged_into": None,
        **_times(person),
    }


def application_out(application: Application) -> AnyDict:
    return {
        "id": str(application.pk),
        "external_ids": external_ids(application),
        "job_id": str(application.job_id),
        "candidate_id": str(application.candidate_id),
        "code": application.code,
        "status": application.status,
        "source": application.source or None,
        "applied_at": moment(application.applied_at),
        "source_updated_at": moment(application.source_updated_at),
        **_times(application),
    }
