"""A complete session, from the invitation to the last page, as a person does it: by mouse, and by keyboard alone."""

import re

from playwright.sync_api import expect

from listener import Listener
from serving import Serving
from small_study import make_study


def test_by_mouse(listener, study):
    page = listener.open("/?from=panel&id=p-17").page
    expect(listener.heading).to_have_text("Which drums sound alike?")
    expect(page.get_by_text("close cousins")).to_be_visible()

    listener.next.click()  # The box is not ticked: the page says so and focuses it.
    expect(listener.wanting).to_have_text("Still to do: tick the box")
    box = page.get_by_role("checkbox", name="I take part of my own free will.")
    expect(box).to_be_focused()
    box.check()
    listener.next.click()

    expect(listener.heading).to_have_text("About you")
    expect(page).to_have_url(re.compile("/t/[^/]+$"))
    expect(listener.place).to_contain_text(re.compile(r"about \d minutes left$"))  # From this page on.
    page.get_by_label("How old are you?").fill("7")
    listener.next.click()
    expect(listener.wanting).to_have_text("Still to do: answer 2 questions")
    expect(page.get_by_text("Enter a number from 16 to 99.")).to_be_visible()
    expect(page.get_by_label("How old are you?")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("How old are you?").fill("31")
    expect(page.get_by_label("How old are you?")).not_to_have_attribute("aria-invalid", re.compile(""))
    page.get_by_role("radio", name="Yes").check()
    page.get_by_label("Anything we should know?").fill("<b>no</b> & \"none\"; Grüße ✓")
    listener.next.click()

    expect(listener.heading).to_have_text("Set your volume")
    listener.next.click()
    expect(listener.wanting).to_have_text("Still to do: play the sound")
    page.get_by_role("button", name="Play the sound").click()
    listener.next.click()

    listener.check_headphones()

    expect(listener.heading).to_have_text("How it works")
    listener.next.click()

    expect(listener.place).to_contain_text("Practice")
    listener.finish_trial()
    expect(page.get_by_text("Practice is over. Your ratings now count.")).to_be_visible()
    for number in (1, 2, 3):
        expect(listener.place).to_contain_text(f"Trial {number} of 3")
        listener.finish_trial()
    listener.at_end()
    expect(page.get_by_text("All your answers are saved.")).to_be_visible()

    session = study.session(listener.token)
    assert session["state"] == "finished"
    assert session["done"]["trials"] == [1, 2, 3, 4]


def test_by_keyboard_alone(listener, study):
    page = listener.open().page
    press = page.keyboard.press

    def tab_to(locator):
        for _ in range(12):
            if locator.evaluate("node => node === document.activeElement"):
                return
            press("Tab")
        raise AssertionError("the focus does not come there")

    expect(listener.heading).to_be_visible()
    tab_to(page.get_by_role("checkbox"))
    press("Space")
    press("Enter")

    expect(listener.heading).to_have_text("About you")
    tab_to(page.get_by_label("How old are you?"))
    page.keyboard.type("44")
    press("Tab")
    press("ArrowDown")  # Chooses the next radio button of the group: No.
    press("Enter")

    expect(listener.heading).to_have_text("Set your volume")
    press("Space")
    expect(page.get_by_role("button", name="Stop the sound")).to_be_visible()
    press("Enter")

    for number in (1, 2):
        expect(page.get_by_text(f"Round {number} of 2")).to_be_visible()
        press("Space")
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        expect(page.get_by_role("button", name="Play the three sounds")).to_be_visible()
        press("3")
        press("Enter")

    expect(listener.heading).to_have_text("How it works")
    press("Enter")

    for _ in range(4):
        listener.at_trial()
        before = listener.place.text_content()
        press("Space")
        expect(listener.loop_button).to_have_class(re.compile("playing"))
        for letter in listener.letters():
            press(letter.lower())
            expect(listener.row(letter)).to_have_class(re.compile("heard"))
            expect(listener.slider(letter)).to_be_focused()
            press("Shift+ArrowRight")
            press("ArrowLeft")
            expect(listener.slider(letter)).to_have_attribute("aria-valuenow", "59")
        press("Enter")
        expect(listener.place).not_to_have_text(before)
    listener.at_end()
    expect(page.get_by_text("All your answers are saved.")).to_be_visible()
    assert study.session(listener.token)["state"] == "finished"


def test_keys_are_told(at_trial):
    page = at_trial.page
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("a")  # While the list of keys is open, none of them acts.
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    expect(at_trial.row("A")).not_to_have_class(re.compile("heard"))


def test_another_language(listener, study):
    page = listener.open("/?lang=de").page
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(listener.next).to_have_text("Beginnen")
    page.get_by_role("button", name="English").click()
    expect(listener.next).to_have_text("Begin")
    page.get_by_role("button", name="Deutsch").click()
    page.get_by_role("checkbox").check()
    listener.next.click()
    expect(page.get_by_text("Wie alt sind Sie?")).to_be_visible()
    assert study.session(listener.token)["study"]["language"] == "de"


def test_where_the_check_decides_it_ends_calmly(open_page, tmp_path):
    serving = Serving(make_study(tmp_path / "strict", headphones_required=True))
    try:
        # The right answers are drawn for each session, and most listeners who guess fail.
        for _ in range(20):
            listener = Listener(open_page(), serving.base).open(f"/t/{serving.join(up_to='headphones')}")
            listener.check_headphones("first")
            expect(listener.heading).not_to_have_text(re.compile("Headphones|Loading"))
            if listener.heading.text_content() != "How it works":
                break
        expect(listener.heading).to_have_text("Thank you for coming")
        listener.page.reload()
        expect(listener.heading).to_have_text("Thank you for coming")
    finally:
        serving.stop()


def test_the_end_leads_back_to_the_panel(open_page, tmp_path):
    serving = Serving(make_study(tmp_path / "panel", redirect="https://panel.example/done?id={external_id}"))
    try:
        token = serving.join(external_id="p 17&")
        page = open_page()
        page.route("https://panel.example/**", lambda route: route.fulfill(body="back at the panel"))
        listener = Listener(page, serving.base).open(f"/t/{token}")
        for _ in range(4):
            listener.finish_trial()
        expect(page.get_by_text(re.compile(r"You will be taken to panel\.example in \d+ seconds\."))).to_be_visible()
        page.get_by_role("button", name="Go there now").click()
        expect(page).to_have_url("https://panel.example/done?id=p%2017%26")
    finally:
        serving.stop()


def test_an_unknown_link_says_so(listener):
    listener.open("/t/nobodyhasthistoken")
    expect(listener.heading).to_have_text("We don't recognise this link")
    expect(listener.page.get_by_text("Check that the link is complete")).to_be_visible()


def test_the_device_remembers_who_began(listener, study, open_page):
    token = study.join()
    listener.open(f"/t/{token}").at_trial()
    listener.open("/")
    listener.page.get_by_role("button", name="Continue where you left off").click()
    listener.at_trial()
    assert listener.token == token


def test_a_second_tab_is_told_and_may_take_over(listener, study):
    token = study.join()
    listener.open(f"/t/{token}").at_trial()
    second = Listener(listener.page.context.new_page(), study.base).open(f"/t/{token}")
    expect(second.heading).to_have_text("This study is open in another tab or window")
    second.page.get_by_role("button", name="Continue here").click()
    second.at_trial()
    expect(listener.heading).to_have_text("This study is open in another tab or window")
