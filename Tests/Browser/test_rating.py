"""What counts as a rating, and what does not count yet."""

import re

import pytest
from playwright.sync_api import expect

from listener import Listener


def test_untouched_is_not_a_rating(at_trial):
    slider = at_trial.slider("A")
    expect(slider).to_have_attribute("aria-valuetext", "not rated yet")
    expect(slider.locator(".thumb")).to_be_hidden()
    assert slider.locator(".track").evaluate("node => getComputedStyle(node).borderTopStyle") == "dashed"
    at_trial.hear_loop()
    for letter in at_trial.letters():
        at_trial.hear(letter)
    before = at_trial.place.text_content()
    at_trial.next.click()
    expect(at_trial.wanting).to_have_text("Still to do: rate A–D")
    expect(slider).to_be_focused()
    expect(at_trial.place).to_have_text(before)


def test_the_first_touch_sets_it_where_it_was_touched(at_trial):
    at_trial.hear("B")
    at_trial.touch("B", 0.8)
    expect(at_trial.slider("B")).to_have_attribute("aria-valuenow", re.compile("^(79|80|81)$"))
    expect(at_trial.slider("B").locator(".thumb")).to_be_visible()
    expect(at_trial.row("B")).to_contain_text("rated")
    expect(at_trial.slider("A")).to_have_attribute("aria-valuetext", "not rated yet")


def test_a_key_that_is_held_is_pressed_once(listener, study):
    page = listener.page
    listener.open(f"/t/{study.join(up_to='instructions')}")
    expect(page.locator(".instructions")).to_be_visible()
    for _ in range(5):  # The first is the press, the others are its repetitions.
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    listener.at_trial()
    expect(listener.wanting).not_to_have_class(re.compile("asked"))  # The trial was not submitted as well.
    draft = "JSON.parse(Object.entries(localStorage).find(([name]) => name.includes('/draft/trial'))[1])"
    for _ in range(5):
        page.keyboard.down("b")
    expect(listener.row("B")).to_have_class(re.compile("heard"))
    page.keyboard.up("b")
    assert page.evaluate(f"{draft}.samples.B.plays") == 1
    for _ in range(5):
        page.keyboard.down("Space")
    expect(listener.loop_button).to_have_class(re.compile("playing"))
    page.keyboard.up("Space")
    assert page.evaluate(f"{draft}.loop") == 1
    expect(listener.loop_button).to_have_class(re.compile("playing"))
    page.keyboard.press("Escape")
    listener.slider("B").focus()
    for _ in range(3):  # An arrow that is held goes on moving the scale.
        page.keyboard.down("ArrowRight")
    page.keyboard.up("ArrowRight")
    expect(listener.slider("B")).to_have_attribute("aria-valuenow", "53")


def test_sounds_of_past_trials_do_not_stay_in_memory(listener, study):
    devtools = listener.page.context.new_cdp_session(listener.page)

    def decoded() -> int:
        devtools.send("HeapProfiler.collectGarbage")
        prototype = devtools.send("Runtime.evaluate", {"expression": "AudioBuffer.prototype"})["result"]["objectId"]
        found = devtools.send("Runtime.queryObjects", {"prototypeObjectId": prototype})["objects"]["objectId"]
        count = {"functionDeclaration": "function () { return this.length; }", "objectId": found, "returnByValue": True}
        number = devtools.send("Runtime.callFunctionOn", count)["result"]["value"]
        devtools.send("Runtime.releaseObject", {"objectId": found})  # Or they would not be collected next time.
        return number

    token = study.join()
    trials = study.session(token)["trials"]
    each = 1 + len(trials[0]["candidates"])
    listener.open(f"/t/{token}").at_trial()
    for trial in trials[:-1]:
        listener.page.wait_for_load_state("networkidle")
        assert each <= decoded() <= 2 * each, f"at trial {trial['index']}: this one's sounds and the next one's"
        listener.finish_trial()
    assert decoded() <= 2 * each


def test_nothing_is_rated_before_it_was_heard(at_trial):
    at_trial.touch("C", 0.5)
    expect(at_trial.slider("C")).to_have_attribute("aria-valuetext", "not rated yet")
    expect(at_trial.page.locator(".passing")).to_contain_text("Listen to C first, then rate it.")
    expect(at_trial.play_button("C")).to_be_focused()
    at_trial.slider("C").focus()
    at_trial.page.keyboard.press("ArrowRight")
    expect(at_trial.slider("C")).to_have_attribute("aria-valuetext", "not rated yet")
    at_trial.hear("C")
    assert at_trial.page.locator(".passing, .aloud").all_text_contents() == ["", ""], "what is done is not asked for any more"
    at_trial.touch("C", 0.5)
    expect(at_trial.row("C")).to_contain_text("rated")


