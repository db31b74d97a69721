"""The server beside its peers, in one run, on loopback: static files against nginx, saves against pymushra.

usage: server.py PATH-OF-EARSHOT
Prints a table and ends with 1 where a promise is not kept. pymushra and gunicorn are those of this Python.
"""
import json
import os
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import small_study

HERE = Path(__file__).resolve().parent
SECONDS = 3
ROUNDS = 3
CLIENTS = 16
SESSIONS = 3200


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, seconds=20):
    end = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(url, timeout=2).read()
        except OSError as error:
            if getattr(error, "code", None):
                return b""
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def wrk(*arguments, script=()):
    command = ["wrk", *arguments]
    if script:
        command += ["--", *script]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def memory_mb(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024


def post(link, path, body):
    request = urllib.request.Request(
        link + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=20))


class Earshot:
    def __init__(self, program, study, data=None, launcher=()):
        started = time.monotonic()
        self.data = data or study / "data"
        self.process = subprocess.Popen(
            [*launcher, program, "serve", str(study), "--port", "0", "--data", str(self.data)], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if match := re.search(r"participants\s+(http://\S+)/", line):
                self.link = match.group(1)
                break
        self.start_s = time.monotonic() - started

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def join(self, _=None):
        return post(self.link, "/api/sessions", {"key": str(uuid.uuid4()), "language": "en", "consent": True})["token"]


def static(server, folder):
    """Requests a second for the sounds of one trial, by wrk with 32 kept-alive connections; the two servers take turns."""
    token = server.join()
    session = json.load(urllib.request.urlopen(f"{server.link}/api/sessions/{token}"))
    path = session["trials"][0]["query"].split("#")[0]
    sound = urllib.request.urlopen(server.link + path).read()
    (folder / "www").mkdir()
    (folder / "www" / "sound.flac").write_bytes(sound)
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(f"""
{"user root;" if os.geteuid() == 0 else ""}
worker_processes auto;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  types {{ audio/flac flac; }}
  server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
}}
""")
    nginx = subprocess.Popen(
        [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(config), "-p", str(folder), "-g", "daemon off;"],
        stderr=subprocess.DEVNULL)
    try:
        peer = f"http://127.0.0.1:{port}/sound.flac"
        wait_for(peer)
        rates = {"earshot": [], "nginx": []}
        for _ in range(ROUNDS):
            for name, url in [("nginx", peer), ("earshot", server.link + path)]:
                output = wrk("-t2", "-c32", f"-d{SECONDS}s", url)
                assert "Non-2xx" not in output and "Socket errors" not in output, output
                rates[name].append(float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)))
    finally:
        nginx.terminate()
        nginx.wait(10)
    ours, theirs = statistics.median(rates["earshot"]), statistics.median(rates["nginx"])
    return len(sound), ours, theirs


def saved(output):
    match = re.search(r"SAVED (\d+) REFUSED (\d+) SECONDS ([\d.]+)", output)
    return int(match.group(1)), int(match.group(2)), float(match.group(3))


def saves(server, folder):
    """Answered pages a second from 16 clients, and how many acknowledged ones are not in the database."""
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(server.join, range(SESSIONS)))
    (folder / "tokens").write_text("\n".join(tokens) + "\n")
    trials = json.load(urllib.request.urlopen(f"{server.link}/api/sessions/{tokens[0]}"))["trials"]
    letters = [c["position"] for c in trials[0]["candidates"]]
    assert all([c["position"] for c in t["candidates"]] == letters for t in trials)
    output = wrk(
        "-t16", "-c16", f"-d{SECONDS}s", "-s", str(HERE / "saves.lua"), server.link,
        script=["earshot", str(folder / "tokens"), ",".join(letters), str(len(trials))])
    acknowledged, refused, seconds = saved(output)
    memory = memory_mb(server.process.pid)
    server.stop()
    with sqlite3.connect(server.data / "records.sqlite") as records:
        rows, = records.execute("SELECT count(*) FROM response").fetchone()
        whole, = records.execute(
            "SELECT count(*) FROM trial WHERE (SELECT count(*) FROM judgement WHERE judgement.response = trial.response) = ?",
            (len(letters),)).fetchone()
        pages, = records.execute("SELECT count(*) FROM trial").fetchone()
    assert whole == pages, "a page lacks ratings"
    return acknowledged / seconds, max(0, acknowledged - rows), memory, letters, acknowledged, refused


