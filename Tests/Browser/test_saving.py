"""No acknowledged answer is lost or counted twice, and a reloaded page resumes where it was."""

import json
import re

from playwright.sync_api import expect

from listener import Listener
from serving import Serving
from small_study import make_study

AWAY = "You're offline. Your answers are saved on this device and will be sent."


def kept_letters(listener: Listener) -> int:
    """How many unsent answers the browser keeps."""
    return listener.page.evaluate(
        "token => JSON.parse(localStorage.getItem(`earshot/${token}/responses`) ?? '[]').length", listener.token)


def test_reload_goes_on_at_the_same_trial_with_its_draft(at_trial):
    at_trial.finish_trial()
    expect(at_trial.place).to_contain_text("Trial 1 of 3")
    at_trial.hear_loop()
    at_trial.hear("A")
    at_trial.touch("A", 0.7)
    at_trial.hear("B")
    value = at_trial.slider("A").get_attribute("aria-valuenow")
    at_trial.page.reload()
    expect(at_trial.place).to_contain_text("Trial 1 of 3")
    expect(at_trial.slider("A")).to_have_attribute("aria-valuenow", value)
    expect(at_trial.row("A")).to_contain_text("rated")
    expect(at_trial.row("B")).to_contain_text("heard")
    expect(at_trial.slider("B")).to_have_attribute("aria-valuetext", "not rated yet")
    expect(at_trial.wanting).to_have_text("Still to do: rate B, play and rate C and D")


def test_reload_keeps_a_half_answered_questionnaire(listener, study):
    listener.open(f"/t/{study.join(up_to='questionnaire')}")
    listener.page.get_by_label("How old are you?").fill("52")
    listener.page.get_by_role("radio", name="No").check()
    listener.page.reload()
    expect(listener.page.get_by_label("How old are you?")).to_have_value("52")
    expect(listener.page.get_by_role("radio", name="No")).to_be_checked()


def test_a_question_may_be_called_as_what_every_object_has(tmp_path, open_page):
    folder = make_study(tmp_path / "study")
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    assert '"id": "remark"' in text
    (folder / "study.yaml").write_text(text.replace('"id": "remark"', '"id": "constructor"'), encoding="utf-8")
    serving = Serving(folder)
    try:
        listener = Listener(open_page(), serving.base).open(f"/t/{serving.join(up_to='questionnaire')}")
        expect(listener.page.get_by_label("Anything we should know?")).to_have_value("")
    finally:
        serving.stop()


def with_little_ahead(page, old: str, new: str) -> None:
    """Makes a page prefetch less than usual."""
    page.route("**/way/sounds.js", lambda route: route.fulfill(response=(came := route.fetch()), body=came.text().replace(old, new)))


def test_network_away_and_back(as_written, open_page):
    page = open_page()
    with_little_ahead(page, "mostAhead = 5", "mostAhead = 1")
    listener = Listener(page, as_written.base).open(f"/t/{as_written.join()}").at_trial()
    listener.rate_all()
    # The next trial's sounds are prefetched while this one is rated; then the network goes down.
    listener.page.wait_for_load_state("networkidle")
    listener.page.context.set_offline(True)
    listener.next.click()
    expect(listener.saving).to_have_text(AWAY)
    expect(listener.place).to_contain_text("Trial 1 of 3")
    assert kept_letters(listener) == 1

    listener.finish_trial()  # The session goes on offline as long as sounds have been prefetched.
    expect(listener.page.locator(".notice")).to_contain_text("A sound is still loading.")
    assert kept_letters(listener) == 2
    # However often it is tried again, the focus stays where it is.
    again = page.locator(".notice").get_by_role("button", name="Try again")
    again.focus()
    for _ in range(2):
        page.wait_for_event("requestfailed", lambda request: "/audio/" in request.url)
    expect(again).to_be_focused()

    listener.page.context.set_offline(False)
    expect(listener.saving).to_have_text("saved")
    expect(listener.place).to_contain_text("Trial 2 of 3")
    listener.at_trial()
    assert kept_letters(listener) == 0
    assert as_written.session(listener.token)["done"]["trials"] == [1, 2]


