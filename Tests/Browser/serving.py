"""Starts and stops the real server, and sends it requests besides those of the browser."""

import itertools
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("EARSHOT_BIN", REPOSITORY / ".build/release/earshot"))


# Each process of tests has 500 ports of its own, below those that the system gives to outgoing connections. A port that
# the system chose could be taken by another process before the server starts.
PORTS = itertools.cycle(10_000 + os.getpid() % 40 * 500 + i for i in range(500))


def free_port() -> int:
    for port in itertools.islice(PORTS, 500):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise RuntimeError("no port is free")


@contextmanager
def previewing(study: Path, participant: int = 1, **environment: str):
    """Yields the address of a preview. Afterwards, the preview must exit with 0."""
    process = subprocess.Popen(
        [str(PROGRAM), "preview", str(study), "--participant", str(participant), "--port", str(free_port())], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "EARSHOT_HOME": str(REPOSITORY), **environment})
    try:
        link = next(found[0] for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield link
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    assert process.returncode == 0


class Serving:
    """A study being served. The server can be killed and restarted at the same address."""

    def __init__(self, study: Path, *options: str, home: Path = REPOSITORY):
        """`options` are passed to `earshot serve`. `home` is the folder with the pages."""
        self.study = study
        self.home = home
        self.options = options
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.secret = ""
        self.process: subprocess.Popen | None = None
        self.start()

    def start(self) -> None:
        """Starts the server. Returns once it has printed its links."""
        self.process = subprocess.Popen(
            [str(PROGRAM), "serve", str(self.study), "--port", str(self.port), *self.options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env={**os.environ, "EARSHOT_HOME": str(self.home)})
        self.errors: list[str] = []
        threading.Thread(target=lambda: self.errors.extend(self.process.stderr), daemon=True).start()
        for line in self.process.stdout:
            if found := re.search(r"experimenter +(\S+)/lab", line):
                assert "--url" in self.options or found[1].endswith(f":{self.port}"), "the port was taken meanwhile"
                self.link = found[1]
            elif found := re.search(r"secret +(.+?)(, shown only this once)?$", line.rstrip()):
                self.secret = Path(found[1]).read_text(encoding="utf-8").strip()
                threading.Thread(target=self.process.stdout.read, daemon=True).start()
                return
        raise RuntimeError(f"{PROGRAM} did not serve:\n" + "".join(self.errors))

    def kill(self) -> None:
        """Kills the server without letting it finish anything, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=10)

    def ask(self, path: str, body: dict | None = None, cookie: str | None = None) -> dict:
        headers = {"Content-Type": "application/json", **({"Cookie": cookie} if cookie else {})}
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.base + path, data=data, headers=headers), timeout=10) as answer:
            return json.load(answer)

    def join(self, *, up_to: str = "trials", language: str = "en", external_id: str | None = None) -> str:
        """Joins the study. Returns the session's token, with all steps before `up_to` (the name of a step, or `trials`)
        answered."""
        token = self.ask("/api/sessions", {"key": str(uuid.uuid4()), "language": language, "consent": True,
                                           "recruited_from": None, "external_id": external_id})["token"]
        steps = {"questionnaire": {"answers": {"age": 33, "music": "no"}}, "volume": {}, "headphones": {"answers": [1, 1]},
                 "instructions": {}}
        for step, content in steps.items():
            if step == up_to:
                break
            self.respond(token, {"step": step, **content})
        return token

    def respond(self, token: str, answer: dict) -> dict:
        return self.ask(f"/api/sessions/{token}/responses", {"key": str(uuid.uuid4()), **answer})

    def session(self, token: str) -> dict:
        return self.ask(f"/api/sessions/{token}")

    def status(self) -> dict:
        """The status that the experimenter's page shows."""
        class NoRedirect(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        try:
            urllib.request.build_opener(NoRedirect).open(f"{self.base}/lab?secret={self.secret}")
        except urllib.error.HTTPError as answer:
            return self.ask("/lab/api/status", cookie=answer.headers["Set-Cookie"].split(";")[0])
        raise AssertionError("the secret was not taken")

    def counts(self, **wanted: int) -> None:
        """Waits until the status shows these counts: on a busy machine, it shows those of the last request for a while."""
        end = time.monotonic() + 15
        while (records := self.status()["records"]) | wanted != records:
            assert time.monotonic() < end, {name: records[name] for name in wanted}
            time.sleep(0.05)
