"""The reports' pages in a real browser: drawn, quiet, alone; on a phone, in the dark, on paper, by keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import KINDS

ALL = [f"{kind}-{language}" for kind in KINDS for language in ("en", "fr")]
Pages = dict[str, Path]

# Contrast of each text with what is behind it: WCAG 2.2, relative luminance and contrast ratio.
CONTRAST = """() => {
  const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const behind = node => {
    for (let at = node; at; at = at.parentElement) {
      const found = numbers(getComputedStyle(at).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || node.closest('.out, style')) continue;
    const style = getComputedStyle(node);
    const paint = node instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [luminance(numbers(paint)), luminance(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) low.push(`${walker.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
  }
  return low;
}"""


SIZES = """all => all.map(each => [
  each.getBoundingClientRect().width, each.querySelectorAll('polyline, rect.bar').length
])"""


@contextmanager
def opened(browser: Browser, file: Path, *, width: int = 1280, dark: bool = False) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    try:
        page.goto(file.as_uri())
        yield page
    finally:
        context.close()


@pytest.mark.parametrize("name", ALL)
def test_a_page_is_drawn_says_nothing_and_asks_for_nothing_but_itself(
    browser: Browser, pages: Pages, name: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[name].as_uri(), wait_until="networkidle")
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [pages[name].as_uri()]
    sizes = page.eval_on_selector_all("svg", SIZES)
    context.close()
    if not name.startswith("team"):
        assert sizes
    for width, shapes in sizes:
        assert width > 200
        assert shapes >= 1


def test_the_dashboard_has_a_fan_thresholds_a_calendar_and_costs(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["dashboard-en"]) as page:
        assert page.locator("svg polygon.fan").count() == 4
        assert page.locator("svg line.level.critical").count() >= 4
        assert page.locator("svg rect.bar").count() >= 10
        assert page.get_by_role("heading", name="Cost per user").is_visible()
        # The database's fan is as wide as it is high: it opens.
        fan = page.locator("svg:has(polygon.fan) >> nth=3").locator("polygon.fan").bounding_box()
        assert fan is not None
        assert fan["width"] > 100
        assert fan["height"] > 40


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("width", [320, 390, 820])
def test_a_page_fits_a_phone_without_scrolling_sideways(
    browser: Browser, pages: Pages, name: str, width: int
) -> None:
    with opened(browser, pages[name], width=width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ALL)
def test_every_text_stands_out_from_what_is_behind_it(
    browser: Browser, pages: Pages, name: str, dark: bool
) -> None:
    with opened(browser, pages[name], dark=dark) as page:
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate(CONTRAST) == []


def test_dark_is_dark_and_light_is_light(browser: Browser, pages: Pages) -> None:
    grounds = []
    for dark in (False, True):
        with opened(browser, pages["dashboard-en"], dark=dark) as page:
            grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(255, 255, 255)", "rgb(15, 19, 24)"]


def test_the_keyboard_reaches_a_charts_numbers_and_opens_them(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["dashboard-en"]) as page:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.tagName") == "SUMMARY":
                break
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring == "solid"
        page.keyboard.press("Enter")
        assert page.locator("details[open] table").count() == 1
        assert page.locator("details[open] th[scope=col]").first.is_visible()


def test_a_link_leads_to_its_section(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["dashboard-en"]) as page:
        page.get_by_role("link", name="Breach Calendar").click()
        assert page.url.endswith("#s7")
        assert page.locator("#s7 h2").inner_text() == "Breach Calendar"


def test_signs_are_words_for_who_cannot_see_them(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["dashboard-en"]) as page:
        words = page.locator("li .sign .out").all_inner_texts()
        assert words.count("critical") == 1
        assert words.count("attention") == 4
        for drawing in page.locator("svg").all():
            assert drawing.get_attribute("aria-label")


def test_paper_gets_no_links_and_no_dark(browser: Browser, pages: Pages) -> None:
    with opened(browser, pages["dashboard-en"], dark=True) as page:
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        assert not page.locator("summary").first.is_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.pdf(format="A4").startswith(b"%PDF")
