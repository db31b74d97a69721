"""Simulates a lab's night on one server, on loopback: how its figures grow with the number of ratings, whether
dashboards slow down saves, simultaneous exports, and hundreds of listeners at human pace.

usage: night.py PATH-OF-EARSHOT [PART …], where PART is growth or listeners (default: both)
Prints a table for each part. Exits with 1 if a goal is missed.
"""
import http.client
import json
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Server"))

import small_study  # noqa: E402
from server import HERE, Earshot, memory_mb, processor_s  # noqa: E402

SIZES = [10_000, 100_000, 1_000_000]
DASHBOARDS, EXPORTS, LISTENERS, MINUTES = 4, 75, 500, 5
JSON = {"Content-Type": "application/json"}


class Client:
    """One browser's connection to the server."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection(server.link.removeprefix("http://"), timeout=60)
        self.headers = {}

    def ask(self, method, path, body=None):
        """Sends a request. Returns status, body, duration in milliseconds, and the response."""
        begun = time.perf_counter()
        text = None if body is None else json.dumps(body)
        headers = {**self.headers, **(JSON if body is not None else {})}
        try:
            self.connection.request(method, path, text, headers)
            response = self.connection.getresponse()
        except (ConnectionError, http.client.RemoteDisconnected):
            # Browsers reconnect too if the server has closed a connection that was idle for long.
            self.connection.close()
            self.connection.request(method, path, text, headers)
            response = self.connection.getresponse()
        content = response.read()
        return response.status, content, 1000 * (time.perf_counter() - begun), response

    def sign_in(self, server):
        response = self.ask("GET", f"/lab?secret={(server.data / 'secret').read_text().strip()}")[3]
        self.headers = {"Cookie": response.getheader("Set-Cookie").partition(";")[0]}
        return self


class Sitting:
    """One listener's session."""

    def __init__(self, server):
        self.client = Client(server)
        joined = self.client.ask("POST", "/api/sessions", {"key": str(uuid.uuid4()), "language": "en", "consent": True})
        self.token = json.loads(joined[1])["token"]
        self.trials = json.loads(self.client.ask("GET", f"/api/sessions/{self.token}")[1])["trials"]
        self.steps = ["volume", "instructions", *range(1, len(self.trials) + 1)]

    def hear(self, trial):
        return self.client.ask("GET", "/" + self.trials[trial - 1]["query"].split("#")[0].lstrip("/"))

    def save(self, step, draw):
        body = {"key": str(uuid.UUID(int=draw.getrandbits(128), version=4)), "step": "trial" if isinstance(step, int) else step}
        if isinstance(step, int):
            letters = [candidate["position"] for candidate in self.trials[step - 1]["candidates"]]
            body |= {"trial": step, "response_ms": 31_800, "ratings": [
                {"position": letter, "rating": draw.randrange(101), "plays": 2, "listened_ms": 1310} for letter in letters]}
        return self.client.ask("POST", f"/api/sessions/{self.token}/responses", body)


def p99(times):
    return sorted(times)[int(0.99 * len(times))]


