"""A study is changed during sessions: in its words, in its design, or so that it cannot be read."""

import json
import re
import signal
import subprocess

import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import PROGRAM, REPOSITORY, Serving, free_port
from small_study import make_study

CHANGED = "This study has changed since you started, so you can't continue."


@pytest.fixture
def paid_study(tmp_path):
    """A study of the test's own, whose last page shows a code and links to a panel."""
    serving = Serving(make_study(tmp_path / "study", redirect="https://panel.example/done?id={external_id}"))
    yield serving
    serving.stop()


def edit(serving: Serving, change) -> None:
    file = serving.study / "study.yaml"
    definition = json.loads(file.read_text())
    change(definition)
    file.write_text(json.dumps(definition))


def restart(serving: Serving) -> None:
    serving.stop()
    serving.start()


def design(definition: dict) -> None:
    definition["trials"]["seed"] = 77


def words(definition: dict) -> None:
    definition["title"] = "Which drums are close?"
    definition["texts"]["finish"]["en"] = "You have helped us **a lot**."
    definition["finish"]["redirect"] = "https://panel.example/other?id={external_id}"


def test_a_change_of_words_ends_no_session(open_page, paid_study):
    listener = Listener(open_page(), paid_study.base).open(f"/t/{paid_study.join(external_id='p1')}").at_trial()
    edit(paid_study, words)
    restart(paid_study)
    listener.rate_all()
    listener.next.click()
    expect(listener.place).to_contain_text("Trial 1 of")
    listener.page.reload()
    expect(listener.place).to_contain_text("Trial 1 of")
    expect(listener.page).to_have_title(re.compile("Which drums are close\\?"))


def test_a_change_of_the_design_is_a_kind_page_with_the_way_out(open_page, paid_study):
    listener = Listener(open_page(), paid_study.base).open(f"/t/{paid_study.join(external_id='p 1')}").at_trial()
    listener.page.route("https://panel.example/**", lambda route: route.fulfill(body="the panel"))
    listener.page.route("**/events", lambda route: route.abort())  # Refused events would tell of the change before the answer.
    listener.rate_all()
    edit(paid_study, design)
    restart(paid_study)
    listener.next.click()
    expect(listener.heading).to_have_text(CHANGED)
    expect(listener.page.locator(".finish")).to_contain_text("You did nothing wrong")
    expect(listener.page.get_by_text("You will be taken to panel.example in")).to_be_visible()
    listener.page.reload()
    expect(listener.heading).to_have_text(CHANGED)
    records = paid_study.status()["records"]
    assert (records["ended"], records["active"], records["answers_refused"]) == (1, 0, 1)
    assert records["participants"][0]["outcome"] == "study_changed"
    listener.page.get_by_role("button", name="Go there now").click()
    listener.page.wait_for_url("https://panel.example/done?id=p%201")


def test_the_study_says_what_a_change_tells(open_page, paid_study):
    listener = Listener(open_page(), paid_study.base)
    token = paid_study.join(external_id="p1", language="de")

    def change(definition: dict) -> None:
        design(definition)
        definition["leaving"] = {"study_changed": {"text": {"en": "Sorry!", "de": "Das *tut uns leid*."}, "code": "C3PARTLY"}}

    edit(paid_study, change)
    restart(paid_study)
    listener.open(f"/t/{token}")
    expect(listener.heading).to_have_text("Diese Studie wurde geändert, seit Sie begonnen haben. Sie können hier nicht weitermachen.")
    expect(listener.page.get_by_text("Das tut uns leid.")).to_be_visible()
    expect(listener.page.get_by_label("Ihr Abschlusscode")).to_have_value("C3PARTLY")
    listener.page.get_by_role("button", name="Kopieren").click()
    expect(listener.page.get_by_text("kopiert")).to_be_visible()
    expect(listener.page.get_by_role("button", name="Jetzt dorthin")).to_have_count(0)


class Logged:
    """A server whose lines on standard error can be awaited."""

    def __init__(self, study):
        self.process = subprocess.Popen(
            [str(PROGRAM), "serve", str(study), "--port", str(free_port())], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, text=True, env={"EARSHOT_HOME": str(REPOSITORY), "PATH": "/usr/bin:/bin", "HOME": str(study)})
        for line in self.process.stdout:
            if found := re.search(r"participants\s+(\S+)/$", line.rstrip()):
                self.base = found[1]
            if "Stop with" in line:
                break

    def wait_for(self, words: str) -> str:
        for line in self.process.stderr:
            if words in line:
                return line
        raise AssertionError(f"the server ended without a word of '{words}'")

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)


def test_sighup_takes_over_words_and_nothing_else(paid_study):
    token = paid_study.join(external_id="p1")
    paid_study.stop()
    server = Logged(paid_study.study)
    paid_study.base = server.base
    edit(paid_study, words)
    server.reload()
    server.wait_for("study reloaded")
    assert paid_study.ask("/api/study")["title"] == "Which drums are close?"
    assert paid_study.session(token)["state"] == "active"

    edit(paid_study, lambda definition: definition.update(title="Never seen", trials={**definition["trials"], "seed": 78}))
    server.reload()
    server.wait_for("its design was changed")
    (paid_study.study / "study.yaml").write_text("title: [")
    server.reload()
    server.wait_for("study not reloaded")
    assert paid_study.ask("/api/study")["title"] == "Which drums are close?"
    assert paid_study.session(token)["state"] == "active"
    assert server.stop() == 0


def test_the_start_says_how_many_sessions_cannot_go_on(paid_study):
    for name in "abc":
        paid_study.join(external_id=name)
    paid_study.stop()
    edit(paid_study, design)
    server = Logged(paid_study.study)
    assert "3 sessions that are not finished cannot continue" in server.wait_for("design was changed")
    assert server.stop() == 0
