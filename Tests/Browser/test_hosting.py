"""A study behind a real nginx with HTTPS, below a path of the host, set up as docs/hosting.md says."""

import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from listener import Listener
from serving import REPOSITORY, Serving, free_port
from small_study import make_study

OF_THE_HOST, OF_THE_STUDY = re.search(
    r"```nginx\n(.*?)\n\n(.*?)```", (REPOSITORY / "docs/hosting.md").read_text(encoding="utf-8"), re.S).groups()
OF_ALL_HOSTS = re.search(r"```nginx\n(map .*?)```", (REPOSITORY / "docs/hosting.md").read_text(encoding="utf-8"), re.S)[1]
OF_SOUNDS = re.search(r"```nginx\n(location /sounds/ .*?)```", (REPOSITORY / "docs/hosting.md").read_text(encoding="utf-8"), re.S)[1]
OF_SOUNDS_ELSEWHERE = re.search(
    r"```nginx\n(    add_header Access-Control.*?)```", (REPOSITORY / "docs/hosting.md").read_text(encoding="utf-8"), re.S)[1]
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


@pytest.fixture
def open_page(open_page):
    """Opens pages that accept a self-signed certificate."""
    return lambda **options: open_page(ignore_https_errors=True, **options)


class Front:
    """nginx with HTTPS and the given locations, each a text of its configuration."""

    def __init__(self, folder: Path, *locations: str, address: str = "127.0.0.1", port: int | None = None):
        self.port = port or free_port()
        self.base = f"https://{address}:{self.port}"
        folder.mkdir()
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", certificate,
             "-days", "2", "-subj", f"/CN={address}", "-addext", f"subjectAltName=IP:{address}"], check=True, capture_output=True)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        # nginx started as root would otherwise run its workers as a user who may not write here.
        user = "user root;" if os.geteuid() == 0 else ""
        self.log = folder / "access.log"
        of_the_host = OF_THE_HOST.replace("/var/log/nginx/earshot.log", str(self.log))
        (folder / "nginx.conf").write_text(
            f"{user} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
            f"events {{}}\nhttp {{ {paths}\n{OF_ALL_HOSTS}\n"
            f"server {{ listen {address}:{self.port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};\n{of_the_host}\n{''.join(locations)}\n}} }}\n")
        self.process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
        while True:
            assert self.process.poll() is None, (folder / "error.log").read_text()
            with socket.socket() as probe:
                if probe.connect_ex((address, self.port)) == 0:
                    return
            time.sleep(0.02)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def as_documented(serving: Serving, path: str) -> str:
    """The documentation's example, for another port and path."""
    text = OF_THE_STUDY.replace("127.0.0.1:8080", f"127.0.0.1:{serving.port}").replace("/listen", path)
    assert f":{serving.port}/;" in text and f"location {path}/ " in text
    return text


def left_on(serving: Serving, path: str) -> str:
    """Forwards the path unchanged."""
    return f"location {path} {{ proxy_pass http://127.0.0.1:{serving.port}; }}\n"


@pytest.fixture
def behind(tmp_path):
    """Serves a study with a web server in front of it."""
    made = []

    def behind(location=as_documented, path="/listen", options=(), **study) -> tuple[Serving, str]:
        serving = Serving(make_study(tmp_path / "study", **study), *options)
        made.append(serving)
        made.append(front := Front(tmp_path / "front", location(serving, path)))
        serving.front = front
        return serving, f"{front.base}{path}"

    yield behind
    for one in reversed(made):
        one.stop()


def take_part(page, base: str, link: str = "/") -> Listener:
    """Takes part from the invitation to the last page."""
    listener = Listener(page, base).open(link)
    page.get_by_role("checkbox", name="I take part of my own free will.").check()
    listener.next.click()
    page.get_by_label("How old are you?").fill("31")
    page.get_by_role("radio", name="Yes").check()
    listener.next.click()
    page.get_by_role("button", name="Play the sound").click()
    listener.next.click()
    listener.check_headphones()
    expect(listener.heading).to_have_text("How it works")
    listener.next.click()
    listener.at_trial()
    assert page.url.startswith(f"{base}/t/")
    page.reload()
    for _ in range(4):
        listener.finish_trial()
    listener.at_end()
    return listener


