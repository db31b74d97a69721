"""In browsers that lack something, the pages do without it or say which browsers work. They never stay empty or wait
forever."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from listener import Listener

SCRIPTS = Path(__file__).resolve().parents[2] / "Public/scripts"

DONE_WITHOUT = {
    "AbortSignal.timeout": "delete AbortSignal.timeout",
    "AbortSignal": "delete globalThis.AbortSignal",
    "AbortController": "delete globalThis.AbortController",
    "navigator.languages": "delete Navigator.prototype.languages",
    "navigator.language": "delete Navigator.prototype.languages; delete Navigator.prototype.language",
    "structuredClone": "delete globalThis.structuredClone",
    "Array.at": "delete Array.prototype.at; delete Array.prototype.findLast",
    "replaceChildren": "delete Element.prototype.replaceChildren; delete Document.prototype.replaceChildren",
    "Intl.ListFormat": "delete Intl.ListFormat; delete Intl.DisplayNames",
    "crypto.randomUUID": "delete Crypto.prototype.randomUUID",
    "crypto": "delete globalThis.crypto; delete Window.prototype.crypto",
    "BroadcastChannel": "delete globalThis.BroadcastChannel",
    "BroadcastChannel without cookies": "globalThis.BroadcastChannel = class { constructor() { throw new DOMException('no', 'SecurityError'); } }",
    "dialog": "delete HTMLDialogElement.prototype.showModal; delete HTMLDialogElement.prototype.close",
    "localStorage": "Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })",
    "inert": "delete HTMLElement.prototype.inert",
    "serviceWorker and caches": "delete Navigator.prototype.serviceWorker; delete globalThis.caches",
}

TOO_OLD = "This browser is too old for this page."
NO_SOUND = "This browser cannot play the sounds of this listening test."

NOT_DONE_WITHOUT = {
    "Web Audio": ("delete globalThis.AudioContext; delete globalThis.OfflineAudioContext; delete globalThis.webkitAudioContext", NO_SOUND),
    "AudioContext": ("delete globalThis.AudioContext", NO_SOUND),
    "OfflineAudioContext": ("delete globalThis.OfflineAudioContext", NO_SOUND),
    "node constructors": ("delete globalThis.AudioBufferSourceNode", NO_SOUND),
    "modules": ("delete HTMLScriptElement.prototype.noModule", TOO_OLD),
    "fetch": ("delete globalThis.fetch", TOO_OLD),
    "URLSearchParams": ("delete globalThis.URLSearchParams", TOO_OLD),
    "EventTarget": ("globalThis.EventTarget = class { constructor() { throw new TypeError('Illegal constructor'); } }", TOO_OLD),
    "pointer events": ("delete globalThis.PointerEvent", TOO_OLD),
    "inset-inline": ("CSS.supports = () => false", TOO_OLD),
}


def test_a_click_that_is_no_pointer_event_leaves_the_arrows_to_the_scale(at_trial):
    at_trial.play_button("B").evaluate("node => node.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail: 1 }))")
    expect(at_trial.slider("B")).to_be_focused()
    expect(at_trial.row("B")).to_have_class(re.compile("heard"))
    at_trial.play_button("C").press("Enter")  # A click by keyboard leaves the focus where it is.
    expect(at_trial.row("C")).to_have_class(re.compile("heard"))
    expect(at_trial.play_button("C")).to_be_focused()


@pytest.mark.parametrize("lacking", DONE_WITHOUT)
def test_done_without(listener, study, lacking):
    listener.page.add_init_script(DONE_WITHOUT[lacking])
    listener.open()
    listener.page.get_by_role("checkbox").check()
    listener.next.click()
    expect(listener.heading).to_have_text("About you")
    listener.open(f"/t/{study.join()}").finish_trial()
    expect(listener.saving).to_have_text("saved")
    expect(listener.place).to_contain_text("Trial 1 of 3")
    listener.page.keyboard.press("?")
    help_text = listener.page.get_by_text("play or stop the loop")
    expect(help_text).to_be_visible()
    listener.page.get_by_role("button", name="Close").click()
    expect(help_text).to_be_hidden()


@pytest.mark.parametrize("lacking", NOT_DONE_WITHOUT)
@pytest.mark.parametrize("path", ["/", "/t/{token}"])
def test_not_done_without(listener, study, lacking, path):
    script, sentence = NOT_DONE_WITHOUT[lacking]
    listener.page.add_init_script(script)
    listener.open(path.replace("{token}", study.join()))
    expect(listener.heading).to_have_text(sentence)
    expect(listener.page.get_by_text("open the same link in another browser")).to_be_visible()
    expect(listener.page.get_by_role("checkbox")).to_have_count(0)


def test_a_syntax_that_is_not_understood(browser, study):
    """Not with `open_page`, as the page is meant to throw an error."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.route(re.compile("/main.js$"), lambda route: route.fulfill(
        body="class Outbox { of the future }", content_type="text/javascript"))
    expect(Listener(page, study.base).open().heading).to_have_text(TOO_OLD)
    context.close()


def test_a_script_that_does_not_arrive(listener):
    missing = re.compile("/main.js$")
    listener.page.route(missing, lambda route: route.abort())
    listener.open()
    expect(listener.heading).to_have_text("A part of this page did not arrive.")
    listener.page.unroute(missing)
    listener.page.get_by_role("button", name="Reload").click()
    expect(listener.heading).to_have_text("Which drums sound alike?")


def test_in_german(open_page, study):
    listener = Listener(open_page(locale="de-AT"), study.base)
    listener.page.add_init_script("delete globalThis.AudioContext")
    listener.open()
    expect(listener.heading).to_have_text("Dieser Browser kann die Klänge dieses Hörversuchs nicht abspielen.")


def test_the_experimenter_needs_no_sound(open_page, study):
    lab = open_page()
    lab.add_init_script("delete globalThis.AudioContext; delete Array.prototype.at; delete Array.prototype.findLast; delete Element.prototype.replaceChildren")
    lab.goto(f"{study.base}/lab?secret={study.secret}")
    expect(lab.get_by_role("heading", level=1)).to_have_text("Which drums sound alike?")


def test_the_check_itself_runs_in_the_oldest_browsers():
    """The check uses nothing newer than ECMAScript 5."""
    code = (SCRIPTS / "browser-check.js").read_text()
    code = re.sub(r'"(?:[^"\\]|\\.)*"|//[^\n]*', '""', code)
    for young in (r"=>", r"`", r"\b(let|const|class|import|export|async|await|of)\b", r"\?\.", r"\?\?", r"\.\.\.", r",\s*[)\]}]"):
        assert not re.search(young, code), young
