"""Drives Firefox with WebDriver BiDi, and WebKitGTK's MiniBrowser with WebDriver.

Both play into a sound server of the test's own, whose output is recorded.
"""

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
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from websockets.sync.client import connect

from sound_tap import Skipped

MINI_BROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"
PATIENCE_MS = 30_000


def end(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Loudspeaker:
    """A PulseAudio server with a null sink as its only output, whose monitor is recorded."""

    def __init__(self, folder: Path, rate: int):
        self.rate = rate
        place = folder / "sound"
        self.environment = {**os.environ, "PULSE_SERVER": f"unix:{place}", "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
        # The command returns once the server can be reached.
        subprocess.run(
            ["pulseaudio", "-n", "--daemonize=yes", "--exit-idle-time=-1", "--use-pid-file=yes", "--realtime=no", "--high-priority=no",
             f"--load=module-native-protocol-unix socket={place} auth-anonymous=1",
             f"--load=module-null-sink sink_name=nowhere rate={rate} format=float32le channels=2"],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        self.number = int((folder / "pulse" / "pid").read_text())
        self.recorder = None

    def record(self) -> None:
        """Starts recording. Returns once the recording runs."""
        self.recorder = subprocess.Popen(
            ["parec", "--device=nowhere.monitor", "--format=float32le", f"--rate={self.rate}", "--channels=2", "--latency-msec=20"],
            env=self.environment, stdout=subprocess.PIPE)
        self.heard = self.recorder.stdout.read(8)

    def take(self, frames: int) -> np.ndarray:
        """The first `frames` frames since `record`, in two rows. Waits for them."""
        self.heard += self.recorder.stdout.read(8 * frames - len(self.heard))
        end(self.recorder)
        return np.frombuffer(self.heard, dtype="<f4").reshape(-1, 2).T

    def stop(self) -> None:
        os.kill(self.number, signal.SIGTERM)


class Driver:
    """What a listener does, for both browsers. Subclasses provide `goto`, `script`, `press` and `keys`."""

    def evaluate(self, expression: str):
        """The value of a JavaScript expression, or of its promise."""
        return json.loads(self.script(f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))"))

    def until(self, condition: str) -> None:
        """Waits in the page until a JavaScript condition holds."""
        came = self.evaluate(
            f"new Promise((resolve) => {{ const over = performance.now() + {PATIENCE_MS};"
            f" const look = () => (({condition}) ? resolve(true) : performance.now() > over ? resolve(false) : setTimeout(look, 20)); look(); }})")
        assert came, f"{condition}: {self.evaluate('document.body.innerText')}"

    def shown(self, selector: str) -> None:
        self.until(f"document.querySelector({json.dumps(selector)})?.checkVisibility?.() !== false && document.querySelector({json.dumps(selector)}) !== null")

    def click(self, selector: str, at: int = 0) -> None:
        """Clicks the middle of an element with the mouse."""
        node = f"document.querySelectorAll({json.dumps(selector)})[{at}]"
        self.until(f"{node} !== undefined")
        self.press(*self.evaluate(
            f"(() => {{ {node}.scrollIntoView({{ block: 'center' }}); const box = {node}.getBoundingClientRect();"
            " return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]; })()"))

    @staticmethod
    def mouse(x: int, y: int) -> list:
        return [{"type": "pointer", "id": "mouse", "actions": [
            {"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]}]

    @staticmethod
    def typing(text: str) -> list:
        return [{"type": "key", "id": "keys", "actions": [{"type": kind, "value": one} for one in text for kind in ("keyDown", "keyUp")]}]


class Firefox(Driver):
    def __init__(self, folder: Path, loudspeaker: Loudspeaker):
        self.process = subprocess.Popen(
            ["firefox-esr", "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0"],
            env={**loudspeaker.environment, "MOZ_CRASHREPORTER_DISABLE": "1", "LANG": "en_GB.UTF-8"}, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        address = next(found[1] for line in self.process.stderr if (found := re.search(r"BiDi listening on (\S+)", line)))
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.open = ExitStack()
        self.socket = self.open.enter_context(connect(f"{address}/session", max_size=None))
        self.number = 0
        self.ask("session.new", capabilities={})
        self.context = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **parameters) -> dict:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            try:
                answer = json.loads(self.socket.recv(timeout=PATIENCE_MS / 1000 + 5))
            except TimeoutError as silent:
                raise Skipped(f"Firefox does not answer {method}") from silent
            if answer.get("id") == self.number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def goto(self, address: str) -> None:
        self.ask("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def script(self, expression: str) -> str:
        answer = self.ask("script.evaluate", expression=expression, target={"context": self.context}, awaitPromise=True)
        assert answer["type"] == "success", answer
        return answer["result"]["value"]

    def press(self, x: int, y: int) -> None:
        self.ask("input.performActions", context=self.context, actions=self.mouse(x, y))

    def keys(self, text: str) -> None:
        self.ask("input.performActions", context=self.context, actions=self.typing(text))

    def stop(self) -> None:
        self.open.close()
        end(self.process)


class WebKit(Driver):
    def __init__(self, folder: Path, loudspeaker: Loudspeaker):
        self.screen = subprocess.Popen(["Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        display = f":{self.screen.stdout.readline().strip()}"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            ["WebKitWebDriver", f"--port={port}", "--host=127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**loudspeaker.environment, "DISPLAY": display, "LANG": "en_GB.UTF-8", "LIBGL_ALWAYS_SOFTWARE": "1",
                 "WEBKIT_DISABLE_COMPOSITING_MODE": "1", "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"})
        for left in range(200, -1, -1):
            try:
                urllib.request.urlopen(f"{self.address}/status")
                break
            except urllib.error.URLError:
                assert left > 0 and self.process.poll() is None, "WebKitWebDriver does not answer"
                time.sleep(0.05)
        wish = {"binary": MINI_BROWSER, "args": ["--automation"]}
        made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": wish}}})
        self.session = f"/session/{made['sessionId']}"
        self.ask("POST", f"{self.session}/timeouts", {"script": 2 * PATIENCE_MS})

    def ask(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data=data, method=method, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=2 * PATIENCE_MS / 1000) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refused:
            raise AssertionError(refused.read().decode()) from refused

    def goto(self, address: str) -> None:
        self.ask("POST", f"{self.session}/url", {"url": address})

    def script(self, expression: str) -> str:
        return self.ask("POST", f"{self.session}/execute/async", {
            "script": f"const done = arguments[arguments.length - 1]; ({expression}).then(done, (error) => done(JSON.stringify(`failed: ${{error}}`)))",
            "args": []})

    def press(self, x: int, y: int) -> None:
        self.ask("POST", f"{self.session}/actions", {"actions": self.mouse(x, y)})

    def keys(self, text: str) -> None:
        self.ask("POST", f"{self.session}/actions", {"actions": self.typing(text)})

    def stop(self) -> None:
        self.ask("DELETE", self.session)
        end(self.process)
        end(self.screen)
