"""A webMUSHRA configuration with every type of page, imported, served, and completed in the browser to its last
page."""

import os
import re
import subprocess

import numpy as np
import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import PROGRAM, REPOSITORY, Serving
from small_study import RATE, write_wav

STIMULI = "stimuli: {C1: audio/c1.wav, C2: audio/c2.wav, C3: audio/c3.wav}"
FORM = f"""
testname: All tests
testId: all_tests
bufferSize: 2048
stopOnErrors: true
showButtonPreviousPage: true
remoteService: service/write.php
pages:
  - {{type: generic, id: all, name: All listening tests, content: "<p>This shows <b>all</b> tests.</p>"}}
  - {{type: consent, id: c, name: Consent, mustConsent: true, content: "We store your answers.<br>Do you agree?"}}
  - {{type: volume, id: vol, name: Volume, content: Adjust, stimulus: audio/ref.wav, defaultVolume: 0.5}}
  - {{type: mushra, id: m1, name: MUSHRA, content: Rate the basic audio quality., showWaveform: true,
      reference: audio/ref.wav, createAnchor35: true, createAnchor70: true, {STIMULI}}}
  -
    - random
    - {{type: bs1116, id: b1, name: BS, content: Find the reference., reference: audio/ref.wav, {STIMULI}}}
    - {{type: paired_comparison, id: p1, name: ABX, unforced: , content: Which is X?, reference: audio/ref.wav, {STIMULI}}}
  - {{type: preference_test, id: pr, name: Pref, content: Which do you prefer?, {STIMULI}}}
  - {{type: ranking, id: ra, name: Rank, content: Put the best first., {STIMULI}}}
  - type: likert_single_stimulus
    id: l1
    name: likert
    content: How is it?
    mustRate: true
    {STIMULI}
    response: [[{{value: a, label: Not at all}}, {{value: b, label: Much}}], [{{value: a, label: Dull}}, {{value: b, label: So so}}, {{value: c, label: Bright}}]]
  - type: finish
    name: Thank you
    content: Thank you for attending!
    questionnaire:
      - {{type: number, label: Age, name: age, min: 0, max: 100, optional: true}}
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("imported")
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, (1, RATE))
    for name, gain in (("ref", 1), ("c1", 0.9), ("c2", 0.8), ("c3", 0.7)):
        write_wav(folder / "audio" / f"{name}.wav", gain * noise)
    (folder / "configs").mkdir()
    (folder / "configs" / "all.yaml").write_text(FORM)
    subprocess.run([str(PROGRAM), "import", "webmushra", "configs/all.yaml", "--sounds", "."], cwd=folder, check=True,
                   env={**os.environ, "EARSHOT_HOME": str(REPOSITORY)})
    with open(folder / "all-tests" / "study.yaml", "a") as study:
        study.write("\nmust_hear_s: 0\n")  # The test takes long enough already.
    serving = Serving(folder / "all-tests")
    yield serving
    serving.stop()


def judge(page, kind: str) -> None:
    """Answers for every sound of a page."""
    if kind in ("mushra", "bs1116"):
        for slider in page.locator(".sample").get_by_role("slider").all():
            slider.press("End")
    elif kind == "rank":
        for _ in page.locator(".sample").all():
            page.locator(".ranking .put:visible").first.click()
    else:
        for group in page.get_by_role("radiogroup").all() or [page]:
            group.get_by_role("radio").first.check(force=True)


def test_every_page_of_a_form_is_walked(open_page, imported):
    page = open_page()
    listener = Listener(page, imported.base).open()
    page.get_by_role("checkbox").check()
    listener.next.click()
    kinds: list[str] = []
    while True:
        expect(page.locator(".page:not(.only)")).to_be_visible()
        if page.locator(".finish").count():
            break
        here = listener.heading.text_content(), listener.place.text_content()
        if page.locator(".trial").count():
            done = len(kinds)
            kinds.append(imported.session(listener.token)["trials"][done]["kind"])
            if page.locator(".loop .play").count():
                page.locator(".loop .play").click()
                expect(listener.wanting).not_to_contain_text(re.compile("play (X|the reference)"))
            for letter in listener.letters():
                listener.hear(letter)
            page.keyboard.press("Escape")
            judge(page, kinds[-1])
        elif page.locator(".volume").count():
            page.locator(".play").click()
            expect(page.locator(".play.playing")).to_be_visible()
        listener.next.click()
        page.wait_for_function(
            "([heading, place]) => document.querySelector('.finish') || document.querySelector('h1')?.textContent !== heading"
            " || document.querySelector('.place')?.textContent !== place", arg=list(here))
    assert {"mushra", "bs1116", "abx", "ab", "rank", "acr"} <= set(kinds), kinds
    expect(page.get_by_text("Thank you for attending!")).to_be_visible()
