import json
import time

import pytest

from screening.queries import transcripts
from screening.queries.transcripts import Turn, redacted, turns

SPOKEN = [Turn("you", "Is it safe?"), Turn("ai", "It looks fine.")]


def said(role, content):
    return {"role": role, "content": content}


MESSAGES = [said("user", "Is it safe?"), said("assistant", "It looks fine.")]
PARTS = [said("user", [{"type": "text", "text": "Is it safe?"}]), MESSAGES[1]]
LINES = [
    {"type": "summary", "summary": "x"},
    {"type": "user", "message": PARTS[0]},
    {"type": "assistant", "message": MESSAGES[1]},
]


@pytest.mark.parametrize(
    "text",
    [
        "User: Is it safe?\nAssistant: It looks fine.",
        "**You:** Is it safe?\n\n**ChatGPT:** It looks fine.",
        "## You\nIs it safe?\n\n## Claude\nIt looks fine.\n",
        "**You**\nIs it safe?\n\n**Assistant**\nIt looks fine.\n",
        "Human: Is it safe?\r\n\r\nAI:\r\nIt looks fine.",
        json.dumps(MESSAGES),
        json.dumps({"messages": PARTS}),
        "\n".join(json.dumps(line) for line in LINES),
    ],
)
def test_known_shapes_become_turns(text):
    assert turns(text) == SPOKEN


@pytest.mark.parametrize(
    "text",
    ["Just notes without names.", "{broken", "[1, 2]", '{"a": 1}', "You know what: it works."],
)
def test_anything_else_is_one_turn(text):
    assert turns(text) == [Turn("", text)]


def test_a_name_inside_code_is_no_speaker():
    text = "You: look\n```yaml\nuser: x\n```\nthanks"
    assert turns(text) == [Turn("you", "look\n```yaml\nuser: x\n```\nthanks")]


def test_a_session_whose_words_have_a_line_separator_is_read():
    """JSON keeps U+2028 as it is, and so do the programs that write sessions."""
    lines = [said("user", "one\u2028two"), said("assistant", "three\x85four")]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    assert turns(text) == [Turn("you", "one\u2028two"), Turn("ai", "three\x85four")]


def test_nothing_is_no_turn():
    assert turns("  \n ") == []


def test_deep_json_is_text():
    deep = "[" * 100_000
    assert turns(deep) == [Turn("", deep)]


SESSION = [
    {"type": "summary", "summary": "x"},
    {"type": "user", "isMeta": True, "sessionId": "s", "message": said("user", "<caveat>")},
    {"type": "user", "sessionId": "s", "message": said("user", "Is it safe?")},
    {
        "type": "assistant",
        "sessionId": "s",
        "message": said("assistant", [{"type": "tool_use", "name": "Read", "input": {}}]),
    },
    {
        "type": "user",
        "sessionId": "s",
        "message": said("user", [{"type": "tool_result", "content": "1 import os"}]),
    },
    {"type": "assistant", "sessionId": "s", "message": MESSAGES[1]},
]
CLAUDE = [
    {
        "name": "Safe?",
        "chat_messages": [
            {"sender": "human", "text": "Is it safe?"},
            {"sender": "assistant", "content": [{"type": "text", "text": "It looks fine."}]},
        ],
    }
]


def node(parent, role="", *parts):
    message = {"author": {"role": role}, "content": {"parts": list(parts)}} if role else None
    return {"parent": parent, "message": message}


CHATGPT = {
    "current_node": "c",
    "mapping": {
        "root": node(None),
        "a": node("root", "system", ""),
        "b": node("a", "user", "Is it safe?"),
        "regenerated": node("b", "assistant", "No."),
        "c": node("b", "assistant", "It looks fine."),
    },
}


@pytest.mark.parametrize(
    ("text", "shape", "found"),
    [
        (
            "\n".join(map(json.dumps, SESSION)),
            "claude_code",
            [SPOKEN[0], Turn("ai", "[Read]\n\nIt looks fine.")],
        ),
        (json.dumps(CLAUDE), "claude", SPOKEN),
        (json.dumps([CHATGPT]), "chatgpt", SPOKEN),
        (json.dumps({"mapping": CHATGPT["mapping"]}), "chatgpt", SPOKEN),
        ("You said:\nIs it safe?\nChatGPT said:\nIt looks fine.", "chatgpt", SPOKEN),
        (json.dumps(MESSAGES), "messages", SPOKEN),
        ("Me: Is it safe?\nAI: It looks fine.", "named", SPOKEN),
        ("Whatever.", "raw", [Turn("", "Whatever.")]),
    ],
)
def test_shapes_are_recognised_and_named(text, shape, found):
    read = transcripts.read(text)
    assert (read.shape, read.turns) == (shape, found)


@pytest.mark.parametrize(
    "text",
    [
        '{"mapping": {"a": {"parent": "a"}}}',
        '{"mapping": [1]}',
        '{"mapping": {"a": 7, "b": {"parent": 7}}}',
        '{"chat_messages": 7}',
        '[{"chat_messages": ["x", {"sender": 7}]}]',
        '{"sessionId": 1, "message": 7}',
        '[{"role": "user", "content": "x", "key": "../x", "hidden": 1}]',
    ],
)
def test_a_broken_export_is_no_error(text):
    assert transcripts.read(text).turns


def test_the_same_words_said_twice_are_two_turns_with_keys_of_their_own():
    keys = [turn.key for turn in turns("You: yes\nAI: ok\nYou: yes")]
    assert len(set(keys)) == 3
    assert keys[2] == f"{keys[0]}-2"


def test_a_redacted_transcript_reads_back_under_the_same_keys():
    before = turns("You: yes\nAI: You: are right\nYou: yes")
    text = redacted("You: yes\nAI: You: are right\nYou: yes", {before[0].key})
    after = turns(text)
    assert [turn.key for turn in after] == [turn.key for turn in before]
    assert after == [Turn("you", "", is_hidden=True), *before[1:]]
    assert redacted(text, {before[0].key}) == text


@pytest.mark.parametrize(
    "text",
    ["a" + "\n" * 399_998 + "b", ("#" * 60 + "\n") * 6_500, "You: " + "_" * 399_000],
    ids=["empty lines", "rules", "one line"],
)
def test_no_text_keeps_the_server_busy(text):
    began = time.process_time()
    transcripts.read(text)
    assert time.process_time() - began < 3


@pytest.mark.parametrize("head", ["ChatGPT said:", "## ChatGPT said", "**ChatGPT said:**"])
def test_what_chatgpt_writes_above_its_answers_is_recognised(head):
    text = f"You said:\nIs it safe?\n\n{head}\nIt looks fine."
    assert transcripts.read(text).shape == transcripts.CHATGPT
