"""An answer that the server refuses blocks no others, is kept, and is reported to listener and experimenter."""

import json
import re

import pytest
from playwright.sync_api import expect

from listener import Listener

NOT_TAKEN = "One answer could not be accepted. It is kept, and the study team has been told."
RESPONSES = re.compile("/responses$")
REFUSED = re.compile("/refused$")


@pytest.fixture
def at_own_trial(own_study, open_page) -> Listener:
    return Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()


def set_aside(listener: Listener) -> list[dict]:
    """The refused answers that the browser keeps."""
    return json.loads(listener.page.evaluate(
        "token => localStorage.getItem(`earshot/${token}/responses/refused`) ?? '[]'", listener.token))


def refuse(route, _=None, status=422):
    route.fulfill(status=status, json={"error": {"code": "invalid", "message": "No.", "mend": "None."}})


def finish(listener: Listener) -> None:
    while re.search("Practice|Trial", listener.place.text_content() or ""):
        listener.finish_trial()


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_one_refused_answer_blocks_no_later_one(at_own_trial, own_study, status):
    page, token = at_own_trial.page, at_own_trial.token
    page.route(RESPONSES, lambda route: refuse(route, status=status) if route.request.post_data_json.get("trial") == 1 else route.continue_())
    at_own_trial.finish_trial()
    expect(at_own_trial.saving).to_have_text(NOT_TAKEN)
    with page.expect_response(RESPONSES):
        at_own_trial.finish_trial()
    assert own_study.session(token)["done"]["trials"] == [1, 2]
    kept = set_aside(at_own_trial)
    assert [(one["body"]["trial"], one["refusal"]["status"], one["reported"]) for one in kept] == [(1, status, True)]
    own_study.counts(answers_refused=1, ratings=4)

    finish(at_own_trial)
    at_own_trial.at_end()
    expect(page.get_by_text("Your answers are saved, except one that could not be counted")).to_be_visible()
    assert own_study.session(token)["state"] == "finished"


def test_it_is_tried_once_more_at_the_next_visit(at_own_trial, own_study):
    page = at_own_trial.page
    page.route(RESPONSES, refuse)
    at_own_trial.finish_trial()
    expect(at_own_trial.saving).to_have_text(NOT_TAKEN)
    page.unroute(RESPONSES)
    page.reload()
    expect(at_own_trial.saving).to_have_text("saved")
    expect(at_own_trial.place).to_contain_text("Trial 1 of 3")
    assert set_aside(at_own_trial) == []
    own_study.counts(answers_refused=0, ratings=4)


def test_what_something_between_refuses_is_not_lost(at_own_trial, own_study):
    """A proxy refuses everything for a while: the server never gets the first answer, and the second is out of
    order."""
    page = at_own_trial.page
    for path in (RESPONSES, REFUSED):
        page.route(path, lambda route: route.fulfill(status=403, body="<h1>Forbidden</h1>", content_type="text/html"))
    at_own_trial.finish_trial()
    expect(at_own_trial.saving).to_have_text(NOT_TAKEN)
    for path in (RESPONSES, REFUSED):
        page.unroute(path)
    at_own_trial.finish_trial()
    expect(at_own_trial.saving).to_have_text("saved")
    assert own_study.session(at_own_trial.token)["done"]["trials"] == [1, 2]
    assert own_study.status()["records"]["ratings"] == 8


def test_what_can_not_even_be_reported_ends_with_a_way_on(at_own_trial, own_study):
    page = at_own_trial.page
    for path in (RESPONSES, REFUSED):
        page.route(path, lambda route: refuse(route, status=403))
    finish(at_own_trial)
    expect(page.get_by_text("Some of your answers could not be sent.")).to_be_visible()
    assert [one["body"]["trial"] for one in set_aside(at_own_trial)] == [1, 2, 3, 4]
    for path in (RESPONSES, REFUSED):
        page.unroute(path)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("All your answers are saved.")).to_be_visible()
    assert own_study.status()["records"]["ratings"] == 16


