"""A questionnaire with every kind of question in a real browser: filled in, shown and hidden depending on answers, kept
over a reload, sent."""

import csv
import json
import os
import re
import subprocess
from datetime import date

import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import PROGRAM, REPOSITORY, Serving
from small_study import make_study
from test_look import CONTRAST, NAMELESS, SIDEWAYS, SMALL_TARGETS


def told(text: str) -> dict[str, str]:
    return {"en": text, "de": text}


QUESTIONS = [
    {"id": "nick", "text": told("Your nickname?"), "min": 2, "max": 12},
    {"id": "story", "kind": "long_text", "text": told("How did you come to music?"), "max": 60},
    {"id": "years", "kind": "number", "text": told("Years of music?"), "required": True, "min": 0, "max": 80},
    {"id": "musician", "kind": "choice", "text": told("Do you make music?"), "required": True,
     "options": [{"value": "yes", "text": told("Yes")}, {"value": "no", "text": told("No")}]},
    {"id": "plays", "kind": "choices", "text": told("What do you play?"), "required": True, "max": 2, "shown_if": {"musician": "yes"},
     "options": [{"value": "drums", "text": told("Drums")}, {"value": "bass", "text": told("Bass")}, {"value": "voice", "text": told("Voice")},
                 {"value": "none", "text": told("None of these"), "exclusive": True}]},
    {"id": "skill", "kind": "scale", "text": told("How well do you play?"), "required": True, "min": 1, "max": 7,
     "low": told("not at all"), "high": told("perfectly"), "shown_if": {"plays": ["drums", "bass", "voice"]}},
    {"id": "ease", "kind": "scale", "text": told("How much do you hear of it?"), "min": 0, "max": 10, "low": told("nothing"), "high": told("everything")},
    {"id": "born", "kind": "date", "text": told("When were you born?"), "min": "1920-01-01", "max": "2010-12-31"},
    {"id": "flat", "text": told("What is missing?"), "required": True, "shown_if": {"skill": [1, 2]}},
    {"id": "debut", "kind": "long_text", "text": told("How was the first year?"), "shown_if": {"years": 1}},
    {"id": "hours", "kind": "number", "text": told("Hours of music?"), "min": 0},
]


@pytest.fixture(scope="module")
def asking(tmp_path_factory):
    folder = make_study(tmp_path_factory.mktemp("asking"))
    study = json.loads((folder / "study.yaml").read_text(encoding="utf-8"))
    study["questionnaire"] = QUESTIONS
    (folder / "study.yaml").write_text(json.dumps(study, ensure_ascii=False), encoding="utf-8")
    serving = Serving(folder)
    yield serving
    serving.stop()


