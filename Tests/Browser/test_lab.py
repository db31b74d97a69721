"""The experimenter's page."""

import re
import signal

import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import Serving
from small_study import make_study
from test_look import CONTRAST


def test_without_the_secret_nothing_is_shown(open_page, study):
    page = open_page()
    for path in ("/lab", "/lab?secret=wrong", "/lab/api/status"):
        answer = page.goto(study.base + path)
        assert answer.status in (401, 403), path
        assert study.secret not in answer.text()
        assert "participants" not in answer.text()


def test_who_opens_an_address_of_the_lab_signs_in_and_goes_on(open_page, own_study):
    page = open_page()

    def sign_in(page):
        page.get_by_label("Password").fill(own_study.secret)
        page.get_by_role("button", name="Sign in").click()

    wanted = f"{own_study.base}/lab/api/pages"
    assert page.goto(wanted).status == 401
    sign_in(page)
    expect(page).to_have_url(wanted)
    # Browsers do not send the cookie when the link comes from another site.
    page.goto(f"data:text/html,<a href='{wanted}'>Look</a>")
    page.get_by_role("link", name="Look").click()
    expect(page).to_have_url(wanted)
    other = open_page()
    other.goto(f"{own_study.base}/lab/export/participants.csv")
    with other.expect_download() as download:
        sign_in(other)
    assert download.value.suggested_filename == "participants.csv"
    expect(other).to_have_url(f"{own_study.base}/lab")


def test_it_tells_how_it_goes(open_page, own_study):
    lab = open_page()
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    expect(lab).to_have_url(f"{own_study.base}/lab")
    expect(lab.get_by_role("heading", level=1)).to_have_text("Which drums sound alike?")
    expect(lab.get_by_text("Nobody yet.")).to_be_visible()
    expect(lab.get_by_label("Invite listeners with this link")).to_have_value(f"{own_study.base}/")

    listener = Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()
    listener.finish_trial()
    row = lab.get_by_role("row").filter(has_text="taking part")
    expect(row).to_contain_text("1 of 4")
    now = lab.locator(".figures > div").filter(has_text="Taking part now").locator(".figure")
    expect(now).to_have_text("1")


def test_it_comes_with_its_numbers_so_that_nothing_moves_under_the_pointer(open_page, own_study):
    lab, held = open_page(), []
    lab.route(re.compile("/lab/api/status$"), lambda route: held.append(route))
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    expect(lab.locator(".health")).to_have_text("Loading …")
    link = lab.get_by_role("link", name="ratings.csv")
    expect(link).to_be_hidden()
    held.pop().continue_()
    expect(link).to_be_visible()
    expect(lab.get_by_text("Nobody yet.")).to_be_visible()


def test_what_stays_the_same_is_not_said_again(open_page, own_study):
    """A screen reader reads a text again if it is replaced, even by the same text."""
    lab = open_page()
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    expect(lab.locator(".health")).to_have_text("Running well, and open to new listeners.")
    lab.evaluate("""() => {
      globalThis.said = [];
      const noted = (changes) => said.push(...changes.map(({ target }) => target.textContent));
      for (const node of document.querySelectorAll("[role=status], .figure")) new MutationObserver(noted).observe(node, { childList: true, subtree: true });
    }""")
    listener = Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()
    expect(lab.locator(".figures > div").filter(has_text="Taking part now").locator(".figure")).to_have_text("1")
    listener.finish_trial()
    expect(lab.get_by_role("row").filter(has_text="taking part")).to_contain_text("1 of 4")
    said = lab.evaluate("() => said")
    assert "1" in said and "0" not in said and "Running well, and open to new listeners." not in said


def test_numbers_that_stand_still_can_be_read(open_page, own_study):
    lab = open_page()
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    number = lab.locator(".figure").first
    expect(number).to_be_visible()
    before = number.evaluate("node => getComputedStyle(node).color")
    own_study.kill()
    expect(lab.locator(".health")).to_contain_text("The server is out of reach")
    assert number.evaluate("node => getComputedStyle(node).color") != before
    contrast = lab.evaluate(CONTRAST)
    assert contrast["seen"] > 20 and contrast["bad"] == []
    assert lab.evaluate("() => [...document.querySelectorAll('main, main *')].every((node) => getComputedStyle(node).opacity === '1')")


