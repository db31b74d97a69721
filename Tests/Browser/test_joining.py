"""Joining by any kind of link, coming back, and what the last page says, and when."""

import csv
import json
import re
import subprocess

import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import PROGRAM, REPOSITORY, Serving
from small_study import make_study


def participants(serving: Serving, folder) -> list[dict[str, str]]:
    subprocess.run([str(PROGRAM), "export", str(serving.study), "--out", str(folder)], check=True, capture_output=True,
                   env={"EARSHOT_HOME": str(REPOSITORY), "PATH": "/usr/bin:/bin", "HOME": str(folder)})
    with (folder / "participants.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def begin(listener: Listener) -> None:
    listener.page.get_by_role("checkbox").check()
    listener.next.click()


LINKS = [
    ("?id=50%", "50%"), ("?id=%", "%"), ("?id=%E0%A4%A", "à¤%A"), ("?id=M%FCller", "Müller"), ("?id=M%C3%BCller", "Müller"),
    ("?id=%ED%A0%80x", "í\xa0€x".replace("\xa0", " ")), ("?id=a+b%2Bc", "a b+c"), ("?id=", ""), ("?id", ""), ("?&&=&id=x&", "x"),
    ("?ID=x&id=y", "x"), ("?id=%00x%0A", "x"), ("?id=" + "x" * 300, "x" * 300), ("?id=" + "x" * 9000, "x" * 2000),
    ("?id=" + "%F0%9F%A5%81" * 700, "🥁" * 700), ("?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}", ""),
    ("?id=${e://Field/PROLIFIC_PID}", ""), ("?survey_code=%SURVEY_CODE%", ""),
    ("?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=h", ""), ("?lang=__proto__&id=a", "a"), ("?lang=constructor&from=%", ""),
    ("?lang=%F0&lang=de&id=b", "b"), ("?__proto__=x&id=c&constructor=y", "c"), ("?" + "&".join(f"p{i}={i}" for i in range(500)), ""),
]


def test_no_link_keeps_anybody_out(open_page, own_study, tmp_path):
    page = open_page()
    for link, _ in LINKS:
        page.goto(own_study.base + "/" + link)
        begin(Listener(page, own_study.base))
        expect(page.locator(".questionnaire"), link[:60]).to_be_visible()
        page.context.clear_cookies()
        page.evaluate("localStorage.clear()")
    rows = participants(own_study, tmp_path / "out")
    # Two links with the same id lead to the same session.
    assert [row["external_id"] for row in rows if row["external_id"]] == list(dict.fromkeys(name for _, name in LINKS if name))
    assert sum(row["external_id"] == "" for row in rows) == sum(name == "" for _, name in LINKS)
    noted = {row["external_id"][:10] or str(i): row["link_notes"] for i, row in enumerate(rows) if row["link_notes"]}
    assert any("cut from 9000 characters to 2000" in note for note in noted.values())
    assert any("{{%PROLIFIC_PID%}}" in note for note in noted.values())
    assert any("preview" in note for note in noted.values())


def test_a_lost_answer_opens_no_session_for_the_next_person(open_page, own_study, tmp_path):
    page = open_page()

    def lose(route):
        route.fetch()
        route.abort()

    page.route(re.compile("/api/sessions$"), lose)
    with page.expect_event("requestfailed"):
        begin(Listener(page, own_study.base).open("/?id=one"))
    page.unroute(re.compile("/api/sessions$"))
    for name in ("two", "one"):
        begin(Listener(page, own_study.base).open(f"/?id={name}"))
        expect(page.locator(".questionnaire")).to_be_visible()
    assert [row["external_id"] for row in participants(own_study, tmp_path / "out")] == ["one", "two"]


def test_a_preview_is_told_and_may_go_on(open_page, study):
    listener = Listener(open_page(), study.base).open("/?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=h")
    expect(listener.page.get_by_text("This looks like a preview of the task.")).to_be_visible()
    expect(listener.next).to_have_text("Begin")


def test_the_same_id_goes_on_in_another_browser_and_is_told_when_it_has_finished(open_page, own_study):
    link = "/?PROLIFIC_PID=p1&STUDY_ID=s"
    first = Listener(open_page(), own_study.base).open(link)
    begin(first)
    first.page.get_by_label("How old are you?").fill("31")
    first.page.get_by_role("radio", name="Yes").check()
    first.next.click()
    expect(first.heading).to_have_text("Set your volume")

    second = Listener(open_page(), own_study.base).open(link + "&SESSION_ID=another")
    begin(second)
    expect(second.heading).to_have_text("Set your volume")
    assert second.token != first.token
    for step in ({"step": "volume"}, {"step": "headphones", "answers": [1, 1]}, {"step": "instructions"}):
        own_study.respond(second.token, step)
    second.page.reload()
    for _ in range(4):
        second.finish_trial()
    second.at_end()
    assert own_study.session(first.token)["state"] == "finished"
    assert own_study.status()["records"]["joined"] == 1

    third = Listener(open_page(), own_study.base).open(link)
    begin(third)
    expect(third.heading).to_have_text("You've already taken part")
    expect(third.page.get_by_role("button")).to_have_count(0)

    # The browser that finished offers the last page again, but not to a link with another id.
    second.open(link + "&SESSION_ID=another")
    expect(second.page.get_by_text("You finished this study on this device.")).to_be_visible()
    second.page.get_by_role("button", name="Show the last page again").click()
    second.at_end()
    second.open("/?PROLIFIC_PID=p2&STUDY_ID=s")
    expect(second.next).to_have_text("Begin")
    expect(second.page.get_by_text("You finished this study on this device.")).to_be_hidden()


def test_a_panels_next_session_finds_the_last_page_where_it_was_finished(open_page, own_study):
    """A panel's links name another session each time, and a person may write the same link differently."""
    listener = Listener(open_page(), own_study.base).open("/?PROLIFIC_PID=p1&STUDY_ID=s&SESSION_ID=one")
    begin(listener)
    expect(listener.page.locator(".questionnaire")).to_be_visible()
    for step in ({"step": "questionnaire", "answers": {"age": 33, "music": "no"}}, {"step": "volume"},
                 {"step": "headphones", "answers": [1, 1]}, {"step": "instructions"}):
        own_study.respond(listener.token, step)
    for trial in own_study.session(listener.token)["trials"]:
        own_study.respond(listener.token, {"step": "trial", "trial": trial["index"], "ratings": [
            {"position": one["position"], "rating": 50, "plays": 1, "listened_ms": 500} for one in trial["candidates"]]})
    listener.page.reload()
    listener.at_end()
    for link in ("/?PROLIFIC_PID=p1&STUDY_ID=s&SESSION_ID=two", "/?from=reminder&prolific_pid=p1"):
        begin(listener.open(link))
        expect(listener.heading).to_have_text("You've already taken part")
        listener.page.get_by_role("button", name="Show the last page again").click()
        listener.at_end()

    # Devices may be shared: somebody else who has finished, on another device, does not get it.
    other = Listener(open_page(), own_study.base).open(f"/t/{own_study.join(external_id='p2')}").at_trial()
    for _ in range(4):
        other.finish_trial()
    other.at_end()
    begin(listener.open("/?PROLIFIC_PID=p2&STUDY_ID=s&SESSION_ID=one"))
    expect(listener.heading).to_have_text("You've already taken part")
    expect(listener.page.get_by_role("button")).to_have_count(0)


def test_a_pause_lets_those_go_on_who_have_begun_elsewhere(open_page, own_study):
    own_study.join(external_id="p1")
    lab = open_page()
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    lab.get_by_role("button", name="Pause recruitment …").click()
    lab.get_by_role("dialog").get_by_role("button", name="Pause recruitment", exact=True).click()
    expect(lab.get_by_text("Recruitment is paused.", exact=True)).to_be_visible()
    known = Listener(open_page(), own_study.base).open("/?id=p1")
    known.page.get_by_role("button", name="I've already started: continue").click()
    known.at_trial()
    unknown = Listener(open_page(), own_study.base).open("/?id=p2")
    unknown.page.get_by_role("button", name="I've already started: continue").click()
    expect(unknown.heading).to_have_text("This study is closed to new participants. Thank you for your interest.")
    nobody = Listener(open_page(), own_study.base).open("/")
    expect(nobody.page.get_by_text("This study is closed to new participants.")).to_be_visible()
    expect(nobody.page.get_by_role("button", name="I've already started: continue")).to_have_count(0)


def test_the_lab_writes_each_panels_link_and_tells_what_is_not_right(open_page, own_study):
    own_study.ask("/api/sessions", {"key": "0f3c4a7e-3b1e-4a3c-9d57-3a2f6d1c9b10", "language": "en", "consent": True,
                                    "parameters": [["PROLIFIC_PID", "{{%PROLIFIC_PID%}}"]]})
    lab = open_page()
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    expect(lab.get_by_text("1 listener used an incorrect link.")).to_be_visible()
    expect(lab.get_by_text("No. 1: PROLIFIC_PID was not filled in: {{%PROLIFIC_PID%}}.")).to_be_visible()
    link = lab.get_by_label("Invite listeners with this link")
    for whom, end in (("Anybody", ""), ("Listeners whom you name", "?id=NAME"), ("SONA", "?survey_code=%SURVEY_CODE%"),
                      ("Prolific", "?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}")):
        lab.get_by_label("Listeners come from").select_option(whom)
        expect(link).to_have_value(f"{own_study.base}/{end}")
    # The next update leaves the choice unchanged.
    with lab.expect_response("**/lab/api/status"):
        pass
    expect(link).to_have_value(f"{own_study.base}/{end}")


def test_the_code_comes_last(open_page, tmp_path):
    serving = Serving(make_study(tmp_path / "coded", redirect="https://panel.example/done?cc=WOMBAT4711&id={external_id}&b={batch}",
                                 joining={"keep": ["batch"]}))
    try:
        page, told = open_page(), []

        def listen(route):
            answer = route.fetch()
            told.append(answer.text())
            route.fulfill(response=answer)

        page.route("**/api/**", listen)
        page.route("https://panel.example/**", lambda route: route.fulfill(body="back at the panel"))
        listener = Listener(page, serving.base).open("/?id=p1&batch=7")
        begin(listener)
        expect(page.locator(".questionnaire")).to_be_visible()
        for step in ({"step": "questionnaire", "answers": {"age": 33, "music": "no"}}, {"step": "volume"},
                     {"step": "headphones", "answers": [1, 1]}, {"step": "instructions"}):
            assert "WOMBAT" not in json.dumps(serving.respond(listener.token, step))
        page.reload()
        for _ in range(4):
            listener.at_trial()
            assert "WOMBAT" not in page.content() + page.evaluate("JSON.stringify({ ...localStorage })") + "".join(told)
            listener.finish_trial()
        assert len(told) > 6
        page.get_by_role("button", name="Go there now").click()
        expect(page).to_have_url("https://panel.example/done?cc=WOMBAT4711&id=p1&b=7")
    finally:
        serving.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_hold_long_notes(open_page, own_study, width, scheme):
    for i, value in enumerate(["{{%PROLIFIC_PID%}}", "x" * 3000, "${e://Field/" + "y" * 80 + "}"]):
        own_study.ask("/api/sessions", {"key": f"0f3c4a7e-3b1e-4a3c-9d57-3a2f6d1c9b1{i}", "language": "en", "consent": True,
                                        "parameters": [["id", value]]})
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    sideways = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    page.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    page.get_by_label("Listeners come from").select_option("Prolific")
    expect(page.get_by_text("3 listeners used an incorrect link.")).to_be_visible()
    assert page.evaluate(sideways) <= 0
