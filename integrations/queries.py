"""What an import would do, told before anything is written."""

from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from candidates.models import Application, ExternalId, Job, JobStatus, TeamMember, TeamRole
from integrations.models import CsvImport
from integrations.rows import LABELS, Mapping, Person, Wrong, people
from integrations.tables import Table, read
from screening.models import Loop, LoopStatus

# Each takes a dozen statements; a file of thousands would keep all others from writing.
LOOP_AT_ONCE = 100
NO_NAME = gettext_lazy("Choose the column of the first name. Without it nobody can be added.")


@dataclass
class Plan:
    """Every row of a table in one of three lists."""

    table: Table
    new: list[Person] = field(default_factory=list)
    known: list[tuple[Person, str]] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """Who already applies for a job: three look-ups, however many rows."""

    external_ids: set[str]
    emails: set[str]
    names: set[str]

    def why(self, person: Person) -> str:
        """What a person of the table is known by, or nothing."""
        if person.external_id and person.external_id in self.external_ids:
            return _("same external id")
        if person.email and person.email in self.emails:
            return _("same e-mail")
        if person.bare and person.bare in self.names:
            return _("same name, and no e-mail or id to tell them apart")
        return ""


def known_in(job: Job) -> Known:
    applied = Application.objects.filter(job=job)
    people_here = applied.values_list(
        "candidate__email", "candidate__first_name", "candidate__last_name"
    )
    emails, names = set(), set()
    for email, first, last in people_here:
        emails.add(email.lower())
        names.add(f"{first} {last}".strip().casefold())
    external_ids = {
        value
        for path in ("application__job", "candidate__applications__job")
        for value in ExternalId.objects.filter(**{path: job}).values_list("value", flat=True)
    }
    return Known(external_ids, emails - {""}, names)


def plan_of(found: CsvImport) -> Plan:
    """Sort the rows of an uploaded table; reads only."""
    plan = Plan(read(found.text))
    known = known_in(found.job)
    for person, wrong in people(plan.table, found.mapping):
        if wrong:
            plan.wrong.append(wrong)
        elif why := known.why(person):
            plan.known.append((person, why))
        else:
            plan.new.append(person)
    return plan


def left_out(found: CsvImport) -> tuple[list[str], list[Wrong]]:
    """Header and rows that an import leaves, or has left, out."""
    if found.status == CsvImport.Status.IMPORTED:
        kept = found.leftover
        rows = [
            Wrong(row["row"], [(column, text) for column, text in row["problems"]], row["cells"])
            for row in kept.get("rows", [])
        ]
        return kept.get("header", []), rows
    if not (found.text and is_mapped(found.mapping)):
        return [], []
    plan = plan_of(found)
    return plan.table.header, plan.wrong


def wrong_table(header: list[str], wrong: list[Wrong]) -> list[list[object]]:
    """The rows left out as they came, row number and reasons behind them."""
    width = max([len(header), *(len(row.cells) for row in wrong)])
    rows: list[list[object]] = [[*_padded(header, width), _("Row"), _("What is wrong")]]
    for row in wrong:
        reasons = " ".join(f"{column}: {text}" if column else text for column, text in row.problems)
        rows.append([*_padded(row.cells, width), row.row, reasons])
    return rows


def _padded(cells: list[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def is_mapped(mapping: Mapping) -> bool:
    return "first_name" in mapping and set(mapping) <= set(LABELS)


def jobs_to_fill(user: User) -> QuerySet[Job]:
    """The jobs into which this user may import."""
    jobs = Job.objects.managed_by(user).exclude(status=JobStatus.CLOSED).select_related("level")
    if user.is_admin:
        return jobs
    theirs = TeamMember.objects.filter(user=user, role=TeamRole.RECRUITER)
    return jobs.filter(pk__in=theirs.values("job"))


def has_loop(job: Job) -> bool:
    """Whether there is a loop to assign."""
    return Loop.objects.filter(job=job, status=LoopStatus.PUBLISHED).exists()
