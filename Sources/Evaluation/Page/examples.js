// Plays one sound at a time, always from its first sample. Without this script the links still open the sounds.
"use strict";

{
  const state = /** @type {HTMLElement} */ (document.getElementById("state"));
  /** @type {HTMLAnchorElement|null} the link whose sound is playing */
  let current = null;
  /** @type {HTMLAudioElement|null} */
  let audio = null;

  function stop() {
    if (audio) audio.pause();
    if (current) current.setAttribute("aria-pressed", "false");
    audio = null;
    current = null;
  }

  /** @param {HTMLAnchorElement} link */
  async function play(link) {
    stop();
    const own = new Audio(link.href);
    own.loop = link.dataset.loop === "yes";
    own.addEventListener("ended", () => { if (audio === own) stop(); });
    audio = own;
    current = link;
    link.setAttribute("aria-pressed", "true");
    try {
      await own.play();
      state.textContent = "";
    } catch (error) {
      if (audio !== own) return;
      stop();
      state.textContent = `This sound could not be played: ${/** @type {Error} */ (error).message}`;
    }
  }

  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a.play"))) {
    link.setAttribute("role", "button");
    link.setAttribute("aria-pressed", "false");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      if (link === current && link.dataset.loop === "yes") stop();
      else play(link);
    });
    link.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      link.click();
    });
  }
}
