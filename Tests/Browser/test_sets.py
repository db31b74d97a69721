"""Orders, groups, pairs and threes in the browser, of versions and of unrelated sounds: by mouse, by keyboard and by
dragging."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from listener import Listener
from serving import Serving
from test_versions import make_versions

QUESTIONS = {"rank": "Put them in order.", "sort": "What belongs together?", "ccr": "How does B sound, compared with A?",
             "pairwise": "How alike are they?", "odd-one-out": "Which is the odd one?", "triplet": "Which is nearer to X?",
             "acr": "How is it?", "abx": "Which is X?"}
SCALES = [{"name": name, "question": {"en": f"The {name}?", "de": f"{name}?"}} for name in ("voice", "noise")]


def block(kind: str) -> dict:
    trials = {"per_participant": 1, "training": 0, "catches": 0, "repeats": 0}
    if kind == "abx":
        trials["training"] = 1
    if kind == "sort":
        trials["conditions"] = ["snare"]
    source = {"rank": {"source": "renderings"}, "triplet": {"source": "sounds"}, "acr": {"scales": SCALES}}.get(kind, {})
    text = {"en": QUESTIONS[kind], "de": QUESTIONS[kind]}
    more = {"odd-one-out": {"max_plays": 2, "must_hear_s": 60, "comments": True}, "abx": {"training_feedback": True}}.get(kind, {})
    return {"name": kind.replace("-", "_"), "type": kind, "question": text, "trials": trials, **source, **more}


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    folder = make_versions(tmp_path_factory.mktemp("sets"), [block(kind) for kind in QUESTIONS])
    definition = json.loads((folder / "study.yaml").read_text())
    definition["sounds"]["candidates"] = "sounds/library.csv"
    (folder / "study.yaml").write_text(json.dumps(definition))
    serving = Serving(folder)
    yield serving
    serving.stop()


def row(page: Page, letter: str):
    return page.locator(".sample", has=page.locator(".letter", has_text=re.compile(f"^{letter}$")))


def hear_all(page: Page, listener: Listener) -> list[str]:
    letters = [one.inner_text() for one in page.locator(".sample .letter").all()]
    for letter in letters:
        listener.play_button(letter).click()
        expect(row(page, letter)).to_have_class(re.compile("heard"))
    page.keyboard.press("Escape")
    return letters


def go_on(page: Page, listener: Listener, answer: dict) -> None:
    """Presses Next, which must send exactly this answer."""
    with page.expect_request(lambda request: request.url.endswith("/responses")) as sent:
        listener.next.click()
    told = sent.value.post_data_json
    assert {name: told[name] for name in answer} == answer
    assert sent.value.response().status == 201


def order(page: Page) -> str:
    return "".join(one.inner_text() for one in page.locator(".sample .letter").all())


def rank(page: Page, listener: Listener) -> None:
    expect(listener.heading).to_have_text(QUESTIONS["rank"])
    page.get_by_role("button", name="Put B in place 1").click()  # Nothing has been heard yet.
    expect(page.locator(".passing")).to_contain_text("Listen to B first, then place it.")
    page.get_by_role("button", name="Play the reference").click()
    hear_all(page, listener)
    page.get_by_role("button", name="Put C in place 1").click()
    expect(page.get_by_role("button", name="Move C up")).to_be_focused()
    expect(listener.wanting).to_have_text("Still to do: place A and B")
    page.get_by_role("button", name="Put A in place 2").click()
    page.reload()
    expect(page.get_by_role("button", name="Put B in place 3")).to_be_visible()
    assert order(page) == "CAB"
    page.keyboard.press("b")
    page.keyboard.press("ArrowUp")  # To the empty place, then up.
    page.keyboard.press("ArrowUp")
    assert order(page) == "CBA"
    expect(page.get_by_role("button", name="Move B up")).to_be_focused()
    page.get_by_role("button", name="Move A down").click(force=True)  # It is already the last.
    assert order(page) == "CBA"
    grip, top = row(page, "A").locator(".grip").bounding_box(), row(page, "C").bounding_box()
    page.mouse.move(grip["x"] + 20, grip["y"] + 20)
    page.mouse.down()
    page.mouse.move(grip["x"] + 20, top["y"] + 10, steps=8)
    page.mouse.up()
    assert order(page) == "ACB"
    page.keyboard.press("Escape")
    with page.expect_request(lambda request: request.url.endswith("/responses")) as sent:
        listener.next.click()
    ranks = {one["position"]: one["rating"] for one in sent.value.post_data_json["ratings"]}
    assert ranks == {"A": 1, "C": 2, "B": 3}


def sort(page: Page, listener: Listener) -> None:
    expect(listener.heading).to_have_text(QUESTIONS["sort"])
    letters = hear_all(page, listener)
    first, *rest, last = letters
    page.get_by_label(f"Group of {first}").select_option(label="a new group")
    page.get_by_label("Group 1").fill("bright")
    for letter in rest:
        page.get_by_label(f"Group of {letter}").select_option(label="1: bright")
    expect(listener.wanting).to_have_text(f"Still to do: put {last} in a group")
    page.get_by_label(f"Group of {last}").select_option(label="a new group")
    page.get_by_label(f"Group of {first}").select_option(label="Group 2")
    page.get_by_role("button", name="Arrange by group").click()
    assert order(page) == "".join([*rest, first, last])
    page.reload()
    go_on(page, listener, {"groups": [{"positions": rest, "name": "bright"}, {"positions": [first, last], "name": ""}]})


def whole(page: Page, listener: Listener) -> None:
    expect(listener.heading).to_have_text(QUESTIONS["ccr"])
    worse = page.get_by_role("radio", name="Slightly worse")
    worse.click(force=True)
    expect(page.locator(".passing")).to_contain_text("Listen to A first, then choose.")
    expect(worse).not_to_be_checked()
    hear_all(page, listener)
    worse.check(force=True)
    go_on(page, listener, {"rating": -1})
    expect(listener.heading).to_have_text(QUESTIONS["pairwise"])
    hear_all(page, listener)
    expect(listener.wanting).to_have_text("Still to do: rate how alike they are")
    page.keyboard.press("a")
    page.keyboard.press("End")
    page.reload()
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuenow", "100")
    go_on(page, listener, {"rating": 100})


def threes(page: Page, listener: Listener) -> None:
    expect(listener.heading).to_have_text(QUESTIONS["odd-one-out"])
    for letter in "ABC":  # Each sound must be heard for a minute, or as often as it may be played.
        expect(row(page, letter).locator(".status")).to_have_text("2 plays left")
        for left in ("1 play left", "no plays left"):
            page.keyboard.press(letter.lower())
            expect(row(page, letter).locator(".status")).to_have_text(left)
            page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator(".passing")).to_contain_text("You have no plays of A left.")
    page.get_by_label("Comments").fill("hard to tell")
    page.reload()
    page.get_by_role("radio", name="C is the odd one out").check(force=True)
    go_on(page, listener, {"choice": "C", "comment": "hard to tell"})
    expect(listener.heading).to_have_text(QUESTIONS["triplet"])
    hear_all(page, listener)
    expect(listener.wanting).to_have_text("Still to do: play X, choose the nearer one")
    page.get_by_role("button", name="Play X").click()
    expect(page.get_by_role("button", name="Stop X")).to_be_visible()
    expect(page.get_by_role("button", name="Play X")).to_be_visible()  # It plays once, without repeating.
    page.get_by_role("radio", name="B is nearer").check(force=True)
    go_on(page, listener, {"choice": "B"})


def scales(page: Page, listener: Listener) -> None:
    expect(listener.heading).to_have_text(QUESTIONS["acr"])
    hear_all(page, listener)
    page.get_by_role("radiogroup", name="The voice?").get_by_role("radio", name="Good").check(force=True)
    expect(listener.wanting).to_have_text("Still to do: rate A")
    page.reload()
    page.get_by_role("radiogroup", name="The noise?").get_by_role("radio", name="Bad").check(force=True)
    with page.expect_request(lambda request: request.url.endswith("/responses")) as sent:
        listener.next.click()
    assert [(one["scale"], one["rating"]) for one in sent.value.post_data_json["ratings"]] == [("voice", 4), ("noise", 1)]


def practice(page: Page, listener: Listener) -> None:
    for is_practice in (True, False):
        expect(listener.heading).to_have_text(QUESTIONS["abx"])
        page.get_by_role("button", name="Play X").click()
        hear_all(page, listener)
        page.get_by_role("radio", name="A is X").check(force=True)
        go_on(page, listener, {"choice": "A"})
        if is_practice:
            expect(listener.heading).to_have_text(re.compile("^That's (right|not right)"))
            listener.next.click()


def test_a_whole_session(open_page, sets):
    page = open_page()
    listener = Listener(page, sets.base).open(f"/t/{sets.join()}").at_trial()
    rank(page, listener)
    sort(page, listener)
    whole(page, listener)
    threes(page, listener)
    scales(page, listener)
    practice(page, listener)
    expect(page.get_by_text("You have helped us.")).to_be_visible()
    assert sets.session(listener.token)["state"] == "finished"
