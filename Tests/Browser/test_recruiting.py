"""Who is let in, who has to wait, and what people see who leave before the end."""

import json
import re

import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import Serving
from small_study import make_study

LONG_MS = 30_000


@pytest.fixture
def recruiting(tmp_path):
    """Serves a study of the test's own, changed before it starts."""
    servings = []

    def recruiting(**sections) -> Serving:
        folder = make_study(tmp_path / "study", redirect="https://panel.example/done?id={external_id}")
        file = folder / "study.yaml"
        file.write_text(json.dumps({**json.loads(file.read_text()), **sections}))
        servings.append(Serving(folder))
        return servings[-1]

    yield recruiting
    for serving in servings:
        serving.stop()


def finish(serving: Serving, token: str) -> None:
    """Answers all trials as fast as a program can."""
    for trial in serving.session(token)["trials"]:
        ratings = [{"position": one["position"], "rating": 50, "plays": 1, "listened_ms": 500} for one in trial["candidates"]]
        serving.respond(token, {"step": "trial", "trial": trial["index"], "ratings": ratings})


def test_who_comes_too_early_waits_and_is_let_in(open_page, recruiting):
    serving = recruiting(joining={"listeners": 1})
    token = serving.join(external_id="first")
    listener = Listener(open_page(), serving.base).open("/")
    expect(listener.page.locator(".note")).to_contain_text("All places are taken at the moment.")
    expect(listener.page.get_by_role("checkbox")).to_have_count(0)
    # Stopping frees a place, and the waiting page notices by itself.
    serving.ask(f"/api/sessions/{token}/withdraw", {})
    expect(listener.next).to_have_text("Begin", timeout=LONG_MS)


def test_a_full_study_says_so_with_its_way_out(open_page, recruiting):
    way = {"code": "C4FULL", "redirect": "https://panel.example/full?id={external_id}"}
    serving = recruiting(joining={"listeners": 1}, leaving={"quota_full": way})
    finish(serving, serving.join(external_id="first"))
    listener = Listener(open_page(), serving.base).open("/?id=second")
    expect(listener.page.locator(".note")).to_contain_text("This study has all the participants it needs.")
    expect(listener.page.get_by_label("Your completion code")).to_have_value("C4FULL")
    expect(listener.page.get_by_role("link", name="Continue to panel.example")).to_have_attribute("href", "https://panel.example/full?id=second")
    # A listener who claims to have begun elsewhere, but has not, sees the same.
    listener.next.click()
    expect(listener.heading).to_have_text("This study is full")
    expect(listener.page.get_by_label("Your completion code")).to_have_value("C4FULL")


def test_a_study_that_opens_later_says_when(open_page, recruiting):
    serving = recruiting(joining={"opens": "2999-12-31T12:00Z"})
    page = open_page(locale="en-GB", timezone_id="Europe/Berlin")
    listener = Listener(page, serving.base).open("/")
    expect(page.locator(".note")).to_contain_text("opens: Tuesday")
    expect(page.locator(".note")).to_contain_text("31 December")
    listener.open("/?lang=de")
    expect(page.locator(".note")).to_contain_text("31. Dezember")


def test_who_does_not_want_to_take_part_has_a_button(open_page, recruiting):
    serving = recruiting(leaving={"no_consent": {"text": {"en": "Until next time.", "de": "Bis bald."}, "code": "C0"}})
    listener = Listener(open_page(), serving.base).open("/?id=a")
    listener.page.get_by_role("button", name="I don't want to take part").click()
    expect(listener.heading).to_have_text("Thank you for coming")
    expect(listener.page.get_by_text("Until next time.")).to_be_visible()
    expect(listener.page.get_by_label("Your completion code")).to_have_value("C0")
    assert serving.status()["records"]["joined"] == 0


