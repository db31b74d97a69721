"""Layout, contrast, names and roles, on a phone and a laptop, in light and dark."""

import re

import pytest
from playwright.sync_api import expect

from listener import Listener

CONTRAST = r"""
() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => { for (; node; node = node.parentElement) { const color = rgba(getComputedStyle(node).backgroundColor); if (color[3] > 0.99) return color; } return [255, 255, 255, 1]; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const bad = [];
  let seen = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !node.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }) || node.closest("noscript")) continue;
    const [one, two] = [light(rgba(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    seen += 1;
    if (ratio < 4.5) bad.push(`${walker.currentNode.textContent.trim()}: ${ratio.toFixed(2)}`);
  }
  return { seen, bad };
}
"""

NAMELESS = r"""
() => [...document.querySelectorAll("button, input, textarea, select, [role=slider], [role=switch], [role=radiogroup], dialog")].filter((node) => {
  const label = node.getAttribute("aria-label") || [...(node.labels ?? [])].map((one) => one.textContent).join("") || node.closest("fieldset")?.querySelector("legend")?.textContent;
  return !(label || node.textContent).trim();
}).map((node) => node.outerHTML.slice(0, 120))
"""

SMALL_TARGETS = r"""
() => [...document.querySelectorAll("button, [role=slider], label.tick, label.point, input[type=text], input[type=date], textarea")].filter((node) => node.checkVisibility()).map((node) => {
  const box = node.getBoundingClientRect();
  return [node.outerHTML.slice(0, 90), box.width, box.height];
}).filter(([, width, height]) => height < 43.5 || width < 43.5)
"""

SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def every_page(listener: Listener):
    """Goes to the first trial, and yields at each page on the way."""
    page = listener.open().page
    expect(listener.heading).to_be_visible()
    yield "welcome"
    page.get_by_role("checkbox").check()
    listener.next.click()
    expect(page.locator(".questionnaire")).to_be_visible()
    listener.next.click()
    yield "questionnaire with what is missing"
    page.locator("input.short").fill("40")
    page.get_by_role("radio").first.check()
    listener.next.click()
    expect(page.locator(".volume")).to_be_visible()
    page.locator(".play").click()
    expect(page.locator(".play.playing")).to_be_visible()
    yield "volume"
    listener.next.click()
    for _ in (1, 2):
        expect(page.locator(".headphones")).to_be_visible()
        page.locator(".play").click()
        expect(page.locator(".play.playing")).to_be_visible()
        page.get_by_role("radio").nth(1).check(force=True)
        yield "headphones"
        before = page.locator(".round").text_content()
        expect(page.locator(".play.playing")).to_have_count(0)  # Until it has been heard to the end.
        listener.next.click()
        expect(page.get_by_text(before)).to_have_count(0)
    expect(page.locator(".instructions")).to_be_visible()
    yield "instructions"
    listener.next.click()
    listener.at_trial()
    yield "trial"
    page.keyboard.press("a")
    expect(listener.row("A")).to_have_class(re.compile("heard"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    yield "trial while rating"


# For each device, the sizes and colour schemes in which a page is checked, in order.
DEVICES = {
    "laptop": ({"viewport": {"width": 1280, "height": 800}}, ((1280, 800, "dark"), (640, 400, "light"), (1280, 800, "light"))),
    "phone": ({"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
              ((320, 600, "light"), (390, 844, "dark"), (390, 844, "light"))),
}


def looks(page, device: str):
    """Shows the page in each size and colour scheme, and yields its description."""
    for width, height, scheme in DEVICES[device][1]:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        yield f"{width} × {height}, {scheme}"


@pytest.mark.parametrize("device", DEVICES)
def test_every_page_fits_and_reads(open_page, study, device):
    listener = Listener(open_page(**DEVICES[device][0]), study.base)
    for name in every_page(listener):
        for look in looks(listener.page, device):
            assert listener.page.evaluate(SIDEWAYS) <= 0, f"{name}: it scrolls sideways at {look}"
            contrast = listener.page.evaluate(CONTRAST)
            assert contrast["seen"] > 2 and contrast["bad"] == [], (name, look)
            assert listener.page.evaluate(NAMELESS) == [], (name, look)
            assert listener.page.evaluate(SMALL_TARGETS) == [], (name, look)


SCREENS = {
    "laptop, dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "small phone": {"viewport": {"width": 320, "height": 600}, "has_touch": True, "is_mobile": True},
}


@pytest.mark.parametrize("screen", SCREENS)
def test_what_went_wrong_fits_and_reads(open_page, study, screen):
    def judged(page, name):
        assert page.evaluate(SIDEWAYS) <= 0, f"{name}: it scrolls sideways"
        assert page.evaluate(CONTRAST)["bad"] == [], name
        assert page.evaluate(NAMELESS) == [] and page.evaluate(SMALL_TARGETS) == [], name

    page = open_page(**SCREENS[screen])
    page.add_init_script("delete globalThis.OfflineAudioContext")
    expect(Listener(page, study.base).open().heading).to_contain_text("cannot play")
    judged(page, "no Web Audio")

    page = open_page(**SCREENS[screen])
    page.add_init_script("AudioContext = class { constructor() { throw new DOMException('none', 'NotSupportedError'); } }")
    page.route(re.compile("/responses$"), lambda route: route.fulfill(status=422, json={"error": {"code": "invalid"}}))
    listener = Listener(page, study.base).open(f"/t/{study.join(up_to='instructions')}")
    listener.next.click()
    expect(listener.saving).to_contain_text("could not be accepted")
    listener.at_trial()
    page.keyboard.press("Space")
    expect(page.locator(".notice")).to_contain_text("No sound comes out")
    judged(page, "no device, and an answer refused")

    page.route(re.compile("/responses$"), lambda route: route.fulfill(status=409, json={"error": {"code": "study_changed"}}))
    page.reload()  # The refused answer is sent again.
    expect(listener.heading).to_contain_text("This study has changed")
    judged(page, "a changed study")


@pytest.mark.parametrize("width", [320, 1280])
def test_twelve_samples_and_long_words_fit(open_page, crowded_study, width):
    page = open_page(viewport={"width": width, "height": 700})
    listener = Listener(page, crowded_study.base).open(f"/t/{crowded_study.join(language='de')}").at_trial()
    expect(listener.rows).to_have_count(12)
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(CONTRAST)["bad"] == []
    last = listener.row("L")
    last.scroll_into_view_if_needed()
    loop = listener.page.get_by_role("button", name="Den Loop abspielen")
    expect(loop).to_be_in_viewport()  # The loop stays in view while the listener scrolls to the last sample.


def test_phone_and_laptop_have_one_order(open_page, study):
    token = study.join()
    for width in (390, 1280):
        page = open_page(viewport={"width": width, "height": 844})
        listener = Listener(page, study.base).open(f"/t/{token}").at_trial()
        button, letter, scale = (listener.row("A").locator(one).bounding_box() for one in (".play", ".letter", ".slider"))
        assert button["x"] < letter["x"]
        if width == 390:
            assert scale["y"] > button["y"] and scale["width"] > 340
        else:
            assert abs(scale["y"] + scale["height"] / 2 - button["y"] - button["height"] / 2) < 4 and scale["width"] > 600


def test_dark_is_dark(open_page, study):
    colors = {}
    for scheme in ("light", "dark"):
        page = open_page(color_scheme=scheme)
        page.goto(study.base)
        colors[scheme] = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert colors == {"light": "rgb(251, 250, 247)", "dark": "rgb(22, 22, 25)"}


def test_high_contrast_shows_what_is_chosen(open_page, study, crowded_study):
    def ground(node, part=None):
        return node.evaluate("(node, part) => getComputedStyle(node, part).backgroundColor", part)

    page = open_page(forced_colors="active")
    listener = Listener(page, study.base).open(f"/t/{study.join()}").at_trial()
    paper = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    listener.hear_loop()
    listener.hear("A")
    listener.touch("A", 0.5)
    compare = page.get_by_role("switch")
    compare.click()
    expect(compare).to_have_attribute("aria-checked", "true")
    assert ground(listener.row("A").locator(".track"), "::before") != paper, "the scale from its lower end to the rating"
    assert ground(listener.row("A").locator(".thumb")) != paper
    assert ground(compare.locator(".knob")) not in (paper, ground(compare.locator(".knob"), "::before"))
    waiting = ground(listener.next)
    for letter in listener.letters():
        listener.hear(letter)
        listener.touch(letter, 0.5)
    assert ground(listener.next) not in (paper, waiting), "that the page can be left"
    assert ground(page.locator(".progress")) not in (paper, ground(page.locator(".progress"), "::before")), "the loop's progress"

    page = open_page(forced_colors="active")
    listener = Listener(page, crowded_study.base).open(f"/t/{crowded_study.join(language='de')}").at_trial()
    page.keyboard.press("a")
    expect(listener.row("A")).to_have_class(re.compile("heard"))
    page.keyboard.press("Space")
    points = listener.row("A").locator(".point span")
    assert ground(points.nth(0)) not in (paper, ground(points.nth(1)))


def test_reduced_motion_is_still(open_page, study):
    page = open_page(reduced_motion="reduce")
    listener = Listener(page, study.base).open(f"/t/{study.join()}").at_trial()
    listener.hear_loop()
    assert listener.loop_button.evaluate("node => getComputedStyle(node).animationName") == "none"


def test_right_to_left_mirrors_without_overflow(at_trial):
    page = at_trial.page
    page.evaluate("() => { document.documentElement.dir = 'rtl'; }")
    assert page.evaluate(SIDEWAYS) <= 0
    at_trial.hear("A")
    at_trial.touch("A", 0.9)  # From the left: near the low end, which is now on the right.
    value = int(at_trial.slider("A").get_attribute("aria-valuenow"))
    assert 8 <= value <= 12
    page.keyboard.press("ArrowLeft")
    expect(at_trial.slider("A")).to_have_attribute("aria-valuenow", str(value + 1))


def test_a_screen_reader_is_told(at_trial):
    page = at_trial.page
    expect(at_trial.heading).to_be_focused()
    expect(page.get_by_role("list")).to_have_count(1)
    expect(page.get_by_role("listitem")).to_have_count(4)
    expect(page.get_by_role("slider")).to_have_count(4)
    expect(page.get_by_role("switch", name="Compare: loop → sample")).to_have_attribute("aria-checked", "false")
    at_trial.hear("A")
    at_trial.touch("A", 0.5)
    expect(at_trial.slider("A")).to_have_attribute("aria-valuetext", "50 of 100")
    described = at_trial.next.get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text("Still to do")
    expect(page.locator(".aloud")).to_have_attribute("role", "status")
    assert page.title().startswith("Practice")
