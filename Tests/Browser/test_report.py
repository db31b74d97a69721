"""The report of `earshot analyze`, opened from disk: figures state their n, and can be saved at the width of a
column."""

import json
import random
import re
import subprocess

import pytest
from playwright.sync_api import expect

from serving import PROGRAM
from small_study import write_table
from test_look import CONTRAST, SIDEWAYS

MM = 72 / 25.4


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """Ten simulated listeners, six queries, one system that ranks as they hear and one that does not."""
    folder = tmp_path_factory.mktemp("reported")
    draw = random.Random(7)
    ratings, rankings = [], []
    for query in range(6):
        truth = [draw.gauss(0, 1) for _ in range(6)]
        for system, noise in [("near", 0.3), ("random", 9)]:
            scores = [value + draw.gauss(0, noise) for value in truth]
            for rank, candidate in enumerate(sorted(range(6), key=lambda i: -scores[i]), 1):
                rankings.append([f"q{query}", system, f"c{candidate}", rank])
        for listener in range(10):
            for candidate, value in enumerate(truth):
                ratings.append([listener + 1, f"q{query}", f"c{candidate}", max(0, min(100, round(50 + 18 * value + draw.gauss(0, 9))))])
    write_table(folder / "ratings.csv", ["participant", "query", "candidate", "rating"], ratings)
    write_table(folder / "rankings.csv", ["query", "system", "candidate", "rank"], rankings)
    write_table(folder / "participants.csv", ["participant", "recruited_from"], [[i + 1, "simulation"] for i in range(10)])
    (folder / "analysis.yaml").write_text("baseline: random\ntop_k: 2\nintervals: {resamples: 300}\npermutations: 200\n")
    told = subprocess.run([PROGRAM, "analyze", "--ratings", folder / "ratings.csv", "--rankings", folder / "rankings.csv", "--plan",
                           folder / "analysis.yaml", "--out", folder / "out"], check=True, capture_output=True, text=True)
    assert told.stdout.startswith("Simulated listeners: no person took part.")
    return folder / "out" / "report.html"


@pytest.mark.parametrize("width", [390, 1280])
def test_figures_are_drawn_fit_and_say_their_n(open_page, reported, width):
    page = open_page(viewport={"width": width, "height": 800})
    page.goto(f"file://{reported}")
    expect(page.locator("html[data-charts=drawn]")).to_be_attached(timeout=30_000)
    expect(page.locator("header .notice")).to_contain_text("Simulated listeners")
    figures = page.locator("[data-chart]")
    for i in range(figures.count()):
        expect(figures.nth(i)).to_contain_text("n = 10 listeners, 6 queries, 60 pages; simulated listeners")
    assert figures.count() > 4
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(CONTRAST)["bad"] == []


def drawn(page, report):
    """The report, with its figures."""
    page.goto(f"file://{report}")
    expect(page.locator("html[data-charts=drawn]")).to_be_attached(timeout=30_000)
    return page


def test_keys_in_tables_are_said_in_words(open_page, reported):
    page = drawn(open_page(), reported)
    cells = page.locator("details.table").filter(has=page.get_by_text("ceilings.csv")).locator("tbody td:nth-child(3)")
    assert set(cells.all_text_contents()) == {"another listener", "crowd, lower bound", "crowd, upper bound"}
    expect(cells.first).to_have_attribute("title", "single_listener")
    for file, words in [("reliability.csv", "Krippendorff's α (interval)"), ("agreement.csv", "Kendall τ-b")]:
        table = page.locator("details.table").filter(has=page.get_by_text(file, exact=True))
        assert words in table.locator("tbody").text_content() and not re.search(r"kendall_|krippendorff_|icc_", table.text_content())


def test_open_tables_are_printed(open_page, reported):
    # The text of a page of A4 is 178 mm wide.
    page = drawn(open_page(viewport={"width": 673, "height": 900}), reported)
    tables = page.locator("details.table")
    told = tables.filter(has=page.get_by_text("agreement.csv", exact=True))
    told.locator("summary").click()
    page.emulate_media(media="print")
    expect(told.locator("table")).to_be_visible()
    assert tables.locator("table:visible").count() == 1 and page.locator("summary:visible, .tools:visible").count() == 0
    assert told.locator("table").bounding_box()["width"] <= 673
    assert told.locator("thead").evaluate("head => getComputedStyle(head).display") == "table-header-group"
    assert told.locator(".scroll").evaluate("box => box.clientHeight >= box.firstElementChild.offsetHeight"), "no row is cut"


def test_figures_are_redrawn_for_paper(open_page, reported):
    page = drawn(open_page(), reported)
    width = "Math.round(document.querySelector('[data-chart=ranks] svg').viewBox.baseVal.width)"
    on_screen = page.evaluate(width)
    # The browser prints after the event and what was waiting for nothing else: before any timer.
    on_paper = page.evaluate(f"""new Promise((done) => {{
        setTimeout(() => done({width}));
        dispatchEvent(new Event("beforeprint"));
    }})""")
    assert 700 < on_paper < 780 < on_screen
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_function(f"{width} === {on_screen}")


@pytest.mark.parametrize("width", [390, 1280])
def test_names_over_a_figure_stand_apart(open_page, reported, width, tmp_path):
    """Also where two listeners agree hardly better than chance."""
    found = reported.read_text()
    results = re.search(r'id="results">(.*?)</script>', found, re.DOTALL)
    told = json.loads(results[1])
    for row in told["tables"]["ceilings"]["rows"]:
        row["value"] = {"single_listener": 0.1, "crowd_lower": 0.1, "crowd_upper": 0.2}[row["ceiling"]]
    (tmp_path / "report.html").write_text(found.replace(results[1], json.dumps(told).replace("<", "\\u003c")))
    page = drawn(open_page(viewport={"width": width, "height": 800}), tmp_path / "report.html")
    boxes = [page.locator("[data-chart=forest] text").get_by_text(name, exact=True).bounding_box()
             for name in ["no agreement", "another listener", "the crowd"]]
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            assert (one["x"] >= other["x"] + other["width"] or other["x"] >= one["x"] + one["width"]
                    or one["y"] >= other["y"] + other["height"] - 2 or other["y"] >= one["y"] + one["height"] - 2)


@pytest.mark.parametrize("mm", [88, 180])
def test_a_figure_leaves_at_the_width_of_a_column(open_page, reported, mm, tmp_path):
    page = open_page()
    page.goto(f"file://{reported}")
    expect(page.locator("html[data-charts=drawn]")).to_be_attached(timeout=30_000)
    with page.expect_download() as download:
        page.locator(f"[data-save=svg][data-of=forest][data-width='{mm}']").click()
    assert download.value.suggested_filename == f"forest-{mm}mm.svg"
    download.value.save_as(tmp_path / "forest.svg")
    svg = (tmp_path / "forest.svg").read_text()
    assert re.search(rf'<svg[^>]* width="{mm}mm"', svg) and "n = 10 listeners" in svg and "near" in svg
    # Printing would open the browser's dialog, so the test asks what would be printed.
    page.evaluate("window.print = () => {}")
    page.locator(f"[data-save=pdf][data-of=forest][data-width='{mm}']").click()
    expect(page.locator("html[data-printing=forest]")).to_be_attached()
    pdf = page.pdf(prefer_css_page_size=True, path=tmp_path / "forest.pdf")
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    assert len(boxes) == 1 and abs(float(boxes[0][0]) - mm * MM) < 1.5 and float(boxes[0][1]) < 200 * MM
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page.locator("html[data-printing]")).to_have_count(0)
    expect(page.locator(".sheet")).to_have_count(0)
