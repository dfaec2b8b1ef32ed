"""The autosave engine: nothing typed is lost, nothing is applied twice."""

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lib import autosave

AT = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


def allow(field: str, value: Any) -> Any:
    if field.startswith("secret"):
        raise ValueError("There is no such field.")
    return value.strip() if isinstance(value, str) else value


def op(field: str, value: Any, base_rev: int = 0, op_id: str = "1", **more: Any) -> dict[str, Any]:
    return {"field": field, "value": value, "base_rev": base_rev, "id": op_id, **more}


def run(
    fields: dict[str, Any], *ops: dict[str, Any], by: str = "Ana"
) -> tuple[autosave.Fields, list[dict[str, Any]]]:
    return autosave.apply(fields, list(ops), at=AT, by=by, allowed=allow)


def test_first_save_is_revision_one_and_stores_the_cleaned_value() -> None:
    fields, answers = run({}, op("summary", " good "))
    assert answers == [{"id": "1", "field": "summary", "status": "ok", "rev": 1}]
    assert fields == {
        "summary": {"v": "good", "rev": 1, "op": "1", "at": AT.isoformat(), "by": "Ana"}
    }


def test_ops_of_one_request_apply_in_order() -> None:
    fields, answers = run({}, op("summary", "a"), op("summary", "b", 1, "2"), op("x", 3, 0, "3"))
    assert [answer["rev"] for answer in answers] == [1, 2, 1]
    assert autosave.values(fields) == {"summary": "b", "x": 3}
    assert autosave.revisions(fields) == {"summary": 2, "x": 1}


def test_a_repeat_gets_the_same_answer_and_changes_nothing() -> None:
    once, first = run({}, op("summary", "a"))
    twice, second = run(once, op("summary", "a"))
    assert (twice, second) == (once, first)


def test_a_repeat_that_comes_late_is_no_conflict_and_does_not_bring_the_old_text_back() -> None:
    fields, first = run({}, op("summary", "a"))
    fields, _ = run(fields, op("summary", "ab", 1, "2"))
    after, answers = run(fields, op("summary", "a"))
    assert answers == first
    assert after == fields


def test_a_stale_base_is_a_conflict_that_shows_theirs() -> None:
    fields, _ = run({}, op("summary", "theirs"), by="Ben")
    after, answers = run(fields, op("summary", "mine", 0, "2"))
    assert after == fields
    assert answers == [
        {
            "id": "2",
            "field": "summary",
            "status": "conflict",
            "theirs": "theirs",
            "rev": 1,
            "by": "Ben",
            "at": AT.isoformat(),
        }
    ]


def test_the_same_words_from_two_tabs_are_no_conflict() -> None:
    fields, _ = run({}, op("summary", "same"))
    after, answers = run(fields, op("summary", "same ", 0, "2"))
    assert after == fields
    assert answers[0] == {"id": "2", "field": "summary", "status": "ok", "rev": 1}


def test_a_base_from_the_future_is_a_conflict() -> None:
    fields, _ = run({}, op("summary", "restored from a backup"))
    _, answers = run(fields, op("summary", "mine", 7, "2"))
    assert answers[0]["status"] == "conflict"


def test_resolving_overwrites_and_keeps_what_was_overwritten() -> None:
    fields, _ = run({}, op("summary", "theirs"), by="Ben")
    fields, answers = run(fields, op("summary", "mine", 1, "2", resolve=True))
    assert answers[0] == {"id": "2", "field": "summary", "status": "ok", "rev": 2}
    assert autosave.values(fields) == {"summary": "mine"}
    lost = [{"v": "theirs", "rev": 1, "at": AT.isoformat(), "by": "Ben"}]
    assert autosave.kept(fields) == {"summary": lost}
    fields, _ = run(fields, op("summary", "mine, edited", 2, "3"))
    assert autosave.kept(fields) == {"summary": lost}


def test_resolving_against_an_older_revision_conflicts_again() -> None:
    fields, _ = run({}, op("summary", "a"), op("summary", "b", 1, "2"))
    after, answers = run(fields, op("summary", "mine", 1, "3", resolve=True))
    assert answers[0]["status"] == "conflict"
    assert answers[0]["theirs"] == "b"
    assert after == fields


def test_deleting_keeps_the_revision_going() -> None:
    fields, _ = run({}, op("comment:1", {"text": "x"}), op("comment:1", None, 1, "2"))
    assert autosave.values(fields) == {}
    fields, answers = run(fields, op("comment:1", {"text": "y"}, 0, "3"))
    assert answers[0]["status"] == "conflict"
    assert answers[0]["theirs"] is None


def test_what_is_not_allowed_is_invalid_with_its_sentence_and_the_rest_is_saved() -> None:
    fields, answers = run({}, op("secret", "x"), op("summary", "a", 0, "2"))
    assert answers[0] == {
        "id": "1",
        "field": "secret",
        "status": "invalid",
        "message": "There is no such field.",
    }
    assert autosave.values(fields) == {"summary": "a"}