def test_the_whole_way_below_a_path(open_page, behind):
    serving, base = behind(options=("--log", "json", "--verbose"))
    page, asked, failed = open_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    take_part(page, base, "/?PROLIFIC_PID=p1&STUDY_ID=s1&SESSION_ID=x1")
    assert [url for url in asked if not url.startswith(f"{base}/")] == []
    assert failed == []
    assert any("/audio/" in url for url in asked)
    # The documented log shows what was requested, but nothing that could open a session.
    log, token = serving.front.log.read_text(encoding="utf-8"), re.search(r"/t/([^/]+)", page.url)[1]
    assert "/listen/t/TOKEN" in log and "/listen/api/sessions/TOKEN/responses 201" in log
    assert token not in log and "PROLIFIC" not in log and "127.0.0.1" not in log
    lines = [json.loads(line) for line in serving.errors if line.startswith("{")]
    saved = [line for line in lines if line.get("route") == "/api/sessions/:token/responses" and line["status"] == "201"]
    assert len(saved) > 5 and len({line["request"] for line in saved}) == len(saved)
    assert {"time", "level", "message", "ms", "method"} <= saved[0].keys()
    assert not any(token in line or "p1" in line for line in serving.errors)

    lab = open_page()
    lab.goto(f"{base}/lab?secret={serving.secret}")
    expect(lab).to_have_url(f"{base}/lab")
    expect(lab.locator(".health")).to_have_text(re.compile("^Running well"))
    expect(lab.get_by_label("Invite listeners with this link")).to_have_value(f"{base}/")
    for name in ("ratings.csv", "participants.csv", "datapackage.json"):
        with lab.expect_download() as download:
            lab.get_by_role("link", name=name).click()
        text = download.value.path().read_text(encoding="utf-8")
        if name == "participants.csv":
            row = next(csv.DictReader(io.StringIO(text)))
            assert (row["external_id"], row["panel_study"], row["panel_session"]) == ("p1", "s1", "x1")
    lab.get_by_role("button", name="Pause recruitment …").click()
    lab.get_by_role("dialog").get_by_role("button", name="Pause recruitment", exact=True).click()
    expect(lab.get_by_text("Recruitment is paused.", exact=True)).to_be_visible()
    assert [(cookie["path"], cookie["secure"], cookie["httpOnly"]) for cookie in lab.context.cookies()] == [("/listen", True, True)]
    lab.goto(f"{base}/lab/")
    expect(lab.locator(".health")).to_have_text(re.compile("^Running well"))


def sounds_secret(serving: Serving) -> str:
    return (serving.study / "data/sounds-secret").read_text(encoding="utf-8").strip()


def of_sounds(serving: Serving, depot: Path) -> str:
    """The documentation's location for sounds, with the given folder."""
    return OF_SOUNDS.replace("SECRET", sounds_secret(serving)).replace("/srv/earshot-sounds", str(depot))


