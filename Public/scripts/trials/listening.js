import { playButton } from "../controls/play-button.js";
import { region } from "../controls/region.js";
import { around, el, freshId, own, send, showDialog } from "../dom.js";
import { page } from "../pages/page.js";
import { wholeMs } from "../timing.js";
import { listed } from "../words.js";

// What trial types have in common that ask about a few samples: playing, comparing, what was heard, what is still missing,
// keys, and what is kept of a page that is not done. Keys: space, letters, Enter, ?. Beside the samples there may be a sound
// that they are compared with: a loop, or, where they are versions of the same material, the reference. Versions run
// together, and the listener changes between them in place.

/**
 * What is known of a sample.
 * @template Said what its type keeps of it
 * @typedef {Said & {plays: number, listened_ms: number, length_ms?: number}} State
 */

/**
 * @template Said
 * @typedef {object} Row
 * @property {string} position
 * @property {State<Said>} state
 * @property {() => boolean} isHeard
 */

/**
 * What a type adds to the page.
 * @template Said
 * @template Told
 * @typedef {object} Asking
 * @property {Said} blank of a sample of which nothing was said yet
 * @property {(row: Row<Said>, about: {allowed: () => boolean, changed: (value: number) => void}) => {node: HTMLElement, focusable: () => HTMLElement}} control
 *   by which something is said of a sample: `allowed` is asked first and says why not, `changed` is told what was said
 * @property {(row: Row<Said>) => boolean} isSaid
 * @property {"each" | "all"} hear before something is said of a sample: that one, or all
 * @property {(letter: string) => string} listenFirst told who wants to say something too early
 * @property {string} said the status of a sample of which something was said
 * @property {(rows: Row<Said>[]) => Row<Said>[]} open those of which something has still to be said
 * @property {(letters: string) => string} say what to do with them
 * @property {(letters: string) => string} [playAndSay] the same of those that were not heard yet either
 * @property {Partial<Words["trial"] & Words["set"]>} [words] in place of those that all types share
 * @property {Keys} keys
 * @property {HTMLElement | null} above what stands above the samples
 * @property {(about: {allowed: () => boolean, changed: (value: number) => void}) => HTMLElement} [below] what stands below
 *   them, for what is said of them all
 * @property {(row: Row<Said>) => number | null} [score] by which the samples may be sorted, the highest first
 * @property {(rows: Row<Said>[]) => Row<Said>[]} [order] in which they stand, whenever something was said
 * @property {(rows: Row<Said>[]) => Told} answer
 */

/**
 * What the keys of a page do beside playing.
 * @typedef {object} Keys
 * @property {"rate" | "choose" | "place"} arrows
 * @property {boolean} [isColumn] the arrows point up and down
 * @property {boolean} [isSlider] there are large steps, and ends
 * @property {boolean} [hasLists] Enter opens them
 */

/** @param {Server.Trial} trial @returns {string[]} */
export function sounds(trial) {
  return [...(trial.query === null ? [] : [trial.query]), ...trial.candidates.map((candidate) => candidate.audio)];
}

/**
 * @template Said
 * @template Told
 * @param {TrialParts} parts
 * @param {Asking<Said, Told>} asking
 * @returns {Page<Told & {response_ms: number, comment?: string}>}
 */
