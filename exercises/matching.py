"""Which comment of a candidate speaks of which flaw of the answer key: suggested, never decided.

Plain functions on dataclasses: no Django, no clock, no settings. Words are weighted by inverse
document frequency over the key (Spärck Jones 1972, as smoothed in Manning, Raghavan and Schütze,
Introduction to Information Retrieval, 2008, ch. 6). How often it is right on sentences of the
library's answers is asserted by tests/exercises/test_matching.py.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

# Shares of the score; they add up to 1.
LINES, WORDS, CATEGORY = 0.5, 0.4, 0.1
# Below this nothing is suggested.
THRESHOLD = 0.34
# Lines: how far beside a flaw a comment may stand and still mean it.
TOLERANCE = 3
# Words: this much shared weight, in terms that one flaw of ten has alone, counts as full.
ENOUGH = 3.0
# A second flaw is suggested for a comment only when it fits nearly as well as the best.
SECOND = 0.8
SEVERITY_WEIGHT = {"critical": 3, "major": 2, "minor": 1}
VERDICT_SHARE = {"found": Fraction(1), "partly": Fraction(1, 2), "missed": Fraction(0)}

_word = re.compile(r"[a-z][a-z0-9]+|[0-9]{3,}")
_camel = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_endings = ("ations", "ation", "ings", "ing", "ies", "ed", "es", "ly", "s", "e")
_common = frozenset(
    re.findall(
        r"\w+",
        """
        a about after again all also an and any are as at be because been before but by can cannot
        could do does done for from had has have he her here his how i if in into is it its just
        less like line lines look make may me more most must my need needs new no nor not now of
        off on one only or other our out over own same say says see she should so some still such
        than that the their them then there these they this those to too two up us use used uses
        using was way we well were what when where which while who why will with without would you
        your
        """
        # What a key says of every flaw.
        "count counts partly naming names asks remark alone found enough",
    )
)


@dataclass(frozen=True)
class Place:
    """Lines `start` to `end` of a file, both included, counted from 1."""

    file: str
    start: int
    end: int


@dataclass(frozen=True)
class Comment:
    """What a candidate wrote, and of which lines; `place` is None where it speaks of no line."""

    id: str
    text: str
    place: Place | None = None
    category: str = ""


@dataclass(frozen=True)
class Item:
    """A flaw or a decoy of the answer key; `words` is all that the key says of it."""

    slug: str
    words: str
    places: tuple[Place, ...] = ()
    category: str = ""
    is_decoy: bool = False


@dataclass(frozen=True)
class Reason:
    """Why two belong together: `kind` is lines, near, file, category or words."""

    kind: str
    detail: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A comment that may speak of a flaw; `score` from THRESHOLD to 1."""

    comment: str
    slug: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Alarm:
    """A comment that fits no flaw: `decoy` is the slug whose lines it stands on, or "" if clean."""

    comment: str
    decoy: str


@dataclass(frozen=True)
class Matches:
    """What to suggest: per flaw the comments, best first; and what may be a false alarm."""

    flaws: Mapping[str, tuple[Suggestion, ...]]
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True)
class _Read:
    """An item with its stems looked up once."""

    item: Item
    stems: frozenset[str] = field(default_factory=frozenset)


def suggest(comments: Sequence[Comment], items: Sequence[Item]) -> Matches:
    """Suggestions for every flaw, and candidates for false alarms, in the order of the input.

    n comments and m items take n·m comparisons of sets of words. Never raises: what cannot be
    compared scores 0.
    """
    read = [_Read(item, stems(item.words)) for item in items]
    weights = _weights(read)
    found: dict[str, list[Suggestion]] = {
        one.item.slug: [] for one in read if not one.item.is_decoy
    }
    alarms = []
    for comment in comments:
        said = _spoken(comment.text)
        scored = [_score(comment, said, one, weights) for one in read]
        kept = _kept(scored, read)
        for suggestion in kept:
            found[suggestion.slug].append(suggestion)
        if not kept:
            alarms.append(Alarm(comment.id, _decoy(comment, scored, read)))
    return Matches(
        {
            slug: tuple(sorted(own, key=lambda one: -one.score))  # sorted() keeps the order of ties
            for slug, own in found.items()
        },
        tuple(alarms),
    )


def _kept(scored: Sequence[Suggestion], read: Sequence[_Read]) -> list[Suggestion]:
    """The flaws a comment is suggested for; none where a decoy fits better than each of them."""
    slugs = {one.item.slug for one in read if one.item.is_decoy}
    flaws = [one for one in scored if one.slug not in slugs]
    decoys = [one.score for one in scored if one.slug in slugs]
    best = max((one.score for one in flaws), default=0.0)
    if best < THRESHOLD or best < max(decoys, default=0.0):
        return []
    return [one for one in flaws if one.score >= THRESHOLD and one.score >= SECOND * best]


