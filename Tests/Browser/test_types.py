"""What the server sends has the types that the scripts rely on, `Public/scripts/types.d.ts`: nothing is missing and
nothing added. That the scripts keep to these types is checked separately by `tsc`, at the top of the repository."""

import json
import re
import subprocess
import urllib.error
import uuid

import pytest

from serving import REPOSITORY


def misfits(said: list[tuple[str, dict]], folder) -> list[int]:
    """The indices of the values that do not have their stated types."""
    (folder / "said.ts").write_text("".join(f"export const said{i}: {kind} = {json.dumps(value)};\n" for i, (kind, value) in enumerate(said)))
    (folder / "tsconfig.json").write_text(json.dumps({
        "extends": str(REPOSITORY / "tsconfig.json"), "include": [str(REPOSITORY / "Public/scripts/types.d.ts"), "said.ts"]}))
    told = subprocess.run(["tsc", "--project", folder], capture_output=True, text=True, check=False).stdout
    found = re.findall(r"^(\S+)\((\d+),\d+\): error", told, re.MULTILINE)
    assert all(file.endswith("said.ts") for file, _ in found) and bool(found) == bool(told), told
    print(told)
    return sorted({int(line) - 1 for _, line in found})


def refusal(task) -> dict:
    with pytest.raises(urllib.error.HTTPError) as problem:
        task()
    return json.load(problem.value)


def test_what_the_server_says(study, tmp_path):
    def key() -> str:
        return str(uuid.uuid4())

    token = study.join()
    told = study.ask("/api/study")
    said = [("Server.Study", told), ("Server.Session", study.session(token))]
    said.append(("Server.Saved", study.ask(f"/api/sessions/{token}/events", {"key": key(), "events": [
        {"at_ms": 1, "kind": "focus", "trial": None, "stimulus": None, "value": None}]})))
    said.append(("Server.Refusal", refusal(lambda: study.respond(token, {"step": "trial", "trial": 99}))))
    said.append(("Server.Refusal", refusal(lambda: study.session("nobody"))))
    said.append(("Server.Saved", study.ask(f"/api/sessions/{token}/refused", {"key": key(), "status": 413, "code": "unknown", "body": "{}"})))
    for trial in study.session(token)["trials"]:
        saved = study.respond(token, {
            "step": "trial", "trial": trial["index"], "response_ms": 1000,
            "ratings": [{"position": one["position"], "rating": 50, "plays": 1, "listened_ms": 200} for one in trial["candidates"]]})
        said.append(("Server.Saved", saved))
    assert saved["finish"] is not None
    said += [("Server.Session", study.session(token)), ("Server.Status", study.status())]

    # An extra name, a missing one, and a wrong type show that the compiler finds such errors.
    less = {name: value for name, value in told.items() if name != "minutes"}
    wrong = [("Server.Study", {**told, "seconds": 1}), ("Server.Study", less), ("Server.Study", {**told, "trials": "4"})]
    assert misfits(said + wrong, tmp_path) == list(range(len(said), len(said) + len(wrong)))
