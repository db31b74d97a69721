"""The Next button, what is still to do, and the drum asked for are in view on every type's page, on a phone and in a
realistic laptop window."""

import json
import re

import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import previewing
from small_study import make_study
from test_look import CONTRAST, NAMELESS, SIDEWAYS, SMALL_TARGETS
from test_versions import make_versions

WITH_CONDITION = ("similarity", "triplet")
OF_VERSIONS = ("mushra", "bs1116", "acr", "dcr", "ccr", "ab", "abx", "rank", "pairwise", "odd-one-out", "sort")
QUESTION = "Which of these sounds is the one that you would take for the {condition} in this loop, all in all?"
PLAN = {"per_participant": 1, "training": 0, "catches": 0, "repeats": 0}
# For each device, the heights and colour schemes in which a page is checked. It is operated in the last.
DEVICES = {
    "phone": ({"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}, ((844, "dark"), (844, "light"))),
    "laptop": ({"viewport": {"width": 1280, "height": 800}}, ((800, "dark"), (665, "light"))),
}
IN_VIEW = "node => { const { top, bottom } = node.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; }"


def block(kind: str, question: str) -> dict:
    source = {"rank": {"source": "renderings"}, "sort": {"trials": {**PLAN, "conditions": ["snare"]}}}.get(kind, {})
    return {"name": kind.replace("-", "_"), "type": kind, "question": {"en": question, "de": question}, "trials": PLAN, **source}


def previews(folder, blocks):
    definition = json.loads((folder / "study.yaml").read_text())
    definition["blocks"] = blocks
    if any(one["type"] == "sort" for one in blocks):
        definition["sounds"]["candidates"] = "sounds/library.csv"
    (folder / "study.yaml").write_text(json.dumps(definition))
    return previewing(folder)


@pytest.fixture(scope="module")
def every_type(tmp_path_factory):
    """An address for each trial type, at its page."""
    heard = make_study(tmp_path_factory.mktemp("heard"), top_k=2, max_per_trial=6)
    made = make_versions(tmp_path_factory.mktemp("versions"), [])
    with previews(heard, [block(kind, QUESTION) for kind in WITH_CONDITION]) as first, \
            previews(made, [block(kind, "Which is it?") for kind in OF_VERSIONS]) as second:
        yield first, second


def each_type(page, every_type):
    """Goes to the first trial of each type, and removes the preview's banner."""
    for base, kinds in zip(every_type, (WITH_CONDITION, OF_VERSIONS)):
        listener = Listener(page, base).open()
        page.get_by_role("checkbox").check()
        listener.next.click()
        expect(page.locator(".questionnaire")).to_be_visible()
        places = page.locator(".previewing option").all_text_contents()
        trials = [i - 1 for i, name in enumerate(places) if "Trial" in name]
        assert len(trials) == len(kinds)
        path = page.url.removeprefix(base).split("?")[0]
        for part in trials:
            listener.open(f"{path}?part={part}").at_trial()
            page.locator(".previewing").evaluate("node => { node.hidden = true; }")
            yield listener


@pytest.mark.parametrize("device", DEVICES)
def test_next_and_what_is_still_to_do_are_in_view(open_page, every_type, device):
    options, looks = DEVICES[device]
    page = open_page(**options)
    seen = 0
    for listener in each_type(page, every_type):
        name = listener.heading.text_content() + listener.place.text_content()
        for height, scheme in looks:
            page.set_viewport_size({**options["viewport"], "height": height})
            page.emulate_media(color_scheme=scheme)
            assert listener.next.evaluate(IN_VIEW) and listener.wanting.evaluate(IN_VIEW), (name, height)
            assert listener.wanting.text_content() != "", name
            assert page.evaluate(SIDEWAYS) <= 0 and page.evaluate(CONTRAST)["bad"] == [] and page.evaluate(NAMELESS) == [], (name, scheme)
            small = [one for one in page.evaluate(SMALL_TARGETS) if 'class="end' not in one[0]]  # Two handles may be close together.
            assert small == [], name
        # Pressed too early, Next says what is missing where the listener looks, and the focus moves there, with a ring.
        box = listener.next.bounding_box()
        press = page.touchscreen.tap if device == "phone" else page.mouse.click
        press(box["x"] + 9, box["y"] + 9)
        expect(listener.wanting).to_have_class(re.compile("asked"))
        sent = page.locator(":focus")
        assert sent.evaluate("node => getComputedStyle(node.matches('.point input') ? node.nextElementSibling : node).outlineStyle") == "solid", name
        assert sent.evaluate(IN_VIEW) and listener.next.evaluate(IN_VIEW) and listener.wanting.evaluate(IN_VIEW), name
        page.evaluate("scrollTo(0, 1e6)")
        assert listener.next.evaluate(IN_VIEW), name
        seen += 1
    assert seen == len(WITH_CONDITION + OF_VERSIONS)


def test_the_drum_that_is_asked_for_stays_in_view(open_page, every_type):
    page = open_page()
    seen = {320: 0, 390: 0, 1280: 0}
    for listener in each_type(page, every_type):
        question = listener.heading.locator(".condition")
        if question.count() == 0:
            break  # Types that ask for a drum come first.
        beside = page.locator(".bench .condition")
        for width in seen:
            page.set_viewport_size({"width": width, "height": 500})
            page.evaluate("scrollTo(0, 0)")
            expect(beside).to_be_hidden()
            page.evaluate("scrollTo(0, 1e6)")
            if question.evaluate(IN_VIEW):
                continue  # The page is too short to scroll.
            expect(beside).to_be_visible()
            assert beside.evaluate(IN_VIEW) and beside.text_content() == question.text_content()
            assert page.evaluate(SIDEWAYS) <= 0
            seen[width] += 1
    assert seen[320] == seen[390] == len(WITH_CONDITION) and seen[1280] > 0


def test_the_consent_can_be_given_where_one_reads(open_page, tmp_path):
    """The consent text is longer than a window. The button is below it all the same, and leads to the box."""
    folder = make_study(tmp_path / "long")
    definition = json.loads((folder / "study.yaml").read_text())
    definition["consent"]["text"] = {code: "\n\n".join(["You may stop at any time, and nobody will ask you why."] * 30) for code in ("en", "de")}
    (folder / "study.yaml").write_text(json.dumps(definition))
    with previewing(folder) as base:
        for viewport in ({"width": 1280, "height": 665}, {"width": 390, "height": 664}):
            page = open_page(viewport=viewport)
            listener = Listener(page, base).open()
            assert listener.next.evaluate(IN_VIEW)
            box = listener.next.bounding_box()
            page.mouse.click(box["x"] + 9, box["y"] + 9)
            agree = page.get_by_role("checkbox")
            expect(agree).to_be_focused()
            assert agree.evaluate(IN_VIEW) and agree.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
            expect(listener.wanting).not_to_have_text("")
            assert listener.wanting.evaluate(IN_VIEW)


def test_a_touch_too_early_is_shown_where_it_leads(open_page, every_type):
    """A listener who judges by mouse what was not heard yet is shown which button to press."""
    page = open_page(viewport={"width": 1280, "height": 665})
    listener = next(each_type(page, every_type))
    listener.touch("C", 0.5)
    expect(listener.play_button("C")).to_be_focused()
    assert listener.play_button("C").evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    listener.play_button("C").click()
    expect(listener.play_button("C")).not_to_have_class(re.compile("sent"))
