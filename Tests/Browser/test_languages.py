"""The pages in every language that they speak: complete, in the right direction, on a phone and a laptop."""

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
    """A study in all of these languages. Its own texts are the English ones with the language's code."""
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


UNMARKED = r"""() => {
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const found = [];
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const language = text.parentElement.closest("[lang]").lang;
    if (!/\p{L}/u.test(text.data)) continue;
    const isOwn = /[\u0590-\u05ff]/.test(text.data) && !/[a-z]/.test(text.data); // Not where a sentence names it.
    if (isOwn !== (language === "he")) found.push(text.data);
  }
  return found;
}"""


def test_what_the_pages_do_not_speak_is_marked_and_the_rest_is_english(tmp_path, open_page):
    """A screen reader gets each text in its own language, and each text has its own direction."""
    folder = make_study(tmp_path / "study")

    def spoken(value):
        if isinstance(value, dict) and set(value) == {"en", "de"}:
            return {"he": "שלום. " + ("{condition}" if "{condition}" in value["en"] else "")}
        if isinstance(value, dict):
            return {name: spoken(one) for name, one in value.items()}
        return [spoken(one) for one in value] if isinstance(value, list) else value

    definition = spoken(json.loads((folder / "study.yaml").read_text()))
    definition["languages"], definition["title"] = ["he"], "שלום"
    (folder / "study.yaml").write_text(json.dumps(definition))
    serving = Serving(folder)
    try:
        page = open_page()
        root = page.locator("html")
        listener = Listener(page, serving.base).open("/")
        for up_to in (None, "questionnaire", "instructions", "trial"):
            if up_to:
                listener.open(f"/t/{serving.join(language='he', up_to=up_to)}")
            expect(root).to_have_attribute("lang", "en")
            expect(root).to_have_attribute("dir", "ltr")
            own = page.locator("main [lang=he]").first
            expect(own).to_have_attribute("dir", "rtl")
            assert page.evaluate(UNMARKED) == [], up_to
    finally:
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
    """The scale's low end is on the right, and the left arrow key increases the value."""
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
