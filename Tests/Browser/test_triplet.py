"""Triplets in the browser: two blocks with a break and a question between them, by mouse, by keyboard and on a
phone."""

import csv
import json
import re
import subprocess

import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import PROGRAM, Serving
from small_study import CANDIDATES, QUERY_NAMES, SYSTEMS, make_study, write_table

BLOCKS = [
    {"name": "alike", "question": {"en": "How similar to the {condition}?", "de": "Wie ähnlich der {condition}?"},
     "trials": {"per_participant": 1, "training": 0, "catches": 0}},
    {"name": "nearer", "type": "triplet", "question": {"en": "Which is nearer to the {condition}?", "de": "Was ist näher an der {condition}?"},
     "break": {"en": "Rest **now**.", "de": "Pause."}, "instructions": {"en": "Choose the nearer one.", "de": "Wählen Sie."},
     "trials": {"per_participant": 3, "training": 1, "catches": 1, "focus": list(SYSTEMS), "focus_share": 0.4},
     "questionnaire": [{"id": "ease", "kind": "number", "text": {"en": "How easy was it?", "de": "Wie leicht war es?"}}]},
]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    folder = make_study(tmp_path_factory.mktemp("mixed"))
    definition = json.loads((folder / "study.yaml").read_text())
    definition["pool"]["anchor_lowpass_hz"] = "none"
    definition["blocks"] = BLOCKS
    (folder / "study.yaml").write_text(json.dumps(definition))
    # Both systems rank all samples. Otherwise they would never disagree.
    write_table(folder / "sounds" / "rankings.csv", ["query", "condition", "system", "rank", "candidate"], [
        [query, condition, system, rank, names[(2 + 7 * s + 3 * q + rank) % len(names)]]
        for q, query in enumerate(QUERY_NAMES) for condition, names in CANDIDATES.items()
        for s, system in enumerate(SYSTEMS) for rank in range(1, len(names) + 1)])
    serving = Serving(folder)
    yield serving
    serving.stop()


def at_triplet(page, mixed) -> Listener:
    """A listener at the first triplet."""
    listener = Listener(page, mixed.base).open(f"/t/{mixed.join()}").at_trial()
    listener.finish_trial()
    expect(listener.heading).to_have_text("Take a break")
    listener.next.click()
    expect(page.get_by_text("Choose the nearer one.")).to_be_visible()
    listener.next.click()
    expect(listener.heading).to_have_text(re.compile("Which is nearer to the (kick|snare)?"))
    return listener


def test_a_whole_session_by_mouse(open_page, mixed):
    page = open_page()
    listener = at_triplet(page, mixed)
    expect(listener.place).to_contain_text("Practice")
    choice = page.get_by_role("radio", name="B is nearer")
    choice.click(force=True)  # Nothing has been heard yet.
    expect(page.locator(".passing")).to_contain_text("Listen to A first, then choose.")
    expect(choice).not_to_be_checked()
    listener.next.click()
    expect(listener.wanting).to_have_text("Still to do: play the loop, play A and B, choose the nearer one")
    for _ in range(5):
        at = listener.place.text_content()
        listener.loop_button.click()
        for letter in "AB":
            page.get_by_role("button", name=f"Play {letter}").click()
            expect(listener.row(letter)).to_have_class(re.compile("heard"))
        page.get_by_role("radio", name="A is nearer").check(force=True)
        page.get_by_role("radio", name="B is nearer").check(force=True)
        expect(page.get_by_role("radio", name="A is nearer")).not_to_be_checked()
        listener.next.click()
        expect(listener.place).not_to_have_text(at)
    page.get_by_label("How easy was it?").fill("4")
    listener.next.click()
    listener.at_end()
    session = mixed.session(listener.token)
    assert session["state"] == "finished"
    assert [(one["step"], one["number"]) for one in session["done"]["further"]] == [
        ("break", 2), ("instructions", 2), ("questionnaire", 2)]
    # On one of the three pages the two systems disagree; nothing tells the browser which.
    assert all("chance" not in trial for trial in session["trials"])
    out = mixed.study / "export"
    subprocess.run([str(PROGRAM), "export", str(mixed.study), "--out", str(out)], check=True, capture_output=True)
    with open(out / "triplets.csv", newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["session"] == "1"]
    asked = [float(row["probability"]) for row in rows if row["is_training"] == row["is_catch"] == "false"]
    assert len(asked) == 3 and len(set(asked)) == 2 and all(0 < chance < 1 for chance in asked)
    assert all(row["probability"] == "" for row in rows if "true" in (row["is_training"], row["is_catch"]))


def test_by_keyboard_and_after_a_reload(open_page, mixed):
    page = open_page()
    listener = at_triplet(page, mixed)
    press = page.keyboard.press
    press("Space")
    expect(listener.loop_button).to_have_class(re.compile("playing"))
    for letter in "AB":
        press(letter.lower())
        expect(listener.row(letter)).to_have_class(re.compile("heard"))
    press("Space")
    expect(page.get_by_role("radio", name="B is nearer")).to_be_checked()
    press("ArrowLeft")
    expect(page.get_by_role("radio", name="A is nearer")).to_be_checked()
    page.reload()
    expect(page.get_by_role("radio", name="A is nearer")).to_be_checked()
    press("Enter")
    expect(listener.place).not_to_contain_text("Practice")
    expect(page.get_by_text("Practice is over. Your ratings now count.")).to_be_visible()
    expect(listener.saving).to_have_text("saved")
    page.reload()  # It resumes after the break, the instructions and the practice.
    expect(listener.heading).to_have_text(re.compile("Which is nearer"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_on_a_phone(open_page, mixed):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    listener = at_triplet(page, mixed)
    expect(listener.row("B")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for box in page.locator(".point").all():
        assert box.bounding_box()["height"] >= 44


def test_what_is_told_says_nothing_of_the_pair(open_page, mixed):
    told = json.dumps(mixed.session(mixed.join()))
    for word in ("zebrakick", "yaksnare", "lemurloop", "reference", "catch"):
        assert word not in told
