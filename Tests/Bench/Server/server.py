"""Compares the server with peers in one run, on loopback: static files with nginx, saves with pymushra, with what
webMUSHRA does in PHP, and with oTree.

usage: server.py PATH-OF-EARSHOT [OTREE]
Prints a table. Exits with 1 if a goal is missed. pymushra and gunicorn are those of this Python. OTREE is the `otree`
of an environment of its own, since the two need different versions of the same packages.
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

import otree_study
import small_study

HERE = Path(__file__).resolve().parent
ENVIRONMENT = {"EARSHOT_HOME": str(HERE.parents[2]), **os.environ}
SECONDS = 3
ROUNDS = 3
CLIENTS = [16, 256]
SESSIONS = 5120


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


def processor_s(pid):
    """Processor time of a process and its children, in seconds."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if pid in (int(stat.parent.name), int(fields[1])):
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def post(link, path, body, headers=()):
    request = urllib.request.Request(
        link + path, json.dumps(body).encode(), {"Content-Type": "application/json", **dict(headers)})
    return json.load(urllib.request.urlopen(request, timeout=300))


class Earshot:
    def __init__(self, program, study, data=None, launcher=(), records=None):
        started = time.monotonic()
        self.data = data or study / "data"
        options = ["--records", records] if records else []
        self.process = subprocess.Popen(
            [*launcher, program, "serve", str(study), "--port", "0", "--data", str(self.data), *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENVIRONMENT)
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

    def joined(self, count):
        """Joins `count` sessions. Returns their tokens, the letters that each page asks about, and the number of
        pages."""
        with ThreadPoolExecutor(8) as pool:
            tokens = list(pool.map(self.join, range(count)))
        trials = json.load(urllib.request.urlopen(f"{self.link}/api/sessions/{tokens[0]}"))["trials"]
        letters = [c["position"] for c in trials[0]["candidates"]]
        assert all([c["position"] for c in t["candidates"]] == letters for t in trials)
        return tokens, letters, len(trials)


def static(server, folder):
    """Requests per second for the sounds of one trial, measured by wrk with 32 keep-alive connections; the two servers
    take turns."""
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


class Load:
    """The result of clients that save pages for a while: pages per second, and the server's processor time per page."""

    def __init__(self, clients, link, script, pid):
        before = processor_s(pid)
        output = wrk(f"-t{clients}", f"-c{clients}", f"-d{SECONDS}s", "--timeout", "20s", "-s", str(HERE / "saves.lua"), link, script=script)
        self.saved, self.refused, seconds = saved(output)
        self.rate = self.saved / seconds
        self.cost_ms = 1000 * (processor_s(pid) - before) / max(1, self.saved)

    @classmethod
    def on(cls, server, clients, tokens, letters, trials, file):
        """Measures Earshot: each client saves the pages of its share of the sessions."""
        file.write_text("\n".join(tokens) + "\n")
        return cls(clients, server.link, ["earshot", str(clients), str(file), ",".join(letters), str(trials)], server.process.pid)

    def __str__(self):
        return f"{self.rate:,.0f}/s {self.cost_ms:.3f} ms"


def saves(server, folder, clients):
    """Saves answered pages, and counts acknowledged ones that are missing from the database."""
    tokens, letters, trials = server.joined(SESSIONS)
    load = Load.on(server, clients, tokens, letters, trials, folder / "tokens")
    memory = memory_mb(server.process.pid)
    server.stop()
    with sqlite3.connect(server.data / "records.sqlite") as records:
        rows, = records.execute("SELECT count(*) FROM response").fetchone()
        whole, = records.execute(
            "SELECT count(*) FROM trial WHERE (SELECT count(*) FROM judgement WHERE judgement.response = trial.response) = ?",
            (len(letters),)).fetchone()
        pages, = records.execute("SELECT count(*) FROM trial").fetchone()
    assert whole == pages, "a page lacks ratings"
    return load, max(0, load.saved - rows), memory, letters


def fresh_saves(program, study, folder, clients, launcher=()):
    """As `saves`, but on a new server with records of its own."""
    folder.mkdir()
    server = Earshot(program, study, folder / "data", launcher)
    try:
        return saves(server, folder, clients)
    finally:
        if server.process.poll() is None:
            server.stop()


def price_of_syncing(program, study, folder):
    """Saves per second with real syncs and with syncs turned off (eatmydata), in turn; the median of each."""
    rates = {"synced": [], "unsynced": []}
    for turn in range(ROUNDS):
        for name, launcher in [("synced", ()), ("unsynced", ("eatmydata",))]:
            rates[name].append(fresh_saves(program, study, folder / f"{name}{turn}", CLIENTS[0], launcher)[0].rate)
    return statistics.median(rates["synced"]), statistics.median(rates["unsynced"])


def peer_saves(folder, letters):
    """Saves the same pages with pymushra, served by gunicorn with one worker."""
    (folder / "db").mkdir()
    port = free_port()
    gunicorn = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-w", "1", "-b", f"127.0.0.1:{port}", "pymushra.wsgi:application"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/none")
        load = Load(CLIENTS[0], f"http://127.0.0.1:{port}", ["pymushra", ",".join(letters)], gunicorn.pid)
    finally:
        gunicorn.terminate()
        gunicorn.wait(30)
    rows = len(json.loads((folder / "db" / "webmushra.json").read_text())["bench"])
    return load, max(0, load.saved - rows)


