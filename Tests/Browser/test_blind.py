"""Nothing that the browser receives reveals which system proposed a sample, which sample is the true one, or which
trial is an attention check."""

import re

from playwright.sync_api import expect

from listener import Listener
from small_study import QUERY_NAMES, SYSTEMS, TELLTALES

NAMES = (*SYSTEMS, *QUERY_NAMES, "zebrakick", "yaksnare")


def test_a_whole_session_tells_nothing(open_page, study):
    page = open_page()
    received = {}
    page.on("response", lambda response: received.setdefault(response.url, response))
    listener = Listener(page, study.base).open(f"/t/{study.join()}")
    seen = []
    for _ in range(4):
        listener.at_trial()
        seen.append(page.content())
        listener.finish_trial()
    listener.at_end()
    expect(listener.saving).to_have_text("saved")
    page.wait_for_load_state("networkidle")
    seen.append(page.evaluate("() => JSON.stringify({ ...localStorage })"))

    audio = {}
    for url, response in received.items():
        headers = response.all_headers()
        told = url + str(headers)
        kind = headers.get("content-type", "")
        if found := re.search(r"/audio/(\d+)$", url):
            assert kind == "application/octet-stream"
            audio[int(found[1])] = (response.body(), headers)
            assert "last-modified" not in headers
            for name in NAMES:
                assert name.encode() not in response.body(), f"{name} stands in {url}"
        elif "/assets/" in url:
            for name in NAMES:
                assert name not in response.text(), f"{name} stands in {url}"
        else:
            told += response.text()
        for telltale in TELLTALES:
            assert telltale not in told.lower(), f"{telltale} is told by {url}"
    for text in seen:
        for telltale in TELLTALES:
            assert telltale not in text.lower(), f"{telltale} is told by the page"

    assert sorted(audio) == [1, 2, 3, 4]
    assert len({len(body) for body, _ in audio.values()}) == 1, "sizes say nothing"
    assert len({tuple(sorted((name, value) for name, value in headers.items() if name not in ("etag", "date")))
                for _, headers in audio.values()}) == 1, "headers say nothing"
    pieces = [body[i:i + 8] for body, _ in audio.values() for i in range(len(body) - 8)]
    assert len(set(pieces)) == len(pieces), "no bytes are those of another place"
    tags = [headers["etag"] for _, headers in audio.values()]
    assert len(set(tags)) == len(tags), "no tag shows that two sounds are the same"


def test_trials_differ_in_nothing_but_their_sounds(study):
    """The JSON of every trial has the same structure, whatever the trial is for."""
    trials = study.session(study.join())["trials"]
    shapes = {tuple(sorted(trial)) for trial in trials}
    assert shapes == {("block", "candidates", "condition", "condition_text", "index", "kind", "query", "seconds", "training")}
    assert {tuple(sorted(one)) for trial in trials for one in trial["candidates"]} == {("audio", "position")}
    assert len({trial["seconds"] for trial in trials}) == 1
    for trial in trials:
        assert [one["position"] for one in trial["candidates"]] == ["A", "B", "C", "D"]


def test_the_page_shows_nothing_of_a_sample_but_its_letter(at_trial):
    text = at_trial.row("A").inner_text().split("\n")
    assert [word for word in text if word.strip()] == ["A", "not heard yet"]
    assert at_trial.page.locator("canvas, audio, video, meter, progress").count() == 0
