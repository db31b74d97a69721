"""Checks what `make install` installs, which is what the Debian package holds, and that its parts refer to one another
correctly. The package itself is built and checked by `make deb`."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import typed

REPOSITORY = typed.REPOSITORY
DEBIAN = REPOSITORY / "deploy/debian"


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A root folder below which the program is installed as in the package, without building anything."""
    root = tmp_path_factory.mktemp("root")
    subprocess.run(
        ["make", "-s", "-o", typed.PROGRAM, "-o", "Public/compact/made-from", "install", f"EARSHOT={typed.PROGRAM}",
         f"DESTDIR={root}", "PREFIX=/usr"], cwd=REPOSITORY, check=True)
    return root


def test_everything_is_in_its_place(root):
    files = {str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()}
    assert {file for file in files if not file.startswith("usr/share/earshot/")} == {
        "usr/bin/earshot", "usr/lib/systemd/system/earshot@.service", "usr/share/man/man1/earshot.1",
        "usr/share/bash-completion/completions/earshot", "usr/share/fish/vendor_completions.d/earshot.fish",
        "usr/share/zsh/site-functions/_earshot"}
    ours = {file.removeprefix("usr/share/earshot/") for file in files}
    assert {"Public/index.html", "models/conditional.safetensors", "studies/demo/study.yaml"} <= ours
    assert not [file for file in ours if re.match(r"studies/[^/]+/(data|sounds)/", file)]


def test_the_installed_program_finds_what_it_reads_whoever_it_belongs_to(root, tmp_path):
    # Users of a package do not own the files that it installed, and cannot change their owner.
    user = []
    if os.geteuid() == 0:
        user = ["setpriv", "--bounding-set", "-chown", "--inh-caps", "-chown"]
        subprocess.run(["chown", "-R", "65534:65534", root / "usr/share/earshot/studies"], check=True)
    environment = {name: value for name, value in os.environ.items() if name != "EARSHOT_HOME"}
    program = root / "usr/bin/earshot"
    for words in (["new", "study", "--template", "likert", "--no-sounds"], ["rank", "--list-systems"]):
        done = subprocess.run(
            [*user, program, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "conditional" in done.stdout
    assert (tmp_path / "study/study.yaml").is_file()
    manual = (root / "usr/share/man/man1/earshot.1").read_text(encoding="utf-8")
    sections = re.findall(r"^\.SS (.*)$", manual, re.MULTILINE)
    assert len(sections) == len(set(sections)) > 20


def test_unit_package_and_pages_speak_of_the_same_places(root):
    unit = (root / "usr/lib/systemd/system/earshot@.service").read_text(encoding="utf-8")
    command = re.search(r"^ExecStart=(\S+) ", unit, re.MULTILINE)
    assert command and (root / command[1].lstrip("/")).is_file()
    reload = re.search(r"^ExecReload=(\S+) ", unit, re.MULTILINE)
    assert reload
    owners = subprocess.run(["dpkg", "-S", f"*{reload[1]}"], capture_output=True, text=True, check=True).stdout
    owner = re.findall(rf"^(\S+): {reload[1]}$", owners, re.MULTILINE)[-1]
    essential = subprocess.run(["dpkg-query", "-W", "-f", "${Essential}", owner], capture_output=True, text=True, check=True)
    assert essential.stdout == "yes", f"{reload[1]} is not on every Debian"
    assert "/usr/local" not in unit
    standard = re.search(r"^Environment=(EARSHOT_STUDIES=.*)$", unit, re.MULTILINE)
    assert standard and standard[1] in (DEBIAN / "earshot.default").read_text(encoding="utf-8").splitlines()
    for script in ("postinst", "prerm", "postrm"):
        subprocess.run(["sh", "-n", DEBIAN / f"earshot.{script}"], check=True)


def test_nginx_of_the_package_is_that_of_the_page():
    """The configuration equals that of docs/hosting.md, which Tests/Browser/test_hosting.py tests, except that it has a
    host of its own instead of a path."""
    page = (REPOSITORY / "docs/hosting.md").read_text(encoding="utf-8")
    ours = [line.strip() for line in (REPOSITORY / "deploy/nginx.conf").read_text(encoding="utf-8").splitlines()]
    # The package does not configure nginx to send the sounds by itself.
    blocks = [block for block in typed.blocks(page, "nginx") if "secure_link" not in block and "Access-Control" not in block]
    theirs = [line.strip() for block in blocks for line in block.splitlines()]
    path = ["location /listen/ {", "proxy_set_header X-Forwarded-Prefix /listen;"]
    assert {line for line in theirs if line not in path} <= set(ours)
    assert set(ours) - set(theirs) == {
        ours[0], "", "server {", "listen 80;", "listen [::]:80;", "server_name lab.example.org;", "location / {"} - set(theirs)
