"""A folder of studies under one address, as an experimenter starts it."""

import os
import signal
import subprocess

from serving import PROGRAM, REPOSITORY
from small_study import make_study


def test_says_which_study_is_ready(tmp_path):
    house = tmp_path / "house"
    for name in ["drums", "strings"]:
        make_study(house / name)
    (house / "broken").mkdir()
    (house / "broken/study.yaml").write_text("title: [", encoding="utf-8")
    told = tmp_path / "told"
    with told.open("w") as errors:
        process = subprocess.Popen(
            [str(PROGRAM), "serve", str(house)], stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, "EARSHOT_HOME": str(REPOSITORY)})
        try:
            assert any("overview of all 3 studies" in line for line in process.stdout)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
    assert process.returncode == 0
    lines = told.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "is ready" in line or "is not served" in line] == [
        "broken is not served:", "drums is ready, 2 of 3", "strings is ready, 3 of 3"]
