"""The pages of a check as people meet them: in a browser, by keyboard, on a phone, on paper, without script."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from flaws_city import make_action, make_agency, make_document, make_proof, make_question, make_shown
from playwright.sync_api import Browser, Page, expect, sync_playwright

from haidang.engine.reports.flaws.page import make_annex, make_index

CHROMIUM = Path("/usr/bin/chromium")
CALM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
HOSTILE = "</script><img src=x onerror=window.hit=1><b onclick=window.hit=1>'\"&amp;{{ 7*7 }}"
PAGES = ["index.html", "annex/acme.html", "annex/beta.html"]
OPEN_ALL = "for (const fold of document.querySelectorAll('details')) fold.open = true"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="these pages are looked at with Debian's chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=CALM)
        yield browser
        browser.close()


def write(folder: Path, document: dict[str, Any], **shown: Any) -> Path:
    (folder / "annex").mkdir(exist_ok=True)
    (folder / "index.html").write_bytes(make_index(document))
    for agency in document["agencies"]:
        page = make_annex(document, agency, make_shown(agency, **shown), 5_000)
        (folder / "annex" / f"{agency['file']}.html").write_bytes(page)
    return folder


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("town"), make_document())


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page from its folder; afterwards nothing may have been asked of anybody, and nothing complained of."""
    heard: list[str] = []
    contexts = []

    def open_page(path: Path, viewport: dict[str, int] = DESKTOP, **options: Any) -> Page:
        context = browser.new_context(viewport=viewport, reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        allowed = path.as_uri()
        page.route("**/*", lambda route: route.continue_() if route.request.url == allowed else route.abort())
        page.on("request", lambda request: request.url == allowed or heard.append(f"asked for {request.url}"))
        page.goto(allowed)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert heard == []


def complaints(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


# ---- what stands first ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES[:2])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_first_screen_says_what_to_do_first(
    visit: Callable[..., Page], town: Path, name: str, viewport: dict[str, int]
) -> None:
    page = visit(town / name, viewport)
    first = page.locator(".task").first
    box = first.locator("h3").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < viewport["height"]
    told = first.inner_text()
    for words in ("xử lý ngay", "Ledger 0: cập nhật lên 2.0", "13/02/2030", "quá hạn 10 ngày", "đang bị khai thác"):
        assert words in told
    assert "3 máy" in told


def test_an_annex_says_which_machines_which_update_by_which_day_and_why(visit: Callable[..., Page], town: Path) -> None:
    told = visit(town / "annex" / "acme.html").locator(".task").first.inner_text()
    for words in ("PC-000-0000", "PC-000-0002", "1.0, 1.1", "CVE-2030-0001", "A flaw in the ledger", "12/ABC"):
        assert words in told
    assert "Phiên bản 1.0 thuộc khoảng “< 2.0”".lower() in told.lower()
    assert "theo công văn" in told


def test_the_grounds_show_the_lines_on_both_sides(visit: Callable[..., Page], town: Path) -> None:
    page = visit(town / "annex" / "acme.html")
    proofs = page.locator(".task .proofs").first
    assert not proofs.locator(".sides").first.is_visible()
    proofs.locator("summary").click()
    told = proofs.inner_text()
    assert "acme/software.csv:7" in told
    assert "acme-2030-1.json /vulnerabilities/0" in told
    assert "tên “Acme Ledger” = acme/ledger ← tên Acme Ledger" in told
    assert "đã vá từ 2.0" in told


def test_the_most_pressing_agency_stands_first_and_is_found_without_diacritics(
    visit: Callable[..., Page], tmp_path: Path
) -> None:
    agencies = [make_agency("a", actions=0, name="Ủy ban nhân dân xã Đảo Mây"), make_agency("b", name="Sở Thủy triều")]
    page = visit(write(tmp_path, make_document(agencies)) / "index.html")
    names = page.locator(".agencies tbody tr:visible th")
    assert names.all_inner_texts() == ["Sở Thủy triều", "Ủy ban nhân dân xã Đảo Mây"]
    page.fill("#find", "dao may")
    assert names.all_inner_texts() == ["Ủy ban nhân dân xã Đảo Mây"]
    assert page.inner_text("#shown-count") == "1"
    page.fill("#find", "")
    page.select_option("#by-order", "name")
    page.click("text=English")
    assert page.locator("#by-order option").first.inner_text() == "Most pressing first"


def test_the_same_update_of_several_agencies_is_one_line(visit: Callable[..., Page], tmp_path: Path) -> None:
    agencies = [make_agency(f"a{at}", actions=1, name=f"Sở số {at}") for at in range(12)]
    page = visit(write(tmp_path, make_document(agencies)) / "index.html")
    assert page.locator(".task").count() == 1
    told = page.locator(".task").inner_text()
    assert "36 máy" in told
    assert "và 4 đơn vị khác" in told
    assert page.locator(".press li").nth(1).inner_text().split() == "12 việc quá hạn 12 đơn vị".split()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "chưa kết luận được"),
        ({"hosts_not_fully_seen": 0, "unread_total": 0}, "không còn lỗ hổng mở"),
        ({"hosts_not_fully_seen": 0}, "chưa kết luận được"),
    ],
)
def test_silence_is_never_called_safe(
    told: dict[str, Any], words: str, visit: Callable[..., Page], tmp_path: Path
) -> None:
    pairs = {"affected": 0, "cannot_tell": 0, "mitigated": 0, "fixed": 9, "not_present": 0}
    agency = make_agency("acme", actions=0, questions=0, pairs=pairs, **told)
    page = visit(write(tmp_path, make_document([agency])) / "annex" / "acme.html")
    assert words in page.locator(".stand").inner_text()


