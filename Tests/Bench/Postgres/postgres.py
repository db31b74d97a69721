"""Measures records in PostgreSQL, on loopback: compared with records in a file, compared with oTree on the same
PostgreSQL, with two servers instead of one, and how the figures grow with the number of ratings.

usage: postgres.py PATH-OF-EARSHOT [PART …], where PART is beside or growth (default: both); OTREE names an `otree`
Runs a PostgreSQL of its own with default settings, in a folder that is removed afterwards. Prints a table for each
part. Exits with 1 if a goal is missed.
"""
import os
import pwd
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / name) for name in ("Server", "Night")]

import small_study  # noqa: E402
from night import Client, Sitting, p99, pages_saved, run  # noqa: E402
from server import CLIENTS, SESSIONS, Earshot, Load, memory_mb, otree_saves, processor_s  # noqa: E402

# One server and two are close to each other, and single turns vary by more than a tenth.
TURNS = 9
SIZES = [100_000, 1_000_000, 10_000_000]
# Growth stops while this much of the disk is still free.
SPARE_GB = 8


class PostgreSQL:
    """A PostgreSQL of its own. It refuses to run as root; it then runs as the user nobody."""

    def __init__(self, folder):
        self.folder = folder / "postgresql"
        self.folder.mkdir()
        folder.chmod(0o755)
        self.programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.launcher = []
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self.launcher = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]
        data = self.folder / "data"
        self.run("initdb", "--no-sync", "--auth=trust", "--username=earshot", "--encoding=UTF8", "-D", data)
        self.process = subprocess.Popen(
            [*self.launcher, self.programs / "postgres", "-D", data, "-c", "listen_addresses=", "-c",
             f"unix_socket_directories={self.folder}"], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while subprocess.run([self.programs / "pg_isready", "-q", "-h", self.folder]).returncode != 0:
            assert self.process.poll() is None, "PostgreSQL does not start"
            time.sleep(0.1)

    def run(self, program, *arguments):
        command = [*self.launcher, self.programs / program, *arguments]
        result = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def sql(self, statement, database):
        return self.run(
            "psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "earshot", "-d", database, "-c", statement)

    def database(self, name):
        """Creates a database. Returns its address as a connection string and as a URL."""
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", "postgres")
        self.sql(f"CREATE DATABASE {name}", "postgres")
        return f"host={self.folder} user=earshot dbname={name}", f"postgresql://earshot@/{name}?host={self.folder}"

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


class Measured:
    """The combined load of one or several servers at the same time, with PostgreSQL's own processor time."""

    def __init__(self, database, loads):
        before = processor_s(database.process.pid)
        with ThreadPoolExecutor(len(loads)) as pool:
            loads = [one.result() for one in [pool.submit(load) for load in loads]]
        self.saved = sum(load.saved for load in loads)
        self.refused = sum(load.refused for load in loads)
        self.rate = sum(load.rate for load in loads)
        self.cost_ms = sum(load.cost_ms * load.saved for load in loads) / max(1, self.saved)
        self.database_ms = 1000 * (processor_s(database.process.pid) - before) / max(1, self.saved)


def beside(program, folder):
    """Compares saves into a file and into PostgreSQL, with one server and with two, and oTree's on the same
    PostgreSQL."""
    study = folder / "study"
    small_study.write(study)
    database = PostgreSQL(folder)
    results, lost, letters = {}, 0, []

    def turn(kind, count, at):
        nonlocal letters
        at.mkdir()
        records = database.database("bench")[0] if kind != "SQLite" else None
        servers = [Earshot(program, study, at / f"data{number}", records=records) for number in range(count)]
        saved = 0
        try:
            tokens, letters, trials = servers[0].joined(SESSIONS)
            for place, clients in enumerate(CLIENTS):
                share = tokens[place::len(CLIENTS)]

                def load(number, clients=clients, share=share):
                    return Load.on(
                        servers[number], clients // count, share[number::count], letters, trials, at / f"tokens{number}")

                measured = Measured(database, [lambda number=number: load(number) for number in range(count)])
                results.setdefault((kind, clients), []).append(measured)
                saved += measured.saved
        finally:
            for server in servers:
                server.stop()
        if records:
            return saved - int(database.sql("SELECT count(*) FROM response", "bench"))
        with sqlite3.connect(servers[0].data / "records.sqlite") as rows:
            return saved - rows.execute("SELECT count(*) FROM response").fetchone()[0]

    kinds = [("SQLite", 1), ("PostgreSQL", 1), ("PostgreSQL, two servers", 2)]
    try:
        for number in range(TURNS):
            for kind, count in kinds:
                lost += max(0, turn(kind, count, folder / f"{kind}{number}"))
        otree = os.environ.get("OTREE")
        if otree and Path(otree).exists():
            loads = otree_saves(str(Path(otree).absolute()), folder, letters, database.database("otree")[1])
            results |= {("oTree on PostgreSQL", clients): [load] for clients, load in zip(CLIENTS, loads)}
    finally:
        database.stop()

    def middle(kind, clients, what="rate"):
        return statistics.median(getattr(load, what) for load in results[kind, clients])

    print("| clients | records | pages a second | beside SQLite | processor time of the server | and of PostgreSQL |")
    print("|--:|---|--:|--:|--:|--:|")
    for clients in CLIENTS:
        for kind in dict.fromkeys(kind for kind, _ in results):
            # oTree's database time is not measured: earlier loads had already filled its database.
            own = f"{middle(kind, clients, 'database_ms'):.3f} ms" if kind.startswith("PostgreSQL") else ""
            print(f"| {clients} | {kind} | {middle(kind, clients):,.0f}/s | {middle(kind, clients) / middle('SQLite', clients):.2f} "
                  f"| {middle(kind, clients, 'cost_ms'):.3f} ms | {own} |")
    ratios = [(middle("PostgreSQL", clients) / middle("SQLite", clients), middle("PostgreSQL, two servers", clients) / middle("PostgreSQL", clients))
              for clients in CLIENTS]
    refused = sum(load.refused for loads in results.values() for load in loads)
    print(f"\nMedians of {TURNS} in turn. PostgreSQL by SQLite: {', '.join(f'{one:.2f}' for one, _ in ratios)} (goal: 0.6). "
          f"Two servers by one: {', '.join(f'{two:.2f}' for _, two in ratios)} (goal: 1). Lost {lost}, refused {refused}.")
    return all(one >= 0.6 and two >= 1 for one, two in ratios) and lost == 0 and refused == 0


# The tables of a session. For each column that refers to a row, the table whose numbers it uses.
COPIED = {
    "participant": {"number": "participant"},
    "session": {"id": "session", "participant": "participant"},
    "response": {"id": "response", "session": "session"},
    "answer": {"response": "response"},
    "trial": {"response": "response"},
    "slot": {"response": "response"},
    "judgement": {"response": "response"},
}
NUMBERED = ["participant", "session", "response"]


class Grown:
    """A database that grows by copies of the sessions that were really saved, together with their counters."""

    def __init__(self, database, name):
        self.database, self.name = database, name
        self.columns = {
            table: self.sql(f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position").split()
            for table in [*COPIED, "tally", "covered"]}
        self.last = {table: int(self.sql(f"SELECT last_value FROM {table}_numbers")) for table in NUMBERED}
        for table in [*COPIED, "tally", "covered"]:
            self.sql(f"CREATE TABLE first_{table} AS SELECT * FROM {table}")
        self.ratings = int(self.sql("SELECT count(*) FROM first_judgement"))

    def sql(self, statement):
        return self.database.sql(statement, self.name)

    def add(self, ratings):
        """Adds at least `ratings` ratings."""
        copies = -(-ratings // self.ratings)
        begin = {table: int(self.sql(f"SELECT last_value FROM {table}_numbers")) for table in NUMBERED}
        for table, numbers in COPIED.items():
            values = []
            for column in self.columns[table]:
                if column in numbers:
                    of = numbers[column]
                    values.append(f"one.{column} + {begin[of]} + (copy - 1) * {self.last[of]}")
                elif column.endswith("_hash"):
                    values.append(f"md5(one.{column} || {begin['session']} || '-' || copy)")
                else:
                    values.append(f"one.{column}")
            self.sql(f"INSERT INTO {table} SELECT {', '.join(values)} FROM generate_series(1, {copies}) AS copy, first_{table} AS one")
            free = shutil.disk_usage(self.database.folder).free / 1e9
            assert free > SPARE_GB, f"only {free:.0f} GB of disk are left"
        for table in NUMBERED:
            self.sql(f"SELECT setval('{table}_numbers', {begin[table] + copies * self.last[table]})")
        # Counters are split into 64 parts, 0 to 63, one per server. These go into a part that no server uses.
        sums = {"tally": self.columns["tally"][1:], "covered": ["pages", "ratings"]}
        for table, counted in sums.items():
            keys = [column for column in self.columns[table] if column not in [*counted, "part"]]
            values = [*keys, *[f"sum({column}) * {copies}" for column in counted]]
            group = f" GROUP BY {', '.join(keys)}" if keys else ""
            self.sql(
                f"INSERT INTO {table} (part, {', '.join([*keys, *counted])}) SELECT 64, {', '.join(values)} FROM first_{table}{group} "
                f"ON CONFLICT (part{''.join(f', {key}' for key in keys)}) DO UPDATE SET "
                + ", ".join(f"{column} = {table}.{column} + excluded.{column}" for column in counted))
        # The state of a database in the long run: autovacuum has run and the log is written out.
        self.sql("VACUUM ANALYZE")
        self.sql("CHECKPOINT")


def growth(program, folder):
    study = folder / "study"
    small_study.write(study)
    database = PostgreSQL(folder)
    address = database.database("bench")[0]
    server = Earshot(program, study, folder / "data", records=address)
    status_ms, kept = [], True
    print("| ratings | database, GB | status, ms of processor time | and of PostgreSQL | a status, ms | joining, ms | a save, median, ms "
          "| p99, ms | memory, MB |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|", flush=True)
    try:
        for number in range(16):
            sitting, draw = Sitting(server), random.Random(number)
            assert {sitting.save(step, draw)[0] for step in sitting.steps} == {201}
        grown = Grown(database, "bench")
        for size in SIZES:
            grown.add(size - int(grown.sql("SELECT sum(ratings) FROM tally")))
            if size == SIZES[0]:
                # `doctor` confirms that the counters agree with the rows. It must do so with the added rows too.
                subprocess.run([program, "doctor", "--records", address], check=True, stdout=subprocess.DEVNULL)
            lab = Client(server).sign_in(server)
            before, beside = processor_s(server.process.pid), processor_s(database.process.pid)
            status = [lab.ask("GET", "/lab/api/status") for _ in range(500)]
            assert {answer[0] for answer in status} == {200}
            status_ms.append(1000 * (processor_s(server.process.pid) - before) / len(status))
            own = 1000 * (processor_s(database.process.pid) - beside) / len(status)
            joining = []
            for _ in range(100):
                begun = time.perf_counter()
                server.join()
                joining.append(1000 * (time.perf_counter() - begun))
            times = pages_saved(server)
            total = int(grown.sql("SELECT sum(ratings) FROM tally"))
            gigabytes = int(grown.sql("SELECT pg_database_size(current_database())")) / 1e9
            print(f"| {total:,} | {gigabytes:.2f} | {status_ms[-1]:.2f} | {own:.2f} | {statistics.median(a[2] for a in status):.1f} "
                  f"| {statistics.median(joining):.1f} | {statistics.median(times):.1f} | {p99(times):.1f} "
                  f"| {memory_mb(server.process.pid):.0f} |", flush=True)
        ratio = status_ms[-1] / status_ms[0]
        kept = ratio <= 1.5
        print(f"\nStatus, of the most ratings by that of the fewest: {ratio:.2f} (goal: 1.5).")
    finally:
        server.stop()
        database.stop()
    return kept


PARTS = {"beside": beside, "growth": growth}


if __name__ == "__main__":
    run(PARTS)
