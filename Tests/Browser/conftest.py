"""Drives Debian's Chromium against the real server.

Run with `python -m pytest Tests/Browser`. EARSHOT_BIN names the program (default: the release build), CHROMIUM the browser
(default: Chromium without windows, which takes a third less processor time).
"""

import os
import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))

from listener import Listener  # noqa: E402
from serving import PROGRAM, REPOSITORY, Serving  # noqa: E402
from small_study import make_study  # noqa: E402
from sound_tap import Skipped  # noqa: E402

PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


def pytest_configure(config):
    """Runs a test whose recording has skipped frames again, at most twice: on a new page, since the old one may be playing."""
    config.option.reruns = 2
    config.option.only_rerun = [f"^{Skipped.__name__}: "]


def pytest_sessionstart(session):
    if not PROGRAM.exists():
        pytest.exit(f"{PROGRAM} is not there: build it with 'swift build -c release', or name another one in EARSHOT_BIN", 2)


@pytest.fixture(scope="session")
def chromium() -> str:
    return os.environ.get("CHROMIUM", "/usr/bin/chromium-headless-shell")


@pytest.fixture(scope="session")
def browser(chromium):
    with sync_playwright() as playwright:
        # Playwright mutes its browsers by default, and the tap would record silence.
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"], ignore_default_args=["--mute-audio"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    """A study with sliders, served once for all tests that leave the server undisturbed."""
    serving = Serving(make_study(tmp_path_factory.mktemp("sliders")))
    yield serving
    serving.stop()


@pytest.fixture(scope="session")
def crowded_study(tmp_path_factory):
    """A study with twelve samples per page on a Likert scale, in German."""
    serving = Serving(make_study(tmp_path_factory.mktemp("crowded"), languages=("de",), top_k=5, random_fillers=2, max_per_trial=12,
                                 scale={"kind": "likert", "min": 1, "max": 7}))
    yield serving
    serving.stop()


@pytest.fixture
def own_study(tmp_path):
    """A study of the test's own, for tests that kill or pause the server or count its records."""
    serving = Serving(make_study(tmp_path / "study"))
    yield serving
    serving.stop()


@pytest.fixture
def as_written(tmp_path):
    """The same, but with the pages' scripts unminified, for a test that changes one of them in transit."""
    shutil.copytree(REPOSITORY / "Public", tmp_path / "home/Public", ignore=shutil.ignore_patterns("compact"))
    serving = Serving(make_study(tmp_path / "study"), home=tmp_path / "home")
    yield serving
    serving.stop()


@pytest.fixture
def open_page(browser: Browser):
    """Opens pages, each in a browser profile of its own. Fails the test if one of them threw an error."""
    contexts, thrown = [], []

    def open_page(**options) -> Page:
        context = browser.new_context(**{"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: thrown.append(error))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert thrown == []


@pytest.fixture
def listener(open_page, study) -> Listener:
    """A listener of the shared study who has not opened a page yet."""
    return Listener(open_page(), study.base)


@pytest.fixture
def at_trial(listener, study) -> Listener:
    """A listener at the first trial."""
    return listener.open(f"/t/{study.join()}").at_trial()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    """Prints what a failed recording alone does not show: whether the device or the page was asleep."""
    try:
        return (yield)
    except AssertionError:
        if "hearing" in pyfuncitem.funcargs:
            page = pyfuncitem.funcargs["hearing"][0].page
            print("contexts:", page.evaluate("() => soundTap.contexts.map(({ state, currentTime }) => [state, currentTime])"))
            print("focus:", page.evaluate("() => document.activeElement?.outerHTML.slice(0, 200)"))
            print("page:", page.locator("body").inner_text())
        raise