def _decoy(comment: Comment, scored: Sequence[Suggestion], read: Sequence[_Read]) -> str:
    """The decoy whose lines the comment touches, the best of them; "" for clean lines."""
    touched = [
        (one.score, -number, one.slug)
        for number, (one, with_item) in enumerate(zip(scored, read, strict=True))
        if with_item.item.is_decoy and _nearness(comment, with_item.item)[0] >= 1
    ]
    return max(touched)[2] if touched else ""


def _score(
    comment: Comment, said: Mapping[str, str], one: _Read, weights: Mapping[str, float]
) -> Suggestion:
    item, reasons = one.item, []
    near, place_reason = _nearness(comment, item)
    shared = said.keys() & one.stems
    words = min(1.0, sum(weights[stem] for stem in shared) / ENOUGH)
    same = 1.0 if comment.category and comment.category == item.category else 0.0
    if place_reason:
        reasons.append(place_reason)
    if same:
        reasons.append(Reason("category", comment.category))
    if shared:
        telling = sorted(shared, key=lambda stem: (-weights[stem], stem))[:4]
        reasons.append(Reason("words", ", ".join(sorted(said[stem] for stem in telling))))
    score = LINES * near + WORDS * words + CATEGORY * same
    return Suggestion(comment.id, item.slug, round(min(1.0, score), 4), tuple(reasons))


def _nearness(comment: Comment, item: Item) -> tuple[float, Reason | None]:
    """From 0 (elsewhere) to 1 (the same lines), and what to say of it.

    Beside the lines it falls to nothing over TOLERANCE; a comment on far more lines than the flaw
    has says less about it, so that one on the whole file does not match everything.
    """
    place = comment.place
    if place is None:
        return 0.0, None
    best, reason = 0.0, None
    for flaw in item.places:
        if flaw.file != place.file:
            continue
        apart = max(flaw.start - place.end, place.start - flaw.end, 0)
        size = flaw.end - flaw.start + 1 + 2 * TOLERANCE
        fit = min(1.0, size / (place.end - place.start + 1)) * max(0, 1 - apart / (TOLERANCE + 1))
        if fit > best:
            best = fit
            reason = Reason("near", str(apart)) if apart else Reason("lines")
    return best, reason


def _weights(read: Iterable[_Read]) -> dict[str, float]:
    """Stem → weight: 1 for a word that one item alone has, towards 0 for one that all have."""
    read = list(read)
    counts = Counter(stem for one in read for stem in one.stems)
    most = math.log((1 + len(read)) / 2) or 1.0
    return {stem: math.log((1 + len(read)) / (1 + n)) / most for stem, n in counts.items()}


def stems(text: str) -> frozenset[str]:
    """The telling words of a text without their endings: "deleted", "deletes" → "delet"."""
    return frozenset(_spoken(text))


def _spoken(text: str) -> dict[str, str]:
    """Stem → the word as it was first written, in lower case."""
    plain = unicodedata.normalize("NFKD", _camel.sub(" ", text)).lower()
    found: dict[str, str] = {}
    for word in _word.findall(plain):
        if word not in _common:
            found.setdefault(_stem(word), word)
    return found


def _stem(word: str) -> str:
    for ending in _endings:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


# --- what the confirmed catches add up to


@dataclass(frozen=True)
class Share:
    """A sum over what it could have been, with the counts behind it; `value` None where nothing is.

    `got` and `of` are exact; rounding is the reader's.
    """

    got: Fraction
    of: Fraction
    counts: Mapping[str, int]

    @property
    def value(self) -> Fraction | None:
        return self.got / self.of if self.of else None


def recall(severities: Mapping[str, str], verdicts: Mapping[str, str]) -> Share:
    """Severity-weighted recall over all flaws of the key; nothing while none has a verdict.

    `severities` is slug → critical (3), major (2) or minor (1); `verdicts` is slug → found (1),
    partly (½) or missed (0). A flaw without a verdict counts as not found, and is counted `open`.
    """
    given = {slug: verdicts[slug] for slug in severities if verdicts.get(slug) in VERDICT_SHARE}
    weight = {slug: Fraction(SEVERITY_WEIGHT.get(said, 1)) for slug, said in severities.items()}
    told = Counter(given.values())
    return Share(
        got=sum((weight[slug] * VERDICT_SHARE[said] for slug, said in given.items()), Fraction()),
        of=sum(weight.values(), Fraction()) if given else Fraction(),
        counts={verdict: told[verdict] for verdict in VERDICT_SHARE}
        | {"open": len(severities) - len(given), "all": len(severities)},
    )


def precision(*, hits: int, alarms: int) -> Share:
    """Of the comments that claim a flaw, how many were one; fine remarks are in neither count."""
    return Share(
        got=Fraction(hits), of=Fraction(hits + alarms), counts={"hits": hits, "alarms": alarms}
    )


def recall_precision(
    severities: Mapping[str, str], verdicts: Mapping[str, str], *, hits: int, alarms: int
) -> tuple[Share, Share]:
    """Both, for whoever shows them side by side."""
    return recall(severities, verdicts), precision(hits=hits, alarms=alarms)
