"""What is heard, sample by sample: attacks are complete and unmixed, seams are exact, and only the sound that is left
fades."""

import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import Serving
from small_study import make_study
from sound_tap import SoundTap

RATE = 44100
FADE = round(0.008 * RATE)
GAP = round(0.35 * RATE)
# Frame times are binary fractions of a second, and Chromium interpolates with their rounding error: up to 1e-14 was
# seen.
# A 24-bit quantisation step is 1e-7.
EXACT = 1e-9


@pytest.fixture
def listener(open_page, study) -> Listener:
    """Lets the tap run: it is a script that does not come from the server, so the page's own policy would refuse it."""
    return Listener(open_page(bypass_csp=True), study.base)


@pytest.fixture
def tap(listener) -> SoundTap:
    return SoundTap(listener.page)


@pytest.fixture
def hearing(listener, tap, study):
    return heard_by(listener, tap, study)


def heard_by(listener, tap, study):
    """A listener at a trial, the running tap, and the trial's sounds as the server sends them."""
    token = study.join()
    listener.open(f"/t/{token}").at_trial()
    trial = study.session(token)["trials"][0]
    sounds = {one["position"]: tap.file(one["audio"]) for one in trial["candidates"]}
    sounds["loop"] = tap.file(trial["query"])
    listener.hear("D")  # The first sound wakes the device.
    ended(listener, "D")
    tap.ready()
    return listener, tap, sounds


def ended(listener: Listener, letter: str) -> None:
    expect(listener.play_button(letter)).not_to_have_class(re.compile("playing"))


def sounding(recorded: np.ndarray) -> np.ndarray:
    """Which frames are not silent."""
    return np.any(np.abs(recorded) > EXACT, axis=0)


def first_sound(recorded: np.ndarray) -> int:
    return int(np.flatnonzero(sounding(recorded))[0])


def assert_same(heard: np.ndarray, wanted: np.ndarray, what: str) -> None:
    """Asserts that the samples are equal, and says where they differ."""
    assert heard.shape == wanted.shape, what
    other = np.flatnonzero(sounding(heard - wanted))
    if other.size > 0:
        raise AssertionError(f"{what}: {other.size} frames from {other[0]} to {other[-1]} of {heard.shape[1]} differ, "
                             f"by at most {np.abs(heard - wanted).max():.2g}")


def starts_at(recorded: np.ndarray, sound: np.ndarray, after: int = 0) -> int:
    """The frame at which a sound begins with its very first samples."""
    lead = sound[0, :64]
    for frame in np.flatnonzero(np.abs(recorded[0, after:-64] - lead[0]) < EXACT) + after:
        if np.abs(recorded[0, frame:frame + 64] - lead).max() < EXACT:
            return int(frame)
    raise AssertionError("the sound's first samples were not heard")


def test_a_sample_starts_at_its_first_frame_at_full_gain(hearing):
    listener, tap, sounds = hearing
    for letter in "AB":
        listener.page.keyboard.press(letter)
        expect(listener.row(letter)).to_have_class(re.compile("heard"))
        ended(listener, letter)
        heard, sound = tap.take(), sounds[letter]
        begin = first_sound(heard) - first_sound(sound)
        assert_same(heard[:, begin:begin + sound.shape[1]], sound, "every frame as in the file, from the first")
        assert not sounding(heard[:, begin + sound.shape[1]:]).any()
        assert first_sound(sound) < 0.002 * RATE, "the file itself begins with its attack"


def test_the_loop_has_no_seam(hearing):
    listener, tap, sounds = hearing
    loop = sounds["loop"]
    length = loop.shape[1]
    listener.page.keyboard.press("Space")
    expect(listener.loop_button).to_have_class(re.compile("playing"))
    heard = [tap.take()]
    while sum(part.shape[1] for part in heard) < 3.2 * length:
        heard.append(tap.take())
    heard = np.concatenate(heard, axis=1)
    begin = first_sound(heard) - first_sound(loop)
    played = heard[:, begin:]
    wanted = loop[:, np.arange(played.shape[1]) % length]
    assert played.shape[1] > 2 * length
    assert_same(played, wanted, "frame after frame over both seams")


