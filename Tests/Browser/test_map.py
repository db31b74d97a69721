"""The map of an embedding: the file is opened, shown, played and navigated by keyboard."""

import json
import os
import re
import subprocess

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from serving import PROGRAM
from small_study import CANDIDATES, QUERY_NAMES, write_table, make_study
from sound_tap import SoundTap
from test_look import CONTRAST, NAMELESS, SIDEWAYS, SMALL_TARGETS

CLASSES = list(CANDIDATES)


def make_map(folder, how: str):
    """A map with kicks on the left and snares on the right, each in a row. Under the mask of one class, the other class
    collapses."""
    sounds = make_study(folder / "study") / "sounds"
    rows = []
    for c, (condition, names) in enumerate(CANDIDATES.items()):
        for i, name in enumerate(names):
            place = [8 * c, i / 2, 0.1 * (i % 3)]
            rows.append([name, "", *place])
            for mask in CLASSES:
                rows.append([name, mask, *(place if mask == condition else [8 * c, 0.01 * i, 0])])
    for q, query in enumerate(QUERY_NAMES):
        for c, condition in enumerate(CLASSES):
            rows.append([query, condition, 8 * c, q / 2 + 0.1, 0])  # the reference of query q is candidate q
    write_table(folder / "vectors.csv", ["name", "condition", "a", "b", "c"], rows)
    out = folder / how
    done = subprocess.run(
        [PROGRAM, "map", "--library", sounds / "library.csv", "--mixes", sounds / "mixes.csv", "--vectors", f"made={folder / 'vectors.csv'}",
         "--sounds", how, "--out", out], capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    return out / "index.html"


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    return make_map(tmp_path_factory.mktemp("embedded"), "embed")


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    return make_map(tmp_path_factory.mktemp("linked"), "links")


def opened(page: Page, file) -> Page:
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("made")
    return page


def walk(page: Page, *keys: str) -> str:
    """Presses keys on the map, and returns the name of the sound that is then shown beside it."""
    page.locator("#map").focus()
    for key in keys:
        page.keyboard.press(key)
    return page.locator("#sound h2").text_content()


def where(page: Page) -> tuple[float, float]:
    """The screen position of the sound to which the tooltip belongs."""
    tip = page.locator("#tip")
    box = tip.bounding_box()
    x = box["x"] - 14 if tip.get_attribute("data-side") == "right" else box["x"] + box["width"] + 14
    return x, box["y"] + box["height"] / 2


def as_pca(page: Page) -> None:
    page.get_by_role("radio", name="PCA").check(force=True)
    expect(page.locator("#words")).to_contain_text("PCA shows")


def test_pointing_tells_and_clicking_plays(open_page, embedded):
    page = open_page(bypass_csp=True, reduced_motion="reduce")
    tap = SoundTap(page)
    opened(page, embedded)
    as_pca(page)
    name = walk(page, "ArrowRight")
    place = where(page)
    page.keyboard.press("Escape")
    expect(page.locator("#tip")).to_be_hidden()
    page.mouse.move(*place)
    expect(page.locator("#tip")).to_contain_text(name)
    expect(page.locator("#sound")).to_contain_text("made by the test")
    page.mouse.click(*place)  # The first sound wakes the device.
    button = page.locator("#sound .play")
    expect(button).not_to_have_class(re.compile("playing"))
    tap.ready()
    # The sound is so short that looking now and then could miss it.
    button.evaluate("""(button) => new MutationObserver(() => { globalThis.played ||= button.classList.contains("playing"); })
        .observe(button, { attributes: true })""")
    button.click()
    page.wait_for_function("globalThis.played")
    expect(button).not_to_have_class(re.compile("playing"))
    heard = tap.take()
    held = json.loads(page.locator("#played").text_content())["sounds"]
    sound = tap.file("data:audio/flac;base64," + held[[one for names in CANDIDATES.values() for one in names].index(name)])
    begin = int(np.flatnonzero(np.abs(heard[0]) > 1e-9)[0]) - int(np.flatnonzero(np.abs(sound[0]) > 1e-9)[0])
    assert np.abs(heard[:, begin:begin + sound.shape[1]] - sound).max() < 1e-9, "every frame of it, from the first, at full gain"


def test_arrows_go_to_what_is_near_and_enter_plays(open_page, embedded):
    page = opened(open_page(reduced_motion="reduce"), embedded)
    as_pca(page)
    page.locator("#map").focus()
    page.keyboard.press("ArrowUp")
    seen, places = [], []
    for _ in range(4):
        seen.append(walk(page, "ArrowUp"))
        places.append(where(page))
    assert len(set(seen)) == 4, "each press another sound"
    assert all(low[1] > high[1] for low, high in zip(places, places[1:])), "each above the last"
    assert walk(page, "ArrowDown") == seen[-2]
    page.keyboard.press("Enter")
    expect(page.locator("#sound .play")).to_have_class(re.compile("playing"))
    page.keyboard.press("Escape")
    expect(page.locator("#sound h2")).to_have_text("A sound")
    expect(page.locator("#tip")).to_be_hidden()


def test_a_mix_lights_its_neighbours(open_page, embedded):
    page = opened(open_page(reduced_motion="reduce"), embedded)
    page.get_by_label("Neighbours of").select_option(QUERY_NAMES[1])
    asked = page.locator("#asked")
    expect(asked.get_by_role("heading")).to_have_text(f"Nearest to the {CLASSES[0]} in {QUERY_NAMES[1]}")
    expect(page.locator("input[name=view][value='1']")).to_be_checked()  # The drum's own mask is applied.
    expect(asked.get_by_role("listitem")).to_have_count(10)
    expect(asked.get_by_role("listitem").first).to_contain_text(CANDIDATES[CLASSES[0]][1])
    expect(asked.get_by_role("listitem").first).to_contain_text("in the mix")
    expect(asked).to_contain_text("is number 1 of 32")
    asked.get_by_role("radio", name="snare").check(force=True)
    expect(asked.get_by_role("radio", name="snare")).to_be_focused()
    expect(page.locator("input[name=view][value='2']")).to_be_checked()
    expect(asked.get_by_role("listitem").first).to_contain_text(CANDIDATES["snare"][1])
    asked.get_by_role("button", name=re.compile("^Play")).click()
    expect(asked.get_by_role("button", name=re.compile("^Play"))).to_have_class(re.compile("playing"))
    page.get_by_label("Neighbours of").select_option("no mix")
    expect(asked).to_be_hidden()


def test_few_sounds_are_shown_under_the_first_mask(open_page, embedded):
    page = opened(open_page(), embedded)
    expect(page.locator("input[name=view][value='1']")).to_be_checked()
    expect(page.locator("#lead")).to_contain_text("Under the kick mask")


def test_the_caption_does_not_run_under_the_buttons(open_page, embedded):
    page = open_page(reduced_motion="reduce", **SCREENS["small phone, dark"])
    page.add_init_script("""
        globalThis.written = [];
        const write = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
          globalThis.written.push({ text, right: x + this.measureText(text).width });
          write.call(this, text, x, y);
        };""")
    opened(page, embedded)
    page.wait_for_function("written.length > 0")
    lines = page.evaluate("written")
    buttons, plane = page.locator(".zoom").bounding_box(), page.locator("#plane").bounding_box()
    assert "t-SNE: similar sounds are close together".startswith(lines[0]["text"])
    assert all(line["right"] < buttons["x"] - plane["x"] for line in lines)


def test_the_legend_switches_kinds_off(open_page, embedded):
    page = opened(open_page(reduced_motion="reduce"), embedded)
    as_pca(page)
    kick = page.locator("#legend").get_by_role("button", name="kick")
    kick.click()
    expect(kick).to_have_attribute("aria-pressed", "false")
    seen = {walk(page, key) for key in ["ArrowLeft", "ArrowUp", "ArrowUp", "ArrowLeft", "ArrowDown"]}
    assert seen <= set(CANDIDATES["snare"]), "what is switched off cannot be reached"


def test_linked_sounds_play_from_where_they_are(open_page, linked):
    page = opened(open_page(), linked)
    walk(page, "ArrowRight", "Enter")
    button = page.locator("#sound .play")
    expect(button).to_have_class(re.compile("playing"))
    expect(button).not_to_have_class(re.compile("playing"))
    expect(page.locator(".notice")).to_have_count(0)


def test_a_sound_that_is_gone_is_named(open_page, linked):
    page = open_page()
    page.route(re.compile(r"\.wav$"), lambda route: route.abort())
    opened(page, linked)
    name = walk(page, "ArrowRight", "Enter")
    expect(page.locator("#sound .notice")).to_contain_text(f"{name}.wav")


def test_zooming_keeps_what_is_pointed_at(open_page, embedded):
    page = opened(open_page(reduced_motion="reduce"), embedded)
    as_pca(page)
    name = walk(page, "ArrowRight")
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Zoom in").click()
    walk(page, "ArrowUp")
    inside, plane = where(page), page.locator("#plane").bounding_box()
    assert plane["x"] < inside[0] < plane["x"] + plane["width"] and plane["y"] < inside[1] < plane["y"] + plane["height"]
    page.get_by_role("button", name="Show all").click()
    assert walk(page, "ArrowDown") == name


SCREENS = {
    "laptop, light": {"viewport": {"width": 1280, "height": 800}},
    "laptop, dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "small phone, dark": {"viewport": {"width": 320, "height": 600}, "has_touch": True, "is_mobile": True, "color_scheme": "dark"},
}


@pytest.mark.parametrize("screen", SCREENS)
def test_it_fits_and_reads(open_page, embedded, screen):
    page = opened(open_page(reduced_motion="reduce", **SCREENS[screen]), embedded)
    page.get_by_label("Neighbours of").select_option(QUERY_NAMES[0])
    walk(page, "ArrowRight")
    page.get_by_text("The numbers").click()
    page.get_by_text("All sounds as a table").click()
    expect(page.locator("#every").get_by_role("row")).to_have_count(33)
    assert page.evaluate(SIDEWAYS) <= 0
    contrast = page.evaluate(CONTRAST)
    assert contrast["seen"] > 40 and contrast["bad"] == []
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(SMALL_TARGETS) == []
    expect(page.locator("#map")).to_have_attribute("aria-label", re.compile("32 sounds.*coloured by class"))


def test_a_tap_on_a_phone_chooses(open_page, embedded):
    page = opened(open_page(reduced_motion="reduce", **SCREENS["phone"]), embedded)
    as_pca(page)
    name = walk(page, "ArrowRight")
    place = where(page)
    page.keyboard.press("Escape")
    page.touchscreen.tap(*place)
    expect(page.locator("#sound h2")).to_have_text(name)
    expect(page.locator("#sound .play")).to_have_class(re.compile("playing"))