def test_one_is_told_as_one(open_page, study):
    page = open_page()
    page.goto(study.base)
    told = page.evaluate("""async () => {
      const { counted } = await import("/assets/scripts/lab/parts.js");
      const { default: en } = await import("/assets/scripts/words/en.js");
      return [0, 1, 2, 1200].map((count) => counted(count, "event")).concat([1, 4].map((trials) => en.welcome.facts(en.minutes(1), trials)));
    }""")
    assert told == ["0 events", "1 event", "2 events", "1,200 events",
                    "About 1 minute · 1 listening task · use headphones",
                    "About 1 minute · 4 listening tasks · use headphones"]


def test_a_pause_asks_once_and_names_itself(open_page, own_study):
    lab = open_page()
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    lab.get_by_role("button", name="Pause recruitment …").click()
    dialog = lab.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(lab.get_by_text("Recruitment is open.", exact=True)).to_be_visible()
    lab.get_by_role("button", name="Pause recruitment …").click()
    dialog.get_by_role("button", name="Pause recruitment", exact=True).click()
    expect(lab.get_by_text("Recruitment is paused.", exact=True)).to_be_visible()

    newcomer = Listener(open_page(), own_study.base).open()
    expect(newcomer.page.get_by_text("This study is closed to new participants.")).to_be_visible()
    lab.get_by_role("button", name="Open recruitment again").click()
    expect(lab.get_by_text("Recruitment is open.", exact=True)).to_be_visible()
    newcomer.open()
    expect(newcomer.next).to_have_text("Begin")


def test_an_action_that_failed_is_told_until_it_is_read(open_page, own_study):
    lab = open_page()
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    field, said = lab.get_by_label("Message for people who are turned away"), lab.get_by_text("People who are turned away will see this message.")
    field.fill("Come back on Monday.")
    lab.get_by_role("button", name="Save").click()
    expect(said).to_be_visible()
    lab.route("**/lab/api/message", lambda route: route.fulfill(status=500, json={"error": {"code": "internal", "message": "No."}}))
    field.fill("Come back on Tuesday.")
    lab.get_by_role("button", name="Save").click()
    alert = lab.get_by_role("alert").filter(has_text="The message was not saved.")
    expect(alert).to_be_visible()
    expect(said).to_have_count(0)
    own_study.join()
    expect(lab.locator(".figures > div").filter(has_text="Taking part now").locator(".figure")).to_have_text("1")  # A later poll.
    expect(alert).to_be_in_viewport()
    assert lab.evaluate(CONTRAST)["bad"] == []
    lab.get_by_role("button", name="Dismiss").click()
    expect(alert).to_be_hidden()


def test_it_says_when_the_server_is_away(open_page, own_study):
    lab = open_page()
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    health = lab.locator(".health")
    expect(health).to_have_text(re.compile("^Running well"))
    own_study.kill()
    expect(health).to_have_text(re.compile("out of reach"))
    own_study.start()
    expect(health).to_have_text(re.compile("^Running well"))


def test_what_there_is_can_be_downloaded_at_any_time(open_page, own_study):
    listener = Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()
    listener.finish_trial()
    expect(listener.saving).to_have_text("saved")
    lab = open_page()
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    for name in ("ratings.csv", "participants.csv", "events.csv", "stimuli.csv", "rankings.csv", "datapackage.json"):
        with lab.expect_download() as download:
            lab.get_by_role("link", name=name).click()
        text = download.value.path().read_text(encoding="utf-8")
        assert download.value.suggested_filename == name
        if name == "ratings.csv":
            assert len(text.splitlines()) == 1 + 4