def test_who_stops_is_asked_once_and_told_the_way_out(open_page, recruiting):
    serving = recruiting(leaving={"withdrawn": {"redirect": "https://panel.example/stopped?id={external_id}"}})
    listener = Listener(open_page(), serving.base).open(f"/t/{serving.join(external_id='a')}").at_trial()
    stop = listener.page.get_by_role("button", name="Stop taking part …")
    stop.click()
    listener.page.get_by_role("button", name="Continue", exact=True).click()
    expect(listener.place).to_contain_text("Practice")
    stop.click()
    listener.page.get_by_role("button", name="Stop taking part", exact=True).click()
    expect(listener.heading).to_have_text("You have stopped")
    expect(listener.page.get_by_text("You will be taken to panel.example in")).to_be_visible()
    expect(stop).to_have_count(0)
    listener.page.reload()
    expect(listener.heading).to_have_text("You have stopped")
    assert serving.status()["records"]["participants"][0]["outcome"] == "withdrawn"


@pytest.mark.parametrize("wish", ["keep", "delete"])
def test_who_stops_says_what_becomes_of_the_answers(open_page, recruiting, wish):
    serving = recruiting(leaving={"withdrawn": {"code": "C5"}, "withdrawn_answers": "asked"})
    page = open_page()
    listener = Listener(page, serving.base).open(f"/t/{serving.join()}")
    listener.finish_trial()
    page.get_by_role("button", name="Stop taking part …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Do you want us to keep or delete your answers so far?")
    dialog.get_by_role("button", name=f"Stop and {wish} my answers").click()
    expect(listener.heading).to_have_text("You have stopped")
    expect(page.get_by_label("Your completion code")).to_have_value("C5")
    records = serving.status()["records"]
    assert records["participants"][0]["outcome"] == "withdrawn" and (records["responses"] == 0) == (wish == "delete")
    if wish == "delete":
        kept = page.evaluate("Object.keys(localStorage).filter((name) => /responses|events|draft/.test(name))")
        assert kept == []


@pytest.mark.parametrize("fate", ["kept", "deleted"])
def test_who_stops_is_told_what_becomes_of_the_answers(open_page, recruiting, fate):
    serving = recruiting(leaving={"withdrawn": {"code": "C5"}, "withdrawn_answers": fate})
    page = open_page()
    listener = Listener(page, serving.base).open(f"/t/{serving.join()}").at_trial()
    page.get_by_role("button", name="Stop taking part …").click()
    said = {"kept": "Your answers so far will be kept.", "deleted": "Your answers will be deleted."}
    expect(page.get_by_role("dialog")).to_contain_text(said[fate])
    page.get_by_role("dialog").get_by_role("button", name="Stop taking part", exact=True).click()
    expect(listener.heading).to_have_text("You have stopped")
    rows = serving.status()["records"]["participants"][0]
    assert rows["outcome"] == "withdrawn"


def test_answers_on_their_way_are_kept_before_the_session_ends(open_page, recruiting):
    serving = recruiting(leaving={"withdrawn": {"code": "C5"}, "withdrawn_answers": "kept"})
    page, held, seen = open_page(), [], []
    listener = Listener(page, serving.base).open(f"/t/{serving.join()}")
    before = serving.status()["records"]["responses"]
    page.route("**/responses", lambda route: held.append(route))
    page.on("requestfinished", lambda request: seen.append("saved") if request.url.endswith("/responses") else None)
    page.on("request", lambda request: seen.append("ended") if request.url.endswith("/withdraw") else None)
    listener.finish_trial()
    page.get_by_role("button", name="Stop taking part …").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop taking part", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    held[0].continue_()
    expect(listener.heading).to_have_text("You have stopped")
    assert seen == ["saved", "ended"]
    serving.counts(answers_refused=0, responses=before + 1)


@pytest.mark.parametrize("reloads", [False, True])
def test_who_stops_while_the_server_is_away_has_stopped(open_page, recruiting, reloads):
    serving = recruiting(leaving={"withdrawn": {"code": "C5"}, "withdrawn_answers": "deleted"})
    page = open_page()
    listener = Listener(page, serving.base).open(f"/t/{serving.join()}").at_trial()
    page.route("**/withdraw", lambda route: route.abort())
    page.get_by_role("button", name="Stop taking part …").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop taking part", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("This page will keep trying.")
    assert serving.status()["records"]["participants"][0].get("outcome") is None
    if reloads:
        page.reload()
        expect(page.locator(".notice")).to_contain_text("This page will keep trying.")
    page.unroute("**/withdraw")
    expect(listener.heading).to_have_text("You have stopped")
    expect(page.locator(".notice")).to_be_empty()
    assert serving.status()["records"]["participants"][0]["outcome"] == "withdrawn"
    assert page.evaluate("Object.keys(localStorage).filter((name) => /leaving/.test(name))") == []


