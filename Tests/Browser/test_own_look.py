"""A study's own logo, font and colours appear on the listener's pages, are readable, and never run code."""

import json
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import Serving
from small_study import make_study
from test_look import CONTRAST

# Opened on its own, the logo would run its script if it were allowed to.
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 32" width="96" height="32">
<rect width="96" height="32" rx="6" fill="{0}"/><script>window.top.document.title = "taken"</script></svg>"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    folder = make_study(tmp_path_factory.mktemp("look"))
    (folder / "look").mkdir()
    (folder / "look/logo.svg").write_text(LOGO.format("#006b3c"))
    (folder / "look/night.svg").write_text(LOGO.format("#9fd8b5"))
    (folder / "look/letters.woff2").write_bytes(b"wOF2" + bytes(60))  # An invalid font: the browser's own is used.
    definition = json.loads((folder / "study.yaml").read_text())
    definition["look"] = {
        "logo": "look/logo.svg", "logo_dark": "look/night.svg", "font": "look/letters.woff2",
        "logo_text": {"en": "University of Lemuria", "de": "Universität Lemurien"},
        "light": {"accent": "#006b3c", "paper": "#ffffff"}, "dark": {"paper": "#101512"}}
    (folder / "study.yaml").write_text(json.dumps(definition))
    serving = Serving(folder)
    yield serving
    serving.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_study_looks_like_its_house(open_page, own, scheme):
    page = open_page(color_scheme=scheme, viewport={"width": 390, "height": 780})
    listener = Listener(page, own.base).open("/")
    logo = page.get_by_role("img", name="University of Lemuria")
    expect(logo).to_be_visible()
    assert logo.evaluate("node => node.decode().then(() => node.naturalWidth)") == 96
    assert logo.evaluate("node => node.currentSrc").endswith("logo-dark.svg" if scheme == "dark" else "logo.svg")
    begin = listener.next
    accent = {"light": "rgb(0, 107, 60)", "dark": None}[scheme]
    expect(page.locator("body")).to_have_css("background-color", {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 21, 18)"}[scheme])
    page.get_by_role("checkbox").check()
    if accent:
        expect(begin).to_have_css("background-color", accent)
    assert page.evaluate(CONTRAST)["bad"] == []
    page.goto(f"{own.base}/t/{own.join()}")
    listener.at_trial()
    expect(logo).to_be_hidden()
    assert page.evaluate(CONTRAST)["bad"] == []


def test_its_files_are_kept_for_good_and_may_do_nothing(open_page, own):
    address = own.ask("/api/study")["texts"]["de"]["logo"]["address"]
    with urllib.request.urlopen(f"{own.base}/{address}") as answer:
        assert answer.headers["Content-Type"] == "image/svg+xml"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers.get_all("Content-Security-Policy") == ["default-src 'none'; style-src 'unsafe-inline'; sandbox"]
    page = open_page()
    page.goto(f"{own.base}/{address}")
    assert page.title() != "taken"
    edition = address.split("/")[1]
    for path in [f"look/{edition}/study.yaml", f"look/{edition}/logo.svg/more", "look/0000000000000000/logo.svg", f"look/{edition}", "look/"]:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{own.base}/{path}")
        assert refused.value.code == 404
