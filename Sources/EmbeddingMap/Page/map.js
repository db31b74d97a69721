// Draws the map and answers to eyes, ears and keys.
"use strict";

{
  /**
   * @typedef {{id: string, condition: string, group: string, tags: string, source: string, split: string}} Sound
   * @typedef {{method: string, title: string, words: string, x: number[], y: number[], axes: string[], origin?: number[]}} Projected
   * @typedef {{condition: string, view: number, nearest: number[], distances: number[], reference?: number, rank?: number}} Asked
   */
  /** @param {string} id of an element that the page has @returns {HTMLElement} */
  const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const read = (id) => JSON.parse(at(id).textContent ?? "");
  /**
   * @typedef {{label: string, count: number, light: string, dark: string}} Kind
   * @type {{embedded: boolean, audible: boolean, classes: {name: string, mark: string}[], sounds: Sound[], colourings: {name: string, of: number[], kinds: Kind[]}[], views: {name: string, title: string, words: string, maps: Projected[]}[], mixes: {id: string, asked: Asked[]}[]}}
   */
  const atlas = read("atlas");
  const { sounds, views, mixes } = atlas;
  const plain = (name) => (name === "hihat" ? "hi-hat" : name);

  /**
   * @template {keyof HTMLElementTagNameMap} Name
   * @param {Name} name of the element
   * @param {Object<string, *>} [settings] properties; functions under `on…` are listeners, `data`-, `aria`- and other names with a dash attributes
   * @param {...(Node|string)} children
   * @returns {HTMLElementTagNameMap[Name]}
   */
  function node(name, settings = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(settings)) {
      if (key.includes("-")) made.setAttribute(key, value);
      else Object.assign(made, { [key]: value });
    }
    made.append(...children);
    return made;
  }

  // --- What is shown ------------------------------------------------------------------------------------------------

  const state = {
    view: 0, method: views[0].maps[0].method, colouring: 0,
    /** Kinds that are switched off. @type {Set<number>} */
    off: new Set(),
    /** The sound under the pointer, and the one that was chosen; -1 is none. */
    hovered: -1, chosen: -1,
    /** Which mix, and which of its parts; -1 is none. */
    mix: -1, part: 0,
    zoom: 1, x: 0, y: 0,
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const coarse = matchMedia("(pointer: coarse)");
  const map = () => /** @type {Projected} */ (views[state.view].maps.find((one) => one.method === state.method));
  const asked = () => (state.mix < 0 ? null : mixes[state.mix].asked[state.part]);
  const kindOf = (sound) => atlas.colourings[state.colouring].of[sound];
  const isOff = (sound) => state.off.has(kindOf(sound));
  const colourOf = (kind) => (dark.matches ? kind.dark : kind.light);
  const markOf = new Map(atlas.classes.map((one) => [one.name, one.mark]));
  const marks = sounds.map((sound) => markOf.get(sound.condition) ?? "circle");
  /** An order in which no kind hides another. */
  const order = sounds.map((_, i) => i).sort((a, b) => ((a * 7919) % 10007) - ((b * 7919) % 10007));

  // --- Sound --------------------------------------------------------------------------------------------------------

  const player = {
    /** What plays, as `sounds 12`, or empty. */
    playing: "",
    /** @type {Record<"sounds"|"mixes", string[]>|null} addresses or contents of the sounds */
    files: null,
    /** @type {AudioContext|null} */
    context: null,
    /** @type {Map<string, AudioBuffer>} */
    buffers: new Map(),
    /** @type {{node: AudioBufferSourceNode, gain: GainNode, context: AudioContext}|null} */
    source: null,
    /** @type {HTMLAudioElement|null} */
    element: null,

    stop() {
      if (this.source) {
        const { node: source, gain: { gain }, context } = this.source, now = context.currentTime;
        // Only what is left fades.
        gain.setValueAtTime(1, now);
        gain.linearRampToValueAtTime(0, now + 0.008);
        source.onended = null;
        source.stop(now + 0.01);
        this.source = null;
      }
      if (this.element) this.element.pause();
      this.tell("");
    },

    tell(what) {
      this.playing = what;
      for (const one of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-plays]"))) {
        one.classList.toggle("playing", one.dataset.plays === what);
      }
      paint();
    },

    /** From its first sample; what plays already stops. @param {"sounds"|"mixes"} shelf @param {number} place */
    async play(shelf, place) {
      if (!atlas.audible) return;
      const what = `${shelf} ${place}`;
      this.stop();
      const files = this.files ||= /** @type {Record<"sounds"|"mixes", string[]>} */ (read("played"));
      this.tell(what);
      try {
        if (atlas.embedded) await this.playEmbedded(what, files[shelf][place]);
        else await this.playLinked(what, files[shelf][place]);
      } catch {
        if (this.playing !== what) return;
        this.tell("");
        const where = atlas.embedded ? "This browser cannot play it." : `It should be at ${decodeURIComponent(files[shelf][place])}, seen from this page.`;
        say(`The sound could not be played. ${where}`);
      }
    },

    async playEmbedded(what, text) {
      const context = this.context ||= new AudioContext({ sampleRate: 44100 });
      const resumed = context.state === "running" ? null : context.resume();
      if (!this.buffers.has(what)) {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        this.buffers.set(what, await context.decodeAudioData(bytes.buffer));
      }
      await resumed;
      if (this.playing !== what) return;
      const source = new AudioBufferSourceNode(context, { buffer: this.buffers.get(what) });
      const gain = new GainNode(context);
      source.connect(gain).connect(context.destination);
      source.onended = () => { this.source = null; this.tell(""); };
      this.source = { node: source, gain, context };
      source.start();
    },

    async playLinked(what, address) {
      const element = this.element ||= new Audio();
      element.src = address;
      element.onended = () => this.tell("");
      await element.play();
      if (this.playing !== what) element.pause();
    },
  };

  /** A button that plays. */
  function playButton(shelf, place, className, ...children) {
    return node("button", {
      type: "button", className, "data-plays": `${shelf} ${place}`,
      onclick() {
        if (player.playing === `${shelf} ${place}`) { player.stop(); return; }
        if (shelf === "sounds") choose(place);
        player.play(shelf, place);
      },
    }, ...children);
  }

  // --- The plane ----------------------------------------------------------------------------------------------------

  const plane = at("plane"), canvas = /** @type {HTMLCanvasElement} */ (at("map")), tip = at("tip");
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  let width = 0, height = 0, waiting = false;
  /** @type {{from: number[][], share: number}|null} where points are while they glide from one map to the next */
  let glide = null;

  function paint() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  }

  /** @type {Map<Projected, {x: number, y: number, wide: number, tall: number}>} */
  const extents = new Map();
  for (const shown of views.flatMap((view) => view.maps)) {
    const [left, right, low, high] = [Math.min(...shown.x), Math.max(...shown.x), Math.min(...shown.y), Math.max(...shown.y)];
    extents.set(shown, { x: (left + right) / 2, y: (low + high) / 2, wide: Math.max(1, right - left), tall: Math.max(1, high - low) });
  }
  /** The middle of a map and how far it reaches, so that it fills the plane. @param {Projected} shown */
  const extent = (shown) => extents.get(shown) ?? { x: 0, y: 0, wide: 1, tall: 1 };
  /** Pixels a step of the grid, without zoom. */
  function unit(shown) {
    const { wide, tall } = extent(shown);
    return Math.max(1e-6, Math.min((width - 64) / wide, (height - 104) / tall));
  }
  /** @returns {[number, number]} pixels of a place on the map */
  function pixels(x, y, shown = map()) {
    const u = unit(shown) * state.zoom, middle = extent(shown);
    return [width / 2 + (x - middle.x) * u + state.x, height / 2 - 24 - (y - middle.y) * u + state.y];
  }

  function place(i, shown = map()) {
    const [x, y] = pixels(shown.x[i], shown.y[i], shown);
    if (!glide) return [x, y];
    const [fromX, fromY] = glide.from[i], t = glide.share;
    return [fromX + (x - fromX) * t, fromY + (y - fromY) * t];
  }

  function path(mark, x, y, r) {
    pen.beginPath();
    if (mark === "circle") { pen.arc(x, y, r, 0, 2 * Math.PI); return; }
    const shape = {
      square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
      triangle: [[0, -1.25], [1.15, 0.8], [-1.15, 0.8]],
      diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
      down: [[0, 1.25], [1.15, -0.8], [-1.15, -0.8]],
      cross: [[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]],
    }[mark];
    shape.forEach(([dx, dy], k) => (k ? pen.lineTo(x + r * dx, y + r * dy) : pen.moveTo(x + r * dx, y + r * dy)));
    pen.closePath();
  }

  const radius = () => (sounds.length > 2000 ? 2.6 : sounds.length > 700 ? 3.2 : 4) * Math.min(2.2, Math.sqrt(state.zoom)) * Math.max(0.75, Math.min(1, width / 640));

  /** The colours of the page, of which a dark one has others. */
  function inks() {
    const style = getComputedStyle(document.documentElement);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    return { ink: colour("--ink"), soft: colour("--soft"), line: colour("--line"), back: colour("--plane"), accent: colour("--accent") };
  }

  /** A ring about a point. */
  function ring(x, y, r, wide, colour) {
    path("circle", x, y, r);
    pen.lineWidth = wide;
    pen.strokeStyle = colour;
    pen.stroke();
  }

  /** A sound's own mark, with its outline. */
  function point(i, r, fill, wide, outline) {
    const [x, y] = place(i);
    path(marks[i], x, y, r);
    pen.fillStyle = fill;
    pen.fill();
    pen.lineWidth = wide;
    pen.strokeStyle = outline;
    pen.stroke();
    return [x, y];
  }

  function draw() {
    if (!width || !height) return;
    const scale = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    const { ink, soft, line, back, accent } = inks(), r = radius();
    axes(map(), line, soft);

    const question = asked();
    const lit = new Map(question ? question.nearest.slice(0, 10).map((sound, k) => [sound, k + 1]) : []);
    if (question && question.reference !== undefined && !lit.has(question.reference)) lit.set(question.reference, question.rank ?? 0);
    const kinds = atlas.colourings[state.colouring].kinds.map(colourOf), fill = (/** @type {number} */ i) => kinds[kindOf(i)];
    for (const i of order) {
      const [x, y] = place(i);
      if (lit.has(i) || x < -9 || y < -9 || x > width + 9 || y > height + 9) continue;
      pen.globalAlpha = isOff(i) ? 0.07 : question ? 0.2 : 0.88;
      point(i, r, fill(i), 0.75, back);
    }
    pen.globalAlpha = 1;
    if (question) drawNearest(lit, question.reference, fill, { ink, back, accent });
    for (const [i, wide] of [[state.chosen, 2], [state.hovered, 1.5]]) {
      if (i < 0) continue;
      const [x, y] = point(i, r * 1.6, fill(i), wide, ink);
      if (player.playing === `sounds ${i}`) ring(x, y, r * 1.6 + 6, 2, accent);
    }
  }

  /**
   * The sounds nearest to what was asked for, with their numbers where there is room for them, the nearest first.
   * @param {Map<number, number>} lit their numbers
   * @param {number|undefined} reference the one that plays in the mix
   */
  function drawNearest(lit, reference, fill, { ink, back, accent }) {
    const nearest = order.filter((i) => lit.has(i)).sort((a, b) => (lit.get(b) ?? 0) - (lit.get(a) ?? 0)), r = radius() * 1.5;
    /** Boxes that hold something already: left, top, width, height. */
    const taken = nearest.map((i) => {
      const [x, y] = point(i, r, fill(i), 1, ink);
      if (i === reference) ring(x, y, r + 5, 2.5, accent);
      return [x - r, y - r, 2 * r, 2 * r];
    });
    pen.font = "600 12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
    pen.textBaseline = "middle";
    for (const i of nearest.reverse()) {
      const [x, y] = place(i), words = i === reference ? `${lit.get(i)} in the mix` : String(lit.get(i));
      const wide = pen.measureText(words).width, gap = r + (i === reference ? 9 : 5);
      const isFree = (/** @type {number[]} */ [left, top]) => left >= 2 && left + wide <= width - 2
        && !taken.some((box) => left < box[0] + box[2] && box[0] < left + wide && top < box[1] + box[3] && box[1] < top + 14);
      const free = [[x + gap, y - 7], [x - gap - wide, y - 7], [x - wide / 2, y - gap - 14], [x - wide / 2, y + gap]].find(isFree);
      if (!free) continue;
      taken.push([...free, wide, 14]);
      pen.lineWidth = 3;
      pen.lineJoin = "round";
      pen.strokeStyle = back;
      pen.strokeText(words, free[0], free[1] + 7);
      pen.fillStyle = i === reference ? accent : ink;
      pen.fillText(words, free[0], free[1] + 7);
    }
  }

  const zoomButtons = /** @type {HTMLElement} */ (plane.querySelector(".zoom"));
  /** Lines of a text that are as long as the width allows, with at least one word in each. */
  function broken(text, wide) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const last = lines[lines.length - 1], longer = `${last} ${word}`.trim();
      if (last && pen.measureText(longer).width > wide) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines;
  }

  function axes(shown, line, soft) {
    pen.font = "13px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
    pen.fillStyle = soft;
    if (shown.origin) {
      const [x, y] = pixels(shown.origin[0], shown.origin[1]);
      pen.strokeStyle = line;
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(0, y); pen.lineTo(width, y);
      pen.moveTo(x, 0); pen.lineTo(x, height);
      pen.stroke();
    }
    pen.textBaseline = "alphabetic";
    const words = broken(shown.origin ? `${shown.axes[0]} →` : "t-SNE: similar sounds are close together", width - zoomButtons.clientWidth - 26);
    words.forEach((line, i) => pen.fillText(line, 10, height - 10 - 16 * (words.length - 1 - i)));
    if (shown.origin) {
      pen.save();
      pen.translate(20, height - 18 - 16 * words.length);
      pen.rotate(-Math.PI / 2);
      pen.fillText(`${shown.axes[1]} →`, 0, 0);
      pen.restore();
    }
  }

  /** The sound at a place of the plane, or -1. */
  function soundAt(x, y, reach) {
    const shown = map();
    let best = -1, least = reach * reach;
    for (let i = 0; i < sounds.length; i++) {
      if (isOff(i)) continue;
      const [px, py] = place(i, shown), d = (px - x) ** 2 + (py - y) ** 2;
      if (d < least) { least = d; best = i; }
    }
    return best;
  }

  function moveTo(change) {
    const before = map(), from = sounds.map((_, i) => place(i, before));
    change();
    const after = map();
    if (before === after) return;
    if (still.matches) { paint(); return; }
    const mine = { from, share: 0 };
    glide = mine;
    /** @type {number} */
    let start;
    requestAnimationFrame(function step(now) {
      if (glide !== mine) return;
      start ??= now;
      const t = Math.min(1, (now - start) / 450);
      mine.share = t * t * (3 - 2 * t);
      if (t === 1) glide = null;
      draw();
      if (t < 1) requestAnimationFrame(step);
    });
  }

  function zoomBy(factor, x = width / 2, y = height / 2) {
    const next = Math.min(40, Math.max(1, state.zoom * factor)), real = next / state.zoom;
    state.x = (state.x - (x - width / 2)) * real + (x - width / 2);
    state.y = (state.y - (y - height / 2)) * real + (y - height / 2);
    state.zoom = next;
    settle();
  }

  /** Keeps the map in reach. */
  function settle() {
    if (state.zoom <= 1.001) Object.assign(state, { zoom: 1, x: 0, y: 0 });
    const shown = map(), u = unit(shown) * state.zoom / 2, { wide, tall } = extent(shown);
    state.x = Math.max(-wide * u, Math.min(wide * u, state.x));
    state.y = Math.max(-tall * u, Math.min(tall * u, state.y));
    canvas.classList.toggle("zoomed", state.zoom > 1);
    placeTip();
    paint();
  }

  function showAll() {
    Object.assign(state, { zoom: 1, x: 0, y: 0 });
    settle();
  }

  // --- Words beside the map -----------------------------------------------------------------------------------------

  const current = () => (state.hovered >= 0 ? state.hovered : state.chosen);

  function placeTip() {
    const i = current();
    tip.hidden = i < 0;
    if (i < 0) return;
    const sound = sounds[i];
    tip.replaceChildren(node("strong", {}, sound.id), node("span", {}, [plain(sound.condition), sound.tags, sound.source.split(":")[0]].filter(Boolean).join(" · ")));
    const [x, y] = place(i), box = tip.getBoundingClientRect();
    tip.dataset.side = x + 14 + box.width < width ? "right" : "left";
    const left = tip.dataset.side === "right" ? x + 14 : Math.max(4, x - 14 - box.width);
    const top = Math.max(4, Math.min(height - box.height - 4, y - box.height / 2));
    tip.style.transform = `translate(${left}px, ${top}px)`;
    if (x < 0 || y < 0 || x > width || y > height) tip.hidden = true;
  }

  function tellSound() {
    const i = current();
    if (i < 0) {
      at("sound").replaceChildren(node("h2", {}, "A sound"), node("p", { className: "quiet" }, "Point at the map to see what is there, click to hear it."));
      return;
    }
    const sound = sounds[i];
    const facts = [["class", plain(sound.condition)], ["tags", sound.tags], ["source", sound.source], ["group", sound.group], ["split", sound.split]];
    const list = node("dl", { className: "facts" });
    for (const [name, value] of facts) if (value) list.append(node("dt", {}, name), node("dd", {}, value));
    /** @type {HTMLElement[]} */
    const parts = [node("h2", {}, sound.id), list];
    if (atlas.audible) parts.push(playButton("sounds", i, "play", "Play"));
    at("sound").replaceChildren(...parts);
    if (player.playing === `sounds ${i}`) at("sound").lastElementChild?.classList.add("playing");
  }

  /** @param {string} words for the place where the sound stands */
  function say(words) { at("sound").append(node("p", { className: "notice" }, words)); }

  function choose(i) {
    state.chosen = i;
    state.hovered = -1;
    tellSound();
    placeTip();
    paint();
  }

  function hover(i) {
    if (i === state.hovered) return;
    state.hovered = i;
    canvas.classList.toggle("near", i >= 0);
    tellSound();
    placeTip();
    paint();
  }

  function tellMap() {
    const shown = map(), view = views[state.view];
    at("lead").textContent = view.words;
    at("words").textContent = `${view.title}: ${shown.words}`;
    const chosen = atlas.colourings[state.colouring].name;
    canvas.setAttribute("aria-label", `${shown.title} of ${sounds.length} sounds, ${view.title.toLowerCase()}, coloured by ${chosen}. ${view.words}`);
  }

  function tellAsked() {
    const box = at("asked"), question = asked();
    box.hidden = !question;
    if (!question) return;
    const mix = mixes[state.mix], name = plain(question.condition) || "sound", parts = [];
    parts.push(node("h2", {}, `Nearest to the ${name} in ${mix.id}`));
    const asks = node("div", { className: "asks" });
    if (mix.asked.length > 1) {
      const switcher = node("div", {});
      mix.asked.forEach((one, k) => {
        switcher.append(node("label", {}, node("input", { type: "radio", name: "part", value: String(k), checked: k === state.part, onchange: () => ask(state.mix, k, true) }), node("span", {}, plain(one.condition))));
      });
      asks.append(node("fieldset", { className: "choice", "aria-label": "Drum asked for" }, switcher));
    }
    parts.push(asks);
    if (atlas.audible) parts.push(playButton("mixes", state.mix, "play", `Play ${mix.id}`));
    const true_ = question.reference === undefined ? "The one-shot that plays in it is not on this map." : `The ${name} that plays in it is number ${question.rank} of ${sounds.length}.`;
    parts.push(node("p", { className: "quiet" }, true_));
    const list = node("ol", { className: "list" });
    const add = (sound, rank) => {
      const wrong = sounds[sound].condition !== question.condition, isTrue = sound === question.reference;
      const note = isTrue ? "in the mix" : wrong ? `a ${plain(sounds[sound].condition)}` : "";
      list.append(node("li", {}, node("span", { className: "place" }, String(rank)),
        playButton("sounds", sound, "row", node("span", { className: "name" }, sounds[sound].id), node("span", { className: isTrue ? "note true" : "note" }, note))));
    };
    question.nearest.slice(0, 10).forEach((sound, k) => add(sound, k + 1));
    if (question.reference !== undefined && question.rank !== undefined && question.rank > 10) add(question.reference, question.rank);
    parts.push(list);
    box.replaceChildren(...parts);
  }

  /** @param {boolean} [keepFocus] whether the switch for the drum was used */
  function ask(mix, part, keepFocus) {
    moveTo(() => {
      Object.assign(state, { mix, part });
      const question = asked();
      // Where there is a mask for the drum, its neighbours are those under it.
      if (question && question.view !== state.view && views[question.view].name === question.condition) setView(question.view);
    });
    tellAsked();
    tellMap();
    placeTip();
    paint();
    if (keepFocus) /** @type {HTMLInputElement|null} */ (at("asked").querySelector("input:checked"))?.focus();
  }

  function setView(view) {
    state.view = view;
    const input = /** @type {HTMLInputElement|null} */ (document.querySelector(`input[name="view"][value="${view}"]`));
    if (input) input.checked = true;
  }

  const NS = "http://www.w3.org/2000/svg";
  /** A mark as a picture, in words for nobody: its label stands beside it. */
  function mark(kind, colour) {
    const svg = document.createElementNS(NS, "svg"), shape = document.createElementNS(NS, "path");
    svg.setAttribute("viewBox", "-1.5 -1.5 3 3");
    svg.setAttribute("aria-hidden", "true");
    shape.setAttribute("d", {
      circle: "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0 -2 0", square: "M-.9-.9H.9V.9H-.9Z", triangle: "M0-1.25L1.15.8H-1.15Z",
      diamond: "M0-1.3L1.3 0L0 1.3L-1.3 0Z", down: "M0 1.25L1.15-.8H-1.15Z", cross: "M-.4-1.2H.4V-.4H1.2V.4H.4V1.2H-.4V.4H-1.2V-.4H-.4Z",
    }[kind]);
    shape.setAttribute("fill", colour);
    svg.append(shape);
    return svg;
  }

  function tellLegend() {
    const colouring = atlas.colourings[state.colouring], list = node("ul", { className: "kinds" });
    colouring.kinds.forEach((kind, k) => {
      const shape = colouring.name === "class" ? (atlas.classes.find((one) => one.name === kind.label) || { mark: "circle" }).mark : "circle";
      list.append(node("li", {}, node("button", {
        type: "button", "aria-pressed": String(!state.off.has(k)),
        onclick(event) {
          const button = event.currentTarget;
          if (state.off.has(k)) state.off.delete(k); else state.off.add(k);
          button.setAttribute("aria-pressed", String(!state.off.has(k)));
          if (current() >= 0 && isOff(current())) { state.hovered = -1; choose(-1); }
          paint();
        },
      }, mark(shape, colourOf(kind)), node("span", { className: "label" }, plain(kind.label)), node("span", { className: "count" }, String(kind.count)))));
    });
    const parts = [node("h2", {}, `Colour: ${colouring.name}`), list];
    if (colouring.name !== "class" && atlas.classes.length > 1) {
      const row = node("p", { className: "marks" });
      for (const one of atlas.classes) row.append(node("span", {}, mark(one.mark, "currentColor"), plain(one.name)));
      parts.push(row);
    }
    if (colouring.name === "tag") parts.push(node("p", { className: "quiet" }, "A sound with several tags has the colour of its rarest."));
    at("legend").replaceChildren(...parts);
  }

  function tellTable() {
    const box = at("every").querySelector(".scroll");
    if (!box || box.firstChild) return;
    const columns = [["class", "condition"], ["tags", "tags"], ["source", "source"], ["group", "group"], ["split", "split"]].filter(([, key]) => sounds.some((sound) => sound[key]));
    const rows = sounds.map((sound, i) => node("tr", {}, node("th", { scope: "row" }, atlas.audible ? playButton("sounds", i, "row", node("span", { className: "name" }, sound.id)) : sound.id), ...columns.map(([, key]) => node("td", {}, sound[key]))));
    box.append(node("table", {}, node("thead", {}, node("tr", {}, ...["sound", ...columns.map(([title]) => title)].map((title) => node("th", { scope: "col" }, title)))), node("tbody", {}, ...rows)));
  }

  // --- Pointers -----------------------------------------------------------------------------------------------------

  const touches = new Map();
  let moved = 0, spread = 0;
  const local = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    touches.set(event.pointerId, local(event));
    moved = 0;
    spread = 0;
    try { canvas.setPointerCapture(event.pointerId); } catch { /* the pointer is gone already */ }
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = local(event);
    const before = touches.get(event.pointerId);
    if (!before) { hover(soundAt(x, y, coarse.matches ? 24 : 14)); return; }
    moved += Math.hypot(x - before[0], y - before[1]);
    touches.set(event.pointerId, [x, y]);
    if (touches.size === 2) {
      const [[ax, ay], [bx, by]] = [...touches.values()], now = Math.hypot(ax - bx, ay - by);
      if (spread) zoomBy(now / spread, (ax + bx) / 2, (ay + by) / 2);
      spread = now;
    } else if (state.zoom > 1 && moved > 4) {
      canvas.classList.add("held");
      state.x += x - before[0];
      state.y += y - before[1];
      settle();
    }
  });
  const released = (event) => {
    const was = touches.delete(event.pointerId);
    canvas.classList.remove("held");
    if (!was || event.type === "pointercancel" || moved > 8 || spread) return;
    const found = soundAt(...local(event), event.pointerType === "mouse" ? 14 : 26);
    choose(found);
    if (found >= 0) player.play("sounds", found); else player.stop();
  };
  canvas.addEventListener("pointerup", released);
  canvas.addEventListener("pointercancel", released);
  canvas.addEventListener("pointerleave", () => { if (!touches.size) hover(-1); });
  canvas.addEventListener("wheel", (event) => {
    // The page scrolls as pages do; the map zooms by wheel with control, by pinching, or once it was zoomed.
    if (!event.ctrlKey && !event.metaKey && state.zoom <= 1 && document.activeElement !== canvas) return;
    if (state.zoom <= 1 && event.deltaY > 0 && !event.ctrlKey) return;
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), ...local(event));
  }, { passive: false });

  // --- Keys ---------------------------------------------------------------------------------------------------------

  /** The nearest sound in a direction: steps aside cost three times. */
  function step(dx, dy) {
    const shown = map(), from = state.chosen >= 0 ? place(state.chosen, shown) : [width / 2, height / 2];
    let best = -1, least = Infinity;
    for (let i = 0; i < sounds.length; i++) {
      if (i === state.chosen || isOff(i)) continue;
      const [x, y] = place(i, shown), along = (x - from[0]) * dx + (y - from[1]) * dy, aside = Math.abs((x - from[0]) * dy - (y - from[1]) * dx);
      const cost = state.chosen < 0 ? Math.hypot(along, aside) : along > 0.01 && aside < 2.5 * along ? along + 3 * aside : Infinity;
      if (cost < least) { least = cost; best = i; }
    }
    if (best < 0) return;
    choose(best);
    const [x, y] = place(best, shown), edge = 40;
    state.x -= Math.min(0, x - edge) + Math.max(0, x - width + edge);
    state.y -= Math.min(0, y - edge) + Math.max(0, y - height + edge);
    settle();
  }

  const keys = {
    ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0), ArrowUp: () => step(0, -1), ArrowDown: () => step(0, 1),
    Enter: () => state.chosen >= 0 && player.play("sounds", state.chosen), " ": () => state.chosen >= 0 && player.play("sounds", state.chosen),
    "+": () => zoomBy(1.5), "=": () => zoomBy(1.5), "-": () => zoomBy(1 / 1.5), "0": showAll,
    Escape() { player.stop(); choose(-1); },
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  // --- Switches -----------------------------------------------------------------------------------------------------

  const controls = /** @type {HTMLFormElement} */ (document.querySelector(".controls"));
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("change", (event) => {
    const target = /** @type {HTMLInputElement|HTMLSelectElement} */ (event.target);
    if (target.name === "view") moveTo(() => {
      state.view = Number(target.value);
      // The drum that is asked for follows the mask.
      const part = state.mix < 0 ? -1 : mixes[state.mix].asked.findIndex((one) => one.condition === views[state.view].name);
      if (part >= 0) state.part = part;
    });
    if (target.name === "method") moveTo(() => { state.method = target.value; });
    if (target.id === "colour") { state.colouring = Number(target.value); state.off.clear(); tellLegend(); }
    if (target.id === "mix") {
      const mix = target.value === "" ? -1 : Number(target.value);
      const part = mix < 0 ? 0 : Math.max(0, mixes[mix].asked.findIndex((one) => one.condition === (asked() || { condition: views[state.view].name }).condition));
      player.stop();
      ask(mix, part);
    }
    tellMap();
    tellAsked();
    placeTip();
    paint();
  });
  at("in").addEventListener("click", () => zoomBy(1.6));
  at("out").addEventListener("click", () => zoomBy(1 / 1.6));
  at("all").addEventListener("click", showAll);
  at("every").addEventListener("toggle", tellTable);
  dark.addEventListener("change", () => { tellLegend(); paint(); });
  new ResizeObserver(() => {
    const box = plane.getBoundingClientRect();
    [width, height] = [plane.clientWidth || box.width, plane.clientHeight || box.height];
    settle();
  }).observe(plane);

  // Few sounds of several classes are a speck per class; the first mask shows what is in one of them.
  if (sounds.length < 100 && views.length > 1) setView(1);
  tellLegend();
  tellSound();
  tellMap();
}
