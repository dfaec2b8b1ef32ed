"""The turns of a candidate's AI transcripts with what the candidate says of each.

Fields of the submission, by the key of a turn (see `transcripts`):

    did:<key>     accepted | changed | rejected, of what the AI said
    why:<key>     why, in words
    hide:<key>    true: the panel reads "hidden by candidate"; handing in removes the words
    moment:<key>  why this is one of up to three moments where the AI was overruled or verified
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib.markup import visible_bidi
from screening.models import Attachment, Submission
from screening.queries import transcripts

# A transcript file may have megabytes; a page shows its beginning.
MAX_TEXT = 400_000
MAX_TURNS = 200
MAX_MOMENTS = 3
DID = ("accepted", "changed", "rejected")
KINDS = ("did", "why", "hide", "moment")


@dataclass(frozen=True)
class Told:
    """One field of a turn: its name, value and revision."""

    name: str
    value: Any
    rev: int


@dataclass(frozen=True)
class Turn:
    number: int
    key: str
    who: str
    text: str
    css: str = ""
    note: str = ""
    is_hidden: bool = False
    did: str = ""
    why: str = ""
    moment: str = ""
    fields: dict[str, Told] = field(default_factory=dict)

    @property
    def did_words(self) -> str:
        return {
            "accepted": _("accepted"),
            "changed": _("changed"),
            "rejected": _("rejected"),
        }.get(self.did, "")

    @property
    def anchor(self) -> str:
        if self.css == transcripts.AI:
            return _("AI turn %(n)s") % {"n": self.number}
        return _("turn %(n)s") % {"n": self.number}


@dataclass(frozen=True)
class Source:
    """One transcript, pasted or uploaded, and what it was recognised as."""

    name: str
    shape: str
    count: int

    @property
    def is_raw(self) -> bool:
        return self.shape == transcripts.RAW

    @property
    def words(self) -> str:
        count = ngettext("%(n)s turn", "%(n)s turns", self.count) % {"n": self.count}
        known = {
            transcripts.CLAUDE_CODE: _("Recognised: Claude Code session, %(count)s"),
            transcripts.CLAUDE: _("Recognised: Claude conversation, %(count)s"),
            transcripts.CHATGPT: _("Recognised: ChatGPT conversation, %(count)s"),
            transcripts.MESSAGES: _("Recognised: list of messages, %(count)s"),
            transcripts.NAMED: _("Recognised: conversation with names, %(count)s"),
            transcripts.KEPT: _("As handed in: %(count)s"),
        }
        raw = _("Not recognised: kept as one raw turn, exactly as it is")
        return str(known.get(self.shape, raw)) % {"count": count}


@dataclass(frozen=True)
class Conversation:
    sources: list[Source]
    turns: list[Turn]
    more: int = 0

    @property
    def count(self) -> int:
        return len(self.turns) + self.more

    @property
    def moments(self) -> list[Turn]:
        """The marked turns, three at most; a hidden turn can be none."""
        return [turn for turn in self.turns if turn.moment and not turn.is_hidden][:MAX_MOMENTS]

    @property
    def marked(self) -> int:
        return sum(bool(turn.moment) for turn in self.turns)


def conversation_of(
    work: Submission,
    *,
    own: bool,
    pasted: str | None = None,
    files: Iterable[Attachment] | None = None,
) -> Conversation:
    """All turns in their order; `own` is the candidate, who reads also what they hide.

    `pasted` stands for the text that is saved, where it is being typed; `files` are the work's
    where the page has them already.
    """
    sources: list[Source] = []
    found: list[Turn] = []
    for name, text in _texts(work, pasted, files):
        read = transcripts.read(text)
        if not read.turns:
            continue
        sources.append(Source(name, read.shape, len(read.turns)))
        found += [_turn(work, turn, name, own=own) for turn in read.turns]
    shown = _fitting(found)
    return Conversation(sources, shown, len(found) - len(shown))


def hidden_keys(work: Submission) -> set[str]:
    return {
        name.removeprefix("hide:")
        for name, entry in work.fields.items()
        if name.startswith("hide:") and entry["v"] is True
    }


def text_of(attachment: Attachment) -> str:
    try:
        with attachment.file.open("rb") as file:
            return str(file.read().decode("utf-8-sig", errors="replace"))
    except OSError:
        return _("This file can no longer be read.")


def _texts(
    work: Submission, pasted: str | None, files: Iterable[Attachment] | None
) -> Iterator[tuple[str, str]]:
    yield "", str(work.value("transcript") or "") if pasted is None else pasted
    for attachment in work.attachments.all() if files is None else files:
        if attachment.purpose == "transcript":
            yield attachment.name, text_of(attachment)


def _turn(work: Submission, turn: transcripts.Turn, file: str, *, own: bool) -> Turn:
    who = {transcripts.AI: _("AI"), transcripts.YOU: _("You") if own else _("Candidate")}
    told = {kind: _told(work, f"{kind}:{turn.key}") for kind in KINDS}
    is_hidden = turn.is_hidden or told["hide"].value is True
    is_told = own or not is_hidden
    return Turn(
        number=0,
        key=turn.key,
        who=who.get(turn.who, _("Text")),
        text=visible_bidi(turn.text) if is_told else "",
        css=turn.who,
        note=file,
        is_hidden=is_hidden,
        did=(told["did"].value or "") if is_told else "",
        why=(told["why"].value or "") if is_told else "",
        moment=str(told["moment"].value or "").strip() if is_told else "",
        fields=told,
    )


def _told(work: Submission, name: str) -> Told:
    entry = work.fields.get(name, {})
    return Told(name, entry.get("v"), entry.get("rev", 0))


def _fitting(turns: list[Turn]) -> list[Turn]:
    """As many turns as a page can hold, numbered."""
    shown, room = [], MAX_TEXT
    for number, turn in enumerate(turns[:MAX_TURNS], 1):
        if room <= 0:
            break
        shown.append(replace(turn, number=number, text=turn.text[:room]))
        room -= len(turn.text)
    return shown
