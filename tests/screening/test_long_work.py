"""Work as long as it gets keeps to what a page may weigh and ask of the database."""

import gzip
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.screening import long_work

pytestmark = pytest.mark.django_db
HTML, NODES = 60 * 1024, 3_000


def client_of(here):
    browser = Client()
    browser.post(reverse("link", args=[here.secret]))
    return browser


def asked(browser, url, **form):
    """The page, or what comes of a form, and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = browser.post(url, form) if form else browser.get(url)
    assert answer.status_code == 200
    return answer.content, len(queries)


def weighed(full, empty):
    """Bytes and elements are within the budgets, and queries as many as with nothing there."""
    (page, queries), (_, few) = full, empty
    size, elements = len(gzip.compress(page, 6)), long_work.nodes(page.decode())
    assert size <= HTML, f"{size:,} bytes"
    assert elements <= NODES, f"{elements:,} elements"
    assert queries == few
    return page.decode()


@pytest.mark.parametrize(
    ("kind", "fragment", "field"),
    [
        ("code", "", ""),
        ("schema", "work_erd", "ddl"),
        ("talk", "transcript_turns", "transcript"),
    ],
)
def test_long_work_stays_usable_for_who_writes_it_and_who_judges_it(kind, fragment, field):
    both = [long_work.begun(kind, is_empty=is_empty) for is_empty in (False, True)]
    candidates = [client_of(here) for here in both]

    pages = [
        asked(browser, reverse("workspace", args=[here.assignment.pk]))
        for browser, here in zip(candidates, both, strict=True)
    ]
    weighed(*pages)
    if fragment:
        texts = (both[0].fields[field]["v"], "")
        weighed(
            *(
                asked(browser, reverse(fragment, args=[here.assignment.pk]), **{field: text})
                for browser, here, text in zip(candidates, both, texts, strict=True)
            )
        )

    addresses = [long_work.judged(here) for here in both]
    for browser, here in zip(candidates, both, strict=True):
        browser.force_login(here.chi)
    empty = asked(candidates[1], addresses[1])
    for part in ("1", "2", "3"):
        weighed(asked(candidates[0], f"{addresses[0]}?part={part}"), empty)


def test_no_line_or_comment_of_long_work_is_out_of_an_interviewers_reach():
    here = long_work.begun("code")
    address = long_work.judged(here)
    browser = Client()
    browser.force_login(here.chi)
    lines, threads = set(), set()
    for part in range(1, 6):
        page = browser.get(f"{address}?part={part}").content.decode()
        lines |= set(re.findall(r'id="L([0-9]+)" data-line', page))
        own = set(re.findall(r'id="comment-([0-9a-f-]{36})"', page))
        linked = set(re.findall(r'href="\?part=[0-9]#comment-([0-9a-f-]{36})"', page))
        assert len(own | linked) == 120
        assert not own & linked
        # The sums of the page count every comment, wherever it is shown.
        assert page.count("data-mark=") == 120
        threads |= own
        for at, line in re.findall(r'href="(?:\?part=([0-9]))?#L([0-9]+)" title=', page):
            assert int(at or part) == 1 + (int(line) - 1) // 300
    assert len(lines) == 1_500
    assert len(threads) == 120
    for odd in ("0", "99", "x", "-1", "9" * 50, "²"):
        assert 'id="L1"' in browser.get(address, {"part": odd}).content.decode()


def test_the_plain_form_of_one_part_leaves_the_marks_of_the_others():
    here = long_work.begun("code")
    address = long_work.judged(here)
    browser = Client()
    browser.force_login(here.chi)
    ids = [name.removeprefix("comment:") for name in here.fields]
    for comment in (ids[0], ids[-1]):
        assert browser.post(address, {f"alarm:{comment}": "fine", "keep": "1"}).status_code == 302
    card = here.assignment.scorecards.get(interviewer=here.chi)
    assert card.value(f"alarm:{ids[0]}") == "fine"
    page = browser.get(f"{address}?part=5").content.decode()
    assert f'data-mark="{ids[0]}"' in page
    assert page.count("fine remark") >= 2


def test_every_line_of_a_long_schema_and_its_hints_can_be_reached():
    here = long_work.begun("schema")
    address = long_work.judged(here)
    browser = Client()
    browser.force_login(here.chi)
    count = here.fields["ddl"]["v"].count("\n") + 1
    lines, hints = set(), 0
    for part in range(1, 1 + -(-count // 200)):
        page = browser.get(f"{address}?part={part}").content.decode()
        lines |= set(re.findall(r'id="ddl-L([0-9]+)" data-line', page))
        hints += page.count('class="hint-row"')
    assert len(lines) == count
    assert hints == int(re.search(r'Hints <span class="muted">([0-9]+)', page)[1])