def test_the_last_wish_counts_while_the_server_is_away(open_page, recruiting):
    serving = recruiting(leaving={"withdrawn": {"code": "C5"}, "withdrawn_answers": "asked"})
    page = open_page()
    listener = Listener(page, serving.base).open(f"/t/{serving.join()}")
    listener.finish_trial()
    page.wait_for_load_state("networkidle")
    page.route("**/withdraw", lambda route: route.abort())
    for wish in ("keep", "delete"):
        page.get_by_role("button", name="Stop taking part …").click()
        page.get_by_role("dialog").get_by_role("button", name=f"Stop and {wish} my answers").click()
        expect(page.locator(".notice")).to_contain_text("This page will keep trying.")
    page.unroute("**/withdraw")
    expect(listener.heading).to_have_text("You have stopped")
    records = serving.status()["records"]
    assert records["participants"][0]["outcome"] == "withdrawn" and records["responses"] == 0


def test_who_stops_in_a_browser_without_dialogs_has_stopped(open_page, recruiting):
    serving = recruiting(leaving={"withdrawn": {"code": "C5"}, "withdrawn_answers": "asked"})
    page = open_page()
    page.add_init_script("for (const name of ['showModal', 'close', 'open', 'returnValue']) delete HTMLDialogElement.prototype[name]")
    listener = Listener(page, serving.base).open(f"/t/{serving.join()}").at_trial()
    stop = page.get_by_role("button", name="Stop taking part …")
    stop.click()
    expect(page.get_by_role("button", name="Continue", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Continue", exact=True)).to_be_hidden()
    stop.click()
    page.get_by_role("button", name="Stop and delete my answers").click()
    expect(listener.heading).to_have_text("You have stopped")
    assert serving.status()["records"]["participants"][0]["outcome"] == "withdrawn"


def test_another_browser_forgets_the_answers_that_were_deleted(open_page, recruiting):
    serving = recruiting(leaving={"withdrawn": {"code": "C5"}, "withdrawn_answers": "deleted"})
    link = f"/t/{serving.join()}"
    other = Listener(open_page(), serving.base).open(link)
    other.page.route(re.compile("/(responses|events)$"), lambda route: route.abort())
    other.finish_trial()
    stored = "Object.keys(localStorage).filter((name) => /responses|events|draft/.test(name))"
    assert other.page.evaluate(stored) != []
    page = Listener(open_page(), serving.base).open(link).at_trial().page
    page.get_by_role("button", name="Stop taking part …").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop taking part", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have stopped")
    other.page.unroute(re.compile("/(responses|events)$"))
    expect(other.heading).to_have_text("You have stopped")
    assert other.page.evaluate(stored) == []


def test_without_such_keys_no_page_has_more_buttons(at_trial):
    expect(at_trial.page.get_by_role("button", name="Stop taking part …")).to_have_count(0)


@pytest.mark.parametrize("joining", [{"needs_id": True}, {"by_invitation": True}], ids=str)
def test_who_needs_a_name_is_told_so(open_page, recruiting, joining):
    serving = recruiting(joining=joining)
    bare = Listener(open_page(), serving.base).open("/")
    expect(bare.page.get_by_role("status").filter(has_text="This link does not say who you are")).to_be_visible()
    expect(bare.next).to_have_count(0)
    expect(bare.page.get_by_role("checkbox")).to_have_count(0)
    # Whether what a link says is a name, only the server knows.
    other = Listener(open_page(), serving.base).open("/?from=poster")
    other.page.get_by_role("checkbox").check()
    other.next.click()
    expect(other.heading).to_have_text("This link does not say who you are")
