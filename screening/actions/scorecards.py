"""An interviewer's own judgement: drafted field by field, submitted once, amended with a reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from lib import autosave
from lib.errors import Refused
from screening.actions.scorecard_fields import Allowed
from screening.models import (
    Amendment,
    Assignment,
    AssignmentStatus,
    Conflict,
    Rating,
    Scorecard,
    ScorecardStatus,
    Submission,
)
from screening.queries import catches
from screening.queries import scorecards as queries


class Incomplete(Refused):
    """A scorecard that lacks something; `missing` says each in a sentence of its own."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(" ".join(missing), code="incomplete")
        self.missing = missing


def start_scorecard(*, by: User, scorecard: Scorecard) -> Scorecard:
    """Note when the author began; a second call changes nothing."""
    with transaction.atomic():
        card = _draft(by=by, scorecard=scorecard)
        _begin(card, by=by, at=timezone.now())
    return card


def save_scorecard(*, by: User, scorecard: Scorecard, ops: Any) -> list[dict[str, Any]]:
    """Apply the author's ops to the draft and say what became of each (see `lib.autosave`)."""
    with transaction.atomic():
        card = _draft(by=by, scorecard=scorecard)
        now = timezone.now()
        fields, answers = autosave.apply(
            card.fields, ops, at=now, by=by.name, allowed=Allowed(card.assignment)
        )
        if fields != card.fields:
            Scorecard.objects.filter(pk=card.pk).update(fields=fields, updated_at=now)
            _begin(card, by=by, at=now)
    return answers


def submit_scorecard(
    *, by: User, scorecard: Scorecard, revisions: Mapping[str, int] | None = None
) -> Scorecard:
    """Turn a complete draft into ratings. Refused with all that is missing; safe to run twice.

    `revisions` are those its author looked at: where the draft has moved since, nothing is sealed.
    """
    with transaction.atomic():
        card = _locked(by=by, scorecard=scorecard)
        if card.status == ScorecardStatus.SUBMITTED:
            return card
        _refuse_unless_open(card)
        _refuse_if_moved(card, revisions)
        level = card.assignment.application.job.level
        judged = queries.aspects(card.assignment, level)
        gaps = queries.missing(card, judged)
        if gaps:
            raise Incomplete([gap.text for gap in gaps])
        _seal(card, judged)
        _score_when_all_in(card.assignment, by=by)
        ledger.record("submit_scorecard", by=by, on=card, job=card.assignment.application.job)
    return card


def amend_rating(
    *, by: User, rating: Rating, point: int | None, evidence: str, reason: str
) -> Amendment:
    """Change one's own rating after submission; the first judgement stays beside the reason.

    `point` None is "not observed". `had_seen` keeps whose scorecards were open to the author.
    """
    reason, evidence = reason.strip(), evidence.strip()
    if not reason:
        raise Refused(_("Say why you change it: the panel reads the reason."), code="reason")
    if point is not None and point not in range(1, 5):
        raise Refused(_("Choose a point from 1 to 4, or “Not observed”."), code="point")
    with transaction.atomic():
        card = _locked(by=by, scorecard=rating.scorecard)
        if card.status != ScorecardStatus.SUBMITTED:
            raise Refused(_("Submit the scorecard first; until then simply change it."))
        current = Rating.objects.select_related("criterion").get(pk=rating.pk)
        if (current.point, current.evidence) == (point, evidence):
            return _same_amendment(current, reason=reason)
        made = Amendment.objects.create(
            rating=current,
            by=by,
            old_point=current.point,
            new_point=point,
            old_evidence=current.evidence,
            new_evidence=evidence,
            reason=reason,
            had_seen=_seen(by, card),
        )
        _rewrite(current, card, point=point, evidence=evidence)
        ledger.record(
            "amend_rating",
            by=by,
            on=card,
            job=card.assignment.application.job,
            changed=[f"rating:{current.criterion.key}"],
            reason=reason,
        )
    return made


def decline_scorecard(*, by: User, scorecard: Scorecard, reason: str) -> Conflict:
    """Step back for a conflict of interest: ends all access to the application at once."""
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say in a few words why you cannot judge this candidate."), code="reason")
    with transaction.atomic():
        card = _locked(by=by, scorecard=scorecard)
        application = card.assignment.application
        conflict, _made = Conflict.objects.get_or_create(
            application=application, user=by, defaults={"reason": reason}
        )
        if card.status == ScorecardStatus.DECLINED:
            return conflict
        if card.status == ScorecardStatus.SUBMITTED:
            raise Refused(_("A submitted scorecard stays. Tell the recruiter about the conflict."))
        drafts = Scorecard.objects.filter(
            interviewer=by, assignment__application=application, status=ScorecardStatus.DRAFT
        )
        left = list(Assignment.objects.filter(scorecards__in=drafts))
        now = timezone.now()
        drafts.update(status=ScorecardStatus.DECLINED, declined_at=now, updated_at=now)
        for assignment in left:
            _score_when_all_in(assignment, by=by)
        ledger.record("decline_scorecard", by=by, on=card, job=application.job, reason=reason)
    return conflict


def _locked(*, by: User, scorecard: Scorecard) -> Scorecard:
    """The row as it is now. The assignment's lock makes the last of a panel see the others."""
    Assignment.objects.select_for_update().filter(pk=scorecard.assignment_id).first()
    card = (
        Scorecard.objects.select_for_update(of=("self",))
        .select_related("assignment__application__job__level", "assignment__rubric_version")
        .get(pk=scorecard.pk)
    )
    if card.interviewer_id != by.pk:
        raise Refused(_("Only its author can change a scorecard."), code="forbidden")
    return card


