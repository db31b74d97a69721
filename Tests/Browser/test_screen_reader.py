"""A whole session with what a screen reader gets from the pages: Chromium's accessibility tree in reading order, and
what live regions announce."""

import re

import pytest
from playwright.sync_api import expect

from listener import Listener

# Roles that say nothing themselves, or only what their children say.
SILENT = {"RootWebArea", "generic", "none", "InlineTextBox", "LineBreak", "paragraph", "strong", "form", "list", "listitem", "LabelText", "Legend",
          "main", "banner", "Iframe", "ListMarker", "group", "radiogroup", "emphasis"}

# Every announcement of a live region, and whether a sound was playing at the time.
LISTEN = """() => {
  globalThis.aloud = [];
  const live = "[role=status], [role=alert], [aria-live]";
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const region = (target instanceof Element ? target : target.parentElement)?.closest(live);
      if (region && region.textContent.trim()) globalThis.aloud.push([region.textContent, document.querySelector(".play.playing") !== null]);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""


class Reader:
    """Reads a page from the top and presses what it comes to, as a blind listener does."""

    def __init__(self, page):
        self.page = page
        self.devtools = page.context.new_cdp_session(page)
        self.devtools.send("Accessibility.enable")

    def nodes(self) -> list[tuple[str, str, str, int]]:
        """Role, name, description and DOM node of everything that is read, in order."""
        tree = {one["nodeId"]: one for one in self.devtools.send("Accessibility.getFullAXTree")["nodes"]}
        read = []

        def walk(one):
            role, name = one.get("role", {}).get("value", ""), one.get("name", {}).get("value", "")
            told = not one.get("ignored") and role not in SILENT
            if told and name.strip():
                read.append((role, name, one.get("description", {}).get("value", ""), one.get("backendDOMNodeId", 0)))
            if told and role != "dialog" and name.strip():
                return  # A control is read by its name, not by its content.
            for child in one.get("childIds", []):
                if child in tree:
                    walk(tree[child])

        walk(next(one for one in tree.values() if "parentId" not in one))
        return read

    def lines(self) -> list[str]:
        return [f"{role}: {name}" if role != "StaticText" else name for role, name, *_ in self.nodes()]

    def node(self, role: str, name: str) -> tuple[str, str, str, int]:
        return next(one for one in self.nodes() if one[0] == role and name in (one[1], "any"))

    def press(self, role: str, name: str, key: str = "Enter") -> None:
        """Focuses the element with this role and name and presses a key."""
        self.devtools.send("DOM.getDocument")
        self.devtools.send("DOM.focus", {"backendNodeId": self.node(role, name)[3]})
        self.page.keyboard.press(key)

    def aloud(self) -> list[tuple[str, bool]]:
        return [tuple(one) for one in self.page.evaluate("aloud")]


@pytest.fixture
def reader(open_page, own_study):
    page = open_page()
    page.add_init_script(f"({LISTEN})()")
    return Listener(page, own_study.base), Reader(page)


def test_a_whole_session_by_the_accessibility_tree(reader, own_study):
    listener, reader = reader
    page = listener.open().page
    expect(listener.heading).to_be_focused()
    assert [line.strip() for line in reader.lines()] == [
        "heading: Which drums sound alike?", "navigation: Language", "About 6 minutes · 4 listening tasks · use headphones",
        "Samples can be", "close cousins", "or strangers.", "heading: Consent", "Your answers are stored without your name.",
        "checkbox: I take part of my own free will.", "I take part of my own free will.", "button: Begin"]
    reader.press("button", "Begin")
    expect(page.get_by_role("checkbox")).to_be_focused()
    assert reader.node("checkbox", "any")[2] == "Still to do: tick the box"  # Read together with the focused element.
    reader.press("checkbox", "any", "Space")
    reader.press("button", "Begin")

    expect(listener.heading).to_have_text("About you")
    reader.press("textbox", "How old are you?", "4")
    page.keyboard.press("2")
    reader.press("radio", "No", "Space")
    reader.press("button", "Next")

    expect(listener.heading).to_have_text("Set your volume")
    assert [line for line in reader.lines() if ":" in line] == ["heading: Set your volume", "button: Play the sound", "button: Next"]
    reader.press("button", "Play the sound")
    expect(page.get_by_role("button", name="Stop the sound")).to_be_visible()
    reader.press("button", "Next")

    for number in (1, 2):
        expect(page.get_by_text(f"Round {number} of 2")).to_be_visible()
        lines = reader.lines()
        places = [lines.index(one) for one in ("heading: Headphones", "button: Play the three sounds", "radio: first", "radio: third", "button: Next")]
        assert places == sorted(places)
        reader.press("button", "Play the three sounds")
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        expect(page.get_by_role("button", name="Play the three sounds")).to_be_visible()  # Heard to the end.
        reader.press("radio", "second", "Space")
        reader.press("button", "Next")

    expect(listener.heading).to_have_text("How it works")
    reader.press("button", "Continue")

    for _ in range(4):
        listener.at_trial()
        before = listener.place.text_content()
        lines = reader.lines()
        assert lines[0].startswith(("Practice", "Trial"))
        head = next(i for i, line in enumerate(lines) if line.startswith("heading: How similar is each sample to the"))
        rows = [line for line in lines[head + 1:] if not line.startswith(("Practice", "the loop", "repeats"))]
        assert rows[:2] == ["button: Play the loop", "switch: Compare: loop → sample"]
        assert rows[2:14] == [line for letter in "ABCD" for line in (f"button: Play {letter}", f"slider: Similarity of {letter}", "not heard yet")]
        assert rows[-2:] == ["button: Next", "Still to do: play the loop, play and rate A–D"]
        assert reader.node("slider", "Similarity of A")[2] == "From 0, not at all alike, to 100, the same sound."
        reader.press("button", "Play the loop")
        expect(listener.loop_button).to_have_class(re.compile("playing"))
        for letter in "ABCD":
            reader.press("button", f"Play {letter}")
            expect(listener.row(letter)).to_have_class(re.compile("heard"))
            reader.press("slider", f"Similarity of {letter}", "ArrowRight")
            expect(listener.slider(letter)).to_have_attribute("aria-valuetext", "51 of 100")
        reader.press("button", "Next")
        expect(listener.place).not_to_have_text(before)
    listener.at_end()
    assert "All your answers are saved. You can close this page." in reader.lines()
    assert own_study.session(listener.token)["state"] == "finished"
    assert reader.aloud() == [], "nothing happened that one has to be told of"


def test_what_is_told_waits_until_the_sound_has_ended(reader, own_study):
    listener, reader = reader
    page = listener.open(f"/t/{own_study.join()}").at_trial().page
    page.route(re.compile("/(responses|events)$"), lambda route: route.abort())
    # A returning listener hears this first.
    expect(page.locator(".aloud")).to_have_text("Please keep the volume as you set it at the beginning.")
    before = reader.aloud()
    listener.hear_loop()  # It plays until it is stopped.
    listener.touch("C", 0.5)
    expect(page.locator(".passing")).to_have_text("Listen to C first, then rate it.")  # It is visible at once.
    assert reader.aloud() == before
    page.keyboard.press("Escape")
    expect(page.locator(".aloud")).to_have_text("Listen to C first, then rate it.")
    page.keyboard.press("b")
    expect(listener.row("B")).to_have_class(re.compile("heard"))
    expect(page.locator(".aloud")).to_have_text("")
    assert [playing for _, playing in reader.aloud()] == [False, False]


def test_that_answers_wait_and_are_saved_again_is_told(reader, own_study):
    listener, reader = reader
    page = listener.open(f"/t/{own_study.join(up_to='instructions')}").page
    page.route(re.compile("/(responses|events)$"), lambda route: route.abort())
    listener.next.click()
    listener.at_trial()
    expect(page.locator(".aloud")).to_contain_text("You're offline.")
    page.unroute(re.compile("/(responses|events)$"))
    expect(listener.saving).to_have_text("saved")
    expect(page.locator(".aloud")).to_have_text("saved")
    # On a slow machine, the reminder of the volume is read out, too, before these or with the first.
    said = " ".join(text for text, _ in reader.aloud()).replace("Please keep the volume as you set it at the beginning.", "")
    assert said.strip() == "You're offline. Your answers are saved on this device and will be sent. saved"


def test_a_sound_of_its_own_kind_of_scale_is_told_in_words(reader, own_study):
    """A value is read with its meaning, without soft hyphens."""
    page = reader[0].open().page
    told = page.evaluate("""async () => {
      const { slider } = await import("/assets/scripts/controls/slider.js");
      const { default: words } = await import("/assets/scripts/words/en.js");
      const scale = { kind: "slider", min: 10, max: 50, low: words.bs1116.bands[0], high: words.bs1116.bands[4], show_value: true };
      const made = slider({ label: "A", scale, words, value: 45, allowed: () => true, changed() {}, figure: (tenths) => (tenths / 10).toFixed(1), band: () => "imper\\u00adceptible" });
      document.body.append(made.node);
      return [made.node.getAttribute("aria-valuetext"), document.getElementById(made.node.getAttribute("aria-describedby")).textContent, made.node.querySelector("output").textContent];
    }""")
    assert told == ["4.5 of 5.0, imperceptible", "From 1.0, very annoying, to 5.0, imperceptible.", "4.5"]


def test_type_grows_with_the_browsers(browser, chromium, study):
    larger = browser.browser_type.launch(executable_path=chromium, args=["--no-sandbox", "--blink-settings=defaultFontSize=24"])
    sizes = []
    for one in (browser, larger):
        page = one.new_page()
        page.goto(study.base)
        page.get_by_role("heading", level=1).wait_for()
        sizes.append(page.evaluate("() => parseFloat(getComputedStyle(document.body).fontSize)"))
        page.close()
    larger.close()
    assert sizes == [17, 25.5]