def test_it_tells_what_has_been_rated_and_how_the_checks_went(open_page, own_study):
    lab = open_page()
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    expect(lab.get_by_text("No page has been answered yet.")).to_be_visible()
    listener = Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()
    for _ in range(4):
        listener.finish_trial()
    expect(lab.get_by_text("2 of 4 pairs of query and condition have not been answered yet.")).to_be_visible()
    table = lab.get_by_role("table", name="Answered pages by query and condition")
    expect(table.get_by_role("columnheader", name="kick")).to_be_visible()
    assert sorted(table.locator("td").all_text_contents()) == ["0", "0", "1", "1"]
    figures = lab.locator(".figures > div")
    expect(figures.filter(has_text="Attention checks passed")).to_contain_text("of 1 answered correctly")
    expect(figures.filter(has_text="Headphone check passed")).to_contain_text(re.compile("of 1 listener$"))
    expect(figures.filter(has_text="Difference on repeats")).to_contain_text("no page has been rated twice yet")


def test_on_a_phone_one_signs_in_leaves_out_deletes_and_sees_a_server_that_stands_still(open_page, own_study):
    own_study.join(external_id="participant-of-a-panel")
    lab = open_page(viewport={"width": 390, "height": 844})
    lab.goto(f"{own_study.base}/lab")
    lab.get_by_label("Password").fill("wrong words")
    lab.get_by_role("button", name="Sign in").click()
    expect(lab.get_by_role("status")).to_contain_text("This page is the experimenter's.")
    lab.goto(f"{own_study.base}/lab#secret={own_study.secret}")
    lab.reload()
    health = lab.locator(".health")
    expect(health).to_have_text(re.compile("^Running well"))
    assert own_study.secret not in lab.url
    # On a phone, each participant is a card whose values have names, and nothing is cut off.
    row = lab.get_by_role("row").filter(has_text="participant-of-a-panel")
    shown = row.locator("td").evaluate_all("cells => cells.map((cell) => getComputedStyle(cell, '::before').content)")
    assert any("State" in name for name in shown) and any("Id" in name for name in shown)
    assert lab.evaluate("() => document.documentElement.scrollWidth") <= 390

    dialog = lab.get_by_role("dialog")
    row.get_by_role("button", name="Exclude … No. 1").click()
    dialog.get_by_role("button", name="Exclude", exact=True).click()
    expect(dialog).to_be_visible()  # A reason is required.
    dialog.get_by_label("Why?").fill("spoke on the phone")
    dialog.get_by_role("button", name="Exclude", exact=True).click()
    expect(row).to_contain_text("excluded: spoke on the phone")

    row.get_by_role("button", name="Timeline of No. 1").click()
    expect(dialog.get_by_text("Excluded from analyses (spoke on the phone)")).to_be_visible()
    dialog.get_by_role("button", name="Withdraw and delete …").click()
    dialog.get_by_label("Type 1 to confirm").fill("2")
    dialog.get_by_role("button", name="Delete everything").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Type 1 to confirm").fill("1")
    dialog.get_by_role("button", name="Delete everything").click()
    expect(row).to_have_count(0)

    own_study.process.send_signal(signal.SIGSTOP)
    expect(health).to_contain_text("these numbers will not update", timeout=30_000)
    own_study.process.send_signal(signal.SIGCONT)
    expect(health).to_have_text(re.compile("^Running well"), timeout=30_000)
    lab.get_by_role("button", name="Sign out").click()
    expect(lab.get_by_role("button", name="Sign in")).to_be_visible()


def with_status(page, change):
    """Changes what the page is told of how the study goes."""
    def told(route):
        answer = route.fetch()
        status = answer.json() if answer.status == 200 else None
        if status:
            change(status)
        route.fulfill(response=answer, **({"json": status} if status else {}))

    page.route(re.compile("/lab/api/status$"), told)


