import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from exercises import folder, matching
from exercises.matching import Alarm, Comment, Item, Place, Reason, suggest

ROOT = Path(__file__).parents[2]
LABELLED = yaml.safe_load((Path(__file__).parent / "labelled_comments.yaml").read_text())

RACE = Item(
    "race",
    "Two transfers at once lose one. Both requests read the same balance, both write."
    " Names the race between reading and writing the balance, or asks for a lock.",
    (Place("transfer.py", 16, 19),),
    "data_integrity",
)
FLOAT = Item(
    "float",
    "Money is a float. Rounding loses cents. Says that amounts need decimals.",
    (Place("transfer.py", 13, 13),),
    "correctness",
)
CENTS = Item(
    "cents",
    "The fee is an integer of cents. No rounding can happen.",
    (Place("transfer.py", 30, 30),),
    is_decoy=True,
)
KEY = [RACE, FLOAT, CENTS]


def comment(text, start=1, end=None, *, file="transfer.py", category="", id="c"):
    return Comment(id, text, Place(file, start, end or start), category)


def best(text, *args, **more):
    found = suggest([comment(text, *args, **more)], KEY)
    return {slug: own[0] for slug, own in found.flaws.items() if own}


def test_the_same_lines_and_the_same_words_are_suggested_with_their_reasons():
    found = best("A race: both read the balance first.", 17, 18, category="data_integrity")
    assert list(found) == ["race"]
    assert found["race"].score > 0.9
    assert found["race"].reasons == (
        Reason("lines"),
        Reason("category", "data_integrity"),
        Reason("words", "balance, both, race, read"),
    )


def test_the_lines_alone_are_enough_and_two_lines_beside_need_a_word_more():
    assert list(best("Hm.", 17)) == ["race"]
    assert best("Hm.", 21) == {}
    assert list(best("Here they race for the balance.", 21)) == ["race"]


def test_a_comment_on_the_whole_file_does_not_mean_everything():
    assert best("Needs tests.", 1, 200) == {}


def test_the_same_lines_of_another_file_are_elsewhere():
    assert best("Hm.", 17, file="other.py") == {}


def test_one_comment_may_speak_of_two_flaws_and_two_comments_of_one():
    both = comment("The float loses cents, and both requests race for a lock.", 13, 16)
    again = comment("Both write the balance: race.", 16, id="d")
    found = suggest([both, again], KEY)
    assert [one.comment for one in found.flaws["race"]] == ["c", "d"]
    assert [one.comment for one in found.flaws["float"]] == ["c"]
    assert found.alarms == ()


def test_what_fits_nothing_may_be_a_false_alarm_on_a_decoy_or_on_clean_lines():
    found = suggest([comment("Cents are wrong.", 30, id="d"), comment("Why?", 44, id="e")], KEY)
    assert found.alarms == (Alarm("d", "cents"), Alarm("e", ""))


def test_words_match_without_their_endings():
    assert matching.stems("deleted Deletes deleting") == {"delet"}
    assert matching.stems("bookings, a booking") == {"book"}
    assert "order" in matching.stems("orderId")


def test_an_empty_key_makes_every_comment_a_remark_on_clean_lines():
    assert suggest([comment("Anything.")], []) == matching.Matches({}, (Alarm("c", ""),))
    assert suggest([], KEY).flaws == {"race": (), "float": ()}


# --- the numbers


def test_recall_weighs_by_severity_and_counts_half_for_partly():
    """3·1 + 2·½ + 1·0 of 3 + 2 + 1 + 2: four of eight."""
    severities = {"a": "critical", "b": "major", "c": "minor", "d": "major"}
    share = matching.recall(severities, {"a": "found", "b": "partly", "c": "missed", "z": "found"})
    assert (share.got, share.of, share.value) == (4, 8, Fraction(1, 2))
    assert share.counts == {"found": 1, "partly": 1, "missed": 1, "open": 1, "all": 4}


def test_precision_is_hits_over_hits_and_alarms():
    share = matching.precision(hits=5, alarms=2)
    assert share.value == Fraction(5, 7)
    assert share.counts == {"hits": 5, "alarms": 2}


def test_where_nothing_is_there_is_no_number():
    assert matching.recall({}, {}).value is None
    assert matching.recall({"a": "minor"}, {}).value is None
    assert matching.precision(hits=0, alarms=0).value is None


# --- properties

text = st.text(alphabet="abcdefgh \n", max_size=60)
place = st.builds(
    lambda file, start, more: Place(file, start, start + more),
    st.sampled_from(["a.py", "b.py"]), st.integers(1, 300), st.integers(0, 50),
)  # fmt: skip
categories = st.sampled_from(["", "security", "testing"])
comments = st.lists(
    st.builds(Comment, st.uuids().map(str), text, st.none() | place, categories),
    max_size=8, unique_by=lambda one: one.id,
)  # fmt: skip
items = st.lists(
    st.builds(
        Item, st.uuids().map(str), text, st.lists(place, max_size=2).map(tuple), categories,
        st.booleans(),
    ),
    max_size=6, unique_by=lambda one: one.slug,
)  # fmt: skip


