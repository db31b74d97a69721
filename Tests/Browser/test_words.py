"""The files with the pages' texts: every language has all the messages that English has, with the same placeholders."""

import json
import os
import re
import subprocess

import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import PROGRAM, REPOSITORY, Serving
from small_study import make_study

FILES = sorted((REPOSITORY / "Public/words").glob("*.json"))
ROMANCE = {"ca", "es", "fr", "it", "pt"}
CATEGORIES = {"zero", "one", "two", "few", "many", "other"}

# Every message by its path: the names of its placeholders, its length if it is a list, or nothing.
MESSAGES = """async () => {
  const { default: english } = await import("/assets/scripts/words/en.js");
  const found = {};
  const walk = (one, path) => {
    if (typeof one === "function") found[path] = one.names;
    else if (typeof one === "string") found[path] = [];
    else if (Array.isArray(one)) found[path] = one.length;
    else for (const [name, inner] of Object.entries(one)) walk(inner, path ? `${path}.${name}` : name);
  };
  walk(english, "");
  return found;
}"""


@pytest.fixture(scope="module")
def messages(browser, study):
    page = browser.new_page()
    page.goto(study.base)
    yield page.evaluate(MESSAGES)
    page.close()


def told(file, messages) -> dict:
    """The messages of a file by the paths of English messages. Other messages are under their own paths."""
    found = {}

    def walk(one, path):
        if path in messages or not isinstance(one, dict):
            found[path] = one
        else:
            for name, inner in one.items():
                walk(inner, f"{path}.{name}" if path else name)

    walk(json.loads(file.read_text("utf-8")), "")
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_language_says_all_and_with_the_same_places(messages, file):
    said = told(file, messages)
    assert set(said) == set(messages)
    assert said["language"] == file.stem
    for path, names in messages.items():
        text = said[path]
        if isinstance(names, int):
            assert len(text) == names and all(isinstance(one, str) and one.strip() for one in text), path
            continue
        forms = text if isinstance(text, dict) else {"other": text}
        assert "other" in forms and all(form in CATEGORIES or form.isdigit() for form in forms), path
        for form, one in forms.items():
            assert one.strip() != "" or path == "toDoComma", path
            places = set(re.findall(r"\{(\w+)\}", one))
            # A form for a single number may omit the number.
            assert places <= set(names) and (form not in ("other", "few", "many") or places == set(names)), (path, form, places)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_language_has_the_plural_forms_that_it_needs(messages, study, open_page, file):
    page = open_page()
    page.goto(study.base)
    needed = set(page.evaluate("language => new Intl.PluralRules(language).resolvedOptions().pluralCategories", file.stem))
    # Messages have a form of their own for 0 where they need it. In Romance languages "many" is for millions.
    needed -= {"zero", "many"} if file.stem in ROMANCE else {"zero"}
    for path, text in told(file, messages).items():
        if isinstance(text, dict) and {form for form in text if form != "other" and not form.isdigit()}:
            assert needed <= set(text), path


def test_what_a_file_leaves_out_is_said_in_english(listener, study):
    page = listener.page
    page.route("**/words/de.json", lambda route: route.fulfill(json={"begin": "Los", "trial": {"play": "{letter} hören"}}))
    listener.open("/?lang=de")
    expect(listener.next).to_have_text("Los")
    expect(page.get_by_role("heading", name="Consent")).to_be_visible()
    page.unroute("**/words/de.json")
    page.route("**/words/de.json", lambda route: route.abort())
    listener.open("/?lang=de")
    expect(listener.next).to_have_text("Begin")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(listener.heading.locator("[lang]")).to_have_attribute("lang", "de")


def test_a_number_chooses_its_form(listener, study):
    page = listener.open().page
    said = page.evaluate("""async () => {
      const { spoken } = await import("/assets/scripts/message.js");
      const arabic = spoken({ 0: "none", zero: "zero", one: "one", two: "two", few: "{n} few", many: "{n} many", other: "{n} other" }, ["n"], "ar");
      const host = spoken({ one: "{host} one", other: "{host} {s}" }, ["host", "s"], "en");
      return [...[0, 1, 2, 3, 11, 100].map((n) => arabic(n)), host("a.b", 1), host("{s}", 2)];
    }""")
    assert said == ["none", "one", "two", "3 few", "11 many", "100 other", "a.b one", "{s} 2"]


def test_a_study_says_it_in_its_own_words(tmp_path, open_page):
    folder = make_study(tmp_path / "study")
    definition = json.loads((folder / "study.yaml").read_text())
    definition["title"] = {"en": "Drums, please", "de": "Trommeln bitte"}
    definition["texts"]["pages"] = {"begin": {"en": "Let's start", "de": "Los geht's"},
                                    "trial.toDo.playAndSay": {"en": "hear and judge {list}", "de": "{list} hören und beurteilen"}}
    (folder / "study.yaml").write_text(json.dumps(definition))
    serving = Serving(folder)
    try:
        page = open_page()
        listener = Listener(page, serving.base).open()
        expect(listener.heading).to_have_text("Drums, please")
        expect(listener.next).to_have_text("Let's start")
        page.get_by_role("button", name="Deutsch").click()
        expect(listener.heading).to_have_text("Trommeln bitte")
        expect(listener.next).to_have_text("Los geht's")
        listener.open(f"/t/{serving.join(language='de')}").at_trial()
        expect(listener.wanting).to_have_text("Noch zu tun: den Loop abspielen, A–D hören und beurteilen")
        assert page.title().endswith("– Trommeln bitte")
    finally:
        serving.stop()
    definition["texts"]["pages"] |= {"trial.todo.say": {"en": "x", "de": "y"}, "begin": {"en": "{name}", "de": "y"}}
    (folder / "study.yaml").write_text(json.dumps(definition))
    told = subprocess.run([str(PROGRAM), "check", str(folder)], capture_output=True, text=True, env={**os.environ, "EARSHOT_HOME": str(REPOSITORY)})
    assert told.returncode == 1
    assert "'texts.pages.trial.todo.say' is not a message of the pages. Did you mean 'trial.toDo.say'?" in told.stdout + told.stderr
    assert "'texts.pages.begin' contains {name} in 'en', which is not a placeholder. It has none." in told.stdout + told.stderr
