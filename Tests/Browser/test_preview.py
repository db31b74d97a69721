"""`earshot preview` shows any participant's session, starting at any part, and keeps nothing."""

from pathlib import Path

from playwright.sync_api import expect

from listener import Listener
from serving import previewing


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(one.relative_to(folder)): (one.stat().st_size, one.stat().st_mtime_ns) for one in folder.rglob("*")}


def test_a_preview_shows_all_and_keeps_nothing(tmp_path, open_page, own_study):
    # The study already has the records of a listener in mid-session.
    own_study.join()
    own_study.stop()
    before = contents(own_study.study)
    moment = tmp_path / "moment"
    moment.mkdir()
    with previewing(own_study.study, 7, TMPDIR=str(moment)) as link:
        listener = Listener(open_page(), link).open()
        page = listener.page
        note = page.locator(".previewing")
        expect(note).to_contain_text("Preview of participant 7's session. Nothing is saved.")
        page.get_by_role("checkbox").check()
        listener.next.click()
        expect(page.locator(".questionnaire")).to_be_visible()
        expect(note).to_contain_text("participant 7")

        # Jumps to the last trial, past everything before it.
        jump = page.get_by_label("Go to …")
        names = jump.locator("option").all_text_contents()
        assert names[1:5] == ["1. About you", "2. Set your volume", "3. Headphones", "4. How it works"] and names[5] == "5. Practice"
        jump.select_option(label=names[-1])
        listener.at_trial()
        expect(listener.place).to_contain_text("Trial 3 of 3")
        listener.rate_all()
        listener.next.click()
        listener.at_end()
        expect(page.get_by_text("You have helped us.")).to_be_visible()

        # Goes back to an answered page.
        page.get_by_label("Go to …").select_option(label=names[-1])
        listener.at_trial()
        expect(listener.place).to_contain_text("Trial 3 of 3")
        assert len(list(moment.iterdir())) == 1
    assert contents(own_study.study) == before
    assert list(moment.iterdir()) == []
