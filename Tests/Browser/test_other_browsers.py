"""A complete session in Firefox and in WebKit, Safari's engine: from the link to the last page, including what is
heard."""

import base64
import csv
import subprocess

import numpy as np
import pytest

from drivers import Firefox, Loudspeaker, WebKit
from serving import PROGRAM, Serving
from small_study import RATE, make_study
from sound_tap import Skipped

NEXT = "button[type=submit]:not(dialog *)"
END, HOME, RIGHT = "\ue010", "\ue011", "\ue014"

DECODED = """(async () => {
  const { Parcel } = await import("/assets/scripts/parcel.js");
  const [address, number] = "%s".split("#");
  const file = await (await new Parcel(address).sound(Number(number)));
  const bytes = (await file.read(0, file.size)).slice().buffer;
  const buffer = await new OfflineAudioContext(1, 1, %d).decodeAudioData(bytes);
  const all = new Uint8Array(buffer.getChannelData(0).slice().buffer);
  let text = "";
  for (let i = 0; i < all.length; i += 32768) text += String.fromCharCode(...all.subarray(i, i + 32768));
  return btoa(text);
})()"""


def compared(file: np.ndarray, heard: np.ndarray) -> tuple[float, float]:
    """The fractional delay of a recorded sound in frames (WebKitGTK's output interpolates), and its largest difference
    from the file delayed by as much: from the first frame to the last, and in the silence around it."""
    size = 1 << int(np.ceil(np.log2(len(heard) + len(file))))
    at = int(np.argmax(np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(file, size)), size)[:len(heard) - len(file)]))
    margin = 200
    assert at >= margin
    stretch = heard[at - margin:at + len(file) + margin].astype(float)
    alone = np.pad(file.astype(float), margin)
    size = 1 << int(np.ceil(np.log2(len(alone))))
    ours, theirs = np.fft.rfft(alone, size), np.fft.rfft(stretch, size)
    bins = np.flatnonzero(np.abs(ours) > 1e-3 * np.abs(ours).max())
    late = -np.polyfit(bins, np.unwrap(np.angle(theirs[bins] / ours[bins])), 1)[0] * size / 2 / np.pi
    moved = np.fft.irfft(ours * np.exp(-2j * np.pi * np.arange(len(ours)) / size * late), size)[:len(stretch)]
    return late, float(np.abs(moved - stretch).max())


def sit_down(browser, base: str) -> None:
    """Goes from the link to the first trial."""
    browser.goto(f"{base}/")
    browser.click("#agree")
    browser.click(NEXT)
    browser.click("input.short")
    browser.keys("33")
    browser.click(".questionnaire input[type=radio]")
    browser.click(NEXT)
    browser.shown(".volume")
    browser.click(".play")
    browser.shown(".play.playing")
    browser.click(NEXT)
    for number in (1, 2):
        browser.until(f"document.body.innerText.includes('Round {number} of 2')")
        browser.click(".play")
        browser.shown(".play.playing")
        browser.until("!document.querySelector('.play.playing')")
        browser.click(".headphones input[type=radio]", at=1)
        browser.click(NEXT)
    browser.shown(".instructions")
    browser.click(NEXT)
    browser.shown(".trial")


def rate(browser) -> None:
    """Rates a trial: alternately the second lowest and the highest value of the scale."""
    browser.click(".loop .play")
    browser.shown(".loop .play.playing")
    for i in range(browser.evaluate("document.querySelectorAll('.sample').length")):
        browser.click(".sample .play", at=i)
        browser.until(f"document.querySelectorAll('.sample')[{i}].classList.contains('heard')")
        browser.evaluate(f"document.querySelectorAll('.sample [role=slider]')[{i}].focus()")
        browser.keys(END if i % 2 else HOME + RIGHT)
    browser.keys("\ue00c")  # Escape stops the sound.


def record(browser, speaker: Loudspeaker, frames: int) -> np.ndarray:
    """The left channel of what is heard while the first sample plays, which has `frames` frames."""
    speaker.record()
    browser.click(".sample .play")
    browser.until("document.querySelector('.sample').classList.contains('heard')")
    browser.until("!document.querySelector('.sample .play.playing')")
    return speaker.take(frames + 2 * RATE)[0]


@pytest.mark.parametrize("engine", [Firefox, WebKit])
def test_from_the_link_to_the_end(engine, tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("house")
    for name in ("study", "speaker", "profile"):
        (tmp_path / name).mkdir()
    serving = Serving(make_study(tmp_path / "study"))
    speaker = Loudspeaker(tmp_path / "speaker", RATE)
    browser = engine(tmp_path / "profile", speaker)
    try:
        sit_down(browser, serving.base)
        session = serving.session(browser.evaluate("location.pathname").rsplit("/", 1)[1])

        # The browser's output equals the file, from its first frame to its last. A busy machine may spoil a recording.
        [first] = [one["audio"] for one in session["trials"][0]["candidates"] if one["position"] == "A"]
        file = np.frombuffer(base64.b64decode(browser.evaluate(DECODED % (first, RATE))), dtype="<f4")
        sounding = np.flatnonzero(file)
        file = file[sounding[0]:sounding[-1] + 1]
        for left in (4, 3, 2, 1, 0):
            late, apart = compared(file, record(browser, speaker, len(file)))
            if apart < 5e-4 and abs(late) < (1e-4 if engine is Firefox else 1):
                break
            if left == 0:
                raise Skipped(f"what was heard lies {late} frames beside the file, and {apart} from it")

        trials = len(session["trials"])
        for _ in range(trials):
            here = browser.evaluate("document.querySelector('.place').textContent")
            rate(browser)
            browser.click(NEXT)
            browser.until(f"document.querySelector('.place').textContent !== {here!r} || document.querySelector('.page.finish')")
        browser.until("document.querySelector('.page.finish h1')?.textContent === 'Thank you'")
    finally:
        browser.stop()
        speaker.stop()
        serving.stop()
    subprocess.run([str(PROGRAM), "export", str(tmp_path / "study"), "--out", str(tmp_path / "out")], check=True, capture_output=True)
    [participant] = list(csv.DictReader(open(tmp_path / "out" / "participants.csv", newline="")))
    assert participant["finished_at"] != ""
    assert (engine is Firefox) == ("firefox" in participant["user_agent_family"]), participant["user_agent_family"]
    ratings = list(csv.DictReader(open(tmp_path / "out" / "ratings.csv", newline="")))
    assert len(ratings) == sum(len(trial["candidates"]) for trial in session["trials"])
    assert {(ord(row["position"]) % 2, row["rating"]) for row in ratings} == {(1, "1"), (0, "100")}
