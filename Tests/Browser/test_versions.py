"""Versions of the same material in the browser: `mushra` and `ab`, switched in place, by mouse, by keyboard and on a
phone."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import Serving
from small_study import RATE, make_study, write_table, write_wav
from sound_tap import SoundTap, place

SYSTEMS = ("quokkacodec", "wombatcodec")
GAINS = {"reference": 1.0, "quokkacodec": 0.5, "wombatcodec": 0.25}
SECONDS = 3


def material(seed: int) -> np.ndarray:
    """Noise: every stretch is unique, so it identifies the position in the file."""
    return np.random.default_rng(seed).uniform(-0.5, 0.5, SECONDS * RATE)


def make_versions(folder: Path, blocks: list[dict]) -> Path:
    make_study(folder)
    rows = []
    for i, item in enumerate(("lemuritem", "ibexitem")):
        for system, gain in GAINS.items():
            write_wav(folder / "sounds" / system / f"{item}.wav", gain * material(i)[None, :])
            rows.append([item, system, f"{system}/{item}.wav", "yes" if system == "reference" else "no"])
    write_table(folder / "sounds" / "renderings.csv", ["item", "system", "file", "reference"], rows)
    definition = json.loads((folder / "study.yaml").read_text())
    definition["blocks"] = blocks
    definition["texts"].pop("conditions")
    definition["sounds"] = {"renderings_level": "as_is"}
    (folder / "study.yaml").write_text(json.dumps(definition))
    return folder


BLOCKS = [
    {"name": "quality", "type": "mushra", "question": {"en": "How good is each version?", "de": "Wie gut ist jede Fassung?"},
     "trials": {"per_participant": 1, "training": 0, "catches": 0, "repeats": 0}},
    {"name": "better", "type": "ab", "allow_neither": True, "question": {"en": "Which is better?", "de": "Was ist besser?"},
     "trials": {"per_participant": 2, "training": 0, "catches": 1, "repeats": 0}},
]


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    serving = Serving(make_versions(tmp_path_factory.mktemp("versions"), BLOCKS))
    yield serving
    serving.stop()


def at_mushra(page, versions) -> Listener:
    return Listener(page, versions.base).open(f"/t/{versions.join()}").at_trial()


def score(page, letter: str, share: float) -> None:
    slider = page.get_by_role("slider", name=f"Quality of {letter}", exact=True)
    box = slider.bounding_box()
    slider.click(position={"x": 11 + share * (box["width"] - 22), "y": box["height"] / 2})


def finish_mushra(page, listener: Listener) -> None:
    page.get_by_role("button", name="Play the reference").click()
    for i, letter in enumerate(listener.letters()):
        listener.hear(letter)
        score(page, letter, 0.1 + 0.2 * i)
    listener.next.click()
    expect(listener.heading).to_have_text("Which is better?")


def test_a_whole_session_by_mouse(open_page, versions):
    page = open_page()
    listener = at_mushra(page, versions)
    assert listener.letters() == list("ABCDE")  # Two systems, the reference and two anchors.
    listener.next.click()
    expect(listener.wanting).to_have_text("Still to do: play the reference, play and rate A–E")
    finish_mushra(page, listener)
    better = page.get_by_role("radio", name="B is better")
    better.click(force=True)  # Nothing has been heard yet.
    expect(page.locator(".passing")).to_contain_text("Listen to A first, then choose.")
    expect(better).not_to_be_checked()
    for i in range(3):
        at = listener.place.text_content()
        page.get_by_role("button", name="Play the reference").click()
        for letter in "AB":
            listener.hear(letter)
        better.check(force=True)
        if i == 0:
            page.get_by_role("radio", name="no difference").check(force=True)
            expect(better).not_to_be_checked()
            page.reload()
            expect(page.get_by_role("radio", name="no difference")).to_be_checked()
        listener.next.click()
        expect(listener.place).not_to_have_text(at)
    expect(page.get_by_text("You have helped us.")).to_be_visible()
    assert versions.session(listener.token)["state"] == "finished"


def test_another_part_of_a_version_is_the_same_play(open_page, tmp_path):
    block = {**BLOCKS[0], "max_plays": 1}
    serving = Serving(make_versions(tmp_path / "study", [block]))
    try:
        page = open_page()
        listener = at_mushra(page, serving)
        listener.hear("A")
        start, end = (page.get_by_role("slider", name=f"{which} of the part that plays") for which in ("Start", "End"))
        end.focus()
        for _ in range(5):
            page.keyboard.press("ArrowLeft")
        expect(end).to_have_attribute("aria-valuenow", "95")
        start.click()  # Takes hold of the end, but moves nothing.
        expect(listener.play_button("A")).to_have_class(re.compile("playing"))
        draft = "JSON.parse(Object.entries(localStorage).find(([name]) => name.includes('/draft/trial'))[1])"
        assert page.evaluate(f"{draft}.samples.A.plays") == 1
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        expect(page.locator(".passing")).to_contain_text("A")  # It may not be played again.
        assert page.evaluate(f"{draft}.samples.A.plays") == 1
        page.evaluate("document.documentElement.dir = 'rtl'")
        end.focus()
        page.keyboard.press("ArrowLeft")
        expect(end).to_have_attribute("aria-valuenow", "96")
    finally:
        serving.stop()


def test_versions_change_in_place(open_page, versions):
    """After a switch, the new version continues where the old one was."""
    page = open_page(bypass_csp=True)
    tap = SoundTap(page)
    listener = at_mushra(page, versions)
    parcel = versions.session(listener.token)["trials"][0]
    files = {one["position"]: tap.file(one["audio"])[0] for one in parcel["candidates"]}
    gains = {letter: np.abs(sound).max() for letter, sound in files.items()}
    loud, soft = max(gains, key=gains.get), min(gains, key=gains.get)
    assert len({len(sound) for sound in files.values()}) == 1
    listener.hear(loud)
    page.wait_for_function("() => document.querySelector('.progress').style.getPropertyValue('--at') > 0.05")  # Playing.
    tap.ready()
    page.wait_for_function("() => document.querySelector('.progress').style.getPropertyValue('--at') > 0.3")
    listener.play_button(soft).click()
    page.wait_for_function("() => document.querySelector('.progress').style.getPropertyValue('--at') > 0.6")
    heard = tap.take()[0]
    page.keyboard.press("Escape")

    # The recording is the one file, then a moment of silence, then the other, without a frame lost or added in between.
    first = place(heard[:8192], files[loud])
    last = place(heard[-8192:], files[soft])
    assert last - first == len(heard) - 8192
    quiet = np.abs(heard).reshape(-1, 16).max(axis=1)
    assert quiet.min() < 0.04  # One fades out before the other begins: they never overlap.
    wrong = [frame for frame in range(len(heard)) if not (
        abs(heard[frame]) <= max(abs(files[loud][first + frame]), abs(files[soft][first + frame])) + 2e-4)]
    assert wrong == []


def test_versions_may_be_played_from_their_start(open_page, tmp_path):
    """As readings by several voices are: each from its beginning to its own end, whatever played before."""
    folder = make_versions(tmp_path / "study", [{**BLOCKS[0], "switching": "from_start"}])
    for item in range(2):
        write_wav(folder / "sounds" / "wombatcodec" / f"{('lemuritem', 'ibexitem')[item]}.wav", 0.25 * material(7 + item)[None, :RATE])
    serving = Serving(folder)
    try:
        page = open_page(bypass_csp=True)
        tap = SoundTap(page)
        listener = at_mushra(page, serving)
        trial = serving.session(listener.token)["trials"][0]
        files = {one["position"]: tap.file(one["audio"])[0] for one in trial["candidates"]}
        short = min(files, key=lambda letter: len(files[letter]))
        long = next(letter for letter in files if letter != short)
        assert len(files[short]) == RATE and len(files[long]) == SECONDS * RATE
        expect(page.get_by_role("slider", name="Start of the part that plays")).to_have_count(0)
        expect(page.get_by_text("switches in place")).to_have_count(0)
        listener.hear(long)
        tap.ready()
        listener.play_button(short).click()
        expect(listener.play_button(short)).to_have_class(re.compile("playing"))
        expect(listener.play_button(short)).not_to_have_class(re.compile("playing"))
        heard = tap.take()[0]
        # It is heard to its end, and then nothing is.
        ends = int(np.flatnonzero(heard)[-1]) + 1
        begins = place(files[short][2048:10240], heard[:ends]) - 2048
        assert abs(ends - begins - RATE) < 256
        assert np.abs(heard[begins:begins + RATE] - files[short])[2048:-2048].max() < 2e-4
        page.get_by_role("button", name="Play the reference").click()
        expect(page.get_by_role("button", name="Stop the reference")).to_be_visible()
        expect(page.get_by_role("button", name="Play the reference")).to_be_visible(timeout=15_000)  # It plays once.
    finally:
        serving.stop()


def test_a_stretch_of_one_s_own_plays_again_and_again(open_page, versions):
    page = open_page(bypass_csp=True)
    tap = SoundTap(page)
    listener = at_mushra(page, versions)
    end = page.get_by_role("slider", name="End of the part that plays")
    start = page.get_by_role("slider", name="Start of the part that plays")
    for _ in range(5):
        end.press("Shift+ArrowLeft")
    start.press("Shift+ArrowRight")
    start.press("Shift+ArrowRight")
    expect(end).to_have_attribute("aria-valuetext", "50 percent")
    expect(start).to_have_attribute("aria-valuenow", "20")
    for _ in range(9):
        start.press("Shift+ArrowRight")  # It cannot pass the other end.
    expect(start).to_have_attribute("aria-valuenow", "46")
    start.press("Home")
    page.reload()
    expect(end).to_have_attribute("aria-valuenow", "50")
    file = tap.file(versions.session(listener.token)["trials"][0]["query"])[0]
    page.get_by_role("button", name="Play the reference").click()
    expect(page.get_by_role("button", name="Stop the reference")).to_be_visible()
    page.wait_for_function("() => document.querySelector('.progress').style.getPropertyValue('--at') > 0.05")  # Playing.
    tap.ready()
    for passed in ("> 0.4", "< 0.2", "> 0.3"):
        page.wait_for_function(f"() => document.querySelector('.progress').style.getPropertyValue('--at') {passed}")
    heard = tap.take()[0]
    page.keyboard.press("Escape")
    half, fade = round(len(file) / 2), 256
    first = half - place(heard[:2048], file)  # Where it starts over.
    again = heard[first + fade:first + fade + 4096]
    assert np.allclose(again, file[fade:fade + 4096], atol=2e-4)  # From the start of the part, to the frame.
    assert np.abs(heard[first - 3:first + 3]).max() < 0.02  # There is no click.


def test_by_keyboard_and_sorted(open_page, versions):
    page = open_page()
    listener = at_mushra(page, versions)
    press = page.keyboard.press
    press("Space")
    expect(page.get_by_role("button", name="Stop the reference")).to_be_visible()
    for i, letter in enumerate("abcde"):
        press(letter)
        expect(listener.row(letter.upper())).to_have_class(re.compile("heard"))
        for _ in range(i + 1):
            press("Shift+ArrowRight")
    page.get_by_role("button", name="Sort by score").click()
    assert [row.inner_text()[0] for row in page.locator(".sample .letter").all()] == list("EDCBA")
    press("Escape")
    page.locator("h1").click()
    press("Enter")
    expect(listener.heading).to_have_text("Which is better?")


def test_on_a_phone(open_page, versions):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    listener = at_mushra(page, versions)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for letter in listener.letters():
        listener.play_button(letter).tap()
        expect(listener.row(letter)).to_have_class(re.compile("heard"))
    for button in page.locator("button:visible").all():
        assert button.bounding_box()["height"] >= 44


def test_what_is_told_says_nothing_of_systems(open_page, versions):
    told = json.dumps(versions.session(versions.join()))
    for word in (*SYSTEMS, "lemuritem", "ibexitem", "anchor", "lowpass", "catch", "hidden"):
        assert word not in told
    page = open_page(bypass_csp=True)
    tap = SoundTap(page)
    listener = at_mushra(page, versions)
    trial = versions.session(listener.token)["trials"][0]
    sounds = [tap.file(url) for url in [trial["query"], *(one["audio"] for one in trial["candidates"])]]
    # The reference appears twice, but no two files are identical.
    assert len({sound.tobytes() for sound in sounds}) == len(sounds)


OTHERS = [
    {"name": f"block_{name}", "type": name, "question": {"en": f"The question of {name}", "de": f"Die Frage von {name}"},
     "trials": {"per_participant": 1, "training": 0, "catches": 1 if name == "acr" else 0, "repeats": 0},
     **({"must_hear_s": 1} if name == "bs1116" else {})}
    for name in ("bs1116", "acr", "dcr", "abx")
]


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    serving = Serving(make_versions(tmp_path_factory.mktemp("others"), OTHERS))
    yield serving
    serving.stop()


def answer_by_keyboard(page, listener: Listener, name: str) -> None:
    """Answers one page by keyboard alone."""
    press = page.keyboard.press
    if name != "acr":
        press("Space")
        expect(page.locator(".loop .play")).to_have_class(re.compile("playing"))
        expect(listener.wanting).not_to_contain_text(re.compile("play (the reference|X)"))  # Heard long enough.
    for letter in listener.letters():
        press(letter.lower())
        expect(listener.row(letter)).to_have_class(re.compile("heard"))
        if name == "bs1116":
            press("End")
        elif name in ("acr", "dcr"):
            press("ArrowDown")
    if name == "abx":
        press("ArrowDown")
    expect(page.locator(".sample.rated").first).to_be_visible()
    press("Escape")
    press("Enter")


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 800}, {"width": 390, "height": 844}], ids=["laptop", "phone"])
def test_grades_words_and_x(open_page, others, viewport):
    page = open_page(viewport=viewport)
    listener = Listener(page, others.base).open(f"/t/{others.join()}").at_trial()
    for name in ("bs1116", "acr", "acr", "dcr", "abx"):
        expect(listener.heading).to_have_text(f"The question of {name}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert listener.letters() == list("A" if name in ("acr", "dcr") else "AB")
        assert page.locator(".loop").count() == (0 if name == "acr" else 1)
        if name == "acr":
            assert page.locator(".point").all_inner_texts() == ["Excellent", "Good", "Fair", "Poor", "Bad"]
        before = listener.place.text_content()
        answer_by_keyboard(page, listener, name)
        expect(listener.place).not_to_have_text(before)
    expect(page.get_by_text("You have helped us.")).to_be_visible()
    assert others.session(listener.token)["state"] == "finished"


def test_what_must_be_heard(open_page, others):
    """Starting a sound is not enough if a block requires more. The required second adds up over several plays."""
    page = open_page()
    listener = Listener(page, others.base).open(f"/t/{others.join()}").at_trial()
    listener.play_button("A").click()
    expect(listener.play_button("A")).to_have_class(re.compile("playing"))
    page.keyboard.press("Escape")
    slider = page.get_by_role("slider", name="Difference of A", exact=True)
    slider.press("End")
    expect(page.locator(".passing")).to_contain_text("Listen to A first, then rate it.")
    expect(slider).to_have_attribute("aria-valuetext", "not rated yet")
    expect(listener.row("A")).not_to_have_class(re.compile("heard"))
    listener.play_button("A").click()
    expect(listener.row("A")).to_have_class(re.compile("heard"))
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "5.0 of 5.0, imperceptible")
    page.keyboard.press("Escape")
    page.reload()
    expect(listener.row("A")).to_have_class(re.compile("heard"))


def test_only_what_plays_can_be_rated(open_page, tmp_path):
    serving = Serving(make_versions(tmp_path, [{**BLOCKS[0], "rate_while_playing": True}]))
    try:
        page = open_page()
        listener = at_mushra(page, serving)
        for letter in "AB":
            listener.hear(letter)
        score(page, "A", 0.7)
        first = page.get_by_role("slider", name="Quality of A", exact=True)
        expect(first).to_have_attribute("aria-valuetext", "not rated yet")
        expect(listener.play_button("A")).to_be_focused()
        score(page, "B", 0.4)
        expect(page.get_by_role("slider", name="Quality of B", exact=True)).to_have_attribute("aria-valuenow", "40")
        page.keyboard.press("a")
        expect(page.get_by_role("button", name="Stop A")).to_be_visible()
        score(page, "A", 0.7)
        expect(first).to_have_attribute("aria-valuenow", "70")
        page.keyboard.press("Escape")
        score(page, "A", 0.2)  # It does not change after it stops either.
        expect(first).to_have_attribute("aria-valuenow", "70")
    finally:
        serving.stop()


def come_back(listener, code):
    """Resumes on another device, with the code that a break has shown."""
    page = listener.open("/").page
    page.get_by_text("I have a code to continue").click()
    field = page.get_by_label("Your code")
    field.fill("0000-0000-0000")
    field.press("Enter")
    expect(page.get_by_role("alert").get_by_text("This code doesn't work.")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    for _ in range(10):
        with page.expect_response("**/api/return"):
            field.press("Enter")
    expect(page.get_by_role("alert").get_by_text("That was wrong several times.")).to_be_visible()
    field.fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Continue where you left off").click()
    expect(listener.heading).to_have_text("Take a break")


def test_a_rest_that_must_be_taken(open_page, tmp_path):
    block = {**BLOCKS[1], "break_every": 1, "break": {"en": "Rest.", "de": "Pause."}, "break_least_s": 6}
    serving = Serving(make_versions(tmp_path, [block]))
    try:
        page = open_page()
        listener = Listener(page, serving.base).open(f"/t/{serving.join()}")
        expect(listener.heading).to_have_text("Take a break")
        expect(listener.wanting).to_have_text(re.compile(r"You can continue in [1-6] seconds?\."))
        expect(page.get_by_text("Please keep the volume as you set it at the beginning.").and_(page.locator("main p"))).to_be_visible()
        expect(page.get_by_label("You can also continue later, here or on another device, with your personal link:")).to_have_value(page.url)
        code = page.get_by_label("Or type this code on the first page of the study:").input_value()
        come_back(Listener(open_page(), serving.base), code)
        listener.next.click()
        expect(listener.heading).to_have_text("Take a break")
        expect(listener.wanting).to_have_text("")
        listener.next.click()
        expect(listener.heading).to_have_text("Which is better?")
    finally:
        serving.stop()
