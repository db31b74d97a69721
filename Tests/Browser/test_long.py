"""Material too long to be decoded as a whole is played in pieces, without audible seams."""

import json

import numpy as np
import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import Serving
from small_study import RATE, make_study, write_table, write_wav
from sound_tap import SoundTap, place

# More than 8 MB of stereo when decoded, in pieces of 4 seconds.
SECONDS = 24
GAINS = {"reference": 1.0, "quokkacodec": 0.5}
FADE = 256


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    folder = make_study(tmp_path_factory.mktemp("long"))
    noise = np.random.default_rng(7).uniform(-0.5, 0.5, (2, SECONDS * RATE))
    rows = []
    for system, gain in GAINS.items():
        write_wav(folder / "sounds" / system / "lemuritem.wav", gain * noise)
        rows.append(["lemuritem", system, f"{system}/lemuritem.wav", "yes" if system == "reference" else "no"])
    write_table(folder / "sounds" / "renderings.csv", ["item", "system", "file", "reference"], rows)
    write_table(folder / "sounds" / "alone.csv", ["candidate", "file"], [["lemursound", "reference/lemuritem.wav"]])
    definition = json.loads((folder / "study.yaml").read_text())
    trials = {"training": 0, "catches": 0, "repeats": 0}
    definition["blocks"] = [
        {"name": "quality", "type": "mushra", "anchors_lowpass_hz": [], "trials": {**trials, "per_participant": 1},
         "question": {"en": "How good is each version?", "de": "Wie gut ist jede Fassung?"}},
        {"name": "alone", "type": "acr", "source": "sounds", "trials": {**trials, "per_participant": 1},
         "question": {"en": "How good is it?", "de": "Wie gut ist es?"}},
    ]
    definition["texts"].pop("conditions")
    definition["sounds"] = {"renderings_level": "as_is", "candidates": "sounds/alone.csv"}
    (folder / "study.yaml").write_text(json.dumps(definition))
    serving = Serving(folder)
    yield serving
    serving.stop()


def progress(page, condition: str) -> None:
    page.wait_for_function(f"() => document.querySelector('.progress').style.getPropertyValue('--at') {condition}")


def test_versions_of_long_material_change_and_repeat_to_the_frame(open_page, long):
    page = open_page(bypass_csp=True)
    tap = SoundTap(page)
    listener = Listener(page, long.base).open(f"/t/{long.join()}").at_trial()
    trial = long.session(listener.token)["trials"][0]
    files = {one["position"]: tap.file(one["audio"])[0] for one in trial["candidates"]}
    soft = min(files, key=lambda letter: np.abs(files[letter]).max())
    reference = tap.file(trial["query"])[0]
    assert len(reference) == SECONDS * RATE
    start = page.get_by_role("slider", name="Start of the part that plays")
    end = page.get_by_role("slider", name="End of the part that plays")
    start.press("Shift+ArrowRight")
    for _ in range(5):
        end.press("Shift+ArrowLeft")
    first, last = round(0.1 * len(reference)), round(0.5 * len(reference))
    for at in ("> 0", "> 0.12"):  # The tap skips frames as it starts, so the sound is played again.
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Play the reference").click()
        expect(page.get_by_role("button", name="Stop the reference")).to_be_visible()
        progress(page, at)
        tap.ready()
    progress(page, "> 0.3")
    listener.play_button(soft).click()
    progress(page, "> 0.45")
    progress(page, "< 0.2")
    progress(page, "> 0.13")
    runs = tap.runs()
    page.keyboard.press("Escape")

    heard = np.concatenate([sound for _, sound in runs])
    clock = np.concatenate([frame + np.arange(len(sound)) for frame, sound in runs])
    begin, sound = next((frame, sound) for frame, sound in runs if len(sound) >= 8192)
    clock += place(sound[:8192], reference) - first - begin  # Frames since the stretch began to play.
    frames = clock % (last - first) + first
    inside = (frames > first + FADE) & (frames < last - FADE)  # The ends of a stretch fade.
    before = np.abs(heard - reference[frames]) < 2e-4
    behind = np.abs(heard - files[soft][frames]) < 2e-4
    change = int(np.argmax(~before & inside))
    assert 4 * RATE < clock[change] < 9 * RATE
    assert before[:change][inside[:change]].all()
    assert behind[change + 2 * FADE:][inside[change + 2 * FADE:]].all()
    assert (frames[change:] == first).any()  # It started over.
    assert np.abs(heard[~inside]).max() < 0.51


def test_a_long_sound_by_itself_plays_to_its_end(open_page, long):
    page = open_page(bypass_csp=True)
    tap = SoundTap(page)
    listener = Listener(page, long.base).open(f"/t/{long.join()}").at_trial()
    page.get_by_role("button", name="Play the reference").click()
    for letter in listener.letters():
        listener.hear(letter)
        slider = page.get_by_role("slider", name=f"Quality of {letter}", exact=True)
        slider.click()
    listener.next.click()
    expect(listener.heading).to_have_text("How good is it?")
    [single] = long.session(listener.token)["trials"][1]["candidates"]
    file = tap.file(single["audio"])[0]
    tap.ready()
    listener.play_button("A").click()
    expect(page.get_by_role("button", name="Stop A")).to_be_visible()
    expect(page.get_by_role("button", name="Play A")).to_be_visible(timeout=2000 * SECONDS)
    # Each run equals the file frame by frame, and all have the same offset as the first: to the last frame, then
    # silence.
    shift, checked = None, 0
    for frame, heard in tap.runs():
        sounding = np.flatnonzero(heard)
        if len(sounding) < 4 * 8192:
            continue
        begins = int(sounding[0])
        at = place(heard[begins:begins + 8192], file)
        part = heard[begins:begins + len(file) - at]
        assert np.abs(part - file[at:at + len(part)]).max() < 2e-4
        assert np.abs(heard[begins + len(file) - at:]).max(initial=0) == 0
        shift = frame + begins - at if shift is None else shift
        assert frame + begins - at == shift
        checked += len(part)
    assert checked > 0.8 * len(file)