def test_a_lost_acknowledgement_counts_once(own_study, open_page):
    listener = Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()
    before = own_study.status()["records"]["responses"]
    keys = []

    def lose_the_first_answer(route):
        keys.append(route.request.post_data_json["key"])
        if len(keys) == 1:
            route.fetch()  # The answer reaches the server, but its acknowledgement is lost.
            route.abort()
        else:
            route.continue_()

    listener.page.route(re.compile("/responses$"), lose_the_first_answer)
    listener.finish_trial()
    expect(listener.saving).to_have_text("saved")
    assert len(keys) >= 2 and len(set(keys)) == 1, "a retry carries the key of the first try"
    own_study.counts(responses=before + 1)
    assert own_study.session(listener.token)["done"]["trials"] == [1]


def test_answers_wait_through_a_reload(own_study, open_page):
    listener = Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()
    listener.page.route(re.compile("/responses$"), lambda route: route.abort())
    listener.finish_trial()
    expect(listener.saving).to_have_text(AWAY)
    listener.page.unroute(re.compile("/responses$"))
    listener.page.reload()
    expect(listener.place).to_contain_text("Trial 1 of 3")
    expect(listener.saving).to_have_text("saved")
    assert own_study.session(listener.token)["done"]["trials"] == [1]


def test_server_killed_and_started_again(own_study, open_page):
    listener = Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()
    listener.finish_trial()
    expect(listener.saving).to_have_text("saved")
    listener.rate_all()
    listener.page.wait_for_load_state("networkidle")
    own_study.kill()
    listener.next.click()
    expect(listener.saving).to_have_text(AWAY)
    assert kept_letters(listener) == 1
    own_study.start()
    expect(listener.saving).to_have_text("saved")
    assert own_study.session(listener.token)["done"]["trials"] == [1, 2]
    while "Trial" in (listener.place.text_content() or ""):
        listener.finish_trial()
    listener.at_end()
    assert own_study.session(listener.token)["state"] == "finished"


def test_joining_twice_for_a_lost_answer_is_one_listener(own_study, open_page):
    listener = Listener(open_page(), own_study.base).open()
    tries = []

    def lose_the_first_answer(route):
        tries.append(route.request.post_data_json["key"])
        if len(tries) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    listener.page.route(re.compile("/api/sessions$"), lose_the_first_answer)
    listener.page.get_by_role("checkbox").check()
    listener.next.click()
    expect(listener.heading).to_have_text("About you")
    assert len(tries) == 2 and len(set(tries)) == 1
    assert own_study.status()["records"]["joined"] == 1


def test_events_tell_what_was_heard(own_study, open_page):
    listener = Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()
    batches = []
    listener.page.on("request", lambda request: batches.append(request.post_data_json) if request.url.endswith("/events") else None)
    with listener.page.expect_response(re.compile("/events$")) as answer:
        listener.finish_trial()
    assert answer.value.status in (200, 201), json.dumps(answer.value.json())
    told = [(event["kind"], event["stimulus"]) for batch in batches for event in batch["events"]]
    assert ("play", "query") in told and ("play", "A") in told and ("rate", "A") in told and ("stop", "A") in told


def test_the_finish_waits_for_the_events(own_study, open_page):
    listener = Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()
    listener.page.route(re.compile("/events$"), lambda route: route.abort())
    while re.search("Practice|Trial", listener.place.text_content() or ""):
        listener.finish_trial()
    expect(listener.page.get_by_text("Sending your last answers.")).to_be_visible()
    expect(listener.saving).to_have_text(AWAY)
    listener.page.wait_for_function("token => localStorage.getItem(`earshot/${token}/responses`) === null", arg=listener.token)
    assert own_study.session(listener.token)["state"] == "finished"
    listener.page.unroute(re.compile("/events$"))
    listener.page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(listener.page.get_by_text("All your answers are saved.")).to_be_visible()
    assert listener.page.evaluate(
        "token => localStorage.getItem(`earshot/${token}/events`)", listener.token) is None
    assert own_study.status()["records"]["events"] > 16


def test_answers_outlive_a_storage_that_is_cleared(own_study, open_page):
    listener = Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()
    listener.page.route(re.compile("/responses$"), lambda route: route.abort())
    listener.finish_trial()
    expect(listener.saving).to_have_text(AWAY)
    listener.page.evaluate("() => localStorage.clear()")
    listener.finish_trial()
    listener.page.unroute(re.compile("/responses$"))
    expect(listener.saving).to_have_text("saved")
    assert own_study.session(listener.token)["done"]["trials"] == [1, 2]


