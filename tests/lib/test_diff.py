"""A comparison shows what differs, where, and down to the word; nothing else."""

import time

from lib.diff import changed_files, compare, words


def kinds(old: str, new: str, **options: int) -> list[str]:
    return [row.kind for row in compare(old, new, **options)]


def test_equal_texts_have_no_rows() -> None:
    assert compare("a\nb\n", "a\nb\n") == []
    assert compare("", "") == []


def test_numbers_count_on_both_sides() -> None:
    rows = compare("a\nb\nc\n", "a\nx\ny\nc\n")
    assert [(row.kind, row.old_number, row.new_number) for row in rows] == [
        ("same", 1, 1),
        ("changed", 2, 2),
        ("new", None, 3),
        ("same", 3, 4),
    ]


def test_a_line_taken_away_has_no_other_side() -> None:
    (_, gone, _) = compare("a\nb\nc\n", "a\nc\n")
    assert (gone.kind, gone.old[0].text, gone.new, gone.new_number) == ("old", "b", (), None)


def test_what_is_far_from_a_change_is_counted_and_not_shown() -> None:
    old = [str(n) for n in range(100)]
    new = [*old[:50], "x", *old[51:]]
    rows = compare("\n".join(old), "\n".join(new), context=2)
    assert [row.kind for row in rows] == ["gap", "same", "same", "changed", "same", "same", "gap"]
    assert (rows[0].hidden, rows[-1].hidden) == (48, 47)


def test_a_new_file_and_an_empty_one() -> None:
    assert kinds("", "a\nb") == ["new", "new"]
    assert kinds("a\nb", "") == ["old", "old"]


def test_inside_a_line_only_the_words_that_differ_are_marked() -> None:
    old, new = words("minutes: 35  # of work", "minutes: 40  # of work")
    assert [part.text for part in old if part.is_changed] == ["35"]
    assert [part.text for part in new if part.is_changed] == ["40"]
    assert "".join(part.text for part in new) == "minutes: 40  # of work"


def test_lines_that_have_nothing_in_common_are_not_taken_apart() -> None:
    old, new = words("alpha beta gamma", "1 + 2")
    assert [part.is_changed for part in (*old, *new)] == [False, False]
    assert len(words("x " * 5_000, "y " * 5_000)[0]) == 1


def test_files_are_added_removed_or_changed() -> None:
    old = {"same": "1", "gone": "2", "other": "3"}
    new = {"same": "1", "other": "4", "fresh": "5"}
    assert [(one.path, one.state) for one in changed_files(old, new)] == [
        ("fresh", "added"),
        ("gone", "removed"),
        ("other", "changed"),
    ]


def test_long_texts_of_lines_that_are_all_alike_are_compared_at_once():
    began = time.process_time()
    rows = compare("a\n" * 20_000, "b\n" + "a\n" * 19_999 + "c\n")
    assert rows
    assert time.process_time() - began < 5
