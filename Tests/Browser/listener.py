"""A listener at the page: finds and does things as a person would, by the words on the page."""

import re

from playwright.sync_api import Locator, Page, expect


class Listener:
    def __init__(self, page: Page, base: str):
        self.page = page
        self.base = base

    def open(self, path: str = "/") -> "Listener":
        self.page.goto(self.base + path)
        return self

    @property
    def token(self) -> str:
        return self.page.url.rsplit("/", 1)[1]

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def next(self) -> Locator:
        return self.page.locator("button[type=submit]:not(dialog *)")

    @property
    def wanting(self) -> Locator:
        return self.page.locator(".wanting")

    @property
    def place(self) -> Locator:
        return self.page.locator(".place")

    @property
    def saving(self) -> Locator:
        return self.page.locator(".saving")

    @property
    def rows(self) -> Locator:
        return self.page.locator(".sample")

    def row(self, letter: str) -> Locator:
        return self.rows.nth(ord(letter) - 65)

    def play_button(self, letter: str) -> Locator:
        return self.page.get_by_role("button", name=re.compile(f"^(Play|Stop) {letter}$"))

    @property
    def loop_button(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("^(Play|Stop) the loop$"))

    def slider(self, letter: str) -> Locator:
        return self.page.get_by_role("slider", name=f"Similarity of {letter}", exact=True)

    def letters(self) -> list[str]:
        return [chr(65 + i) for i in range(self.rows.count())]

    def at_trial(self) -> "Listener":
        expect(self.page.locator(".trial")).to_be_visible()
        return self

    def at_end(self) -> "Listener":
        """Waits for the last page, not for the one with the same heading that is shown while answers are being sent."""
        expect(self.page.locator(".page.finish").get_by_role("heading", level=1)).to_have_text("Thank you")
        return self

    def hear_round(self, number: int) -> None:
        """Plays all three sounds of a round in a headphone check of two rounds."""
        expect(self.page.get_by_text(f"Round {number} of 2")).to_be_visible()
        self.page.get_by_role("button", name="Play the three sounds").click()
        expect(self.page.get_by_role("button", name="Stop")).to_be_visible()
        expect(self.page.get_by_role("button", name="Play the three sounds")).to_be_visible()

    def check_headphones(self, choice: str = "second") -> None:
        for number in (1, 2):
            self.hear_round(number)
            self.page.get_by_role("radio", name=choice).check()
            self.next.click()

    def hear(self, letter: str) -> None:
        self.play_button(letter).click()
        expect(self.row(letter)).to_have_class(re.compile("heard"))

    def hear_loop(self) -> None:
        self.loop_button.click()
        expect(self.loop_button).to_have_class(re.compile("playing"))

    def touch(self, letter: str, share: float) -> None:
        """Clicks on the scale at `share` of its length."""
        box = self.slider(letter).bounding_box()
        self.slider(letter).click(position={"x": 11 + share * (box["width"] - 22), "y": box["height"] / 2})

    def rate_all(self) -> None:
        """Plays and rates everything in a trial by mouse, and stays on the page."""
        self.at_trial()
        self.hear_loop()
        for i, letter in enumerate(self.letters()):
            self.hear(letter)
            self.touch(letter, 0.2 + 0.15 * i)

    def finish_trial(self) -> None:
        """Rates everything and presses Next. Returns once another page is shown."""
        before = self.place.text_content()
        self.rate_all()
        self.next.click()
        expect(self.place).not_to_have_text(before)
