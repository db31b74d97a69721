import { address } from "./api.js";
import { el, fill, tell } from "./dom.js";
import { megabytes } from "./words.js";

// What surrounds every page: where the listener is, whether everything is saved, and notices that ask for action.
// Announcements for screen readers all go through one place here, which is silent while a sound plays.

/**
 * In milliseconds: how long it must be quiet before something is read aloud, so that announcements do not interrupt
 * listeners who switch between sounds.
 */
const pauseMs = 800;
/** In milliseconds, between two updates of the download's progress. */
const lookMs = 200;

/** @typedef {{text: string, press: (event: MouseEvent) => void}} Action */

export class Frame {
  #place = el("p", { class: "place" });
  #saving = el("p", { class: "saving" });
  #bar = el("div", { class: "travelled", "aria-hidden": "true", hidden: true });
  #notice = el("div", { class: "notice" });
  #remark = el("p", { class: "passing", "aria-hidden": "true" })
  #aloud = el("p", { class: "aloud", role: "status" });
  #main = el("main", {});
  #preview = el("div", { class: "previewing", hidden: true });
  #stop = el("p", { class: "stop", hidden: true });
  #hide = 0;
  #utter = 0;
  /**
   * What waits to be read aloud, by topic. For each topic only the latest text counts.
   * @type {Map<"saving" | "passing" | "notice", string>}
   */
  #unsaid = new Map();
  #isPlaying = () => false;
  #hadTrouble = false;
  /** What the notice says: its text and the label of its button. */
  #noticed = "";
  /** @type {Action["press"]} */
  #press = () => {};
  #isPressed = false;

  /** @param {Words} words @param {Server.Logo} [logo] the study's own */
  constructor(words, logo) {
    this.words = words;
    const picture = logo && el("picture", { class: "logo" },
      logo.dark && el("source", { srcset: address(logo.dark), media: "(prefers-color-scheme: dark)" }),
      el("img", { src: address(logo.address), alt: logo.text }));
    fill(document.body,
      this.#preview, el("header", { class: "head" }, picture, el("div", { class: "line" }, this.#place, this.#saving), this.#bar),
      this.#notice, this.#main, this.#remark, this.#aloud, this.#stop);
  }

  /**
   * From now on, nothing is read aloud while a sound plays, so that listeners hear only what they judge.
   * @param {Player} player
   */
  hush(player) {
    this.#isPlaying = () => player.playing !== null;
    player.addEventListener("change", () => this.#read());
  }

  /** @param {"saving" | "passing" | "notice"} about @param {string} text empty withdraws what was not read yet */
  #tell(about, text) {
    if (text === "") this.#unsaid.delete(about);
    else this.#unsaid.set(about, text);
    this.#read();
  }

  #read() {
    clearTimeout(this.#utter);
    if (this.#isPlaying()) tell(this.#aloud, "");
    else if (this.#unsaid.size > 0) this.#utter = setTimeout(() => {
      this.#aloud.textContent = [...this.#unsaid.values()].join(" ");
      this.#unsaid.clear();
    }, pauseMs);
  }

  /**
   * Shows a page and moves the focus to it.
   * @param {{node: HTMLElement, heading?: HTMLElement}} page
   * @param {string} [title] of the window
   */
  show(page, title) {
    fill(this.#main, page.node);
    if (title) document.title = title;
    scrollTo(0, 0);
    page.heading?.focus({ preventScroll: true });
  }

  /** @param {string} text says that this is only a preview @param {HTMLElement} [jump] a control that leads to other parts */
  previewing(text, jump) {
    this.#preview.hidden = false;
    fill(this.#preview, el("p", {}, text), jump ?? "");
  }

  /** @param {Action | null} action stops the session; null removes the button */
  stopping(action) {
    this.#stop.hidden = action === null;
    fill(this.#stop, action ? el("button", { type: "button", class: "quiet", on: { click: action.press } }, action.text) : "");
  }

  /** @param {string} text where the listener is @param {number | null} [share] progress, from 0 to 1 */
  place(text, share = null) {
    this.#place.textContent = text;
    this.#bar.hidden = share === null;
    this.#bar.style.setProperty("--at", String(share ?? 0));
  }

  /**
   * @param {"saved" | "saving" | "away" | "awayUnkept" | "refused" | "elsewhere"} state
   * @param {number} [count] how many answers were refused
   */
  saving(state, count = 0) {
    const words = this.words.saving[state];
    const text = typeof words === "function" ? words(count) : words;
    const isTrouble = state !== "saved" && state !== "saving";
    // That everything is saved is announced only after trouble.
    if (isTrouble && text !== this.#saving.textContent) this.#tell("saving", text);
    else if (state === "saved" && this.#hadTrouble) this.#tell("saving", text);
    this.#hadTrouble = isTrouble || (this.#hadTrouble && state === "saving");
    this.#saving.className = `saving ${state}`;
    tell(this.#saving, text);
  }

  /**
   * Announces something in passing, visibly and audibly.
   * @param {string} text
   */
  say(text) {
    clearTimeout(this.#hide);
    this.#remark.textContent = text;
    this.#tell("passing", text);
    this.#hide = setTimeout(() => { this.#remark.textContent = ""; }, 6000);
  }

  /**
   * Shows what is wrong, with an action that fixes it. The same notice again stays as it is, with the focus on its button; it is
   * read aloud again only if the button was pressed.
   * @param {string | null} text null removes the notice
   * @param {Action} [action]
   */
  notice(text, action) {
    this.#press = action?.press ?? (() => {});
    const noticed = text === null ? "" : `${text}\n${action?.text ?? ""}`;
    const isNew = noticed !== this.#noticed;
    if (isNew || this.#isPressed) this.#tell("notice", text ?? "");
    this.#isPressed = false;
    if (!isNew) return;
    this.#noticed = noticed;
    if (text === null) {
      fill(this.#notice);
      return;
    }
    /** @param {MouseEvent} event */
    const click = (event) => {
      this.#isPressed = true;
      this.#press(event);
    };
    fill(this.#notice, el("p", {}, text), action ? el("button", { type: "button", on: { click } }, action.text) : "");
  }

  /**
   * Fills the page during a download, and shows its progress.
   * @param {string} title @param {() => {got: number, size: number}} arrived in bytes; 0 if the size is not known yet
   */
  arriving(title, arrived) {
    const bar = el("progress", { "aria-label": title });
    const count = el("span", { class: "faint", dir: "ltr" });
    const heading = el("h1", { tabindex: -1 }, title);
    const node = el("section", { class: "page only" }, heading, el("p", { class: "arriving" }, bar, count));
    this.show({ heading, node });
    const look = () => {
      if (!node.isConnected) return;
      const { got, size } = arrived();
      if (size > 0) {
        bar.max = size;
        bar.value = got;
        count.textContent = megabytes(got, size, this.words.language);
      }
      setTimeout(look, lookMs);
    };
    look();
  }

  /**
   * Fills the page with a single calm message.
   * @param {string} title @param {string} [text] @param {Action} [action]
   */
  only(title, text, action) {
    const heading = el("h1", { tabindex: -1 }, title);
    this.show({
      heading,
      node: el("section", { class: "page only" }, heading, text ? el("p", {}, text) : null,
        action ? el("div", { class: "onward" }, el("button", { type: "button", class: "primary", on: { click: action.press } }, action.text)) : null),
    });
  }
}