def fill(server, folder, ratings):
    """Lets clients save pages until there are about `ratings` more ratings. Returns how many there are."""
    first = Sitting(server)
    letters = [candidate["position"] for candidate in first.trials[0]["candidates"]]
    count = -(-ratings // (len(letters) * len(first.trials) * 16)) * 16
    with ThreadPoolExecutor(8) as pool:
        (folder / "tokens").write_text("".join(token + "\n" for token in pool.map(server.join, range(count))))
    with sqlite3.connect(f"file:{server.data}/records.sqlite?mode=ro", uri=True) as records:
        def responses():
            return records.execute("SELECT coalesce(max(id), 0) FROM response").fetchone()[0]

        wanted = responses() + count * (len(first.trials) + 2)
        # wrk takes a duration, not a number of requests, so it is stopped once enough pages are saved.
        load = subprocess.Popen(
            ["wrk", "-t16", "-c16", "-d600s", "--timeout", "60s", "-s", str(HERE / "saves.lua"), server.link, "--", "earshot", "16",
             str(folder / "tokens"), ",".join(letters), str(len(first.trials))], stdout=subprocess.DEVNULL)
        while responses() < wanted:
            time.sleep(0.2)
        load.send_signal(signal.SIGINT)
        load.wait(30)
    return count * len(first.trials) * len(letters)


def in_turn(count, work):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def pages_saved(server, seconds=20, clients=8):
    """Durations of saves in milliseconds, for a few clients that save about twenty pages per second each."""
    end = time.monotonic() + seconds

    def save(number):
        draw, times = random.Random(number), []
        while time.monotonic() < end:
            sitting = Sitting(server)
            for step in sitting.steps:
                status, _, took, _ = sitting.save(step, draw)
                assert status == 201, status
                times.append(took)
                time.sleep(0.04)
                if time.monotonic() > end:
                    break
        return times

    return sum(in_turn(clients, save), [])


def growth(program, folder):
    study = folder / "study"
    # Sessions are so short that even the first size has more of them than the page lists.
    small_study.write(study, queries=4, candidates=4)
    server, ratings, status_ms = Earshot(program, study), 0, []
    print("| ratings | status, ms of processor time | pages of the dashboard, ms | a save's p99, ms | with four dashboards, ms | memory, MB |")
    print("|--:|--:|--:|--:|--:|--:|", flush=True)
    kept = True
    try:
        for size in SIZES:
            ratings += fill(server, folder, size - ratings)
            lab = Client(server).sign_in(server)
            before = processor_s(server.process.pid)
            status = [lab.ask("GET", "/lab/api/status") for _ in range(500)]
            status_ms.append(1000 * (processor_s(server.process.pid) - before) / len(status))
            pages = [lab.ask("GET", "/lab/api/pages") for _ in range(5)]
            assert {answer[0] for answer in status + pages} == {200}
            alone = p99(pages_saved(server))
            watching = threading.Event()

            def watch(_):
                client = Client(server).sign_in(server)
                while not watching.is_set():
                    for path in ("/lab/api/status", "/lab/api/pages"):
                        assert client.ask("GET", path)[0] == 200
                    watching.wait(1)

            with ThreadPoolExecutor(DASHBOARDS) as pool:
                watchers = [pool.submit(watch, number) for number in range(DASHBOARDS)]
                watched = p99(pages_saved(server))
                watching.set()
                for one in watchers:
                    one.result()
            print(f"| {ratings:,} | {status_ms[-1]:.2f} | {statistics.median(answer[2] for answer in pages):.0f} | {alone:.1f} "
                  f"| {watched:.1f} | {memory_mb(server.process.pid):.0f} |", flush=True)
            if size == SIZES[0]:
                exports = in_turn(EXPORTS, lambda _: Client(server).sign_in(server).ask("GET", "/lab/export/ratings.csv"))
                failed = sum(answer[0] != 200 for answer in exports)
        ratio = max(status_ms) / min(status_ms)
        kept = ratio <= 1.5 and failed == 0
        print(f"\nStatus, largest by smallest: {ratio:.2f} (goal: 1.5). {EXPORTS} exports at once, at {SIZES[0]:,} ratings: {failed} failed.")
    finally:
        server.stop()
    return kept


def listeners(program, folder):
    """Listeners who arrive within half a minute and take a realistic time for each page, until they are done or time is
    up."""
    study = folder / "people"
    small_study.write(study, queries=4)
    server = Earshot(program, study)
    times, sounds, errors, peak = [], [], [], [0.0]
    end = time.monotonic() + 60 * MINUTES

    def listen(number):
        draw = random.Random(number)
        time.sleep(draw.uniform(0, 30))
        while time.monotonic() < end:
            try:
                sitting = Sitting(server)
                for step in sitting.steps:
                    if isinstance(step, int):
                        status, _, took, _ = sitting.hear(step)
                        sounds.append(took)
                        if status != 200:
                            errors.append(status)
                    time.sleep(draw.uniform(10, 30))
                    status, _, took, _ = sitting.save(step, draw)
                    times.append(took)
                    if status != 201:
                        errors.append(status)
                    if time.monotonic() > end:
                        break
            except OSError as error:
                errors.append(error)

    def watch():
        while time.monotonic() < end:
            peak[0] = max(peak[0], memory_mb(server.process.pid))
            time.sleep(1)

    try:
        threading.stack_size(256 * 1024)
        threading.Thread(target=watch, daemon=True).start()
        in_turn(LISTENERS, listen)
    finally:
        server.stop()
    kept = p99(times) < 50 and peak[0] < 150 and not errors
    print("| listeners | minutes | pages saved | a save, median, ms | p99, ms | sounds, p99, ms | memory at most, MB | errors |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    print(f"| {LISTENERS} | {MINUTES} | {len(times):,} | {statistics.median(times):.1f} | {p99(times):.1f} | {p99(sounds):.1f} "
          f"| {peak[0]:.0f} | {len(errors)} |", flush=True)
    if errors:
        print("first errors:", errors[:3])
    return kept


PARTS = {"growth": growth, "listeners": listeners}


def run(parts):
    """Runs the parts that are named after the program, or all of them. Exits with 1 if one of them misses its goal."""
    program = str(Path(sys.argv[1]).resolve())
    kept = True
    for part in sys.argv[2:] or parts:
        with tempfile.TemporaryDirectory() as name:
            kept = parts[part](program, Path(name)) and kept
        print()
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    run(PARTS)