def test_what_is_missing_is_said_in_words(at_trial):
    expect(at_trial.wanting).to_have_text("Still to do: play the loop, play and rate A–D")
    at_trial.next.click()
    expect(at_trial.loop_button).to_be_focused()
    at_trial.hear_loop()
    for letter in "AB":
        at_trial.hear(letter)
        at_trial.touch(letter, 0.4)
    expect(at_trial.wanting).to_have_text("Still to do: play and rate C and D")
    at_trial.next.click()
    expect(at_trial.play_button("C")).to_be_focused()
    for letter in "CD":
        at_trial.hear(letter)
        at_trial.touch(letter, 0.4)
    expect(at_trial.wanting).to_have_text("")


def test_a_finger_that_scrolls_past_rates_nothing(open_page, study):
    page = open_page(viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True)
    listener = Listener(page, study.base).open(f"/t/{study.join()}").at_trial()
    listener.hear("A")
    box = listener.slider("A").bounding_box()
    x, y = box["x"] + 150, box["y"] + 20
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 8):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 25 * step}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert page.evaluate("() => scrollY") > 0
    expect(listener.slider("A")).to_have_attribute("aria-valuetext", "not rated yet")
    listener.slider("A").tap(position={"x": 200, "y": 20})
    expect(listener.row("A")).to_contain_text("rated")


def test_a_finger_that_moves_along_takes_the_thumb_with_it(open_page, study):
    page = open_page(viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True)
    listener = Listener(page, study.base).open(f"/t/{study.join()}").at_trial()
    listener.hear("A")
    slider = listener.slider("A")
    box = slider.bounding_box()
    x, y = box["x"] + 100, box["y"] + 20
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 6):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x + 20 * step, "y": y + step}]})
    expect(slider.locator(".thumb")).to_be_visible()  # Before the finger is lifted.
    expect(listener.row("A")).not_to_contain_text("rated")
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(listener.row("A")).to_contain_text("rated")
    assert abs(int(slider.get_attribute("aria-valuenow")) - 100 * (200 - 11) / (box["width"] - 22)) < 2


def test_one_key_goes_to_and_fro_between_two_sounds(at_trial):
    page = at_trial.page
    at_trial.hear("B")  # By mouse, after which the keys belong to the scale.
    for _ in range(2):
        page.keyboard.press("Shift+Space")
        expect(at_trial.loop_button).to_have_class(re.compile("playing"))
        page.keyboard.press("Shift+Space")
        expect(at_trial.loop_button).not_to_have_class(re.compile("playing"))
    page.keyboard.press("d")
    expect(at_trial.row("D")).to_have_class(re.compile("heard"))
    with page.expect_request(lambda request: request.url.endswith("/events")) as sent:
        page.keyboard.press("Shift+Space")
        page.keyboard.press("Escape")
        page.evaluate("dispatchEvent(new Event('pagehide'))")
    played = [one["stimulus"] for one in sent.value.post_data_json["events"] if one["kind"] == "play"]
    assert played == ["B", "query", "B", "query", "B", "D", "B"]


def test_likert_points_are_radio_buttons(open_page, crowded_study):
    page = open_page()
    listener = Listener(page, crowded_study.base).open(f"/t/{crowded_study.join(language='de')}").at_trial()
    group = page.get_by_role("radiogroup", name="Ähnlichkeit von A")
    expect(group.get_by_role("radio")).to_have_count(7)
    expect(group.get_by_role("radio", name="7, vollkommen ununterscheidbar")).to_be_visible()
    group.get_by_role("radio").nth(4).click(force=True)
    expect(page.locator(".passing")).to_contain_text("Hören Sie A bitte zuerst an")
    expect(group.get_by_role("radio", checked=True)).to_have_count(0)
    page.keyboard.press("a")
    expect(listener.row("A")).to_have_class(re.compile("heard"))
    page.keyboard.press("Space")  # Chooses the focused point.
    expect(group.get_by_role("radio", checked=True)).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(group.get_by_role("radio", name="2", exact=True)).to_be_checked()
    page.keyboard.press("Space")  # There is nothing left to choose, so it plays the loop.
    expect(page.get_by_role("button", name="Den Loop anhalten")).to_be_visible()


@pytest.mark.parametrize("name", ["ratings"])
def test_what_was_rated_is_what_is_stored(own_study, open_page, name):
    listener = Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()
    sent = []
    listener.page.on("request", lambda request: sent.append(request.post_data_json) if request.url.endswith("/responses") else None)
    listener.hear_loop()
    for i, letter in enumerate(listener.letters()):
        listener.hear(letter)
        listener.touch(letter, 0.25 * i)
    listener.hear("A")  # A second play.
    shown = [int(listener.slider(letter).get_attribute("aria-valuenow")) for letter in listener.letters()]
    before = listener.place.text_content()
    listener.next.click()
    expect(listener.place).not_to_have_text(before)
    expect(listener.saving).to_have_text("saved")
    (answer,) = sent
    assert [one["rating"] for one in answer[name]] == shown
    assert [one["plays"] for one in answer[name]] == [2, 1, 1, 1]
    assert all(one["listened_ms"] > 0 for one in answer[name])
    assert answer["response_ms"] > 0
    assert own_study.session(listener.token)["done"]["trials"] == [1]
