"""The pages of `earshot evaluate`, opened from disk: charts are drawn, sounds play, nothing overflows."""

import subprocess

import numpy as np
import pytest
from playwright.sync_api import expect

from serving import PROGRAM
from small_study import one_shot, write_table, write_wav
from test_look import CONTRAST, SIDEWAYS

RATE = 44100


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """Six one-shots per class and four mixes of them, which differ in pitch."""
    folder = tmp_path_factory.mktemp("evaluated")
    classes = ["kick", "snare", "hihat"]
    shots = {f"{condition}-{i}": one_shot(80 * 4**c * 1.15**i, 0.25, 10 * c + i) for c, condition in enumerate(classes) for i in range(6)}
    for name, samples in shots.items():
        write_wav(folder / f"{name}.wav", samples[None, :])
    write_table(
        folder / "library.csv", ["candidate", "condition", "file", "group", "licence", "source"],
        [[name, name.split("-")[0], f"{name}.wav", f"kit {name[-1]}", "CC0-1.0", "<b>made</b> here"] for name in shots])
    rows = []
    for i in range(4):
        mix = np.zeros(2 * RATE)
        for c, condition in enumerate(classes):
            name = f"{condition}-{(i + c) % 6}"
            for start in range(c * RATE // 8, len(mix) - RATE // 2, RATE // 2):
                mix[start:start + len(shots[name])] += 0.3 * shots[name]
            rows.append([f"mix{i}", condition, f"mix{i}.wav", name, f"{c / 8} {0.5 + c / 8}", i, -20 - i])
        write_wav(folder / f"mix{i}.wav", mix[None, :])
    write_table(folder / "mixes.csv", ["query", "condition", "file", "reference", "onsets_s", "hit_gain_db", "reverb_send_db"], rows)
    subprocess.run([PROGRAM, "evaluate", "--library", folder, "--mixes", folder, "--system", "random", "--system", "mfcc-hit",
                    "--out", folder / "out", "--examples", folder / "listen", "--resamples", "200"], check=True,
                   env={"EARSHOT_CACHE": str(folder / "cache"), "HOME": str(folder), "PATH": "/usr/bin:/bin"})
    return folder


@pytest.mark.parametrize("width", [390, 1280])
def test_the_findings_are_drawn_and_fit(open_page, evaluated, width):
    page = open_page(viewport={"width": width, "height": 800})
    page.goto(f"file://{evaluated}/out/evaluation.html")
    expect(page.locator("html[data-charts=drawn]")).to_be_attached(timeout=30_000)
    names = page.locator("[data-chart]").evaluate_all("all => all.map((one) => [one.dataset.chart, one.querySelectorAll('svg').length])")
    assert dict(names) == {name: 1 for name in ["scores", "differences", "recall", "robustness", "leakage"]}
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(CONTRAST)["bad"] == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "light"), (1280, "dark")])
def test_the_examples_play_from_the_disk(open_page, evaluated, width, scheme):
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(f"file://{evaluated}/listen/index.html")
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(CONTRAST)["bad"] == []
    mix, shot = page.locator("a.play[data-loop]").first, page.locator(".ranking a.play").first
    mix.click()
    expect(mix).to_have_attribute("aria-pressed", "true")
    shot.click()
    expect(mix).to_have_attribute("aria-pressed", "false")
    # The sound lasts a quarter of a second and ends by itself.
    expect(shot).to_have_attribute("aria-pressed", "false")
    mix.press(" ")
    expect(mix).to_have_attribute("aria-pressed", "true")
    mix.press("Enter")
    expect(mix).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#state")).to_be_empty()
    expect(page.get_by_text("<b>made</b> here").first).to_be_attached()
