"""J3: the library is filtered and opened; the key is for who judges; a pack comes in as a zip."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Pages, axe
from tests.e2e.people import candidate, found, member
from tests.exercises.packs import exercise, zipped

ID = r"[0-9a-f-]{36}"
RESET = "Risky endpoint: password reset"


def see(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        axe(page)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def cards(page: Page) -> list[str]:
    return page.get_by_test_id("exercise-card").locator("a.strong").all_inner_texts()


def test_a_recruiter_filters_and_reads_the_key_beside_the_lines(pages: Pages) -> None:
    page = member(pages, "ana")
    page.goto("/exercises/")
    see(page)
    everything = cards(page)
    assert RESET in everything

    page.get_by_label("Language").select_option("python")
    page.wait_for_url(re.compile("language=python"))
    assert RESET in cards(page)
    assert len(cards(page)) < len(everything)
    page.get_by_label("Kind").select_option("endpoint_critique")
    page.wait_for_url(re.compile("kind=endpoint_critique"))
    page.get_by_label("Time").select_option("30")
    page.wait_for_url(re.compile("minutes=30"))
    page.goto("/exercises/?q=password+reset&level=senior&skill=api_security&minutes=45")
    expect(page.get_by_test_id("exercise-card")).to_have_count(1)

    page.get_by_role("link", name=RESET, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(RESET)
    assert page.get_by_test_id("answer-key").count() == 0
    see(page)
    for tab in ("The fix", "Rubric", "Probes", "Samples and baseline", "History", "Statistics"):
        page.get_by_role("navigation", name="Exercise").get_by_role("link", name=tab).click()
        expect(page.locator("[aria-current=page]", has_text=tab)).to_be_visible()
        see(page)

    page.get_by_role("link", name="Answer key").click()
    see(page)
    row = page.get_by_test_id("key-F3")
    expect(row).not_to_have_class("current")
    row.get_by_role("link").first.click()
    expect(row).to_have_class("current")
    expect(row).to_contain_text("Counts as found when")
    marked = page.locator(".line.marked")
    expect(marked.first).to_contain_text("F3")
    see(page)
    page.set_viewport_size({"width": 390, "height": 844})
    code, key = page.locator(".key-code").bounding_box(), page.locator(".key-panel").bounding_box()
    assert key["y"] >= code["y"] + code["height"] - 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    axe(page)


def test_the_key_is_for_who_judges_and_nobody_else(pages: Pages) -> None:
    ana, ben = member(pages, "ana"), member(pages, "ben")
    of_panel = found(ben, "/exercises/", f"/exercises/{ID}/")
    key = f"{of_panel}key/"
    ben.goto(key)
    expect(ben.get_by_test_id("answer-key")).to_be_visible()
    see(ben)
    assert ben.request.get(f"{of_panel}statistics/").status == 404

    every = set(re.findall(rf"/exercises/{ID}/", ana.request.get("/exercises/").text()))
    his = set(re.findall(rf"/exercises/{ID}/", ben.request.get("/exercises/").text()))
    assert his < every
    for address in every - his:
        assert ben.request.get(address).status == 404
        assert ben.request.get(f"{address}key/").status == 404

    visitor = candidate(pages, "W-71")
    visitor.goto(key)
    expect(visitor).to_have_url(re.compile("/accounts/login/"))


def test_a_pack_is_looked_at_and_imported(pages: Pages, tmp_path: Path) -> None:
    files = {
        f"{slug}/{path}": text
        for slug, one in {
            "e2e-money": exercise("e2e-money"),
            "e2e-broken": exercise("e2e-broken", **{"brief.md": None}),
        }.items()
        for path, text in one.items()
    }
    (tmp_path / "pack.zip").write_bytes(zipped(files))
    (tmp_path / "trap.zip").write_bytes(zipped({"../escaped": b"x"}))
    page = member(pages, "ana")
    page.goto("/exercises/")
    page.get_by_role("link", name="Import a pack").click()
    see(page)
    expect(page.get_by_text("They never run from the web")).to_be_visible()

    page.get_by_label("Pack").set_input_files(tmp_path / "trap.zip")
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.get_by_text("leads out of the pack").first).to_be_visible()
    axe(page)

    page.get_by_label("Pack").set_input_files(tmp_path / "pack.zip")
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.locator("[data-testid=pack-row][data-state=new]")).to_contain_text("e2e-money")
    left_out = page.locator("[data-testid=pack-row][data-state=invalid]")
    expect(left_out).to_contain_text("brief.md:1 is missing or empty")
    see(page)
    assert "Money transfer" not in page.request.get("/exercises/").text()

    page.get_by_role("button", name="Import 1 exercise").click()
    expect(page.get_by_text("1 exercise was published: Money transfer.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Money transfer")
    page.goto("/exercises/")
    card = page.get_by_test_id("exercise-card").filter(has_text="Money transfer")
    expect(card).to_contain_text("not proven")
    expect(card).to_contain_text("An assistant alone found 1 of 1")
    with page.expect_download() as download:
        card.get_by_role("link", name="Export Money transfer").click()
    assert download.value.suggested_filename == "e2e-money-v1.zip"
    card.get_by_role("link", name="Money transfer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Money transfer")
