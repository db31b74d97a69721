// Draws the charts of a page of results with Vega, from the results that the page contains. Each page has a script of
// its own that passes its charts to `charting.start`.
"use strict";

const charting = (function () {
  const results = JSON.parse(document.getElementById("results").textContent);

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

  const config = {
    font: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
    axis: {
      labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelColor: ink, titleColor: soft,
      domainColor: soft, tickColor: soft, gridColor: faint, labelLimit: 180,
    },
    title: { fontSize: 13, fontWeight: "bold", color: ink, anchor: "start" },
    legend: { labelFontSize: 12, titleFontSize: 12, labelColor: ink, titleColor: soft, symbolSize: 80 },
    text: { fontSize: 11, fill: soft },
    group: { stroke: null },
  };

  /** A count with its noun, in the singular or plural. */
  const many = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;
  const nameWidth = (names) => Math.max(...names.map((name) => Math.min(180, name.length * 7))) + 8;

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

  /** @param {Element} place an element with data-chart */
  async function draw(place) {
    const name = place.dataset.chart;
    const spec = specification(name, Math.max(280, Math.min(900, place.clientWidth || 640)));
    if (views.has(name)) views.get(name).finalize();
    place.textContent = "";
    const view = new View(parse(spec, null, { ast: true }), {
      expr: expressionInterpreter, renderer: "svg", container: place, hover: false, logLevel: 1,
    });
    views.set(name, view);
    await view.runAsync();
    const svg = place.querySelector("svg");
    if (svg) {
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", `${spec.description}. The table below has the same numbers.`);
    }
  }

  function drawAll() {
    return Promise.all([...document.querySelectorAll("[data-chart]")].map(async (place) => {
      try { await draw(place); } catch (error) {
        place.textContent = "This chart could not be drawn here; the table below has its numbers.";
        console.error(place.dataset.chart, error);
      }
    }));
  }

  const pixelsPerMm = 96 / 25.4;

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

  /** Draws all charts, now and whenever the page's width changes. */
  function start(all) {
    charts = all;
    for (const button of document.querySelectorAll("[data-save]")) {
      button.addEventListener("click", () => save(button.dataset.of, button.dataset.save, Number(button.dataset.width)));
    }
    let width = document.body.clientWidth, waiting = 0;
    window.addEventListener("resize", () => {
      if (document.body.clientWidth === width) return;
      width = document.body.clientWidth;
      clearTimeout(waiting);
      waiting = setTimeout(drawAll, 150);
    });
    drawAll().then(() => { document.documentElement.dataset.charts = "drawn"; });
  }

  return { results, rows, distinct, format, colours, shapes, ink, soft, faint, many, nameWidth, page, start };
})();