def loop_then(hearing, letter: str, *, stopped: bool = False):
    """What is heard when the listener goes straight from the loop to a sample, from the loop's first frame on; what
    would have been heard of the loop alone; and the sample."""
    listener, tap, sounds = hearing
    loop = sounds["loop"]
    listener.page.keyboard.press("Space")
    expect(listener.loop_button).to_have_class(re.compile("playing"))
    heard = [tap.take()]
    while sum(part.shape[1] for part in heard) < 0.5 * loop.shape[1]:
        heard.append(tap.take())
    if stopped:  # Both keys in one task, so that the sample is requested while the loop still fades.
        listener.page.evaluate("""letter => ["Escape", letter].forEach((key) => document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))""", letter.lower())
    else:
        listener.page.keyboard.press(letter.lower())
    expect(listener.row(letter)).to_have_class(re.compile("heard"))
    ended(listener, letter)
    heard = np.concatenate([*heard, tap.take()], axis=1)
    played = heard[:, first_sound(heard) - first_sound(loop):]
    return played, loop[:, np.arange(played.shape[1]) % loop.shape[1]], sounds[letter]


@pytest.mark.parametrize("stopped", [False, True])
def test_what_is_left_has_faded_before_the_attack(hearing, stopped):
    played, expected, sample = loop_then(hearing, "A", stopped=stopped)
    begin = starts_at(played, sample)
    heard = played[:, begin:begin + sample.shape[1]]
    assert_same(heard, sample, "every frame of the sample, and nothing beside it, from the first")
    assert not sounding(played[:, begin + sample.shape[1]:]).any()
    fading = int(np.flatnonzero(sounding(played - expected))[0]) - 1  # Until here only the loop sounds.
    assert fading <= begin - FADE, "the sample waits for the fade"
    if stopped and fading < begin - FADE - 2:
        return  # The machine was busy, and the task took longer than the fade, which began with it.
    assert begin - FADE - 2 <= fading, "and not longer"
    ramp = 1 - np.arange(begin - fading) / (begin - fading)
    left = played[:, fading:begin] - expected[:, fading:begin] * ramp
    assert np.abs(left).max() < 1e-3, "the fade is a straight line"


def test_the_fade_is_short_and_smooth(hearing):
    """The fade takes five to ten milliseconds: long enough to avoid a click, too short to be noticed as a delay."""
    played, expected, sample = loop_then(hearing, "B")
    begin = starts_at(played, sample)
    fading = int(np.flatnonzero(sounding(played - expected))[0])
    assert 0.005 * RATE <= begin - fading <= 0.010 * RATE
    assert np.abs(np.diff(played[:, fading - 8:begin])).max() <= np.abs(np.diff(expected[:, fading - 8:begin])).max() * 1.2


def test_compare_plays_loop_gap_sample(hearing):
    listener, tap, sounds = hearing
    listener.page.get_by_role("switch", name=re.compile("^Compare")).click()
    listener.page.keyboard.press("b")
    expect(listener.row("B")).to_have_class(re.compile("heard"))
    ended(listener, "B")
    heard, loop, sample = tap.take(), sounds["loop"], sounds["B"]
    begin = first_sound(heard) - first_sound(loop)
    length = loop.shape[1]
    assert_same(heard[:, begin:begin + length], loop, "the loop once")
    second = starts_at(heard, sample, begin + length)
    assert abs(second - (begin + length + GAP)) <= 1
    assert not sounding(heard[:, begin + length:second]).any()
    assert_same(heard[:, second:second + sample.shape[1]], sample, "then the sample")