def test_what_has_no_update_is_told_what_to_do_instead(visit: Callable[..., Page], tmp_path: Path) -> None:
    agency = make_agency("acme", actions=0)
    agency["actions"] = [make_action(0, fix="")]
    folder = write(tmp_path, make_document([agency]))
    told = visit(folder / "annex" / "acme.html").locator(".task").inner_text()
    assert "chưa có bản vá" in told
    assert "biện pháp giảm thiểu" in told
    assert "chưa có bản vá" in visit(folder / "index.html").locator(".task").inner_text()


def test_questions_are_numbered_and_say_where_the_answer_goes(visit: Callable[..., Page], town: Path) -> None:
    page = visit(town / "annex" / "acme.html")
    asks = page.locator(".asks > li")
    assert asks.count() == 6  # system, software, two questions, a lack, what could not be read
    told = page.locator(".asks").inner_text()
    assert "Cho biết bản dựng đầy đủ của Mailer 0" in told
    assert "SRV-000-0001" in told
    assert "acme/software.csv:7" in told
    assert "xin ghi tên máy" in told
    assert "ask for its name" not in told
    assert not page.locator(".answer").first.is_visible()


# ---- both languages, hostile texts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_every_word_changes_with_the_language(visit: Callable[..., Page], town: Path, name: str) -> None:
    page = visit(town / name)
    page.click("text=English")
    page.evaluate(OPEN_ALL)
    assert page.get_attribute("html", "lang") == "en"
    # What is left in Vietnamese is marked as Vietnamese: the document's own texts.
    left = page.evaluate(
        """() => {
            const vietnamese = /[ăâđêôơưạảấầậắặẹếềểệịọốồổộớờợụủứừữự]/i;
            const speaks = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && vietnamese.test(n.data));
            return [...document.querySelectorAll('main *, footer *')]
                .filter((e) => e.checkVisibility() && !e.closest('[lang="vi-VN"], code') && speaks(e))
                .map((e) => e.textContent.trim());
        }"""
    )
    assert left == []
    page.click("text=Tiếng Việt")
    english = page.evaluate(
        """() => [...document.querySelectorAll('main span[lang="en"]')].filter((e) => e.checkVisibility()).length"""
    )
    assert english == 0


def hostile(value: Any) -> Any:
    """Put a hostile text into every place that holds somebody's text."""
    kept = {
        "state",
        "why",
        "decision",
        "due",
        "due_ground",
        "sure",
        "what",
        "format",
        "as_of",
        "date",
        "file",
        "records",
    }
    if isinstance(value, dict):
        return {name: inner if name in kept else hostile(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [hostile(one) for one in value]
    return f"{HOSTILE} {value}" if isinstance(value, str) else value


def test_hostile_texts_do_nothing(visit: Callable[..., Page], tmp_path: Path) -> None:
    document = hostile(make_document([make_agency("acme")]))
    agency = document["agencies"][0] | {"file": "acme"}
    agency["lacks"][0] |= {"file": HOSTILE}
    document["agencies"] = [agency]
    shown = make_shown(make_agency("acme"))
    shown = {**hostile(shown), "work": shown["work"]}
    shown["bound"] = {document["letters"][0]["flaws"][0]["flaw"]: shown["bound"]["CVE-2030-0001"]}
    folder = tmp_path
    (folder / "annex").mkdir()
    (folder / "index.html").write_bytes(make_index(document))
    (folder / "annex" / "acme.html").write_bytes(make_annex(document, agency, shown, 1))
    for name in ("index.html", "annex/acme.html"):
        page = visit(folder / name)
        page.evaluate(OPEN_ALL)
        assert HOSTILE in page.locator("main").inner_text()
        assert "49" not in page.locator("h1").inner_text()
        for place in page.locator("main b:visible, main td:visible").all()[:20]:
            place.click(force=True)
        assert page.locator("img").count() == 0
        assert page.evaluate("window.hit") is None


# ---- who can use it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_fails_the_accessibility_check(
    visit: Callable[..., Page], town: Path, scheme: str, viewport: dict[str, int]
) -> None:
    for name in PAGES:
        page = visit(town / name, viewport, color_scheme=scheme)
        page.evaluate(OPEN_ALL)
        assert complaints(page) == []


def test_nothing_is_told_by_colour_alone(visit: Callable[..., Page], town: Path) -> None:
    for name in PAGES[:2]:
        page = visit(town / name)
        page.evaluate(OPEN_ALL)
        for mark in page.locator(".mark").all():
            around = mark.locator("xpath=..").text_content() or ""
            assert any(words in around for words in ("lỗ hổng", "chưa rõ", "giảm thiểu", "đã vá", "không có", "máy"))
        assert all(chip.inner_text().strip() for chip in page.locator(".pri").all())


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 2560])
@pytest.mark.parametrize("name", PAGES[:2])
def test_nothing_runs_out_of_the_screen(visit: Callable[..., Page], tmp_path: Path, name: str, width: int) -> None:
    agency = make_agency("acme")
    agency["actions"] = [
        make_action(
            0, product="A_product_whose_name_has_no_place_to_break_" * 3, fix="https://vendor.example/a/" + "b" * 90
        ),
        make_action(1, hosts=60, fix="Please upgrade to the next release that your maker offers, " * 4),
    ]
    page = visit(write(tmp_path, make_document([agency])) / name, {"width": width, "height": 800})
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_everything_opens_by_keyboard(visit: Callable[..., Page], town: Path) -> None:
    page = visit(town / "annex" / "acme.html")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim().slice(0, 40)"))
    assert any("Tiếng Việt" in words for words in reached)
    assert any("acme.xlsx" in words for words in reached)
    summary = page.locator(".task .proofs summary").first
    summary.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.locator(".task .proofs .sides").first.is_visible()


