"""Conversations with an AI, as people paste or upload them, cut into turns. Never an error.

Known are lists of messages in JSON ({"role", "content"}, alone, under "messages", or one per line
as Claude Code and Codex write them) and text in which each turn begins with a name ("You:",
"**Assistant**", "## ChatGPT"). Anything else is one turn.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Turn:
    """Who spoke (`ai`, `you`, or "" where nobody can tell), and what."""

    who: str
    text: str


def turns(text: str) -> list[Turn]:
    """The turns of one transcript, in order."""
    found = _from_json(text) or list(_from_text(text))
    spoken = [Turn(turn.who, turn.text.strip()) for turn in found]
    return [turn for turn in spoken if turn.text]


def _from_json(text: str) -> list[Turn]:
    stripped = text.strip()
    if not stripped.startswith(("[", "{")):
        return []
    try:
        return [turn for item in _messages(stripped) for turn in _message(item)]
    except (ValueError, RecursionError):
        return []


def _messages(text: str) -> list[Any]:
    try:
        data = json.loads(text)
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    if isinstance(data, dict):
        data = data.get("messages") or data.get("conversation") or [data]
    return data if isinstance(data, list) else []


def _message(item: Any) -> Iterator[Turn]:
    if not isinstance(item, dict):
        return
    inner = item.get("message") or item.get("payload")
    message = inner if isinstance(inner, dict) else item
    role = message.get("role") or message.get("author") or item.get("type") or ""
    if isinstance(role, dict):
        role = role.get("role", "")
    who = _who.get(str(role).lower())
    words = _content(message.get("content", message.get("text", "")))
    if who and words.strip():
        yield Turn(who, words)


def _content(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
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