def test_compare_plays_so_much_of_the_loop_as_the_study_says(open_page, tmp_path):
    folder = make_study(tmp_path / "study")
    definition = json.loads((folder / "study.yaml").read_text())
    definition["trials"]["compare_s"] = 0.5
    (folder / "study.yaml").write_text(json.dumps(definition))
    serving = Serving(folder)
    try:
        listener = Listener(open_page(bypass_csp=True), serving.base)
        listener, tap, sounds = heard_by(listener, SoundTap(listener.page), serving)
        listener.page.get_by_role("switch", name=re.compile("^Compare")).click()
        listener.page.keyboard.press("b")
        expect(listener.row("B")).to_have_class(re.compile("heard"))
        ended(listener, "B")
        heard, loop, sample = tap.take(), sounds["loop"][:, :RATE // 2], sounds["B"]
        begin = first_sound(heard) - first_sound(loop)
        fades = int(0.005 * RATE) + 1
        assert_same(heard[:, begin:begin + loop.shape[1] - fades], loop[:, :-fades], "its beginning, from the first frame at full gain")
        assert np.abs(heard[:, begin + loop.shape[1] - 1]).max() < 0.01, "and it fades where it is cut"
        second = starts_at(heard, sample, begin + loop.shape[1])
        assert abs(second - (begin + loop.shape[1] + GAP)) <= 1
    finally:
        serving.stop()


def test_leaving_a_trial_is_silent(hearing):
    listener, tap, _ = hearing
    listener.finish_trial()
    expect(listener.loop_button).not_to_have_class(re.compile("playing"))
    tap.take()
    quiet = [tap.take()]
    while sum(part.shape[1] for part in quiet) < 0.3 * RATE:
        quiet.append(tap.take())
    assert not np.concatenate(quiet, axis=1)[:, 2 * FADE:].any()


def test_an_interruption_never_goes_on_in_the_middle(hearing):
    listener, tap, sounds = hearing
    page = listener.page
    page.keyboard.press("Space")
    expect(listener.loop_button).to_have_class(re.compile("playing"))
    page.evaluate("() => soundTap.contexts.at(-1).suspend()")
    expect(listener.loop_button).not_to_have_class(re.compile("playing"))
    page.keyboard.press("c")
    expect(listener.row("C")).to_have_class(re.compile("heard"))
    ended(listener, "C")
    heard, sample = tap.take(interrupted=True), sounds["C"]
    begin = starts_at(heard, sample)
    assert_same(heard[:, begin:begin + sample.shape[1]], sample, "the sample from its first frame")
    silence = heard[:, begin - round(0.05 * RATE):begin]
    assert not silence.any(), "the loop did not come back"


def test_a_lost_device_is_replaced(hearing):
    listener, _, _ = hearing
    listener.page.evaluate("() => soundTap.contexts.at(-1).close()")
    listener.hear("A")
    assert listener.page.evaluate("() => soundTap.contexts.at(-1).state") == "running"


# A device that does not play until `device.begin()`, with the number of contexts that were asked to resume.
ASLEEP = """
(() => {
  const state = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, "state").get, asked = new Set();
  let begun = false;
  const waking = new Promise((resolve) => { window.device = { begin() { begun = true; resolve(); }, asked: () => asked.size, last: () => [...asked].pop() }; });
  Object.defineProperty(AudioContext.prototype, "state", { get() {
    const now = state.call(this);
    return begun || now === "closed" ? now : "suspended";
  } });
  AudioContext.prototype.resume = function () { asked.add(this); return waking; };
})();
"""


@pytest.fixture
def waking(listener, study):
    """A listener who has pressed the loop's key while the device is asleep."""
    page = listener.page
    page.add_init_script(ASLEEP)
    page.clock.install()
    listener.open(f"/t/{study.join()}").at_trial()
    page.keyboard.press("Space")
    page.wait_for_function("() => device.asked() === 1")
    return listener


def test_headphones_that_are_slow_to_wake_are_waited_for(waking):
    waking.page.clock.run_for(3000)
    assert waking.page.evaluate("() => device.asked()") == 1, "another context would begin the wait anew"
    waking.page.evaluate("() => device.begin()")
    expect(waking.loop_button).to_have_class(re.compile("playing"))


NO_SOUND_YET = "No sound yet. Check that your headphones or speakers are connected and turned on."
NO_SOUND = "No sound comes out of this device."


def test_a_device_that_sleeps_is_asked_for_soon_and_can_be_tried_again(waking):
    waking.page.clock.run_for(1100)
    expect(waking.page.locator(".notice")).to_contain_text(NO_SOUND_YET)
    waking.page.evaluate("() => device.begin()")
    expect(waking.loop_button).to_have_class(re.compile("playing"))
    expect(waking.page.locator(".notice")).to_be_empty()


def test_a_device_that_never_wakes_is_told_with_a_way_on(waking):
    waking.page.clock.run_for(5100)
    notice = waking.page.locator(".notice")
    expect(notice).to_contain_text(NO_SOUND)
    waking.page.evaluate("() => device.begin()")
    notice.get_by_role("button", name="Try again").click()
    expect(waking.loop_button).to_have_class(re.compile("playing"))
    expect(notice).to_be_empty()
    assert waking.page.evaluate("() => device.asked()") >= 1


def test_no_device_at_all_is_told_at_once_with_a_way_on(listener, study):
    listener.page.add_init_script("""
      window.withoutDevice = AudioContext;
      AudioContext = class { constructor() { throw new DOMException("no device", "NotSupportedError"); } };
    """)
    listener.open(f"/t/{study.join()}").at_trial()
    listener.page.keyboard.press("Space")
    notice = listener.page.locator(".notice")
    expect(notice).to_contain_text(NO_SOUND)
    listener.page.evaluate("() => { AudioContext = withoutDevice; }")
    notice.get_by_role("button", name="Try again").click()
    expect(listener.loop_button).to_have_class(re.compile("playing"))
    expect(notice).to_be_empty()


def test_a_device_that_fails_is_told_at_once(waking):
    waking.page.evaluate("() => device.last().dispatchEvent(new Event('error'))")
    expect(waking.page.locator(".notice")).to_contain_text(NO_SOUND)


def test_every_sound_is_played_at_its_own_rate(listener, tap, study):
    """The headphone check has its own sample rate. After it is reloaded, trials must still be exact."""
    listener.open(f"/t/{study.join(up_to='headphones')}")
    for number in (1, 2):
        listener.hear_round(number)
        listener.page.keyboard.press("1")
        listener.page.keyboard.press("Enter")
    expect(listener.heading).to_have_text("How it works")
    listener.next.click()
    listener.at_trial()
    listener.hear("A")
    assert listener.page.evaluate("() => soundTap.contexts.map((one) => one.sampleRate)") == [16000, 44100]


def test_a_sound_that_cannot_be_read_is_told_with_another_try(listener, study):
    broken = re.compile(r"/audio/1$")

    def spoil(route):
        """The content of the parcel is not a sound file."""
        body = route.fetch().body()
        head = 32 + 4 + 8 * 5  # The key, and the table of a loop and four candidates.
        route.fulfill(body=body[:head] + bytes(byte ^ 0x55 for byte in body[head:]))

    listener.page.route(broken, spoil)
    listener.open(f"/t/{study.join()}")
    expect(listener.page.locator(".notice")).to_contain_text("Your browser can't play one of the sounds.")
    listener.page.unroute(broken)
    listener.page.get_by_role("button", name="Try again").click()
    listener.at_trial()


def test_a_trial_is_fetched_ahead(listener, study):
    asked = []
    listener.page.on("request", lambda request: asked.append(request.url))
    listener.open(f"/t/{study.join()}").at_trial()
    listener.page.wait_for_load_state("networkidle")
    assert sum(url.endswith("/audio/2") for url in asked) == 1


def test_a_line_that_breaks_off_is_taken_up_where_it_broke(listener, study):
    """Each response ends after 20 kB, and the page requests the rest."""
    asked = []

    def cut(route):
        asked.append(route.request.headers.get("range"))
        assert asked[-1] is None or route.request.headers["if-range"], "the rest of the same content"
        answer = route.fetch()
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        headers.setdefault("content-range", f"bytes 0-{len(answer.body()) - 1}/{len(answer.body())}")
        route.fulfill(status=answer.status, headers=headers, body=answer.body()[:20_000])

    listener.page.route(re.compile(r"/audio/1$"), cut)
    listener.open(f"/t/{study.join()}").at_trial()
    listener.hear("D")
    assert len(asked) > 2
    assert asked == [None, *(f"bytes={20_000 * i}-" for i in range(1, len(asked)))]


def test_the_cipher_is_that_of_rfc_8439(listener, study):
    """Section 2.4.2: the text of 114 bytes, enciphered from block 1 on, in one piece and in several."""
    listener.open("/")
    text = ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.")
    pieces = listener.page.evaluate("""async (text) => {
      const { chacha20 } = await import("/assets/scripts/chacha20.js");
      const key = Uint8Array.from({ length: 32 }, (_, i) => i);
      const nonce = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0x4a, 0, 0, 0, 0]);
      const bytes = new TextEncoder().encode(text);
      const hex = (result) => Array.from(result, (byte) => byte.toString(16).padStart(2, "0")).join("");
      return [[0, 114], [0, 50], [50, 70], [70, 114]].map(([from, to]) => hex(chacha20(key, nonce, bytes.subarray(from, to), 64 + from)));
    }""", text)
    assert pieces[0] == "".join(pieces[1:]) == (
        "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8"
        "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42874d")


def test_the_next_trial_waits_for_its_sounds_and_the_left_one_is_over(listener, study):
    """On a slow connection, the page that was left neither takes keys and clicks nor is shown under the name of the
    next one."""
    page, held = listener.page, []
    page.route(re.compile("/audio/2$"), lambda route: held.append(route))
    listener.open(f"/t/{study.join()}").rate_all()
    place = listener.place.text_content()
    # Read within the page, before it says that it is loading.
    left = listener.next.evaluate("""async (next) => {
      next.click();
      await new Promise((resolve) => setTimeout(resolve));
      return { over: next.form.isConnected && next.form.inert, place: document.querySelector(".place").textContent };
    }""")
    assert left == {"over": True, "place": place}
    expect(listener.heading).to_have_text("Loading …")
    expect(listener.place).not_to_have_text(place)
    for route in held:
        route.continue_()
    listener.at_trial()
    page.keyboard.press("Space")
    expect(listener.loop_button).to_have_class(re.compile("playing"))