def test_answers_outlive_a_storage_that_takes_nothing(own_study, open_page):
    listener = Listener(open_page(), own_study.base).open(f"/t/{own_study.join()}").at_trial()
    listener.page.route(re.compile("/responses$"), lambda route: route.abort())
    listener.page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }; }")
    listener.finish_trial()
    expect(listener.saving).to_have_text(
        "You're offline, and this browser can't save your answers. Please keep this page open until they are sent.")
    listener.page.unroute(re.compile("/responses$"))
    expect(listener.saving).to_have_text("saved")
    assert own_study.session(listener.token)["done"]["trials"] == [1]


def test_a_reload_without_the_network_waits_and_goes_on(own_study, open_page):
    page = open_page()
    listener = Listener(page, own_study.base).open(f"/t/{own_study.join()}").at_trial()
    listener.hear("A")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    kept = "async () => (await (await caches.open('earshot-pages')).keys()).map((request) => new URL(request.url).pathname)"
    loaded = "performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname).filter((path) => path.startsWith('/assets/'))"
    page.wait_for_function(f"async () => {{ const paths = await ({kept})(); return ['/t/', ...{loaded}].every((path) => paths.includes(path)); }}")
    own_study.kill()
    page.reload()
    expect(page.locator(".notice")).to_contain_text("We can't reach the server. Your answers are saved")
    own_study.start()
    listener.at_trial()
    expect(listener.row("A")).to_contain_text("heard")

    paths = page.evaluate(kept)
    assert all(path in ("/", "/t/") or path.startswith("/assets/") for path in paths), "nothing of a session is kept"
    assert listener.token not in str(paths)


def test_a_line_that_is_cut_leaves_the_pages_that_come(own_study, open_page):
    page = open_page()
    listener = Listener(page, own_study.base).open(f"/t/{own_study.join()}").at_trial()
    page.wait_for_function("() => [1, 2, 3, 4].every((n) => performance.getEntriesByType('resource').some(({ name }) => name.endsWith(`/audio/${n}`)))")
    page.context.set_offline(True)
    for _ in range(4):
        listener.rate_all()
        listener.next.click()
    expect(page.locator(".page")).to_contain_text("Sending your last answers")
    page.context.set_offline(False)
    listener.at_end()
    assert own_study.session(listener.token)["done"]["trials"] == [1, 2, 3, 4]


def test_what_is_too_large_is_fetched_in_its_turn(as_written, open_page):
    page = open_page()
    with_little_ahead(page, "64e6", "2000")
    asked = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[1]) if "/audio/" in request.url else None)
    listener = Listener(page, as_written.base).open(f"/t/{as_written.join()}").at_trial()
    listener.finish_trial()
    listener.at_trial()
    assert asked == ["1", "2"]


def test_what_is_too_large_for_memory_lies_on_the_disk_while_it_is_needed(as_written, open_page):
    page = open_page(service_workers="block")
    page.route("**/parcel.js", lambda route: route.fulfill(response=(came := route.fetch()), body=came.text().replace("32e6", "1000")))
    files = """async () => {
      const home = await (await navigator.storage.getDirectory()).getDirectoryHandle("earshot-sounds", { create: true });
      const found = [];
      // What the page removes while it is listed is not there any more.
      const sizeOf = (handle) => handle.getFile().then((file) => file.size, () => 0);
      for await (const [name, folder] of home) for await (const [file, handle] of folder) found.push([name, file, await sizeOf(handle)]);
      return found.filter(([, , size]) => size > 0);
    }"""
    listener = Listener(page, as_written.base).open(f"/t/{as_written.join()}").at_trial()
    page.wait_for_function(f"async () => {{ const found = await ({files})(); return found.length === 4 && found.every(([, , size]) => size > 1000); }}")
    before = page.evaluate(files)
    assert len({folder for folder, _, _ in before}) == 1
    for left in (3, 2):  # Sounds of finished trials are removed; the rest play from disk.
        listener.finish_trial()
        listener.at_trial()
        page.wait_for_function(f"async () => (await ({files})()).length === {left}")
    page.reload()
    listener.at_trial()
    listener.hear("A")
    after = page.evaluate(files)
    assert after and {folder for folder, _, _ in after}.isdisjoint(folder for folder, _, _ in before)
