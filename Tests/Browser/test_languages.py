"""The pages in each language that they speak: whole, in its direction, on a phone and a laptop."""

import json
import re

import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import REPOSITORY, Serving
from small_study import make_study
from test_look import NAMELESS, SIDEWAYS, SMALL_TARGETS

FILES = {file.stem: json.loads(file.read_text("utf-8")) for file in sorted((REPOSITORY / "Public/words").glob("*.json"))}
RIGHT_TO_LEFT = {"ar"}


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory):
    """A study in all of them; its own texts are the English ones with the language's code."""
    folder = make_study(tmp_path_factory.mktemp("languages"))

    def spoken(value):
        if isinstance(value, dict) and set(value) == {"en", "de"}:
            return {"en": value["en"], **{code: f"{value['en']} ({code})" for code in FILES}}
        if isinstance(value, dict):
            return {name: spoken(one) for name, one in value.items()}
        return [spoken(one) for one in value] if isinstance(value, list) else value

    definition = spoken(json.loads((folder / "study.yaml").read_text()))
    definition["languages"] = ["en", *FILES]
    (folder / "study.yaml").write_text(json.dumps(definition))
    serving = Serving(folder)
    yield serving
    serving.stop()


@pytest.mark.parametrize("language", FILES)
def test_a_language_is_spoken_from_the_welcome_to_the_trials(open_page, everywhere, language):
    words = FILES[language]
    page = open_page(locale="en-GB")
    root = page.locator("html")

    def judged(where):
        expect(root).to_have_attribute("lang", language)
        expect(root).to_have_attribute("dir", "rtl" if language in RIGHT_TO_LEFT else "ltr")
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(SIDEWAYS) <= 0, (where, width)
            assert page.evaluate(NAMELESS) == [] and page.evaluate(SMALL_TARGETS) == [], (where, width)

    listener = Listener(page, everywhere.base).open(f"/?lang={language}")
    expect(listener.next).to_have_text(words["begin"])
    judged("welcome")
    page.get_by_role("checkbox").check()
    listener.next.click()
    expect(listener.heading).to_have_text(words["questionnaire"]["title"])
    listener.next.click()
    judged("questionnaire")
    listener.open(f"/t/{everywhere.join(language=language)}").at_trial()
    judged("trial")
    said = words["trial"]
    expect(page.get_by_role("button", name=said["playLoop"], exact=True)).to_be_visible()
    expect(page.get_by_role("slider", name=re.compile(said["scaleOf"].replace("{letter}", "[\u2068]?A[\u2069]?")))).to_have_attribute("aria-valuetext", said["notRated"])
    what = words["toDoComma"].join([said["toDo"]["loop"], said["toDo"]["playAndSay"].replace("{list}", "A–D")])
    expect(listener.wanting).to_have_text(re.compile("[\u2068\u2069]?".join(map(re.escape, words["toDo"].replace("{what}", what)))))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name=words["keys"]["title"])).to_be_visible()
    judged("keys")


def test_a_scale_from_right_to_left(open_page, everywhere):
    """Its low end stands at the right, and the arrow to the left leads up."""
    page = open_page()
    Listener(page, everywhere.base).open(f"/t/{everywhere.join(language='ar')}").at_trial()
    page.keyboard.press("a")
    expect(page.locator(".sample").first).to_have_class("sample heard")
    scale = page.get_by_role("slider").first
    box = scale.bounding_box()
    scale.click(position={"x": 11 + 0.9 * (box["width"] - 22), "y": box["height"] / 2})
    low = int(scale.get_attribute("aria-valuenow"))
    assert 8 <= low <= 12
    page.keyboard.press("ArrowLeft")
    expect(scale).to_have_attribute("aria-valuenow", str(low + 1))
    ends = page.locator(".ends span")
    assert ends.nth(0).bounding_box()["x"] > ends.nth(1).bounding_box()["x"]