def participants(study) -> list[dict[str, str]]:
    out = study / "export"
    subprocess.run([str(PROGRAM), "export", str(study), "--out", str(out)], check=True, capture_output=True,
                   env={**os.environ, "EARSHOT_HOME": str(REPOSITORY)})
    with open(out / "participants.csv", newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


WRITTEN = [
    ("٢٥", 25), ("۲۵", 25), ("２５", 25), ("२५", 25), ("٣٫٥", 3.5), ("12,5", 12.5), ("0,125", 0.125), ("−3", -3), ("1,500", 1.5), ("12.375", 12.375),
    ("1 500", 1500), ("1’500", 1500), ("1,234.5", 1234.5), ("1.234,5", 1234.5), ("1,234,567", 1234567), ("1,2,3", "1,2,3")]


def test_a_number_is_read_as_it_was_meant_or_asked_about(asking, open_page):
    listener = Listener(open_page(), asking.base).open(f"/t/{asking.join(up_to='questionnaire')}")
    page = listener.page
    listener.next.click()  # From now on, problems are shown at once.
    kept = "JSON.parse(Object.entries(localStorage).find(([name]) => name.endsWith('draft/questionnaire'))[1]).years"

    def problem(label):
        return page.locator(".field", has=page.get_by_label(label)).locator(".problem")

    for written, meant in WRITTEN:
        page.get_by_label("Years of music?").fill(written)
        assert page.evaluate(kept) == meant, written
        fits = isinstance(meant, int | float) and 0 <= meant <= 80
        expect(problem("Years of music?"), written).to_have_text("" if fits else "Enter a number from 0 to 80.")
    for written in ("1,500", "1.500", "٢٬٥٠٠,5", "2,345"):
        page.get_by_label("Hours of music?").fill(written)
        expect(problem("Hours of music?"), written).to_have_text(
            "" if "٢" in written else "Enter the number without separating thousands, such as 1500 or 1.5.")


def test_every_kind_is_filled_in_and_arrives(asking, open_page):
    token = asking.join(up_to="questionnaire")
    listener = Listener(open_page(), asking.base).open(f"/t/{token}")
    page = listener.page
    fields = page.locator(".field")
    expect(fields).to_have_count(len(QUESTIONS))
    assert [field.is_visible() for field in fields.all()] == [True, True, True, True, False, False, True, True, False, False, True]

    # Missing answers are reported for visible questions only.
    listener.next.click()
    expect(listener.wanting).to_have_text("Still to do: answer 2 questions")
    expect(page.get_by_label("Years of music?")).to_be_focused()

    page.get_by_label("Your nickname?").fill("J")
    expect(page.get_by_text("1 of at least 2 characters")).to_be_visible()
    page.get_by_label("How did you come to music?").fill("by chance\nand by 👩🏽‍🚀" + "x" * 60)
    page.get_by_label("Years of music?").fill("1")
    expect(page.get_by_label("How was the first year?")).to_be_visible()
    page.get_by_label("Years of music?").fill("12,5")
    expect(page.get_by_label("How was the first year?")).to_be_hidden()
    page.get_by_role("radio", name="Yes").check()
    plays = page.get_by_role("group", name="What do you play?")
    expect(plays).to_be_visible()
    for name in ("Drums", "Bass", "Voice"):
        plays.get_by_label(name).check()
    page.get_by_label("When were you born?").fill("2011-01-01")
    listener.next.click()
    expect(page.get_by_text("Write at least 2 characters.")).to_be_visible()
    expect(page.get_by_text(re.compile("Use \\d+ characters or fewer. There are 8\\d now"))).to_be_visible()
    expect(page.get_by_text("Choose up to 2.")).to_be_visible()
    expect(page.get_by_text("Enter a date from January 1, 1920 to December 31, 2010.")).to_be_visible()

    # An exclusive option unticks the others, and they untick it.
    plays.get_by_label("None of these").check()
    for name in ("Drums", "Bass", "Voice"):
        expect(plays.get_by_label(name)).not_to_be_checked()
    expect(page.get_by_role("group", name="How well do you play?")).to_be_hidden()
    plays.get_by_label("Bass").check()
    expect(plays.get_by_label("None of these")).not_to_be_checked()

    # By keyboard alone: a point of the scale, and the one beside it.
    skill = page.get_by_role("group", name="How well do you play?")
    skill.get_by_role("radio", name="1, not at all").focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("What is missing?")).to_be_visible()
    page.get_by_label("What is missing?").fill("never said")
    skill.get_by_role("radio", name="1, not at all").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(skill.get_by_role("radio", name="4", exact=True)).to_be_checked()
    expect(page.get_by_label("What is missing?")).to_be_hidden()

    page.get_by_label("Your nickname?").fill("Jo")
    page.get_by_label("How did you come to music?").fill("by chance\nand by luck ")
    page.get_by_label("When were you born?").fill("1984-02-29")
    page.reload()
    expect(page.get_by_label("How did you come to music?")).to_have_value("by chance\nand by luck")
    expect(page.get_by_label("When were you born?")).to_have_value("1984-02-29")
    expect(skill.get_by_role("radio", name="4", exact=True)).to_be_checked()
    expect(page.get_by_label("What is missing?")).to_be_hidden()
    listener.next.click()
    expect(page.locator(".volume")).to_be_visible()
    expect(listener.saving).to_have_text("saved")

    said = participants(asking.study)[-1]
    assert {name: said[name] for name in ("nick", "story", "years", "musician", "plays", "skill", "ease", "born", "flat", "debut")} == {
        "nick": "Jo", "story": "by chance\nand by luck", "years": "12.5", "musician": "yes", "plays": "bass", "skill": "4", "ease": "",
        "born": "1984-02-29", "flat": "", "debut": ""}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_looks_and_reads_well(asking, open_page, width, scheme):
    page = open_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    listener = Listener(page, asking.base).open(f"/t/{asking.join(up_to='questionnaire')}")
    page.get_by_role("radio", name="Yes").check()
    page.get_by_label("Drums").check()
    page.get_by_role("radio", name="2", exact=True).first.check(force=True)
    page.get_by_label("Your nickname?").fill("J")
    listener.next.click()
    assert page.evaluate(SIDEWAYS) == 0
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(CONTRAST)["bad"] == []
    # Eleven points share a phone's width: each is high enough for a finger, but narrower.
    small = [one for one in page.evaluate(SMALL_TARGETS) if "point" not in one[0] or one[2] < 43.5]
    assert small == []
    if shots := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{shots}/questionnaire-{width}-{scheme}.png", full_page=True)


def test_simulated_listeners_answer_every_kind(asking):
    data = asking.study / "simulated"
    told_by = subprocess.run(
        [str(PROGRAM), "simulate", str(asking.study), "--listeners", "16", "--data", str(data), "--drop-out", "0"], capture_output=True, text=True,
        env={**os.environ, "EARSHOT_HOME": str(REPOSITORY)})
    assert told_by.returncode == 0, told_by.stderr
    out = data / "export"
    subprocess.run([str(PROGRAM), "export", str(asking.study), "--data", str(data), "--out", str(out)], check=True, capture_output=True,
                   env={**os.environ, "EARSHOT_HOME": str(REPOSITORY)})
    with open(out / "participants.csv", newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 16 and {row["musician"] for row in rows} == {"yes", "no"}
    for row in rows:
        assert 2 <= len(row["nick"]) <= 12 and 0 <= float(row["years"]) <= 80 and 0 <= int(row["ease"]) <= 10
        assert date(1920, 1, 1) <= date.fromisoformat(row["born"]) <= date(2010, 12, 31)
        assert (row["plays"] != "") == (row["musician"] == "yes")
        assert (row["skill"] != "") == (row["plays"] not in ("", "none"))
        assert (row["flat"] != "") == (row["skill"] in ("1", "2"))