def _draft(*, by: User, scorecard: Scorecard) -> Scorecard:
    card = (
        Scorecard.objects.select_for_update(of=("self",))
        .select_related("assignment__application__job")
        .get(pk=scorecard.pk)
    )
    if card.interviewer_id != by.pk:
        raise Refused(_("Only its author can change a scorecard."), code="forbidden")
    _refuse_unless_open(card)
    return card


def _refuse_unless_open(card: Scorecard) -> None:
    if card.status != ScorecardStatus.DRAFT:
        raise Refused(
            _("This scorecard is closed. A submitted one is amended, with a reason."), code="sealed"
        )
    if not queries.can_be_scored(card.assignment):
        raise Refused(_("Wait until the candidate has handed in."), code="not_open")


def _refuse_if_moved(card: Scorecard, revisions: Mapping[str, int] | None) -> None:
    if revisions is None:
        return
    if any(revisions.get(name, 0) != entry["rev"] for name, entry in card.fields.items()):
        raise Refused(
            _("Something was changed in another window since you looked. Look again, then submit."),
            code="moved",
        )


def _begin(card: Scorecard, *, by: User, at: datetime) -> None:
    if card.started_at is not None:
        return
    started = Scorecard.objects.filter(pk=card.pk, started_at=None).update(started_at=at)
    if started:
        card.started_at = at
        ledger.record("start_scorecard", by=by, on=card, job=card.assignment.application.job)


def _seal(card: Scorecard, judged: list[queries.Aspect]) -> None:
    points = queries.points(card, judged)
    card.recommendation = card.value("recommendation")
    card.summary = card.value("summary") or ""
    card.flaws = {
        name.removeprefix("flaw:"): entry["v"]
        for name, entry in card.fields.items()
        if name.startswith("flaw:") and entry["v"] in queries.VERDICTS
    }
    work = Submission.objects.filter(assignment=card.assignment).first()
    card.catches = catches.frozen(card, work.comments if work else [])
    card.is_abstention = queries.is_abstention(
        card, judged, given=points, recommendation=card.recommendation
    )
    card.status = ScorecardStatus.SUBMITTED
    card.submitted_at = card.updated_at = timezone.now()
    sealed = Scorecard.objects.filter(pk=card.pk, status=ScorecardStatus.DRAFT).update(
        status=card.status,
        submitted_at=card.submitted_at,
        started_at=card.started_at or card.submitted_at,
        updated_at=card.updated_at,
        recommendation=card.recommendation,
        summary=card.summary,
        flaws=card.flaws,
        catches=card.catches,
        is_abstention=card.is_abstention,
        revision=F("revision") + 1,
    )
    if not sealed:
        raise Refused(_("This scorecard has just been closed. Reload the page."), code="sealed")
    card.revision += 1
    Rating.objects.bulk_create(_rating(card, aspect, point=points[aspect.key]) for aspect in judged)


def _rating(card: Scorecard, aspect: queries.Aspect, *, point: int | None) -> Rating:
    return Rating(
        scorecard=card,
        criterion=aspect.standard.criterion,
        point=point,
        evidence=str(card.value(f"evidence:{aspect.key}") or "").strip(),
        quotes=card.value(f"quotes:{aspect.key}") or [],
        label=aspect.name,
        anchor_title=_anchor_title(aspect.anchors, point),
        weight=aspect.standard.weight,
        bar=aspect.standard.bar,
        is_must_pass=aspect.standard.is_must_pass,
    )


def _anchor_title(anchors: Any, point: int | None) -> str:
    return str(anchors[point].title) if point in anchors else ""


def _score_when_all_in(assignment: Assignment, *, by: User) -> None:
    """The assignment is scored when nobody of its panel still owes a scorecard."""
    panel = set(
        Scorecard.objects.filter(assignment=assignment)
        .exclude(status=ScorecardStatus.DECLINED)
        .values_list("status", flat=True)
    )
    if panel != {ScorecardStatus.SUBMITTED.value}:
        return
    scored = (
        Assignment.objects.filter(pk=assignment.pk)
        .exclude(status__in=[AssignmentStatus.SCORED, AssignmentStatus.CANCELLED])
        .update(status=AssignmentStatus.SCORED, updated_at=timezone.now())
    )
    if scored:
        job = assignment.application.job
        ledger.record("score_assignment", by=by, on=assignment, job=job, changed=["status"])


def _same_amendment(rating: Rating, *, reason: str) -> Amendment:
    last = rating.amendments.last()
    if last is None or last.reason != reason:
        raise Refused(_("Nothing would change: choose another point or other words."))
    return last


def _seen(by: User, card: Scorecard) -> list[str]:
    others = (
        Scorecard.objects.visible_to(by)
        .submitted()
        .filter(assignment__application=card.assignment.application)
        .exclude(interviewer=by)
        .order_by("submitted_at", "id")
    )
    return [str(pk) for pk in others.values_list("pk", flat=True)]


def _rewrite(rating: Rating, card: Scorecard, *, point: int | None, evidence: str) -> None:
    level = card.assignment.application.job.level
    judged = queries.aspects(card.assignment, level)
    anchors = next((a.anchors for a in judged if a.key == rating.criterion.key), {})
    Rating.objects.filter(pk=rating.pk).update(
        point=point,
        evidence=evidence,
        anchor_title=_anchor_title(anchors, point),
        updated_at=timezone.now(),
    )
    points = dict(card.ratings.values_list("criterion__key", "point"))
    Scorecard.objects.filter(pk=card.pk).update(
        revision=F("revision") + 1,
        updated_at=timezone.now(),
        is_abstention=queries.is_abstention(
            card, judged, given=points, recommendation=card.recommendation
        ),
    )