def ask(address: str, method: str = "GET", **headers: str) -> int:
    """The status with which an address answers, whoever signed the certificate of its host."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        return urllib.request.urlopen(urllib.request.Request(address, headers=headers, method=method), context=context).status
    except urllib.error.HTTPError as answer:
        return answer.code


def refused(serving: Serving, address: str) -> list[int]:
    """The statuses with which a sound's address answers: without its signature, with another expiry, and correctly
    signed but expired."""
    plain, expires = address.split("?")[0], re.search(r"expires=(\d+)", address)[1]
    past = str(int(time.time()) - 1)
    code = hashlib.md5(f"{past}/sounds/{plain.rsplit('/', 1)[1]} {sounds_secret(serving)}".encode()).digest()
    signed = base64.urlsafe_b64encode(code).decode().rstrip("=")
    return [ask(plain), ask(address.replace(expires, str(int(expires) + 3600))), ask(f"{plain}?md5={signed}&expires={past}")]


def test_nginx_sends_the_sounds_by_addresses_that_are_signed_and_end(open_page, behind, tmp_path):
    depot = tmp_path / "depot"

    def location(serving: Serving, path: str) -> str:
        return as_documented(serving, path) + of_sounds(serving, depot)

    serving, base = behind(location, options=("--sounds-base", "/sounds", "--sounds-folder", str(depot)))
    page, answers = open_page(), []
    page.on("response", lambda response: answers.append((response.url, response.status)))
    take_part(page, base)
    assert [url for url, status in answers if status >= 400] == []
    sounds = {url for url, status in answers if "/sounds/" in url and status == 200}
    assert len(sounds) == 4 == len(list(depot.iterdir()))
    assert not any(status == 200 for url, status in answers if re.search(r"/audio/\d+$", url))
    address = sounds.pop()
    assert (ask(address), ask(address, Range="bytes=100-")) == (200, 206)
    assert refused(serving, address) == [403, 403, 410]


def test_another_host_sends_the_sounds(open_page, behind, tmp_path):
    depot, port = tmp_path / "depot", free_port()
    elsewhere = f"https://127.0.0.2:{port}"
    serving, base = behind(options=("--sounds-base", f"{elsewhere}/sounds", "--sounds-folder", str(depot)))
    let_in = OF_SOUNDS_ELSEWHERE.replace("https://lab.example.org", base.removesuffix("/listen"))
    front = Front(tmp_path / "elsewhere", of_sounds(serving, depot).rstrip().removesuffix("}"), let_in, "}", address="127.0.0.2", port=port)
    try:
        page, answers, said = open_page(), [], []
        page.on("response", lambda response: answers.append((response.url, response.status)))
        page.on("console", lambda message: said.append(message.text))
        take_part(page, base)
        assert [url for url, status in answers if status >= 400] == []
        # The service worker that shows pages offline cannot be installed with such a certificate.
        assert [text for text in said if "certificate" not in text] == []
        sounds = {url for url, status in answers if url.startswith(f"{elsewhere}/sounds/") and status == 200}
        assert len(sounds) == 4 == len(list(depot.iterdir()))
        assert not any(status == 200 for url, status in answers if re.search(r"/audio/\d+$", url))
        # The page does this when a sound breaks off. Another site may not read the answer.
        rest = """async (address) => {
          const whole = await fetch(address), tag = whole.headers.get("ETag");
          const rest = await fetch(address, { headers: { Range: "bytes=100-", "If-Range": tag } });
          return [whole.status, rest.status, Number(rest.headers.get("Content-Range").split("/")[1]), (await rest.arrayBuffer()).byteLength];
        }"""
        size = next(depot.iterdir()).stat().st_size
        address = next(url for url, _ in answers if re.search(r"/audio/\d+$", url))
        assert page.evaluate(rest, address) == [200, 206, size, size - 100]
        other = open_page()
        other.goto(f"{serving.base}/")
        assert other.evaluate("(address) => fetch(address).then(() => 'read', () => 'refused')", sounds.copy().pop()) == "refused"
        assert refused(serving, sounds.pop()) == [403, 403, 410]
    finally:
        front.stop()


@pytest.mark.parametrize("link", ["/listen/", "/listen", "/listen/?id=50%"])
def test_a_path_that_is_left_on_is_cut_off_by_the_stated_address(open_page, behind, link):
    serving, base = behind(left_on, options=("--url", "https://lab.example.org/listen/"))
    assert serving.link == "https://lab.example.org/listen"
    page = open_page()
    page.goto(base.removesuffix("/listen") + link)
    page.get_by_role("checkbox").check()
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("About you")
    assert page.url.startswith(f"{base}/t/")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("About you")


def test_two_studies_on_one_host_do_not_mix(open_page, tmp_path):
    servings = [Serving(make_study(tmp_path / name)) for name in ("one", "two")]
    front = Front(tmp_path / "front", *(as_documented(serving, f"/{name}") for serving, name in zip(servings, ("one", "two"))))
    try:
        page = open_page()
        token = servings[0].join()
        Listener(page, f"{front.base}/one").open(f"/t/{token}").at_trial()
        Listener(page, f"{front.base}/one").open("/")
        expect(page.get_by_text("You started this study on this device.")).to_be_visible()
        two = Listener(page, f"{front.base}/two").open("/")
        expect(two.next).to_have_text("Begin")
        expect(page.get_by_text("You started this study on this device.")).to_be_hidden()
    finally:
        front.stop()
        for serving in servings:
            serving.stop()
