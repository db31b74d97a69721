// Draws the charts of a page of results with Vega, from the results that the page contains. Each page has a script of
// its own that passes its charts to `charting.start`.
"use strict";

// biome-ignore lint/correctness/noUnusedVariables: the page's own script uses it.
const charting = (() => {
  const results = JSON.parse(document.getElementById("results")?.textContent ?? "");

  // --- Vega, from its modules ---------------------------------------------------------------------------------------

  const loaded = {};
  // vega-functions requires this module by the name of its npm package.
  const aliases = { "vega-selections": "vega-selection" };

  /** @param {string} name of a Vega module */
  function load(name) {
    const known = aliases[name] || name;
    if (!loaded[known]) {
      const module = { exports: {} };
      loaded[known] = module.exports;
      chartModules[known].call({}, module.exports, load, module);
      loaded[known] = module.exports;
    }
    return loaded[known];
  }
  Object.assign(load("vega-dataflow").transforms, load("vega-transforms"), load("vega-view-transforms"), load("vega-encode"));
  const { parse } = load("vega-parser");
  const { View } = load("vega-view");
  const { scale: scaleOf } = load("vega-scale");
  const { expressionInterpreter } = load("vega-interpreter");

  // --- Words, colours, sizes ----------------------------------------------------------------------------------------

  // Okabe & Ito's palette, which can be distinguished with any colour vision; shapes repeat the information.
  const colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5C00", "#444444"];
  const shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left"];
  const ink = "#1c2126", soft = "#5b6570", faint = "#e3e6e9";

  /** @param {string} name @returns {object[]} the rows of a table of the results */
  const rows = (name) => (results.tables[name] ? results.tables[name].rows : []);
  const distinct = (list) => [...new Set(list)];
  const format = (value, digits) =>
    value === null || value === undefined ? "–" : value.toFixed(digits).replace("-", "−");

  /** The length in pixels beyond which names are cut. */
  const longest = 180;

  const config = {
    font: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
    axis: {
      labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelColor: ink, titleColor: soft,
      domainColor: soft, tickColor: soft, gridColor: faint, labelLimit: longest,
    },
    lineBreak: "\n",
    title: { fontSize: 13, fontWeight: "bold", color: ink, anchor: "start" },
    legend: { labelFontSize: 12, titleFontSize: 12, labelColor: ink, titleColor: soft, symbolSize: 80 },
    text: { fontSize: 11, fill: soft },
    group: { stroke: null },
  };

  /** A count with its noun, in the singular or plural. */
  const many = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;
  /** Room for names beside a plot, at most `most` pixels and a gap. */
  const nameWidth = (names, most = longest) => Math.max(...names.map((name) => Math.min(most, name.length * 7))) + 12;
  /** The axis of such names. The gap keeps intervals that begin at the axis apart from them. */
  const nameAxis = (left, most = longest) => ({
    orient: "left", scale: "y", domain: false, ticks: false, labelPadding: 8, minExtent: left, maxExtent: left, labelLimit: most,
  });
  /** Whether charts are drawn for a printed page. */
  let isForPaper = false;
  /** The height of a panel whose height is free: lower on paper, so that pages fill. @param {number} height in pixels */
  const panelHeight = (height) => (isForPaper ? Math.round(height * 0.65) : height);
  /** The domain that a linear scale with round ends has. @param {number[]} domain @returns {number[]} */
  const rounded = (domain) => scaleOf("linear")().domain(domain).nice().domain();

  /** Gives the numbers on all axes of a chart a true minus sign. */
  function withMinus(part) {
    for (const axis of part.axes ?? []) {
      axis.encode = { labels: { update: { text: {
        signal: "isNumber(datum.value) ? replace(datum.label, '-', '\u2212') : datum.label",
      } } } };
    }
    (part.marks ?? []).forEach(withMinus);
    return part;
  }

  /** A complete chart of panels in columns. */
  function page(panels, columns, description, extra) {
    return Object.assign(
      {
        description, config, background: "white", padding: 6,
        layout: { columns, padding: { row: 24, column: 28 }, align: "all", bounds: "full", titleBand: 0 },
        marks: panels,
      },
      extra);
  }

  // --- Words in tables ----------------------------------------------------------------------------------------------

  const measures = {
    spearman: "Spearman ρ", kendall_tau_b: "Kendall τ-b", kendall_tau_a: "Kendall τ-a", rho_a: "ρ-a", pair_accuracy: "pair accuracy",
    ndcg: "NDCG@k", ndcg_exponential: "NDCG@k, exponential gain", top_k_rating: "mean rating of the top k", precision_at_k: "precision@k",
    rank_biased_overlap: "rank-biased overlap", icc_1_1: "ICC(1)", icc_1_k: "ICC(1,k)", icc_a_1: "ICC(A,1)", icc_a_k: "ICC(A,k)",
    icc_c_1: "ICC(C,1)", icc_c_k: "ICC(C,k)", kendall_w: "Kendall's W", friedman_share: "items that differ (Friedman)",
    krippendorff_alpha_nominal: "Krippendorff's α (nominal)", krippendorff_alpha_ordinal: "Krippendorff's α (ordinal)",
    krippendorff_alpha_interval: "Krippendorff's α (interval)", krippendorff_alpha_ratio: "Krippendorff's α (ratio)",
    listeners_spearman: "Spearman ρ between listeners", listeners_kendall_tau_b: "Kendall τ-b between listeners",
    split_half: "split-half", split_half_stepped_up: "split-half, stepped up", retest_spearman: "retest, Spearman ρ",
    retest_spearman_pooled: "retest, Spearman ρ, pooled", retest_pearson: "retest, Pearson r", retest_agreement: "retest, agreement",
    retest_deviation: "retest, deviation", adjusted_rand: "adjusted Rand index", same_odd_one: "same odd one out",
    cophenetic: "cophenetic correlation", mrr: "MRR", mrr_own_class: "MRR within the class",
    mean_normalised_rank: "mean normalised rank", median_normalised_rank: "median normalised rank",
    wrong_class_first_10: "wrong class in the first 10", recall_1: "recall@1", recall_5: "recall@5", recall_10: "recall@10",
  };
  const screenings = {
    none: "no screening", planned: "as planned", bs1534_3: "ITU-R BS.1534-3", bs1116_3: "ITU-R BS.1116-3",
    reference: "reference missed", anchor: "anchor too high", catches: "attention checks", repeats: "own repeats",
    speed: "too fast", straight: "all ratings equal", outlier: "far from the others", subject: "biased or inconsistent",
  };
  /** What keys in tables are called on the page, by the column's key. Files keep the keys. */
  const keyNames = {
    ceiling: { single_listener: "another listener", crowd_lower: "crowd, lower bound", crowd_upper: "crowd, upper bound" },
    metric: measures, figure: measures, measure: measures, screening: screenings, rule: screenings,
    verdict: { too_few: "too few" }, verdict_corrected: { too_few: "too few" },
    law: { bradley_terry: "Bradley–Terry", thurstone: "Thurstone" }, correction: { holm: "Holm" },
  };

  /** Says the keys in tables in words. What was there stays as a title. */
  function sayKeys() {
    for (const table of document.querySelectorAll("details.table")) {
      const file = table.querySelector("caption code")?.textContent ?? "";
      const first = rows(file.replace(/\.csv$/, ""))[0];
      Object.keys(first ?? {}).forEach((key, i) => {
        const names = keyNames[key];
        if (!names) return;
        for (const cell of /** @type {NodeListOf<HTMLElement>} */ (table.querySelectorAll(`tbody td:nth-child(${i + 1})`))) {
          const name = names[cell.textContent ?? ""];
          if (!name) continue;
          cell.title = cell.textContent ?? "";
          cell.textContent = name;
        }
      });
    }
  }

  // --- On the page --------------------------------------------------------------------------------------------------

  /** @type {Object<string, function(number): object>} from a width in pixels to a Vega specification */
  let charts = {};
  const views = new Map();

  /**
   * A chart's specification, with the sample size in its lower right corner.
   * @param {string} name
   * @param {number} width in pixels
   */
  function specification(name, width) {
    const spec = withMinus(charts[name](width - 12));
    const note = (results.figure_notes || {})[name] || (results.figure_notes || {}).default;
    if (note) {
      spec.title = {
        text: note, orient: "bottom", anchor: "end", frame: "bounds", offset: 8, fontSize: 10, fontWeight: "normal",
        color: soft, limit: width - 12,
      };
    }
    return spec;
  }

  /**
   * @param {HTMLElement} place an element with data-chart
   * @param {number} [width] in pixels, if not that of the element
   */
  async function draw(place, width) {
    const name = place.dataset.chart ?? "";
    isForPaper = width === printed;
    const spec = specification(name, width ?? Math.max(280, Math.min(900, place.clientWidth || 640)));
    isForPaper = false;
    const made = document.createElement("div");
    const view = new View(parse(spec, null, { ast: true }), {
      expr: expressionInterpreter, renderer: "svg", container: made, hover: false, logLevel: 1,
    });
    await view.runAsync();
    if (views.has(name)) views.get(name).finalize();
    views.set(name, view);
    place.replaceChildren(made);
    const svg = place.querySelector("svg");
    if (svg) {
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", `${spec.description}. The table below has the same numbers.`);
    }
  }

  /** @param {number} [width] of each, in pixels */
  function drawAll(width) {
    return Promise.all([.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-chart]"))].map(async (place) => {
      try { await draw(place, width); } catch (error) {
        place.textContent = "This chart could not be drawn here; the table below has its numbers.";
        console.error(place.dataset.chart, error);
      }
    }));
  }

  const pixelsPerMm = 96 / 25.4;
  /** The width in pixels that charts are drawn at for a printed page, 178 mm of A4: their text is then 8 points high or so. */
  const printed = 760;

  /**
   * A chart redrawn for paper.
   * @param {string} name
   * @param {number} mm its width
   * @returns {Promise<{text: string, height: number}>} an SVG of that width, and its height in millimetres
   */
  async function forPaper(name, mm) {
    const view = new View(parse(specification(name, mm * pixelsPerMm), null, { ast: true }), {
      expr: expressionInterpreter, renderer: "none", logLevel: 1,
    });
    const drawn = new DOMParser().parseFromString(await view.toSVG(), "image/svg+xml").documentElement;
    view.finalize();
    const height = (mm * Number(drawn.getAttribute("height"))) / Number(drawn.getAttribute("width"));
    drawn.setAttribute("width", `${mm}mm`);
    drawn.setAttribute("height", `${height.toFixed(3)}mm`);
    return { text: new XMLSerializer().serializeToString(drawn), height };
  }

  function download(url, file) {
    const link = document.createElement("a");
    link.href = url;
    link.download = file;
    link.click();
  }

  /** Prints one chart as a PDF by the browser: a page of the chart's size with nothing else on it. */
  async function print(name, mm) {
    const { text, height } = await forPaper(name, mm);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`@page { size: ${mm}mm ${(height + 0.5).toFixed(1)}mm; margin: 0; }`);
    const place = document.createElement("div");
    place.className = "sheet";
    place.append(document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true));
    document.body.append(place);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    document.documentElement.dataset.printing = name;
    window.addEventListener("afterprint", () => {
      place.remove();
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
      delete document.documentElement.dataset.printing;
    }, { once: true });
    window.print();
  }

  /** @param {string} name @param {"png" | "svg" | "pdf"} kind @param {number} mm the width on paper, of SVG and PDF */
  async function save(name, kind, mm) {
    if (kind === "pdf") return print(name, mm);
    if (kind === "png") return download(await views.get(name).toImageURL("png", 3), `${name}.png`);
    const { text } = await forPaper(name, mm);
    download(URL.createObjectURL(new Blob([text], { type: "image/svg+xml" })), `${name}-${mm}mm.svg`);
  }

  /** Draws all charts, now, whenever the page's width changes, and for paper. */
  function start(all) {
    charts = all;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-save]"))) {
      const { of: name = "", save: kind, width } = button.dataset;
      button.addEventListener("click", () => save(name, /** @type {"png"|"svg"|"pdf"} */ (kind), Number(width)));
    }
    let width = document.body.clientWidth, waiting = 0;
    window.addEventListener("resize", () => {
      if (document.body.clientWidth === width) return;
      width = document.body.clientWidth;
      clearTimeout(waiting);
      waiting = setTimeout(() => drawAll(), 150);
    });
    // The browser waits for what follows at once, and drawing waits for nothing else.
    window.addEventListener("beforeprint", () => { if (!document.documentElement.dataset.printing) drawAll(printed); });
    window.addEventListener("afterprint", () => drawAll());
    sayKeys();
    drawAll().then(() => { document.documentElement.dataset.charts = "drawn"; });
  }

  return {
    results, rows, distinct, format, colours, shapes, ink, soft, faint, many, nameWidth, nameAxis, panelHeight, rounded, screenings,
    page, start,
  };
})();
