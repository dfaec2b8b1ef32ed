"""Everything a PDF says, as JSON: made once when it is asked for, and never read again from rows.

All numbers and dates are words already. The template and the charts add nothing to them.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from candidates.models import Application
from reports import evidence, page_one
from reports.sources import Source, sources

FORMAT = 1


def build(
    applications: Iterable[Application],
    *,
    by: User,
    at: datetime,
    preset: str,
    codes_instead_of_names: bool,
    paper: str,
) -> dict[UUID, dict[str, Any]]:
    """The pinned data of each application, at a constant number of queries."""
    return {
        pk: _of(
            source,
            by=by,
            at=at,
            preset=preset,
            codes_instead_of_names=codes_instead_of_names,
            paper=paper,
        )
        for pk, source in sources(applications).items()
    }


def _of(
    source: Source,
    *,
    by: User,
    at: datetime,
    preset: str,
    codes_instead_of_names: bool,
    paper: str,
) -> dict[str, Any]:
    application = source.application
    job = str(application.job)
    groups = evidence.groups(source)
    name = _("Candidate %(code)s") % {"code": application.code}
    if not codes_instead_of_names:
        name = application.candidate.full_name or name
    made = {
        "format": FORMAT,
        "preset": preset,
        "lang": translation.get_language() or settings.LANGUAGE_CODE,
        "paper": paper,
        "company": settings.COMPANY_NAME,
        "requested_at": at.isoformat(timespec="seconds"),
        "requested_on": day(at, long=True),
        "title": name,
        "job": job,
        "foot": _("%(code)s · %(job)s · Confidential, hiring team only")
        % {"code": application.code, "job": job},
        "subtitle": _subtitle(source, is_named=not codes_instead_of_names),
        **page_one.facts(source, groups),
        "evidence_lead": _lead(source),
        "evidence": groups.shown,
        "unseen": groups.unseen,
        "notice": groups.notice,
        "reading": _reading(source),
        "left_out": _left_out(source, codes_instead_of_names=codes_instead_of_names),
        "pinned": [
            {"scorecard_id": str(card.pk), "revision": card.revision} for card in source.scorecards
        ],
    }
    made["sources"] = _sources(source, by=by, at=at, fingerprint=fingerprint(made))
    return made


def fingerprint(data: dict[str, Any]) -> str:
    """SHA-256 of what the document says, the first 12 digits, in groups that can be read out."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digits = hashlib.sha256(text.encode()).hexdigest()[:12]
    return " ".join(digits[n : n + 4] for n in range(0, 12, 4))


def day(at: datetime, *, long: bool = False) -> str:
    return date_format(timezone.localtime(at), "j F Y" if long else "j M Y")


def _subtitle(source: Source, *, is_named: bool) -> str:
    application = source.application
    rows = source.assignments
    people = len({card.interviewer_id for card in source.scorecards})
    parts = [
        application.code if is_named else "",
        str(application.job),
        ngettext("%(n)d exercise", "%(n)d exercises", len(rows)) % {"n": len(rows)}
        + ", "
        + _("%(n)d minutes") % {"n": sum(row.minutes for row in rows)},
        _("panel of %(n)d") % {"n": people},
    ]
    return " · ".join(part for part in parts if part)


def _lead(source: Source) -> str:
    return _(
        "Every point was given before its interviewer could see the others. Anchors: rubric"
        " %(rubric)s."
    ) % {"rubric": source.result.rubric}


def _reading(source: Source) -> str:
    result = source.result
    said = [
        _("The raw score is the weighted mean of the points as they stand now."),
        _("Not observed is left out of it and counts as nothing; %(n)s %% of the weight was seen.")
        % {"n": result.coverage_percent},
    ]
    if result.calibrated:
        said += [
            _(
                "Calibrated means corrected for how strict each interviewer and how hard each"
                " exercise has been; the true value lies in the 80 %% band 8 times of 10."
            )
            % {},
            result.why_differs,
        ]
    else:
        said.append(_("There is no calibrated score: %(why)s") % {"why": result.why_not})
    said.append(_("No number decides; a person does, with a reason."))
    return " ".join(part for part in said if part)


def _left_out(source: Source, *, codes_instead_of_names: bool) -> str:
    parts = [_("the answer key, the whole work and the AI transcript, because two pages decide")]
    if codes_instead_of_names:
        parts.append(_("the name, because codes were asked for"))
    abstaining = [c.interviewer.name for c in source.scorecards if c.is_abstention]
    if abstaining:
        parts.append(
            _("in any mean the points of %(who)s, because that scorecard abstains")
            % {"who": ", ".join(abstaining)}
        )
    missing = source.result.due - source.result.submitted
    if missing:
        parts.append(
            ngettext(
                "%(n)d scorecard, because it was not handed in by its date",
                "%(n)d scorecards, because they were not handed in by their date",
                missing,
            )
            % {"n": missing}
        )
    return _("Not included: %(what)s.") % {"what": "; ".join(parts)}


def _sources(source: Source, *, by: User, at: datetime, fingerprint: str) -> str:
    result = source.result
    local = timezone.localtime(at)
    exercises = [
        _exercise(number, row.title, row.exercise_version.number if row.exercise_version else None)
        for number, row in enumerate(source.assignments, 1)
    ]
    return " · ".join(
        [
            _("Rubric %(rubric)s") % {"rubric": result.rubric},
            *exercises,
            _("scoring %(raw)s, %(calibration)s, fit %(fit)s")
            % {
                "raw": result.raw_engine,
                "calibration": result.calibration_engine,
                "fit": result.fingerprint[:12] or "–",
            },
            _("asked for by %(who)s on %(when)s")
            % {"who": by.name, "when": date_format(local, "j M Y H:i ") + str(local.tzname())},
            _("document %(digits)s") % {"digits": fingerprint},
        ]
    )


def _exercise(number: int, title: str, version: int | None) -> str:
    if version is None:
        return _("Ex. %(n)d %(title)s, a conversation") % {"n": number, "title": title}
    return _("Ex. %(n)d %(title)s v%(v)d") % {"n": number, "title": title, "v": version}