def test_figures_that_say_the_data_may_be_bad_stand_out(open_page, study):
    passed = {}

    def change(status):
        status["records"] |= {"joined": 40, "finished": passed["finished"], "flagged": passed["flagged"]}
        status["records"]["checks"] |= {"headphones": 16, "headphones_passed": passed["headphones"], "catches": 42, "catches_passed": passed["catches"]}

    lab = open_page()
    with_status(lab, change)
    figures, health = lab.locator(".figures > div"), lab.locator(".health")
    warned, plain = re.compile("alarming"), re.compile("^(?!.*alarming)")
    words = {"Headphone check passed": "below 60\N{NO-BREAK SPACE}%", "Attention checks passed": "below 60\N{NO-BREAK SPACE}%",
             "Flagged": "more than a third"}

    def shows(values, *, bad, said):
        passed.update(values)
        lab.goto(f"{study.base}/lab?secret={study.secret}")
        expect(health).to_have_text(said)
        for name, why in words.items():
            figure = figures.filter(has=lab.get_by_text(name, exact=True))
            expect(figure).to_have_class(warned if name in bad else plain)
            (expect(figure).to_contain_text if name in bad else expect(figure).not_to_contain_text)(why)

    shows({"finished": 21, "flagged": 21, "headphones": 1, "catches": 8}, bad=words,
          said="Please look at the data: too few listeners pass the headphone check, too few attention checks are passed, "
               "and more than a third of the finished sessions are flagged. Recruitment is open.")
    expect(figures.filter(has_text="Flagged")).to_contain_text("of the 21 who finished")
    assert lab.evaluate(CONTRAST)["bad"] == []
    shows({"finished": 21, "flagged": 7, "headphones": 10, "catches": 25}, bad=["Attention checks passed"],
          said="Please look at the data: too few attention checks are passed. Recruitment is open.")
    # Of nine, the share says little.
    shows({"finished": 9, "flagged": 9, "headphones": 16, "catches": 42}, bad=[], said="Running well, and open to new listeners.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_row_of_participants_is_in_sight_whatever_its_id(open_page, own_study, scheme):
    prolific, long = "5f1e2d3c4b5a69788796a5b4", "x" * 2000
    for name in (prolific, long):
        own_study.join(external_id=name)
    lab = open_page(color_scheme=scheme)
    with_status(lab, lambda status: status["records"]["participants"][0].update(
        state="finished", flags="too_fast;unheard;inattentive;no_headphones", headphone_check="failed", recruited_from="a newsletter of a society"))
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    table = lab.get_by_role("region", name="Participants")
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(2)

    def is_inside(button) -> bool:
        box, button = table.bounding_box(), button.bounding_box()
        return box["x"] <= button["x"] and button["x"] + button["width"] <= box["x"] + box["width"] + 0.5

    # A laptop shows the whole table, and a tablet the button of each row beside what can be scrolled.
    assert table.evaluate("node => node.scrollWidth <= node.clientWidth")
    for width in (1280, 820):
        lab.set_viewport_size({"width": width, "height": 800})
        for number in (1, 2):
            assert is_inside(table.get_by_role("button", name=f"Exclude … No. {number}")), (width, number)
    # What is cut is told in full under the pointer; an id of a panel is not cut.
    for name, is_cut in ((prolific, False), (long, True)):
        cell = table.get_by_title(name, exact=True)
        expect(cell).to_have_text(name)
        assert cell.evaluate("node => node.scrollHeight > node.clientHeight + 1") == is_cut, name
    expect(rows.first).to_contain_text("flagged: too fast, unheard, inattentive, no headphones")
    assert rows.evaluate_all("rows => rows.every((row) => row.offsetHeight < 160)")

    lab.set_viewport_size({"width": 390, "height": 844})
    lines = table.get_by_title(long, exact=True).evaluate("node => node.offsetHeight / parseFloat(getComputedStyle(node).lineHeight)")
    assert 1.5 < lines < 2.5
    assert rows.evaluate_all("rows => rows.every((row) => row.offsetHeight < 400)")
    assert lab.evaluate("() => document.documentElement.scrollWidth") <= 390
    assert lab.evaluate(CONTRAST)["bad"] == []


def test_on_a_phone_the_pages_fit(open_page, study):
    lab = open_page(viewport={"width": 390, "height": 844})
    lab.route("**/lab/api/pages", lambda route: route.fulfill(json=[
        {"step": "welcome", "number": 0, "answered": 1210, "left": 30, "median_seconds": 103.2}, {"step": "trial", "number": 12, "answered": 1180, "left": 1}]))
    lab.goto(f"{study.base}/lab?secret={study.secret}")
    lab.get_by_text("Pages: where listeners left").click()
    pages = lab.get_by_role("region", name="Pages", exact=True)
    expect(pages.get_by_role("row")).to_have_count(3)
    assert pages.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_each_panels_submissions_can_be_downloaded(open_page, own_study):
    own_study.ask("/api/sessions", {"key": "0f3c4a7e-3b1e-4a3c-9d57-3a2f6d1c9b10", "language": "en", "consent": True,
                                    "parameters": [["PROLIFIC_PID", "p1"], ["SESSION_ID", "s1"]]})
    lab = open_page()
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    offered = lab.get_by_role("link", name=re.compile("^(submissions|invitations)"))
    expect(offered).to_have_text(["submissions-prolific.csv", "submissions.csv"])
    with lab.expect_download() as download:
        offered.first.click()
    assert "Submission id" in download.value.path().read_text(encoding="utf-8")
    # If the page does not know where all came from, it offers the lists of all panels.
    many = open_page()
    with_status(many, lambda status: status["records"].update(joined=201))
    many.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    expect(many.get_by_role("link", name=re.compile("^submissions"))).to_have_text(
        [f"submissions{panel}.csv" for panel in ("-prolific", "-mturk", "-cloudresearch", "-sona", "")])


def test_invitations_are_offered_to_owners_of_a_study_by_invitation(open_page, tmp_path):
    serving = Serving(make_study(tmp_path / "study", joining={"by_invitation": True}))
    try:
        link = re.compile("^invitations.csv$")
        lab = open_page()
        lab.goto(f"{serving.base}/lab?secret={serving.secret}")
        with lab.expect_download() as download:
            lab.get_by_role("link", name=link).click()
        assert "?invite=" in download.value.path().read_text(encoding="utf-8")
        reader = open_page()
        with_status(reader, lambda status: status["me"].update(name="ada", role="reader"))
        reader.goto(f"{serving.base}/lab?secret={serving.secret}")
        expect(reader.get_by_role("link", name="submissions.csv")).to_be_visible()
        expect(reader.get_by_role("link", name=link)).to_have_count(0)
    finally:
        serving.stop()


def test_a_second_dashboard_takes_over_the_message_and_does_not_erase_it(open_page, own_study):
    labs = [open_page(), open_page()]
    fields = [lab.get_by_label("Message for people who are turned away") for lab in labs]

    def save(lab):
        with lab.expect_response("**/lab/api/message"):
            lab.get_by_role("button", name="Save").click()

    for lab, field in zip(labs, fields, strict=True):
        lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
        expect(field).to_have_value("")
    fields[0].fill(" Closed till Monday. ")
    save(labs[0])
    expect(fields[0]).to_have_value("Closed till Monday.")
    expect(fields[1]).to_have_value("Closed till Monday.")
    save(labs[1])
    assert own_study.status()["message"] == "Closed till Monday."

    # While somebody is at the field, its text stays; what they have not changed follows once they leave it.
    fields[1].focus()
    fields[0].fill("Closed till Tuesday.")
    save(labs[0])
    with labs[1].expect_response(lambda answer: answer.url.endswith("/lab/api/status") and answer.json()["message"] == "Closed till Tuesday."):
        pass
    expect(fields[1]).to_have_value("Closed till Monday.")
    save(labs[1])
    expect(fields[1]).to_have_value("Closed till Tuesday.")
    assert own_study.status()["message"] == "Closed till Tuesday."

    # What somebody has written stays, until they save it.
    fields[1].fill("Come back in May.")
    fields[1].blur()
    fields[0].fill("")
    save(labs[0])
    with labs[1].expect_response(lambda answer: answer.url.endswith("/lab/api/status") and answer.json()["message"] == ""):
        pass
    expect(fields[1]).to_have_value("Come back in May.")
    save(labs[1])
    expect(fields[0]).to_have_value("Come back in May.")
