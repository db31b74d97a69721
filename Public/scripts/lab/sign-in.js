import { address, Away, post, Refused } from "../api.js";
import { el, fill, freshId, tell } from "../dom.js";

/** @param {unknown} error @returns {string} */
const told = (error) => (error instanceof Refused ? `${error.message} ${error.mend}`
  : error instanceof Away ? error.message : "Something went wrong on this page; reload it.");

/**
 * Signs in by the secret behind the link's `#`, which no browser sends to any server by itself, and takes it out of the
 * address.
 * @returns {Promise<string>} what went wrong; nothing where all is well or the link holds none
 */
async function signInByLink() {
  const secret = /^#secret=(.+)$/.exec(location.hash)?.[1];
  if (!secret) return "";
  history.replaceState(null, "", location.pathname);
  try {
    await post("/lab", { secret });
    return "";
  } catch (error) {
    return told(error);
  }
}

/**
 * Takes out of the address where in the lab somebody wanted to go before there was a sitting.
 * @returns {string} the whole address; nothing where this page was what was wanted
 */
function onward() {
  const path = new URLSearchParams(location.search).get("to") ?? "";
  if (!path) return "";
  history.replaceState(null, "", location.pathname + location.hash);
  return /^lab\/[\w.~%/-]+$/.test(path) ? address(path) : "";
}

/**
 * Asks who it is, in place of the page.
 * @param {string} trouble what went wrong before
 * @returns {Promise<void>} when somebody is let in
 */
function askWho(trouble) {
  const name = el("input", { type: "text", id: freshId("name"), autocomplete: "username", autocapitalize: "none", spellcheck: "false" });
  const word = el("input", { type: "password", id: freshId("word"), autocomplete: "current-password", required: true });
  const message = el("p", { role: "status" }, trouble);
  const enter = el("button", { class: "primary" }, "Sign in");
  document.title = "Lab";
  return new Promise((resolve) => {
    const form = el("form", {
      class: "sign-in",
      on: {
        async submit(event) {
          event.preventDefault();
          enter.disabled = true;
          try {
            await post("/lab", name.value.trim() ? { name: name.value.trim(), password: word.value } : { secret: word.value.trim() });
            resolve();
          } catch (error) {
            tell(message, told(error));
            word.select();
          } finally {
            enter.disabled = false;
          }
        },
      },
    },
    el("h1", {}, "Lab"),
    el("p", {}, "This page is the experimenter's."),
    el("div", {}, el("label", { for: name.id }, "Name"), name),
    el("div", {}, el("label", { for: word.id }, "Password"), word),
    el("p", { class: "faint" }, "No name? Leave it empty, and give the secret that stands in the file secret of the study's data folder."),
    message, enter);
    fill(document.body, el("main", { class: "lab" }, form));
    name.focus();
  });
}

/**
 * Keeps a page of the lab up to date while it is seen, and asks who it is where the server does not know.
 * @param {() => () => Promise<void>} build makes the page and returns what brings its figures up to date
 * @param {number} everyMs
 * @returns {Promise<never>}
 */
export async function keepUp(build, everyMs) {
  let wanted = onward();
  let trouble = await signInByLink();
  for (;;) {
    const poll = build();
    try {
      for (;;) {
        if (document.visibilityState === "visible") {
          await poll();
          if (wanted) location.assign(wanted);
          wanted = "";
        }
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
    } catch (error) {
      if (!(error instanceof Refused && error.status === 401)) throw error;
    }
    document.body.classList.remove("stale");
    await askWho(trouble);
    trouble = "";
  }
}