@given(comments, items)
def test_scores_stay_in_their_range_and_every_comment_is_somewhere(said, key):
    found = suggest(said, key)
    suggested = {one.comment for own in found.flaws.values() for one in own}
    alarmed = {one.comment for one in found.alarms}
    assert set(found.flaws) == {item.slug for item in key if not item.is_decoy}
    assert suggested | alarmed == {one.id for one in said}
    assert not suggested & alarmed
    for own in found.flaws.values():
        scores = [one.score for one in own]
        assert all(matching.THRESHOLD <= score <= 1 for score in scores)
        assert scores == sorted(scores, reverse=True)
    assert {one.decoy for one in found.alarms} <= {"", *(i.slug for i in key if i.is_decoy)}
    assert suggest(said, key) == found


@given(comments, items, st.randoms())
def test_the_order_of_the_comments_changes_nothing_but_the_order(said, key, random):
    mixed = random.sample(said, len(said))
    one, other = suggest(said, key), suggest(mixed, key)
    assert set(one.alarms) == set(other.alarms)
    assert {slug: set(own) for slug, own in one.flaws.items()} == {
        slug: set(own) for slug, own in other.flaws.items()
    }


verdicts = st.sampled_from(["found", "partly", "missed", ""])


judged = st.tuples(st.sampled_from(list(matching.SEVERITY_WEIGHT)), verdicts)


@given(st.dictionaries(st.text("abc", min_size=1), judged), st.integers(0, 50), st.integers(0, 50))
def test_shares_lie_between_nothing_and_all(told, hits, alarms):
    severities = {slug: severity for slug, (severity, _said) in told.items()}
    said = {slug: verdict for slug, (_severity, verdict) in told.items()}
    for share in matching.recall_precision(severities, said, hits=hits, alarms=alarms):
        assert share.value is None or 0 <= share.value <= 1
    better = matching.recall(severities, dict.fromkeys(severities, "found"))
    assert better.value in {None, 1}


# --- how well it does on what people wrote


def key_of(slug):
    found = folder.read_folder(ROOT / "fixtures/library/exercises" / slug)
    built = [
        Item(
            one.id,
            f"{one.title} {one.harm} {one.found_when}",
            tuple(
                Place(where.file, start, end)
                for where in (one, *one.also)
                for start, end in where.lines
            ),
            one.category,
        )
        for one in found.flaws
    ]
    built += [
        Item(
            one.id, f"{one.title} {one.why_fine}",
            tuple(Place(one.file, start, end) for start, end in one.lines), is_decoy=True,
        )
        for one in found.decoys
    ]  # fmt: skip
    return built + [
        Item(one.id, f"{one.title} {one.found_when} {one.why}") for one in found.expects
    ]


def labelled(slug):
    return [
        Comment(
            str(n),
            row["text"],
            Place(*row["at"]) if "at" in row else None,
            row.get("category", ""),
        )
        for n, row in enumerate(LABELLED[slug])
    ]


def rates(slug, *, shift=0, keep_lines=True):
    """Of the comments that mean a flaw, how many have it first; of the rest, how many have none."""
    said = labelled(slug)
    if shift or not keep_lines:
        said = [
            Comment(
                one.id, one.text,
                Place(one.place.file, one.place.start + shift, one.place.end + shift)
                if one.place and keep_lines else None,
                one.category,
            )
            for one in said
        ]  # fmt: skip
    found = suggest(said, key_of(slug))
    first: dict[str, tuple[float, str]] = {}
    for flaw, own in found.flaws.items():
        for one in own:
            first[one.comment] = max(first.get(one.comment, (0.0, "")), (one.score, flaw))
    alarms = {one.comment: one.decoy for one in found.alarms}
    hit = quiet = meant = 0
    for n, row in enumerate(LABELLED[slug]):
        if row["means"]:
            meant += 1
            hit += first.get(str(n), (0, ""))[1] in row["means"]
        else:
            quiet += alarms.get(str(n)) == row.get("decoy", "")
    return hit, meant, quiet, len(LABELLED[slug]) - meant


def told(shift=0, keep_lines=True):
    rows = [rates(slug, shift=shift, keep_lines=keep_lines) for slug in LABELLED]
    return [sum(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize(
    ("name", "how", "hits", "quiet"),
    [
        ("as written", {}, 0.95, 0.9),
        ("two lines off", {"shift": 2}, 0.9, 0.35),
        ("without lines", {"keep_lines": False}, 0.8, 0.3),
    ],
)
def test_the_hit_rate_on_the_librarys_answers(name, how, hits, quiet, capsys):
    hit, meant, silent, rest = told(**how)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{name}: {hit} of {meant} flaws suggested first, {silent} of {rest} others right\n"
        )
    assert hit >= hits * meant
    assert silent >= quiet * rest


def test_120_comments_on_12_flaws_take_no_time():
    said = labelled("password-reset") * 10
    said = [Comment(str(n), one.text, one.place, one.category) for n, one in enumerate(said[:120])]
    key = key_of("password-reset")
    started = time.perf_counter()
    suggest(said, key)
    assert time.perf_counter() - started < 0.5


def test_500_long_comments_keep_nobody_waiting():
    words = [f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(600)]
    key = [Item(f"s{n}", " ".join(words[n * 40 :][:60])) for n in range(12)]
    said = [Comment(str(n), " ".join(words[n % 50 :])[:4_000]) for n in range(500)]
    began = time.process_time()
    suggest(said, key)
    assert time.process_time() - began < 3
