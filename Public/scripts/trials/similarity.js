import { playButton } from "../controls/play-button.js";
import { points } from "../controls/points.js";
import { slider } from "../controls/slider.js";
import { around, el, showDialog } from "../dom.js";
import { page } from "../pages/page.js";
import { wholeMs } from "../timing.js";
import { listed } from "../words.js";

// One question, one loop, a few samples with a scale each. A sample is rated once it was heard; untouched is not a
// rating. Keys: space, letters, arrows, Enter, ?.

/**
 * What is known of a sample, and what is kept of a page that is not done.
 * @typedef {{rating: number | null, plays: number, listened_ms: number}} State
 * @typedef {{loop: number, elapsed_ms: number, samples: Partial<Record<string, State>>}} Kept
 */

/** @param {Server.Trial} trial @returns {string[]} */
export function sounds(trial) {
  return [trial.query, ...trial.candidates.map((candidate) => candidate.audio)];
}

/** @param {TrialParts} parts @returns {TrialPage} */
export function trialPage({ trial, study, words, language, player, draft, wishes, note, sound, say, remark }) {
  const said = words.trial;
  const letters = trial.candidates.map((candidate) => candidate.position);
  const last = letters[letters.length - 1];
  /** @type {Kept} */
  const kept = { loop: 0, elapsed_ms: 0, samples: {}, ...draft.answers };
  let compare = wishes.read("compare") === true;
  const openedAt = performance.now();
  const elapsed = () => wholeMs(kept.elapsed_ms + performance.now() - openedAt);

  const rows = trial.candidates.map(({ position, audio }) => {
    /** @type {State} */
    const state = { rating: null, plays: 0, listened_ms: 0, ...kept.samples[position] };
    const status = el("span", { class: "status" });
    const button = playButton({ play: said.play(position), stop: said.stop(position), press(event) {
      press(row, compare);
      // With the mouse on the button, space is still the loop's and the arrows are the scale's. No click of the keyboard counts.
      if (event.detail > 0) control.focusable().focus({ preventScroll: true });
    } });
    const control = scaleControl({
      study, words, label: said.scaleOf(position), value: state.rating,
      allowed() {
        if (state.plays > 0) return true;
        say(said.listenFirst(position));
        button.node.focus();
        return false;
      },
      changed(value) {
        state.rating = value;
        note("rate", { trial: trial.index, stimulus: position, value });
        keep();
      },
    });
    const node = el("li", { class: "sample" }, button.node, el("span", { class: "letter", "aria-hidden": "true" }, position), control.node, status);
    const row = { position, audio, state, button, control, status, node };
    return row;
  });

  const keep = () => {
    draft.keep({
      loop: kept.loop, elapsed_ms: elapsed(), samples: Object.fromEntries(rows.map((row) => [row.position, row.state])),
    });
    refresh();
  };

  // Playing.
  /** @param {typeof rows[0]} row @param {boolean} withLoop */
  const play = (row, withLoop) => sound(() => player.play(row.audio, { owner: row.position, after: withLoop ? trial.query : null }));
  /** @param {typeof rows[0]} row @param {boolean} withLoop */
  const press = (row, withLoop) => {
    if (player.playing?.owner === row.position) player.stop();
    else play(row, withLoop);
  };
  const pressLoop = () => {
    if (player.playing?.owner === "loop") player.stop();
    else sound(() => player.play(trial.query, { owner: "loop", loop: true }));
  };
  /** @param {string} url */
  const rowOf = (url) => rows.find((row) => row.audio === url);
  /** @param {string} url */
  const named = (url) => (url === trial.query ? "query" : rowOf(url)?.position ?? null);
  /** @param {CustomEvent<Heard>} event */
  const onStart = ({ detail: { url } }) => {
    note("play", { trial: trial.index, stimulus: named(url) });
    const row = rowOf(url);
    if (row) row.state.plays += 1;
    else kept.loop += 1;
    keep();
  };
  /** @param {CustomEvent<Heard & {seconds: number}>} event */
  const onEnd = ({ detail: { url, seconds } }) => {
    const ms = wholeMs(seconds * 1000);
    note("stop", { trial: trial.index, stimulus: named(url), value: ms });
    const row = rowOf(url);
    if (row) row.state.listened_ms += ms;
    keep();
  };
  const onChange = () => {
    const now = player.playing;
    loopButton.show(now?.url === trial.query);
    for (const row of rows) {
      row.button.show(now?.owner === row.position);
      row.node.classList.toggle("sounding", now?.url === row.audio);
    }
    if (now?.url === trial.query) requestAnimationFrame(drawProgress);
    else progress.style.setProperty("--at", "0");
  };
  const drawProgress = () => {
    if (player.playing?.url !== trial.query) return;
    progress.style.setProperty("--at", player.progress.toFixed(4));
    requestAnimationFrame(drawProgress);
  };

  // What is still to be done.
  const refresh = () => {
    for (const row of rows) {
      const rated = row.state.rating !== null;
      const text = rated ? said.rated : row.state.plays > 0 ? said.heard : said.notHeard;
      if (row.status.textContent !== text) row.status.textContent = text;
      row.node.classList.toggle("heard", row.state.plays > 0);
      row.node.classList.toggle("rated", rated);
    }
    made?.refresh();
  };
  const missing = () => {
    const unheard = rows.filter((row) => row.state.plays === 0);
    const unrated = rows.filter((row) => row.state.rating === null);
    if (kept.loop > 0 && unrated.length === 0) return null;
    const listen = [...(kept.loop === 0 ? [said.missing.loop] : []), ...(unheard.length > 0 ? [listed(unheard.map((row) => row.position), letters, language)] : [])];
    const wants = [];
    if (listen.length > 0) wants.push(said.missing.listen(listen.join(said.missing.and)));
    if (unrated.length > 0) wants.push(said.missing.rate(listed(unrated.map((row) => row.position), letters, language)));
    return {
      text: said.missing.first(wants.join(said.missing.and)),
      focus() {
        if (kept.loop === 0) return loopButton.node;
        const [row] = unrated;
        return row.state.plays === 0 ? row.button.node : row.control.focusable();
      },
    };
  };

  // The page.
  const progress = el("span", { class: "progress", "aria-hidden": "true" });
  const loopButton = playButton({ play: said.playLoop, stop: said.stopLoop, press: pressLoop });
  const compareSwitch = el("button", {
    type: "button", role: "switch", class: "switch", "aria-checked": String(compare), "aria-label": `${said.compare}: ${said.compareHint}`,
    on: {
      click() {
        compare = !compare;
        wishes.write("compare", compare);
        compareSwitch.setAttribute("aria-checked", String(compare));
      },
    },
  }, el("span", { class: "knob" }), el("span", {}, said.compare, " ", el("span", { class: "faint" }, said.compareHint)));
  const { low, high } = study.scale;
  const keysDialog = keyHelp(said, last);
  const keysLine = el("p", { class: "keys" }, ...said.keysLine.flatMap(([key, what]) => {
    const shown = el("span", { class: "key" }, el("kbd", {}, key.replace("{last}", last)), " ", what);
    return key === "?" ? [el("button", { type: "button", class: "quiet key", on: { click: () => showDialog(keysDialog, true) } }, ...shown.childNodes)] : [shown];
  }));

  /** @type {TrialPage | null} */
  let made = null;
  made = page({
    heading: question(study.texts.question, trial.condition_text), kind: "trial", next: words.next, quiet: false,
    content: [
      remark ? el("p", { class: "remark" }, remark) : null,
      el("div", { class: "bench" },
        el("div", { class: "loop" }, loopButton.node, el("span", { class: "loop-name" }, said.loop), progress,
          el("span", { class: "faint repeats" }, said.repeats), compareSwitch),
        el("div", { class: "ends", "aria-hidden": "true" }, el("span", {}, low), el("span", {}, high))),
      el("ul", { class: "samples" }, ...rows.map((row) => row.node)),
    ],
    after: [keysLine, keysDialog],
    missing,
    answer() {
      player.stop(); // What still sounds counts as heard until now.
      return {
        response_ms: elapsed(),
        // All are rated, or the page would not be left.
        ratings: rows.map(({ position, state }) => ({
          position, rating: /** @type {number} */ (state.rating), plays: state.plays, listened_ms: wholeMs(state.listened_ms),
        })),
      };
    },
    key,
    leave() {
      clearInterval(keeping);
      player.stop();
      player.removeEventListener("start", onStart);
      player.removeEventListener("end", onEnd);
      player.removeEventListener("change", onChange);
    },
  });

  /** @param {KeyboardEvent} event */
  function key(event) {
    const row = rows.find((one) => one.position === event.key.toUpperCase());
    if (row) {
      event.preventDefault();
      play(row, compare !== event.shiftKey);
      row.control.focusable().focus({ preventScroll: true });
      row.node.scrollIntoView({ block: "nearest" });
    } else if (event.key === " " && !around(event, "button")) {
      if (around(event, "input[type=radio]:not(:checked)")) return; // There it chooses the point.
      event.preventDefault();
      pressLoop();
    } else if (event.key === "Escape") {
      player.stop();
    } else if (event.key === "?") {
      event.preventDefault();
      showDialog(keysDialog, true);
    }
  }

  player.addEventListener("start", onStart);
  player.addEventListener("end", onEnd);
  player.addEventListener("change", onChange);
  const keeping = setInterval(keep, 5000); // So that a reload loses no more than this of the time spent.
  refresh();
  return made;
}