def test_a_page_that_was_open_for_thirty_hours(own_study, open_page):
    listener = Listener(open_page(), own_study.base)
    listener.page.clock.install()
    listener.open(f"/t/{own_study.join()}").rate_all()
    events = []
    listener.page.on("response", lambda answer: events.append(answer.status) if answer.url.endswith("/events") else None)
    listener.page.clock.fast_forward("30:00:00")
    listener.next.click()
    expect(listener.place).to_contain_text("Trial 1 of 3")
    expect(listener.saving).to_have_text("saved")
    assert own_study.session(listener.token)["done"]["trials"] == [1]
    listener.page.wait_for_load_state("networkidle")
    assert events and set(events) <= {200, 201}
    records = own_study.status()["records"]
    assert (records["answers_refused"], records["events_refused"]) == (0, 0)


def test_refused_events_are_kept_and_counted(at_own_trial, own_study):
    page = at_own_trial.page
    page.route(re.compile("/events$"), refuse)
    at_own_trial.finish_trial()
    finish(at_own_trial)
    expect(page.get_by_text("All your answers are saved.")).to_be_visible()
    records = own_study.status()["records"]
    assert records["events_refused"] > 0 and records["events"] == 0


def test_the_experimenter_sees_what_was_refused(at_own_trial, own_study, open_page):
    at_own_trial.page.route(RESPONSES, refuse)
    at_own_trial.finish_trial()
    expect(at_own_trial.saving).to_have_text(NOT_TAKEN)
    lab = open_page()
    lab.goto(f"{own_study.base}/lab?secret={own_study.secret}")
    expect(lab.locator(".figures > div").filter(has_text="Answers refused").locator(".figure")).to_have_text("1")
    expect(lab.locator(".health")).to_contain_text("was refused")
    with lab.expect_download() as download:
        lab.get_by_role("link", name="refused.csv").click()
    assert '""step"":""trial""' in download.value.path().read_text()


def change(study) -> None:
    """Changes the study while its pages are open."""
    study.stop()
    file = study.study / "study.yaml"
    definition = json.loads(file.read_text())
    definition["trials"]["seed"] = 77
    file.write_text(json.dumps(definition))
    study.start()


CHANGED = "This study has changed since you started, so you can't continue."


def test_a_changed_study_is_told_with_the_next_answer(at_own_trial, own_study):
    at_own_trial.rate_all()
    change(own_study)
    at_own_trial.next.click()
    expect(at_own_trial.heading).to_contain_text(CHANGED)
    at_own_trial.page.wait_for_load_state("networkidle")
    assert [one["refusal"]["code"] for one in set_aside(at_own_trial)] == ["study_changed"]
    assert own_study.status()["records"]["answers_refused"] == 1
    at_own_trial.page.reload()
    expect(at_own_trial.heading).to_contain_text(CHANGED)


def test_a_changed_study_is_told_with_the_next_sound(own_study, open_page):
    listener, held = Listener(open_page(), own_study.base), []
    listener.page.route(re.compile("/audio/"), lambda route: held.append(route))
    listener.page.route(re.compile("/(responses|events)$"), lambda route: route.abort())
    with listener.page.expect_request(re.compile("/audio/")):
        listener.open(f"/t/{own_study.join(up_to='volume')}")
    change(own_study)
    listener.page.unroute(re.compile("/audio/"))
    for route in held:
        route.continue_()
    expect(listener.heading).to_contain_text(CHANGED)


def test_two_browsers_on_one_link(own_study, open_page):
    """The first answer counts. The second is reported to its listener, and kept."""
    token = own_study.join()
    first, second = (Listener(open_page(), own_study.base).open(f"/t/{token}") for _ in range(2))
    first.rate_all()
    second.finish_trial()
    expect(second.saving).to_have_text("saved")
    first.next.click()
    expect(first.saving).to_contain_text("You already answered this in another browser.")
    assert [one["refusal"]["code"] for one in set_aside(first)] == ["already_answered"]
    records = own_study.status()["records"]
    assert (records["responses"], records["answers_refused"]) == (5, 1)


def test_time_does_not_run_backwards_in_a_second_browser(own_study, open_page):
    token, told = own_study.join(), []
    for _ in range(2):
        listener = Listener(open_page(), own_study.base)
        batches = []
        listener.page.on("request", lambda request: batches.append(request.post_data_json) if request.url.endswith("/events") else None)
        listener.open(f"/t/{token}").at_trial()
        with listener.page.expect_response(re.compile("/events$")):
            listener.hear("A")
        listener.page.close()
        told.append([event["at_ms"] for batch in batches for event in batch["events"]])
    assert max(told[0]) <= min(told[1])
