"""What the API takes and gives for jobs, candidates and applications."""

import zoneinfo
from functools import cache
from typing import Any

from rest_framework import serializers

from candidates.models import ApplicationStatus, JobStatus
from lib.rest.fields import Choice, Flag, Moment, Reference, Strict, Text
from lib.rest.operations import (
    EXTERNAL_IDS,
    FLAG,
    TEXT,
    TIME,
    TIMES,
    UUID,
    WHOLE,
    Schema,
    Shape,
    many,
    nullable,
    one_of,
    thing,
)
from rubrics.models import Level

Facts = dict[str, Any]
MOST_CONTACTS = 20


@cache
def zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


class ContactValue(Strict):
    value = Text(max_length=300)
    type = Text(max_length=20, required=False, default="other")


class EmailValue(ContactValue):
    value = serializers.EmailField(max_length=254)


class LinkValue(ContactValue):
    value = serializers.URLField(max_length=300)

    def validate_value(self, value: str) -> str:
        if not value.lower().startswith(("https://", "http://")):
            raise serializers.ValidationError("Give an address that starts with https://.")
        return value


class JobInput(Strict):
    title = Text(max_length=120)
    level = Text(max_length=50, help_text="The key of one of /levels.")
    department = Text(max_length=80, required=False)
    requirements = Text(max_length=20_000, required=False)
    status = Choice(JobStatus.choices, required=False)
    source_updated_at = Moment(required=False, allow_null=True)

    def validate_level(self, value: str) -> Level:
        found = Level.objects.filter(key=value).first()
        if found is None:
            raise serializers.ValidationError("There is no such level; see /levels.", "unknown")
        return found


class CandidateInput(Strict):
    first_name = Text(max_length=80)
    last_name = Text(max_length=80, required=False)
    preferred_name = Text(max_length=80, required=False)
    emails = EmailValue(many=True, required=False, max_length=MOST_CONTACTS)
    phones = ContactValue(many=True, required=False, max_length=MOST_CONTACTS)
    links = LinkValue(many=True, required=False, max_length=MOST_CONTACTS)
    title = Text(max_length=120, required=False)
    company = Text(max_length=120, required=False)
    time_zone = Text(max_length=64, required=False)
    is_private = Flag(required=False)
    source_updated_at = Moment(required=False, allow_null=True)

    def validate_time_zone(self, value: str) -> str:
        if value and value not in zones():
            raise serializers.ValidationError("Give a time zone like Europe/Lisbon.")
        return value

    def validate(self, attrs: Facts) -> Facts:
        for name in ("emails", "phones", "links"):
            if name in attrs:
                attrs[name] = [dict(item) for item in attrs[name]]
        if "emails" in attrs:
            attrs["email"] = attrs["emails"][0]["value"].lower() if attrs["emails"] else ""
        return attrs


class ApplicationInput(Strict):
    job = Reference()
    candidate = Reference()
    source = Text(max_length=80, required=False)
    status = Choice(ApplicationStatus.choices, required=False)
    applied_at = Moment(required=False, allow_null=True)
    source_updated_at = Moment(required=False, allow_null=True)


CONTACTS = many(thing(value=TEXT, type=TEXT))
LIFE: Schema = {
    "source_updated_at": nullable(TIME),
    "version": WHOLE,
    "deleted_at": nullable(TIME),
    **TIMES,
}
LIFE_EXAMPLE = {
    "source_updated_at": "2026-11-18T09:00:00Z",
    "version": 1,
    "deleted_at": None,
    "created_at": "2026-11-20T16:06:47.335473Z",
    "updated_at": "2026-11-20T16:06:47.335473Z",
}
EXTERNAL_EXAMPLE = [{"source": "greenhouse", "id": "17130732003"}]
JOB_EXAMPLE_ID = "3b0f5a52-8a4e-4a53-9b0a-6a3f0b7a4c11"
CANDIDATE_EXAMPLE_ID = "292eed64-f639-4f0b-8ceb-139d7ac8168c"
APPLICATION_EXAMPLE_ID = "9d1f3c20-7b5e-4f0e-8f1d-2f6f4a3a5a77"