def test_without_script_everything_can_be_read(visit: Callable[..., Page], town: Path) -> None:
    page = visit(town / "index.html", java_script_enabled=False)
    assert page.locator(".task").first.is_visible()
    assert page.locator(".agencies tbody tr").count() == 2
    assert not page.locator("#tools").is_visible()
    page = visit(town / "annex" / "acme.html", java_script_enabled=False)
    page.locator(".task .proofs summary").first.click()
    assert page.locator(".task .sides").first.is_visible()


def test_paper_has_room_for_answers_and_leaves_the_lines_behind(visit: Callable[..., Page], town: Path) -> None:
    page = visit(town / "annex" / "acme.html")
    pdf = pypdfium2.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(pdf) <= 4
    width, height = pdf[0].get_size()
    assert width < height  # portrait
    text = pdf[0].get_textpage().get_text_range()
    assert "Ledger 0" in text
    assert "quá hạn 10 ngày" in text
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".answer").first.is_visible()
    assert not page.locator(".task .sides").first.is_visible()
    assert page.locator(".bound").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")


# ---- large cities -----------------------------------------------------------------------------------------------------


def test_the_page_of_a_large_city_stays_small_and_opens_quickly(visit: Callable[..., Page], tmp_path: Path) -> None:
    agencies = []
    for at in range(100):
        agency = make_agency(
            f"don-vi-{at:03}", actions=0, questions=0, name=f"Ủy ban nhân dân phường Thủy Triều số {at}"
        )
        agency["actions"] = [make_action(at * 60 + number, hosts=40) for number in range(60)]
        agencies.append(agency)
    data = make_index(make_document(agencies))
    assert len(data) < 2_000_000
    (tmp_path / "index.html").write_bytes(data)
    page = visit(tmp_path / "index.html")
    loaded = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
    print(f"{len(data):,} bytes, opened in {loaded:.0f} ms")
    assert loaded < 5_000  # some 150 ms on two cores; the room is for a busy machine
    assert "60/6.000" in page.locator("main").inner_text()
    expect(page.locator(".agencies tbody tr")).to_have_count(100)


def test_an_annex_of_a_large_agency_is_cut_and_points_to_its_files(visit: Callable[..., Page], tmp_path: Path) -> None:
    agency = make_agency("acme", actions=0, questions=0, hosts=8_000)
    agency["actions"] = [make_action(at, hosts=3_000) for at in range(900)]
    agency["questions"] = [make_question(at, hosts=700) for at in range(900)]
    bound = {f"CVE-2030-{at:04}": [make_proof(f"CVE-2030-{at:04}")] * 9 for at in range(900)}
    document = make_document([agency])
    flaw = document["letters"][0]["flaws"][0]
    document["letters"][0]["flaws"] = [{**flaw, "flaw": name} for name in bound]
    data = make_annex(document, agency, make_shown(agency, bound=bound, rows=2_000_000), 300_000_000)
    print(f"{len(data):,} bytes")
    assert len(data) < 2_500_000
    (tmp_path / "acme.html").write_bytes(data)
    page = visit(tmp_path / "acme.html")
    told = page.locator("main").inner_text()
    assert "+2.976 máy nữa" in told
    assert "250/900" in told
    assert "100/900" in told
    assert "2.000.000 dòng, 300 MB" in told
    assert "Excel chỉ mở được 1.048.576 dòng đầu" in told
