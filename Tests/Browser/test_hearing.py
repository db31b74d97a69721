"""How long a sound is heard before it is judged."""

import json

import pytest
from listener import Listener
from playwright.sync_api import expect
from serving import Serving
from small_study import make_study


@pytest.mark.parametrize(("share", "why"), [(None, "three seconds, or as long as it is"), (1, "all of it")])
def test_a_sound_is_heard_before_it_is_judged(tmp_path, open_page, share, why):
    folder = make_study(tmp_path / "study")
    definition = json.loads((folder / "study.yaml").read_text())
    del definition["must_hear_s"]
    if share:
        definition |= {"must_hear_s": 0, "must_hear_share": share}
    (folder / "study.yaml").write_text(json.dumps(definition))
    serving = Serving(folder)
    try:
        page = open_page()
        listener = Listener(page, serving.base).open(f"/t/{serving.join()}").at_trial()
        # It goes by what the page is told: a sound that is left at once.
        page.get_by_role("button", name="Play A").click()
        page.keyboard.press("Escape")
        expect(listener.wanting).to_contain_text("hear more of A")
        listener.touch("A", 0.5)
        expect(page.locator(".passing")).to_contain_text("Listen to A first")
        expect(listener.slider("A")).not_to_have_attribute("aria-valuenow", "50")
        page.reload()
        expect(listener.wanting).to_contain_text("hear more of A")
        listener.hear("A")
        listener.touch("A", 0.5)
        page.keyboard.press("Escape")
        expect(listener.wanting).not_to_contain_text("hear more of")
        listener.loop_button.click()
        listener.loop_button.click()
        if share:  # That is of what is judged.
            expect(listener.wanting).not_to_contain_text("play the loop")
        else:
            expect(listener.wanting).to_contain_text("play the loop")
            listener.loop_button.click()  # 1.2 seconds go round.
            expect(listener.wanting).not_to_contain_text("play the loop")
    finally:
        serving.stop()