STAGE = thing(
    id=UUID,
    position=WHOLE,
    title=TEXT,
    mode=TEXT,
    minutes=WHOLE,
    criteria=many(TEXT),
    exercise_id=nullable(UUID),
    interviewers_needed=WHOLE,
)
JOB = Shape(
    "Job",
    thing(
        id=UUID,
        external_ids=EXTERNAL_IDS,
        title=TEXT,
        level=TEXT,
        department=nullable(TEXT),
        requirements=nullable(TEXT),
        status=one_of(JobStatus.values),
        is_confidential=FLAG,
        stages=many(STAGE),
        **LIFE,
    ),
    {
        "id": JOB_EXAMPLE_ID,
        "external_ids": EXTERNAL_EXAMPLE,
        "title": "Backend engineer",
        "level": "senior",
        "department": "Logistics",
        "requirements": None,
        "status": "open",
        "is_confidential": False,
        "stages": [
            {
                "id": "5f1d9a3e-51f0-4be4-8b6c-1d3a0f4f9b10",
                "position": 1,
                "title": "Review a risky endpoint",
                "mode": "take_home",
                "minutes": 45,
                "criteria": ["tradeoffs", "failure_handling"],
                "exercise_id": "8d5f6a1b-0f9c-4a54-8b4e-2c9d1e7f3a22",
                "interviewers_needed": 2,
            }
        ],
        **LIFE_EXAMPLE,
    },
)
CANDIDATE = Shape(
    "Candidate",
    thing(
        id=UUID,
        external_ids=EXTERNAL_IDS,
        first_name=TEXT,
        last_name=nullable(TEXT),
        preferred_name=nullable(TEXT),
        emails=CONTACTS,
        phones=CONTACTS,
        links=CONTACTS,
        title=nullable(TEXT),
        company=nullable(TEXT),
        time_zone=nullable(TEXT),
        is_private=FLAG,
        merged_into=nullable(UUID),
        **LIFE,
    ),
    {
        "id": CANDIDATE_EXAMPLE_ID,
        "external_ids": EXTERNAL_EXAMPLE,
        "first_name": "Kim",
        "last_name": "Larsen",
        "preferred_name": None,
        "emails": [{"value": "kim@example.com", "type": "personal"}],
        "phones": [],
        "links": [],
        "title": None,
        "company": None,
        "time_zone": "Europe/Lisbon",
        "is_private": False,
        "merged_into": None,
        **LIFE_EXAMPLE,
    },
)
APPLICATION_SCHEMA = thing(
    id=UUID,
    external_ids=EXTERNAL_IDS,
    job_id=UUID,
    candidate_id=UUID,
    code=TEXT,
    status=one_of(ApplicationStatus.values),
    source=nullable(TEXT),
    applied_at=nullable(TIME),
    **LIFE,
)
# With `expand` only.
APPLICATION_SCHEMA["properties"] |= {
    "job": nullable({**JOB.schema}),
    "candidate": nullable({**CANDIDATE.schema}),
}
APPLICATION = Shape(
    "Application",
    APPLICATION_SCHEMA,
    {
        "id": APPLICATION_EXAMPLE_ID,
        "external_ids": EXTERNAL_EXAMPLE,
        "job_id": JOB_EXAMPLE_ID,
        "candidate_id": CANDIDATE_EXAMPLE_ID,
        "code": "K-17",
        "status": "in_process",
        "source": "Referral",
        "applied_at": "2026-11-18T09:00:00Z",
        **LIFE_EXAMPLE,
    },
)
JOB_INPUT = {"title": "Backend engineer", "level": "senior", "department": "Logistics"}
CANDIDATE_INPUT = {
    "first_name": "Kim",
    "last_name": "Larsen",
    "emails": [{"value": "kim@example.com", "type": "personal"}],
    "source_updated_at": "2026-11-18T09:00:00Z",
}
APPLICATION_INPUT = {
    "job": {"external": {"source": "greenhouse", "id": "4177046003"}},
    "candidate": {"id": CANDIDATE_EXAMPLE_ID},
    "source": "Referral",
}
