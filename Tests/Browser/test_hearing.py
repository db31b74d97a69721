"""How long a sound must be heard before it can be judged."""

import json

import numpy as np
import pytest
from listener import Listener
from playwright.sync_api import expect
from serving import Serving
from small_study import CANDIDATES, RATE, make_study, write_wav

# Collects the names of the sounds of a round as they sound: each is marked for a second, which a busy machine may miss.
COLLECT = """() => {
  globalThis.sounded = [];
  new MutationObserver(() => {
    const now = document.querySelector(".point.sounding")?.textContent.trim();
    if (now && now !== sounded.at(-1)) sounded.push(now);
  }).observe(document.body, { subtree: true, attributeFilter: ["class"] });
}"""


@pytest.mark.parametrize(("share", "why"), [(None, "three seconds, or as long as it is"), (1, "all of it")])
def test_a_sound_is_heard_before_it_is_judged(tmp_path, open_page, share, why):
    folder = make_study(tmp_path / "study")
    definition = json.loads((folder / "study.yaml").read_text())
    del definition["must_hear_s"]
    if share:
        definition |= {"must_hear_s": 0, "must_hear_share": share}
    (folder / "study.yaml").write_text(json.dumps(definition))
    for name in [name for names in CANDIDATES.values() for name in names]:  # Long enough to be stopped on a busy machine.
        write_wav(folder / f"sounds/{name}.wav", 0.2 * np.random.default_rng(0).uniform(-1, 1, (1, 2 * RATE)))
    serving = Serving(folder)
    try:
        page = open_page()
        listener = Listener(page, serving.base).open(f"/t/{serving.join()}").at_trial()
        # What counts is how long the page says it played: this sound is stopped at once.
        page.get_by_role("button", name="Play A").click()
        page.keyboard.press("Escape")
        expect(listener.wanting).to_contain_text("hear more of A")
        listener.touch("A", 0.5)
        expect(page.locator(".passing")).to_contain_text("Listen to A first")
        expect(listener.slider("A")).not_to_have_attribute("aria-valuenow", "50")
        page.reload()
        expect(listener.wanting).to_contain_text("hear more of A")
        listener.hear("A")
        listener.touch("A", 0.5)
        page.keyboard.press("Escape")
        expect(listener.wanting).not_to_contain_text("hear more of")
        listener.loop_button.click()
        listener.loop_button.click()
        if share:  # The share applies to the samples, not to the loop.
            expect(listener.wanting).not_to_contain_text("play the loop")
        else:
            expect(listener.wanting).to_contain_text("play the loop")
            listener.loop_button.click()  # The loop lasts 1.2 seconds.
            expect(listener.wanting).not_to_contain_text("play the loop")
    finally:
        serving.stop()


@pytest.mark.parametrize("kind", ["antiphase", "huggins"])
def test_a_headphone_check_is_heard_before_it_is_answered_and_may_be_made_again(tmp_path, open_page, kind):
    folder = make_study(tmp_path / "study")
    definition = json.loads((folder / "study.yaml").read_text())
    definition["headphones"] = {"kind": kind, "trials": 1, "pass": 1, "attempts": 2, "max_plays": 2, "required": True}
    (folder / "study.yaml").write_text(json.dumps(definition))
    serving = Serving(folder)
    try:
        for _ in range(12):  # Always the same answer passes the first time, the second, or never.
            page = open_page()
            listener = Listener(page, serving.base).open(f"/t/{serving.join(up_to='headphones')}")
            expect(page.get_by_text("2 plays left")).to_be_visible()
            page.get_by_role("radio", name="second").check()
            play, stop = page.get_by_role("button", name="Play the three sounds"), page.get_by_role("button", name="Stop")
            page.evaluate(COLLECT)
            play.click()
            page.wait_for_function("() => sounded.length > 0")
            stop.click()
            listener.next.click()
            expect(listener.wanting).to_contain_text("hear the sounds to the end")
            expect(listener.heading).to_have_text("Headphones")
            page.evaluate("() => { sounded.length = 0; }")
            play.click()
            page.wait_for_function("() => sounded.length === 3")
            assert page.evaluate("() => sounded") == ["first", "second", "third"]
            expect(play).to_be_visible()
            expect(page.get_by_text("no plays left")).to_be_visible()
            if kind == "huggins":
                expect(page.get_by_text("The faint tone was in the …")).to_be_visible()
            listener.next.click()
            expect(page.locator(".instructions, .headphones .why:has-text('once more')")).to_be_visible()
            if page.locator(".headphones").count():
                break
        page.reload()  # The first attempt is used up.
        play.click()
        expect(stop).to_be_visible()
        expect(play).to_be_visible()
        page.get_by_role("radio", name="first").check()
        listener.next.click()
        expect(page.locator("main .instructions, main .finish")).to_be_visible()
    finally:
        serving.stop()


def test_left_is_told_from_right_before_the_other_rounds(tmp_path, open_page):
    folder = make_study(tmp_path / "study")
    definition = json.loads((folder / "study.yaml").read_text())
    definition["headphones"] = {"sides": True, "trials": 1, "pass": 1, "max_plays": 1}
    (folder / "study.yaml").write_text(json.dumps(definition))
    serving = Serving(folder)
    try:
        page = open_page()
        listener = Listener(page, serving.base).open(f"/t/{serving.join(up_to='headphones')}")
        play, stop = page.get_by_role("button", name="Play the three sounds"), page.get_by_role("button", name="Stop")
        for number in (1, 2):
            expect(page.get_by_text(f"Round {number} of 3")).to_be_visible()
            expect(page.get_by_text("Which one is on the left?")).to_be_visible()
            expect(page.get_by_text("swap the sides and play the tones again")).to_be_visible()
            for _ in range(3 - number):  # A listener who has swapped the sides may play the tones again.
                play.click()
                expect(stop).to_be_visible()
                expect(play).to_be_visible()
            page.get_by_role("radiogroup", name="The tone on the left was the …").get_by_label("first").check()
            listener.next.click()
        expect(page.get_by_text("Which one is the quietest?")).to_be_visible()
        expect(page.get_by_text("1 play left")).to_be_visible()
        play.click()
        expect(page.get_by_text("no plays left")).to_be_visible()
        page.get_by_role("radio", name="first").check()
        expect(play).to_be_visible()
        listener.next.click()
        expect(page.locator(".instructions")).to_be_visible()
    finally:
        serving.stop()


def test_another_output_asks_for_the_same_volume(open_page, study):
    page = open_page()
    listener = Listener(page, study.base).open(f"/t/{study.join()}").at_trial()
    changed = page.get_by_text("Your sound output seems to have changed.").and_(page.locator(".notice p"))
    with page.expect_request(lambda request: request.url.endswith("/events") and '"output"' in (request.post_data or "")):
        page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
        expect(changed).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(changed).to_be_hidden()
    listener.at_trial()