/** @param {Omit<Parameters<typeof slider>[0], "scale"> & {study: Server.SessionStudy}} parts */
function scaleControl({ study, words, label, value, allowed, changed }) {
  const { scale } = study;
  if (scale.kind !== "likert") return slider({ label, scale, words, value, allowed, changed });
  const offered = Array.from({ length: scale.max - scale.min + 1 }, (_, i) => {
    const point = scale.min + i;
    const end = point === scale.min ? scale.low : point === scale.max ? scale.high : null;
    return { value: point, text: String(point), name: end ? `${point}, ${end}` : String(point) };
  });
  return points({ label, points: offered, value, allowed, changed });
}

/**
 * The question with the drum asked for in weight.
 * @param {string} text @param {string} condition
 */
function question(text, condition) {
  const fragment = document.createDocumentFragment();
  text.split("{condition}").forEach((part, i) => {
    if (i > 0) fragment.append(el("strong", { class: "condition" }, condition));
    fragment.append(part);
  });
  return fragment;
}

/** @param {Words["trial"]} said @param {string} last */
function keyHelp(said, last) {
  const dialog = el("dialog", { class: "keys-help", "aria-label": said.keysTitle },
    el("h2", {}, said.keysTitle),
    el("dl", {}, ...said.keys(last).flatMap(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)])),
    el("button", { type: "button", class: "primary", on: { click() { showDialog(dialog, false); } } }, said.close));
  return dialog;
}