def test_a_value_over_the_limit_is_invalid() -> None:
    fields, answers = autosave.apply(
        {}, [op("summary", "ä" * 50)], at=AT, by="Ana", allowed=allow, max_value=100
    )
    assert fields == {}
    assert answers[0]["message"] == autosave.TOO_LONG


def test_a_full_draft_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosave, "MAX_FIELDS", 2)
    fields, answers = run({}, *(op(f"comment:{n}", n, 0, str(n)) for n in range(3)))
    assert answers[2]["message"] == autosave.TOO_FULL
    monkeypatch.setattr(autosave, "MAX_DRAFT", 300)
    _, answers = run(fields, op("comment:0", "x" * 200, 1, "9"))
    assert answers[0]["message"] == autosave.TOO_FULL


def test_a_full_draft_can_be_shortened_and_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    fields, _ = run({}, op("comment:1", "x" * 400), op("comment:2", "y" * 400, 0, "2"))
    monkeypatch.setattr(autosave, "MAX_DRAFT", 750)
    fields, answers = run(
        fields, op("comment:1", "x" * 300, 1, "3"), op("comment:2", None, 1, "4"), op("new", "z")
    )
    assert [answer["status"] for answer in answers] == ["ok", "ok", "ok"]
    assert autosave.values(fields) == {"comment:1": "x" * 300, "new": "z"}


def test_writing_one_text_over_and_over_fills_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosave, "MAX_DRAFT", 1_000)
    fields: dict[str, Any] = {}
    for n in range(30):
        fields, answers = run(fields, op("summary", f"{n} " + "x" * 200, n, f"op-{n}"))
        assert answers[0]["status"] == "ok"


def test_kept_versions_are_bounded_and_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    fields, _ = run({}, op("a", "first"), op("b", "first", 0, "2"))
    monkeypatch.setattr(autosave, "MAX_KEPT", 1_000)
    for n in range(1, 40):
        fields, _ = autosave.apply(
            fields,
            [op(name, f"{n:02d}" + "x" * 100, n, f"{name}{n}", resolve=True) for name in "ab"],
            at=AT + timedelta(seconds=n),
            by="Ana",
            allowed=allow,
        )
    found = autosave.kept(fields)
    assert len(json.dumps(found)) < 1_200
    assert [one["v"][:2] for one in found["a"]][-1] == "38"
    assert found["a"] == sorted(found["a"], key=lambda one: one["rev"])
    monkeypatch.setattr(autosave, "MAX_VERSIONS", 2)
    fields, _ = run(fields, op("c", "x"))
    assert len(autosave.kept(fields)["a"]) == 2


def test_what_another_device_wrote_is_set_aside_once_and_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fields, _ = run({}, op("a", "saved"))
    monkeypatch.setattr(autosave, "MAX_VERSIONS", 3)
    for n in [1, 1, *range(2, 9)]:
        told = [op("a", f"aside {n}"), op("b", "new"), op("secret", "x")]
        fields = autosave.set_aside(fields, told, at=AT + timedelta(seconds=n), allowed=allow)
    assert autosave.values(fields) == {"a": "saved"}
    kept = autosave.kept(fields)
    assert [one["v"] for one in kept["a"]] == ["aside 6", "aside 7", "aside 8"]
    assert [one["v"] for one in kept["b"]] == ["new"]


def test_too_many_ops_and_malformed_ones_change_nothing() -> None:
    with pytest.raises(autosave.TooManyError):
        run({}, *(op("x", n, n, str(n)) for n in range(autosave.MAX_OPS + 1)))
    whole = op("x", 1)
    for bad in (
        *({k: v for k, v in whole.items() if k != gone} for gone in ("field", "id", "value")),
        {**whole, "base_rev": "1"},
        {**whole, "base_rev": True},
        {**whole, "base_rev": -1},
        {**whole, "field": ["x"]},
        {**whole, "id": "i" * 65},
        "x",
    ):
        with pytest.raises(autosave.MalformedError):
            autosave.apply({}, [whole, bad], at=AT, by="Ana", allowed=allow)
    with pytest.raises(autosave.MalformedError):
        autosave.apply({}, {"field": "x"}, at=AT, by="Ana", allowed=allow)


def test_the_input_is_not_changed() -> None:
    fields, _ = run({}, op("summary", "a"), op("summary", "b", 1, "2", resolve=True))
    before = copy.deepcopy(fields)
    run(fields, op("summary", "c", 2, "3", resolve=True), op("other", 1, 0, "4"))
    assert fields == before


@pytest.mark.parametrize("name", ["a\0b", "a\ud800"])
def test_names_that_no_database_takes_are_malformed(name: str) -> None:
    for bad in (op("x", "v", op_id=name), op(name, "v")):
        with pytest.raises(autosave.MalformedError):
            autosave.check([bad])
