"""What may stand in which field of a scorecard's draft."""

from typing import Any

from django.utils.translation import gettext as _

from exercises.models import ExerciseVersion, Flaw
from lib.markup import clean_text
from screening.models import Assignment, Recommendation, Submission
from screening.queries import catches
from screening.queries import scorecards as queries

MAX_NOTE = 20_000
MAX_QUOTES = 40
MAX_QUOTE = 2_000
MAX_ANCHOR = 80


class Allowed:
    """What may stand in which field of a draft; asked by `lib.autosave` for every op."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self._flaws: set[str] | None = None
        self._decoys: set[str] = set()
        self._comments: set[str] | None = None

    def __call__(self, name: str, value: Any) -> Any:
        kind, _colon, key = name.partition(":")
        check = getattr(self, f"_{kind}", None) if kind in self.KINDS else None
        if check is None or not self._knows(kind, key):
            raise ValueError(_("There is no such field on this scorecard."))
        return None if value is None or (value == "" and kind in self.CHOICES) else check(value)

    # Nothing chosen is nothing saved: an undone choice comes back as "".
    CHOICES = frozenset({"point", "flaw", "recommendation", "alarm"})
    KINDS = frozenset(
        {
            *("point", "evidence", "quotes", "recommendation", "summary"),
            *("flaw", "catch", "alarm", "probe"),
        }
    )

    def _knows(self, kind: str, key: str) -> bool:
        if kind in {"recommendation", "summary"}:
            return not key
        known = {
            "flaw": self._can_be_found,
            "catch": self._can_be_found,
            "alarm": self._is_comment,
            "probe": self._is_probe,
        }.get(kind)
        return known(key) if known else key in self.assignment.criteria

    def _can_be_found(self, slug: str) -> bool:
        """Flaws and decoys, and the points that a design is expected to have."""
        version = self.assignment.exercise_version_id
        if version is None:
            return False
        if self._flaws is None:
            rows = Flaw.objects.filter(version=version).values_list("slug", "is_decoy")
            self._flaws = {slug for slug, _decoy in rows}
            self._decoys = {slug for slug, is_decoy in rows if is_decoy}
        if slug not in self._flaws:
            expects = ExerciseVersion.objects.values_list("expects", flat=True).get(pk=version)
            self._flaws.update(point["id"] for point in expects)
        return slug in self._flaws

    def _is_comment(self, comment: str) -> bool:
        if self._comments is None:
            work = Submission.objects.filter(assignment=self.assignment).first()
            self._comments = {one["id"] for one in work.comments} if work else set()
        return comment in self._comments

    def _is_probe(self, number: str) -> bool:
        version = self.assignment.exercise_version_id
        if version is None:
            return False
        probes = ExerciseVersion.objects.values_list("probes", flat=True).get(pk=version)
        return number in {str(n) for n in range(1, len(probes) + 1)}

    def _catch(self, value: Any) -> list[str]:
        """Comment ids and what of the flaw was right, each once and in order."""
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValueError(_("Choose from the candidate’s comments."))
        if not all(one in catches.RIGHT or self._is_comment(one) for one in value):
            raise ValueError(_("Choose from the candidate’s comments."))
        return sorted(set(value))

    def _alarm(self, value: Any) -> str:
        self._can_be_found("")
        return _one_of(value, {catches.CLEAN, catches.FINE, *self._decoys})

    def _probe(self, value: Any) -> str:
        return _text(value, MAX_NOTE)

    def _point(self, value: Any) -> str:
        return _one_of(value, queries.POINTS)

    def _flaw(self, value: Any) -> str:
        return _one_of(value, queries.VERDICTS)

    def _recommendation(self, value: Any) -> str:
        return _one_of(value, Recommendation.values)

    def _evidence(self, value: Any) -> str:
        return _text(value, MAX_NOTE)

    def _summary(self, value: Any) -> str:
        return _text(value, MAX_NOTE)

    def _quotes(self, value: Any) -> list[dict[str, str]]:
        if not isinstance(value, list) or len(value) > MAX_QUOTES:
            raise ValueError(_("Keep at most %(n)s quotes.") % {"n": MAX_QUOTES})
        return [_quote(item) for item in value]


def _one_of(value: Any, known: Any) -> str:
    if value not in known:
        raise ValueError(_("Choose one of the given values."))
    return str(value)


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise ValueError(_("This has to be text."))
    if len(value) > longest:
        raise ValueError(_("Keep it below %(n)s characters.") % {"n": longest})
    return clean_text(value)


def _quote(item: Any) -> dict[str, str]:
    if not isinstance(item, dict):
        raise ValueError(_("A quote is an anchor and a text."))
    text = _text(item.get("text"), MAX_QUOTE)
    return {"anchor": _text(item.get("anchor", ""), MAX_ANCHOR), "text": text}
