import { address, Away, post, Refused } from "../api.js";
import { el, fill, freshId, tell } from "../dom.js";

/** @param {unknown} error @returns {string} */
const told = (error) => (error instanceof Refused ? `${error.message} ${error.mend}`
  : error instanceof Away ? error.message : "Something went wrong on this page; reload it.");

/**
 * Signs in with the secret after the link's `#`, which browsers never send to a server by themselves, and removes it
 * from the address.
 * @returns {Promise<string>} what went wrong; empty if all is well or the link contains no secret
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
 * Removes from the address the page of the lab that somebody wanted to open before signing in.
 * @returns {string} its whole URL; empty if this page is what was wanted
 */
function onward() {
  const path = new URLSearchParams(location.search).get("to") ?? "";
  if (!path) return "";
  history.replaceState(null, "", location.pathname + location.hash);
  return /^lab\/[\w.~%/-]+$/.test(path) ? address(path) : "";
}

/**
 * Shows the sign-in form in place of the page.
 * @param {string} trouble what went wrong before
 * @returns {Promise<void>} resolves when somebody has signed in
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
    el("p", { class: "faint" }, "No name? Leave it empty and enter the secret from the file named secret in the study's data folder."),
    message, enter);
    fill(document.body, el("main", { class: "lab" }, form));
    name.focus();
  });
}

/**
 * Keeps a page of the lab up to date while it is visible, and shows the sign-in form when the server asks for it.
 * @param {() => () => Promise<void>} build makes the page, and returns a function that updates it
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
