"""The HTTP interface answers as its OpenAPI document says, whatever schemathesis sends, which is the same on each run.
EARSHOT_EXAMPLES sets how many examples it generates per address."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from serving import PROGRAM, REPOSITORY

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
EXAMPLES = os.environ.get("EARSHOT_EXAMPLES", "2")


def test_what_is_served_is_what_is_described(own_study, tmp_path):
    document = tmp_path / "openapi.json"
    with document.open("w") as file:
        subprocess.run([PROGRAM, "openapi"], stdout=file, check=True, env={**os.environ, "EARSHOT_HOME": str(REPOSITORY)})
    answer = urllib.request.build_opener(KeepAnswer).open(f"{own_study.base}/lab?secret={own_study.secret}")
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    (tmp_path / "schemathesis.toml").write_text(f'[parameters]\n"path.token" = "{own_study.join()}"\n')
    # The document describes the form of requests, not everything that a study requires, so valid requests may be
    # refused. Withdrawing and signing out come last, so that the requests before them have a session and a signed-in
    # experimenter.
    run = [
        SCHEMATHESIS, "--config-file", tmp_path / "schemathesis.toml", "run", document, "--url", own_study.base, "-H", f"Cookie: {cookie}",
        "--seed", "1", "--generation-deterministic", "--max-examples", EXAMPLES, "--phases", "coverage,fuzzing", "--no-color",
        "--exclude-checks", "positive_data_acceptance"]
    for some in ("--exclude-path-regex", "--include-path-regex"):
        done = subprocess.run([*run, some, "withdraw|sign-out"], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout[:9000]
    assert own_study.process.poll() is None


class KeepAnswer(urllib.request.HTTPRedirectHandler):
    """Does not follow redirects: the answer's cookie is needed, not where it leads."""

    def redirect_request(self, *_):
        return None

    def http_error_303(self, _request, answer, *_):
        return answer

    http_error_302 = http_error_307 = http_error_303
