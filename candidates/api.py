"""`/jobs`, `/candidates` and `/applications`: what an ATS reads and writes."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from rest_framework.request import Request

from accounts import ledger
from accounts.models import User
from accounts.models.tokens import Scope
from candidates import rules, serializers
from candidates.actions import upsert
from candidates.actions.jobs import create_job
from candidates.actions.people import create_candidate
from candidates.models import ApplicationStatus, Candidate, JobStatus
from candidates.queries import api as queries
from candidates.resources import Detail, External, List, Resource, operations_for
from lib.rest import Problem
from lib.rest import query as params
from lib.rest.operations import Param

Row = dict[str, Any]


# --- Jobs ------------------------------------------------------------------------------------


class Jobs(Resource):
    kind = "job"
    takes = serializers.JobInput
    put_row = upsert.upsert_job
    # Stages live above this app: config.api gives what finds them.
    stages: Callable[[Iterable[UUID], User], dict[UUID, list[Row]]] | None = None

    def visible(self) -> Any:
        return queries.jobs(self.request.user)

    def values(self, rows: Any) -> Any:
        return queries.job_rows(rows)

    def shown(self, rows: list[Row]) -> list[Row]:
        shown = queries.jobs_out(rows, self.request.user)
        if self.stages:
            stages = self.stages([row["id"] for row in shown], self.request.user)
            for row in shown:
                row["stages"] = stages.get(row["id"], [])
        return shown

    def create(self, facts: Row) -> Any:
        facts.pop("source_updated_at", None)
        return create_job(by=self.request.user, **facts)


JOB_LIST, JOB_DETAIL, JOB_EXTERNAL = operations_for(
    "job",
    shape=serializers.JOB,
    takes=serializers.JobInput,
    example=serializers.JOB_INPUT,
    rules=("job.read", "job.create", "job.edit"),
)({"status": params.one_of("Only jobs in this state.", JobStatus.values)})


class JobList(Jobs, List):
    operations = JOB_LIST


class JobDetail(Jobs, Detail):
    operations = JOB_DETAIL


class JobExternal(Jobs, External):
    operations = JOB_EXTERNAL


# --- Candidates ------------------------------------------------------------------------------


class Candidates(Resource):
    kind = "candidate"
    takes = serializers.CandidateInput
    put_row = upsert.upsert_candidate
    filters = {"ids": "pk__in", "created_since": "created_at__gte", "email": "email"}

    def visible(self) -> Any:
        return queries.candidates(self.request.user)

    def values(self, rows: Any) -> Any:
        return queries.candidate_rows(rows)

    def shown(self, rows: list[Row]) -> list[Row]:
        return queries.candidates_out(rows)

    def create(self, facts: Row) -> Any:
        return create_candidate(by=self.request.user, **{"last_name": "", **facts})

    def read(self, pk: UUID | None) -> None:
        read_names(self.request, Candidate(pk=pk) if pk else None)


def read_names(request: Request, person: Candidate | None = None) -> None:
    """Names that were read are one event per call, of the person or, for a list, of the token."""
    ledger.record("read_identity", by=request.user, on=person or request.auth, is_read=True)


def _email(name: str, value: str) -> str:
    return params.text(name, value).lower()


CANDIDATE_LIST, CANDIDATE_DETAIL, CANDIDATE_EXTERNAL = operations_for(
    "candidate",
    shape=serializers.CANDIDATE,
    takes=serializers.CandidateInput,
    example=serializers.CANDIDATE_INPUT,
    rules=("identity.read", "candidate.write", "candidate.write"),
)(
    {
        "email": Param("Their first address, in any case.", {"type": "string"}, _email),
        "job_id": params.id_param("Only who applies for this job."),
    }
)


class CandidateList(Candidates, List):
    operations = CANDIDATE_LIST


class CandidateDetail(Candidates, Detail):
    operations = CANDIDATE_DETAIL


class CandidateExternal(Candidates, External):
    operations = CANDIDATE_EXTERNAL


# --- Applications ----------------------------------------------------------------------------


class Applications(Resource):
    kind = "application"
    takes = serializers.ApplicationInput
    put_row = upsert.upsert_application
    # Screenings live above this app: config.api gives what ends them with their application.
    then: upsert.Then | None = None

    def write(self, **what: Any) -> upsert.Upsert:
        return super().write(then=self.then, **what)

    def visible(self) -> Any:
        return queries.applications(self.request.user)

    def values(self, rows: Any) -> Any:
        return queries.application_rows(rows)

    def shown(self, rows: list[Row]) -> list[Row]:
        return queries.applications_out(rows)

    def create(self, facts: Row) -> Any:
        given = {name: value for name, value in facts.items() if name != "source_updated_at"}
        return upsert.add_application(by=self.request.user, then=self.then, **given)

    def resolved(self, facts: Row) -> Row:
        for kind in ("job", "candidate"):
            if kind in facts:
                facts[kind] = self._referred(kind, facts[kind])
        return facts

    def _referred(self, kind: str, reference: Row) -> Any:
        """The row a reference means, if this user may tie an application to it."""
        user = self.request.user
        visible = queries.jobs(user) if kind == "job" else queries.candidates(user)
        pk = reference.get("id")
        if pk is None:
            named = reference["external"]
            row = upsert.find_external(kind, named["source"], named["id"])
            pk = row.pk if row else None
        found = visible.filter(pk=pk).first()
        if found is None or (kind == "job" and not rules.may(user, "application.write", found)):
            detail = f"There is no such {kind}, or you may not use it."
            errors = [{"pointer": f"/{kind}", "code": "unresolved_reference", "detail": detail}]
            raise Problem(409, "unresolved_reference", detail, errors=errors)
        return found


APPLICATION_LIST, APPLICATION_DETAIL, APPLICATION_EXTERNAL = operations_for(
    "application",
    shape=serializers.APPLICATION,
    takes=serializers.ApplicationInput,
    example=serializers.APPLICATION_INPUT,
    rules=("application.read", "application.write", "application.write"),
)(
    {
        "job_id": params.id_param("Only applications for this job."),
        "candidate_id": params.id_param("Only applications of this person."),
        "status": params.one_of("Only applications in this state.", ApplicationStatus.values),
        "expand": params.some_of(
            "Puts `candidate`, `job` or both into each row; needs their scopes.",
            ["candidate", "job"],
        ),
    }
)


class ApplicationList(Applications, List):
    operations = APPLICATION_LIST

    def expanded(self, data: list[Row], asked: Row) -> list[Row]:
        for kind in asked.get("expand", ()):
            rows = {row["id"]: row for row in self._expansion(kind, data)}
            for row in data:
                row[kind] = rows.get(row[f"{kind}_id"])
        return data

    def _expansion(self, kind: str, data: list[Row]) -> list[Row]:
        user = self.request.user
        self._need(Scope.JOBS_READ if kind == "job" else Scope.CANDIDATES_READ)
        pks = {row[f"{kind}_id"] for row in data}
        if kind == "job":
            found = queries.job_rows(queries.jobs(user).filter(pk__in=pks))
            return queries.jobs_out(list(found), user)
        if data:
            read_names(self.request)
        found = queries.candidate_rows(queries.candidates(user).filter(pk__in=pks))
        return queries.candidates_out(list(found))

    def _need(self, scope: Scope) -> None:
        if scope not in self.request.auth.scopes:
            raise Problem(
                403,
                "insufficient_scope",
                f"To expand this the token needs the scope {scope.value}.",
                required_scopes=[scope.value],
            )


class ApplicationDetail(Applications, Detail):
    operations = APPLICATION_DETAIL


class ApplicationExternal(Applications, External):
    operations = APPLICATION_EXTERNAL