def php_saves(folder, letters):
    """Saves the same pages with `write.php`, on PHP's server with one worker per processor, for each number of
    clients."""
    (folder / "php/service").mkdir(parents=True)
    shutil.copy(HERE / "write.php", folder / "php/service")
    port = free_port()
    options = ["-d", "opcache.enable_cli=1", "-d", "display_errors=0"]
    php = subprocess.Popen(
        ["php", *options, "-S", f"127.0.0.1:{port}", "-t", str(folder / "php")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "PHP_CLI_SERVER_WORKERS": str(os.cpu_count())}, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/none")
        return [Load(clients, f"http://127.0.0.1:{port}", ["webmushra", ",".join(letters)], php.pid) for clients in CLIENTS]
    finally:
        # Its workers do not exit with it.
        os.killpg(php.pid, signal.SIGTERM)
        php.wait(30)


def otree_saves(otree, folder, letters, database=None):
    """Saves the same pages with oTree, for each number of clients. `database` is an address, if it is not to use its
    own file."""
    project = folder / "otree"
    otree_study.write(project)
    port, people = free_port(), sum(CLIENTS)
    # oTree restarts itself by name, so it must be on the path.
    environment = {**os.environ, "OTREE_PRODUCTION": "1", "OTREE_REST_KEY": "bench", "PATH": f"{Path(otree).parent}:{os.environ['PATH']}",
                   **({"DATABASE_URL": database} if database else {})}
    quiet = {"cwd": project, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([otree, "resetdb", "--noinput"], check=True, **quiet)
    server = subprocess.Popen([otree, "prodserver1of2", str(port)], start_new_session=True, **quiet)
    try:
        link = f"http://127.0.0.1:{port}"
        wait_for(f"{link}/none")
        key = {"otree-rest-key": "bench"}
        session = post(link, "/api/sessions", {"session_config_name": "rating", "num_participants": people}, key)["code"]
        codes = [participant["code"] for participant in post(link, f"/api/get_session/{session}", {}, key)["participants"]]
        for code in codes:
            urllib.request.urlopen(f"{link}/InitializeParticipant/{code}", timeout=60).read()
        loads = []
        for clients in CLIENTS:
            (folder / "codes").write_text("\n".join(codes[:clients]) + "\n")
            codes = codes[clients:]
            script = ["otree", str(clients), str(folder / "codes"), ",".join(letters), str(otree_study.ROUNDS)]
            loads.append(Load(clients, link, script, server.pid))
    finally:
        # oTree's helpers do not exit with it either.
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
    return loads


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
            few, lost, memory, letters = saves(server, folder, CLIENTS[0])
        finally:
            if server.process.poll() is None:
                server.stop()
        ours_by_clients = [few, fresh_saves(program, study, folder / "many", CLIENTS[1])[0]]
        peers = [("write.php", php_saves(folder, letters), 2)]
        if len(sys.argv) > 2:
            peers.append(("oTree", otree_saves(str(Path(sys.argv[2]).absolute()), folder, letters), 100))
        peer, peer_lost = peer_saves(folder, letters)
        synced, unsynced = price_of_syncing(program, study, folder)
    rows = [
        ("sounds of a trial", f"{size / 1000:.0f} kB, 32 connections", f"{ours:,.0f}/s", f"nginx {theirs:,.0f}/s",
         f"{ours / theirs:.2f}x", "0.25x", ours >= 0.25 * theirs),
        ("durable saves", f"{len(letters)} ratings, {CLIENTS[0]} clients", few, f"pymushra {peer}", f"{few.rate / peer.rate:.1f}x", "10x",
         few.rate >= 10 * peer.rate),
        *[("durable saves", f"{len(letters)} ratings, {clients} clients", load, f"{name} {other}",
           f"{load.rate / other.rate:.2f}x, {other.cost_ms / load.cost_ms:.2f}x", f"{goal}x", load.rate >= goal * other.rate)
          for name, others, goal in peers for clients, load, other in zip(CLIENTS, ours_by_clients, others)],
        ("price of syncing", "saves, median of 3 in turn", f"{synced:,.0f}/s", f"unsynced {unsynced:,.0f}/s",
         f"{synced / unsynced:.2f}x", "", True),
        ("acknowledged, lost", f"{few.saved:,} saves", f"{lost}", f"pymushra {peer_lost}", "", "0",
         lost == 0 and few.refused == 0),
        ("memory after load", "resident", f"{memory:.0f} MB", "", "", "60 MB", memory < 60),
        ("second start", "until it serves", f"{second_start:.2f} s", "", "", "2 s", second_start < 2),
    ]
    print(f"{'server':20} {'what':26} {'earshot':>17} {'peer':>28} {'ratio':>16} {'goal':>7}")
    for what, how, value, peer, ratio, goal, kept in rows:
        print(f"{what:20} {how:26} {value!s:>17} {peer:>28} {ratio:>16} {goal:>7} {'' if kept else '  MISSED'}")
    sys.exit(0 if all(row[-1] for row in rows) else 1)


if __name__ == "__main__":
    main()