def price_of_syncing(program, study, folder):
    """Saves a second with syncs and with syncs that do nothing (eatmydata), in turn; the median of each."""
    rates = {"synced": [], "unsynced": []}
    for turn in range(ROUNDS):
        for name, launcher in [("synced", ()), ("unsynced", ("eatmydata",))]:
            place = folder / f"{name}{turn}"
            place.mkdir()
            server = Earshot(program, study, place / "data", launcher)
            try:
                rates[name].append(saves(server, place)[0])
            finally:
                if server.process.poll() is None:
                    server.stop()
    return statistics.median(rates["synced"]), statistics.median(rates["unsynced"])


def peer_saves(folder, letters):
    """The same pages to pymushra, served by gunicorn with one worker."""
    (folder / "db").mkdir()
    port = free_port()
    gunicorn = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-w", "1", "-b", f"127.0.0.1:{port}", "pymushra.wsgi:application"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/none")
        output = wrk(
            "-t16", "-c16", f"-d{SECONDS}s", "-s", str(HERE / "saves.lua"), f"http://127.0.0.1:{port}",
            script=["pymushra", ",".join(letters)])
    finally:
        gunicorn.terminate()
        gunicorn.wait(30)
    acknowledged, _, seconds = saved(output)
    rows = len(json.loads((folder / "db" / "webmushra.json").read_text())["bench"])
    return acknowledged / seconds, max(0, acknowledged - rows)


def main():
    program = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = folder / "study"
        small_study.write(study)
        Earshot(program, study).stop()
        server = Earshot(program, study)
        second_start = server.start_s
        try:
            size, ours, theirs = static(server, folder)
            rate, lost, memory, letters, acknowledged, refused = saves(server, folder)
        finally:
            if server.process.poll() is None:
                server.stop()
        synced, unsynced = price_of_syncing(program, study, folder)
        peer_rate, peer_lost = peer_saves(folder, letters)
    rows = [
        ("sounds of a trial", f"{size / 1000:.0f} kB, 32 connections", f"{ours:,.0f}/s", f"nginx {theirs:,.0f}/s",
         f"{ours / theirs:.2f}x", "0.25x", ours >= 0.25 * theirs),
        ("durable saves", f"{len(letters)} ratings, {CLIENTS} clients", f"{rate:,.0f}/s", f"pymushra {peer_rate:,.0f}/s",
         f"{rate / peer_rate:.1f}x", "10x", rate >= 10 * peer_rate),
        ("price of syncing", "saves, median of 3 in turn", f"{synced:,.0f}/s", f"unsynced {unsynced:,.0f}/s",
         f"{synced / unsynced:.2f}x", "", True),
        ("acknowledged, lost", f"{acknowledged:,} saves", f"{lost}", f"pymushra {peer_lost}", "", "0",
         lost == 0 and refused == 0),
        ("memory after load", "resident", f"{memory:.0f} MB", "", "", "60 MB", memory < 60),
        ("second start", "until it serves", f"{second_start:.2f} s", "", "", "2 s", second_start < 2),
    ]
    print(f"{'server':20} {'what':26} {'earshot':>12} {'peer':>20} {'ratio':>8} {'goal':>7}")
    for what, how, value, peer, ratio, goal, kept in rows:
        print(f"{what:20} {how:26} {value:>12} {peer:>20} {ratio:>8} {goal:>7} {'' if kept else '  MISSED'}")
    sys.exit(0 if all(row[-1] for row in rows) else 1)


if __name__ == "__main__":
    main()
