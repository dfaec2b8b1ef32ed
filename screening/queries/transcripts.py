"""Conversations with an AI, as people paste or upload them, cut into turns. Never an error.

Known are Claude Code sessions (JSON lines), exports of claude.ai ("chat_messages") and of ChatGPT
("mapping"), lists of messages in JSON ({"role", "content"}, alone, under "messages" or one per
line), and text in which each turn begins with a name ("You:", "**Assistant**", "ChatGPT said:").
Anything else is one raw turn.

A turn's key is a hash of its words, so that what is said of it stays with it when the text around
it changes. `redacted` writes a transcript without the words of some turns; it reads back as the
same turns under the same keys.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

AI, YOU = "ai", "you"
NAMES = {
    YOU: ("you", "user", "human", "me", "prompt", "candidate", "you said"),
    AI: (
        *("ai", "assistant", "model", "answer", "chatgpt", "gpt", "claude", "gemini", "copilot"),
        *("cursor", "codex", "bot", "chatgpt said"),
    ),
}
_who = {name: who for who, names in NAMES.items() for name in names}
# "You: text", "**You:** text", "> ChatGPT: text".
_spoken = re.compile(
    r"[ \t]*(?:[#>]+[ \t]*|[-*][ \t]+)?(?:\*\*|__)?(?P<name>[A-Za-z][A-Za-z ]{0,14})(?:\*\*|__)?"
    r":(?:\*\*|__)?[ \t]*(?P<rest>.*)"
)
# A line of its own: "## You", "**Assistant**".
_titled = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]*(?:\*\*)?|\*\*|__)(?P<name>[A-Za-z][A-Za-z ]{0,14})(?:\*\*|__)?[ \t]*"
)


CLAUDE_CODE, CLAUDE, CHATGPT, MESSAGES, NAMED, RAW, KEPT = (
    *("claude_code", "claude", "chatgpt", "messages", "named", "raw", "kept"),
)
# "ChatGPT said:", "## ChatGPT said"; never over lines, and only where a line begins and ends:
# what may stand around it is taken once and not given back.
_chatgpt = re.compile(r"\W*+chatgpt said(?::|\W*+$)", re.IGNORECASE)
_key = re.compile(r"[0-9a-f]{16}(-\d{1,4})?")


@dataclass(frozen=True)
class Turn:
    """Who spoke (`ai`, `you`, or "" where nobody can tell), and what.

    `key` tells it from every other turn of the work; a hidden turn has no words.
    """

    who: str
    text: str
    key: str = field(default="", compare=False)
    is_hidden: bool = False


@dataclass(frozen=True)
class Transcript:
    """The turns in order, and the shape they were recognised by (`raw` where by none)."""

    shape: str
    turns: list[Turn]


def turns(text: str) -> list[Turn]:
    """The turns of one transcript, in order."""
    return read(text).turns


def read(text: str) -> Transcript:
    """One transcript, whatever it is."""
    shape, found = _from_json(text)
    if not found:
        found = list(_from_text(text))
        spoken = [turn for turn in found if turn.who]
        is_chatgpt = any(map(_is_chatgpt, text.splitlines()))
        shape = RAW if not spoken else CHATGPT if is_chatgpt else NAMED
    cut = [replace(turn, text=turn.text.strip()) for turn in found]
    return Transcript(shape, _keyed([turn for turn in cut if turn.text or turn.is_hidden]))


def _is_chatgpt(line: str) -> bool:
    return _chatgpt.match(line) is not None


def _keyed(found: list[Turn]) -> list[Turn]:
    """Each with its key; the same words said again have a key of their own."""
    seen: Counter[str] = Counter()
    made = []
    for turn in found:
        digest = hashlib.sha256(f"{turn.who}\n{turn.text}".encode(errors="replace")).hexdigest()
        key = digest[:16]
        seen[key] += 1
        again = f"{key}-{seen[key]}" if seen[key] > 1 else key
        made.append(replace(turn, key=turn.key or again))
    return made


def redacted(text: str, hidden: Collection[str]) -> str:
    """The same transcript without the words of these turns, to be kept in its place."""
    roles = {AI: "assistant", YOU: "user"}
    return json.dumps(
        [
            {
                "role": roles.get(turn.who, "text"),
                "content": "" if turn.key in hidden else turn.text,
                "key": turn.key,
                "hidden": turn.is_hidden or turn.key in hidden,
            }
            for turn in turns(text)
        ],
        ensure_ascii=False,
        indent=1,
    )


def _from_json(text: str) -> tuple[str, list[Turn]]:
    stripped = text.strip()
    if not stripped.startswith(("[", "{")):
        return RAW, []
    try:
        shape, items = _messages(stripped)
        kept = [_kept(item) for item in items]
        if items and all(kept):
            return KEPT, [turn for turn in kept if turn]
        found = [turn for item in items for turn in _message(item)]
    except (ValueError, RecursionError):
        return RAW, []
    return shape, _joined(found) if shape == CLAUDE_CODE else found


def _messages(text: str) -> tuple[str, list[Any]]:
    """The shape, and its messages."""
    try:
        data = json.loads(text)
    except ValueError:
        lines = [json.loads(line) for line in text.split("\n") if line.strip()]
        return (CLAUDE_CODE if any(map(_is_session, lines)) else MESSAGES), lines
    talks = data if isinstance(data, list) else [data]
    for shape, name, unfold in ((CLAUDE, "chat_messages", _chat), (CHATGPT, "mapping", _path)):
        known = [talk for talk in talks if isinstance(talk, dict) and talk.get(name)]
        if known:
            return shape, [message for talk in known for message in unfold(talk)]
    if isinstance(data, dict):
        data = data.get("messages") or data.get("conversation") or [data]
    items = data if isinstance(data, list) else []
    return (CLAUDE_CODE if any(map(_is_session, items)) else MESSAGES), items


def _is_session(line: Any) -> bool:
    return isinstance(line, dict) and "sessionId" in line and "message" in line


def _chat(talk: dict[str, Any]) -> list[Any]:
    """claude.ai: a list of messages with a sender."""
    found = talk["chat_messages"]
    return found if isinstance(found, list) else []


def _path(talk: dict[str, Any]) -> list[Any]:
    """ChatGPT: a tree of nodes; the way from the last one shown up to the root is what was said."""
    nodes = talk["mapping"]
    if not isinstance(nodes, dict):
        return []
    at = talk.get("current_node")
    if at not in nodes:
        parents = {node.get("parent") for node in nodes.values() if isinstance(node, dict)}
        at = next((key for key in reversed(list(nodes)) if key not in parents), None)
    way: list[Any] = []
    passed = set()
    while isinstance(at, str) and at in nodes and at not in passed:
        passed.add(at)
        node = nodes[at] if isinstance(nodes[at], dict) else {}
        way.append(node.get("message"))
        at = node.get("parent")
    return way[::-1]


def _kept(item: Any) -> Turn | None:
    """A turn as `redacted` wrote it."""
    if not isinstance(item, dict) or set(item) != {"role", "content", "key", "hidden"}:
        return None
    key, words = item["key"], item["content"]
    if not (isinstance(key, str) and _key.fullmatch(key) and isinstance(words, str)):
        return None
    is_hidden = item["hidden"] is True
    who = _who.get(str(item["role"]), "")
    return Turn(who, "" if is_hidden else words, key=key, is_hidden=is_hidden)


def _joined(found: list[Turn]) -> list[Turn]:
    """A session writes an answer in pieces; they are one turn."""
    made: list[Turn] = []
    for turn in found:
        if made and made[-1].who == turn.who == AI:
            made[-1] = replace(made[-1], text=f"{made[-1].text}\n\n{turn.text}")
        else:
            made.append(turn)
    return made


def _message(item: Any) -> Iterator[Turn]:
    if not isinstance(item, dict) or item.get("isMeta") is True:
        return
    inner = item.get("message") or item.get("payload")
    message = inner if isinstance(inner, dict) else item
    role = message.get("role") or message.get("author") or item.get("sender") or item.get("type")
    if isinstance(role, dict):
        role = role.get("role", "")
    who = _who.get(str(role or "").lower())
    words = _content(message.get("content", "")) or _content(message.get("text", ""))
    if who and words.strip():
        yield Turn(who, words)


def _content(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        if content.get("type") == "tool_use":
            return f"[{content.get('name', 'tool')}]"
        # What a tool said is neither the person's nor the model's.
        if content.get("type") == "tool_result":
            return ""
        return _content(content.get("parts") or content.get("text") or "")
    if not isinstance(content, list):
        return ""
    return "\n".join(filter(None, (_content(part) for part in content)))


def _from_text(text: str) -> Iterator[Turn]:
    who, lines, is_code = "", [], False
    for line in text.splitlines():
        is_code ^= line.lstrip().startswith("```")
        head = None if is_code else _speaker(line)
        if head is None:
            lines.append(line)
            continue
        yield Turn(who, "\n".join(lines))
        who, lines = head[0], [head[1]]
    yield Turn(who, "\n".join(lines))


def _speaker(line: str) -> tuple[str, str] | None:
    found = _spoken.fullmatch(line) or _titled.fullmatch(line)
    who = found and _who.get(found["name"].strip().lower())
    return (who, found.groupdict().get("rest") or "") if found and who else None