export function listeningPage({ trial, block, words, language, player, draft, wishes, note, sound, say, remark }, asking) {
  const { query } = trial;
  const isAligned = block.is_aligned === true;
  const isSet = block.is_set === true;
  /** @type {Words["trial"] & {toDoLoop?: string}} */
  const said = { ...words.trial, ...(isAligned ? words.versions : isSet ? words.set : {}), ...asking.words };
  const letters = trial.candidates.map((candidate) => candidate.position);
  /** @type {{loop: number, loop_ms: number, loop_length_ms?: number, elapsed_ms: number, comment: string, region: [number, number], samples: Partial<Record<string, State<Said>>>}} */
  const kept = { loop: 0, loop_ms: 0, elapsed_ms: 0, comment: "", region: [0, 1], samples: {}, ...draft.answers };
  let compare = wishes.read("compare") === true;
  const openedAt = performance.now();
  const elapsed = () => wholeMs(kept.elapsed_ms + performance.now() - openedAt);

  const mustHear = block.must_hear_ms ?? 0;
  const mustHearShare = block.must_hear_share ?? 0;
  /** @param {number} length of a sound that is judged @returns {number} for how long it must be heard; both in milliseconds */
  const leastMs = (length) => Math.max(Math.min(mustHear, length), Math.floor(mustHearShare * length));
  /**
   * What sounds now, and since when.
   * @type {{position: string, at: number} | null}
   */
  let sounding = null;
  /** @param {string} position @param {number} before in milliseconds */
  const heardMs = (position, before) => before + (sounding?.position === position ? performance.now() - sounding.at : 0);
  const isLoopHeard = () => kept.loop > 0 && heardMs("loop", kept.loop_ms) >= Math.min(mustHear, kept.loop_length_ms ?? 0);

  const maxPlays = block.max_plays ?? Infinity;
  /** @param {State<Said>} state */
  const isSpent = (state) => state.plays >= maxPlays;

  const rows = trial.candidates.map(({ position, audio }) => {
    /** @type {State<Said>} */
    const state = { ...asking.blank, plays: 0, listened_ms: 0, ...kept.samples[position] };
    const status = el("span", { class: "status" });
    // What may not be played again cannot be heard for longer.
    const isHeard = () => state.plays > 0 && (heardMs(position, state.listened_ms) >= leastMs(state.length_ms ?? 0)
      || (isSpent(state) && sounding?.position !== position));
    const button = playButton({ play: said.play(position), stop: said.stop(position), press(event) {
      press(row, compare);
      // With the mouse on the button, space is still the loop's and the arrows are the scale's. No click of the keyboard counts.
      if (event.detail > 0) control.focusable().focus({ preventScroll: true });
    } });
    const control = asking.control({ position, state, isHeard }, {
      allowed: () => plays(row) && allowed(asking.hear === "all" ? rows : [row]),
      changed(value) {
        note("rate", { trial: trial.index, stimulus: position, value });
        keep();
      },
    });
    const node = el("li", { class: "sample" }, button.node, el("span", { class: "letter", "aria-hidden": "true" }, position), control.node, status);
    const row = { position, audio, state, isHeard, button, control, status, node };
    return row;
  });

  /**
   * Whether it may be judged as far as what plays goes.
   * @param {typeof rows[0]} row
   */
  const plays = (row) => {
    if (!block.while_playing || player.playing?.owner === row.position) return true;
    say(asking.listenFirst(row.position));
    send(row.button.node);
    return false;
  };
  /** @param {typeof rows} some that must have been heard */
  const allowed = (some) => {
    const unheard = some.find((one) => !one.isHeard());
    if (!unheard) return true;
    say(asking.listenFirst(unheard.position));
    send(unheard.button.node);
    return false;
  };
  const keep = () => {
    draft.keep({
      loop: kept.loop, loop_ms: kept.loop_ms, loop_length_ms: kept.loop_length_ms, elapsed_ms: elapsed(), comment: kept.comment, region: kept.region, samples: Object.fromEntries(rows.map((row) => [row.position, row.state])),
    });
    refresh();
  };

  // Playing.
  /** @param {typeof rows[0]} row @param {boolean} withLoop */
  const play = (row, withLoop) => (isSpent(row.state) ? say(said.spent(row.position)) : start(row, withLoop));
  /** @param {typeof rows[0]} row @param {boolean} withLoop */
  const start = (row, withLoop) => sound(() => (isAligned ? player.playVersion(sounds(trial), row.audio, { owner: row.position, region: kept.region })
    : player.play(row.audio, { owner: row.position, after: withLoop ? query : null, afterSeconds: (block.compare_ms ?? Infinity) / 1000 })));
  /** @param {typeof rows[0]} row @param {boolean} withLoop */
  const press = (row, withLoop) => {
    if (player.playing?.owner === row.position) player.stop();
    else play(row, withLoop);
  };
  const pressLoop = () => {
    if (player.playing?.owner === "loop") player.stop();
    else if (query === null) rest();
    else sound(() => (isAligned ? player.playVersion(sounds(trial), query, { owner: "loop", region: kept.region }) : player.play(query, { owner: "loop", loop: !isSet })));
  };
  // Where there is nothing beside the samples, its key stops what plays, or goes on with it.
  let latest = rows[0];
  /**
   * The last two that were heard, the latest first: what the key that switches goes between.
   * @type {(typeof rows[0] | "loop")[]}
   */
  let recent = [];
  const rest = () => {
    if (player.playing) player.stop();
    else play(latest, false);
  };
  const pressSwitch = () => {
    const other = recent[1] ?? (query === null ? latest : recent[0] === "loop" ? latest : "loop");
    if (other === "loop") pressLoop();
    else play(other, false);
  };
  /** @param {string} url */
  const rowOf = (url) => rows.find((row) => row.audio === url);
  /** @param {string} url */
  const named = (url) => (url === query ? "query" : rowOf(url)?.position ?? null);
  /** @param {number} ms */
  const lookAfter = (ms) => { if (ms > 0) setTimeout(refresh, ms + 20); };
  /** @param {CustomEvent<Heard>} event */
  const onStart = ({ detail: { url } }) => {
    note("play", { trial: trial.index, stimulus: named(url) });
    const row = rowOf(url);
    const length = Math.floor(1000 * player.lengthOf(url));
    sounding = { position: row?.position ?? "loop", at: performance.now() };
    if (recent[0] !== (row ?? "loop")) recent = [row ?? "loop", ...recent.slice(0, 1)];
    if (row) {
      row.state.plays += 1;
      latest = row;
      row.state.length_ms = length;
      lookAfter(leastMs(length) - row.state.listened_ms);
    } else {
      kept.loop += 1;
      kept.loop_length_ms = length;
      lookAfter(Math.min(mustHear, length) - kept.loop_ms);
    }
    keep();
  };
  /** @param {CustomEvent<Heard & {seconds: number}>} event */
  const onEnd = ({ detail: { url, seconds } }) => {
    const ms = wholeMs(seconds * 1000);
    note("stop", { trial: trial.index, stimulus: named(url), value: ms });
    const row = rowOf(url);
    if (row) row.state.listened_ms += ms;
    else kept.loop_ms += ms;
    sounding = null;
    keep();
  };
  const onChange = () => {
    const now = player.playing;
    loopButton.show(now !== null && now.url === query);
    for (const row of rows) {
      row.button.show(now?.owner === row.position);
      row.node.classList.toggle("sounding", now?.url === row.audio);
    }
    if (isProgress(now)) requestAnimationFrame(drawProgress);
    else line.show(0);
  };
  /**
   * Versions share their place.
   * @param {import("../player.js").Voice | null} now
   */
  const isProgress = (now) => now !== null && (now.url === query || isAligned);
  const drawProgress = () => {
    if (!isProgress(player.playing)) return;
    line.show(player.progress);
    requestAnimationFrame(drawProgress);
  };

  // What is still to be done.
  const refresh = () => {
    for (const row of rows) {
      const isSaid = asking.isSaid(row);
      const left = maxPlays - row.state.plays;
      const text = isSaid ? asking.said : maxPlays < Infinity ? said.playsLeft(left) : row.isHeard() ? said.heard : said.notHeard;
      if (row.status.textContent !== text) row.status.textContent = text;
      row.node.classList.toggle("heard", row.isHeard());
      row.node.classList.toggle("rated", isSaid);
    }
    arrange();
    made?.refresh();
  };
  const missing = () => {
    const unheard = rows.filter((row) => !row.isHeard());
    const open = asking.open(rows);
    const isLoopOpen = query !== null && !isLoopHeard();
    if (!isLoopOpen && open.length === 0) return null;
    /** @param {Row<Said>[]} some */
    const named = (some) => listed(some.map((row) => row.position), letters, language);
    const { playAndSay } = asking;
    const isBegun = (/** @type {Row<Said>} */ row) => row.state.plays > 0;
    const isBoth = (/** @type {Row<Said>} */ row) => playAndSay !== undefined && unheard.some((one) => one === row) && !isBegun(row) && open.includes(row);
    /** @type {[Row<Said>[], ((list: string) => string) | undefined][]} */
    const wants = [
      [unheard.filter((row) => !isBoth(row) && !isBegun(row)), said.toDo.play], [unheard.filter((row) => !isBoth(row) && isBegun(row) && sounding?.position !== row.position), said.toDo.longer], [open.filter((row) => !isBoth(row)), asking.say], [open.filter(isBoth), playAndSay],
    ];
    return {
      text: words.toDo([...(isLoopOpen ? [said.toDoLoop ?? said.toDo.loop] : []),
        ...wants.flatMap(([some, text]) => (some.length > 0 && text ? [text(named(some))] : []))].join(words.toDoComma)),
      focus() {
        if (isLoopOpen) return loopButton.node;
        const row = rows.find((one) => one.position === (asking.hear === "all" ? unheard[0] ?? open[0] : open[0]).position);
        return row?.isHeard() ? row.control.focusable() : row?.button.node;
      },
    };
  };

  // A row that moves keeps the focus that is in it.
  const arrange = () => {
    const wanted = asking.order?.(rows) ?? [];
    if (wanted.every(({ position }, i) => samples.children[i] === rows.find((row) => row.position === position)?.node)) return;
    const held = document.activeElement;
    samples.append(...wanted.flatMap(({ position }) => rows.find((row) => row.position === position)?.node ?? []));
    if (held instanceof HTMLElement && samples.contains(held)) held.focus({ preventScroll: true });
  };

  // The page.
  const progress = el("span", { class: "progress", "aria-hidden": "true" });
  // Versions may be heard in a stretch of one's own, again and again.
  const line = isAligned ? region({ words: words.region, value: kept.region, changed(stretch) {
    kept.region = stretch;
    keep();
    const now = player.playing;
    if (!now) return;
    player.stop();
    sound(() => player.playVersion(sounds(trial), now.url, { owner: now.owner, region: stretch }));
  } }) : { node: progress, show: (/** @type {number} */ share) => progress.style.setProperty("--at", share.toFixed(4)) };
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
  const samples = el("ul", { class: "samples" }, ...rows.map((row) => row.node));
  const { score } = asking;
  // Never by itself: no row moves under the finger that rates it.
  const sortButton = score ? el("button", { type: "button", class: "quiet sort", on: {
    click() {
      const order = rows.map((row) => ({ row, score: score(row) ?? -Infinity })).sort((one, other) => other.score - one.score);
      samples.append(...order.map(({ row }) => row.node));
    },
  } }, said.sort) : null;
  const keys = keyWords(words.keys, letters, asking.keys, {
    space: query === null ? "latest" : said.loop === words.set.loop ? "x" : isAligned ? "reference" : "loop",
    letters: isAligned ? "versions" : query === null || isSet ? "sounds" : "samples", hasCompare: query !== null && !isAligned, hasRegion: query !== null && isAligned,
  });
  const keysDialog = keyHelp(words.keys, keys.all);
  const keysLine = el("p", { class: "keys" }, ...keys.line.flatMap(([key, what]) => {
    const shown = el("span", { class: "key" }, el("kbd", {}, key), " ", what);
    return key === "?" ? [el("button", { type: "button", class: "quiet key", on: { click: () => showDialog(keysDialog, true) } }, ...shown.childNodes)] : [shown];
  }));

  const comment = block.takes_comments ? el("textarea", { id: freshId("comment"), rows: 2, maxlength: 5000, on: {
    input() {
      kept.comment = comment?.value ?? "";
      keep();
    },
  } }) : null;
  if (comment) comment.value = kept.comment;

  // What is asked for stays in view: once the question has scrolled away, beside the loop, or in a line of its own.
  const sought = block.question.includes("{condition}") && trial.condition_text !== ""
    ? el("span", { class: "sought", "aria-hidden": "true" }, el("strong", { class: "condition", ...own() }, trial.condition_text)) : null;
  const hasBench = query !== null || asking.above !== null;

  /** @type {Page<Told & {response_ms: number, comment?: string}> | null} */
  let made = null;
  made = page({
    heading: question(block.question, trial.condition_text), kind: "trial", next: words.next, quiet: false,
    content: [
      remark ? el("p", { class: "remark" }, remark) : null,
      hasBench || sought ? el("div", { class: hasBench ? "bench" : "bench bare" },
        query === null ? sought : el("div", { class: "loop" }, loopButton.node, el("span", { class: "loop-name" }, said.loop), sought, line.node,
          isSet ? null : el("span", { class: "faint repeats" }, said.repeats), isAligned ? sortButton : compareSwitch),
        asking.above) : null,
      samples,
      query === null ? sortButton : null,
      asking.below?.({
        allowed: () => allowed(rows),
        changed(value) {
          note("rate", { trial: trial.index, value });
          keep();
        },
      }) ?? null,
      comment && el("p", { class: "comment" }, el("label", { for: comment.id }, said.comment, " ", el("span", { class: "faint" }, words.questionnaire.optional)), comment),
    ],
    after: [keysLine, keysDialog],
    missing,
    answer() {
      player.stop(); // What still sounds counts as heard until now.
      return { response_ms: elapsed(), ...(kept.comment ? { comment: kept.comment } : {}), ...asking.answer(rows) };
    },
    key,
    leave() {
      clearInterval(keeping);
      unwatch();
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
      if (event.shiftKey) pressSwitch();
      else pressLoop();
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
  const unwatch = sought ? whenAway(made.heading.querySelector(".condition"), (isAway) => made?.node.classList.toggle("scrolled", isAway)) : () => {};
  const keeping = setInterval(keep, 5000); // So that a reload loses no more than this of the time spent.
  refresh();
  return made;
}

/**
 * The question with the drum asked for in weight.
 * @param {string} text @param {string} condition
 */
function question(text, condition) {
  const line = el("span", own());
  text.split("{condition}").forEach((part, i) => {
    if (i > 0) line.append(el("strong", { class: "condition" }, condition));
    line.append(part);
  });
  return line;
}

/**
 * Tells whether something is scrolled out of view, whenever that changes. Where the browser cannot see it, it always is.
 * @param {Element | null} node
 * @param {(isAway: boolean) => void} told
 * @returns {() => void} ends the watch
 */
function whenAway(node, told) {
  if (!node || !("IntersectionObserver" in globalThis)) {
    told(true);
    return () => {};
  }
  const watch = new IntersectionObserver((changes) => told(!changes[changes.length - 1].isIntersecting));
  watch.observe(node);
  return () => watch.disconnect();
}

/**
 * What the keys do: in a word each, and at length.
 * @param {Words["keys"]} said @param {string[]} letters @param {Keys} keys
 * @param {{space: "loop" | "reference" | "x" | "latest", letters: "samples" | "versions" | "sounds", hasCompare: boolean, hasRegion: boolean}} what
 * @returns {{line: string[][], all: string[][]}}
 */
function keyWords(said, letters, { arrows, isColumn, isSlider, hasLists }, { space, letters: sound, hasCompare, hasRegion }) {
  const [first, last] = [letters[0], letters[letters.length - 1]];
  const named = letters.length < 3 ? letters.join(", ") : `${first}–${last}`;
  return {
    line: [
      [said.space, said.line[space]], [named, said.line[sound]], [isColumn ? "↑ ↓" : "← →", said.line[arrows]],
      ...(hasLists ? [] : [[said.enter, said.line.next]]), ["?", said.line.help],
    ],
    all: [
      [said.space, said[space]], [named, said[sound]], ...(hasCompare ? [[`${said.shift} + ${named}`, said.withLoop]] : []),
      [`${said.shift} + ${said.space}`, said.switch], [isColumn ? "↑ ↓" : "← → ↑ ↓", said[arrows]],
      ...(isSlider ? [[`${said.shift} + ${said.arrow}`, said.largeSteps], [said.ends, said.toTheEnds]] : []),
      ...(hasRegion ? [[said.onTheLine, said.region]] : []), ...(hasLists ? [] : [[said.enter, said.next]]), ["Esc", said.quiet],
    ],
  };
}

/** @param {Words["keys"]} said @param {string[][]} keys */
function keyHelp(said, keys) {
  const dialog = el("dialog", { class: "keys-help", "aria-label": said.title },
    el("h2", {}, said.title),
    el("dl", {}, ...keys.flatMap(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)])),
    el("button", { type: "button", class: "primary", on: { click() { showDialog(dialog, false); } } }, said.close));
  return dialog;
}
