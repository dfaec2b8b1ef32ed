import json

import pytest

from screening.queries.transcripts import Turn, turns

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


def test_nothing_is_no_turn():
    assert turns("  \n ") == []


def test_deep_json_is_text():
    deep = "[" * 100_000
    assert turns(deep) == [Turn("", deep)]
