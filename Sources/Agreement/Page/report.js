// Draws the report's charts from the results that the page holds, with Vega.
"use strict";

(function () {
  /** @type {{plan: object, tables: Object<string, {title: string, rows: object[]}>}} */
  const results = JSON.parse(document.getElementById("results").textContent);
  const plan = results.plan;

  // --- Vega, from its modules ---------------------------------------------------------------------------------------

  const loaded = {};
  // vega-functions asks for its neighbour under the name of its npm package.
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

  // Okabe & Ito's palette, told apart with any colour vision; shapes say the same once more.
  const colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5C00", "#444444"];
  const shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left"];
  const ink = "#1c2126", soft = "#5b6570", faint = "#e3e6e9", people = "#0b5fa5";
  const metricNames = {
    spearman: "Spearman ρ", kendall_tau_b: "Kendall τ-b", kendall_tau_a: "Kendall τ-a", rho_a: "ρ-a",
  };
  const metric = metricNames[plan.metric] || plan.metric;

  /** @param {string} name @returns {object[]} the rows of a table of the results */
  const rows = (name) => (results.tables[name] ? results.tables[name].rows : []);
  const distinct = (list) => [...new Set(list)];
  /** Systems in the order of the results, so that each keeps its colour in every chart. */
  const systems = distinct(rows("agreement").map((row) => row.system));
  const conditions = distinct(rows("agreement").map((row) => row.condition));
  const conditionName = (name) => (name === "all" ? (conditions.length > 1 ? "all classes" : "") : name);
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
  const systemScales = [
    { name: "colour", type: "ordinal", domain: systems, range: colours },
    { name: "shape", type: "ordinal", domain: systems, range: shapes },
  ];

  /** A whole chart of panels laid out in columns. */
  function page(panels, columns, description, extra) {
    return Object.assign(
      {
        description, config, background: "white", padding: 6,
        layout: { columns, padding: { row: 24, column: 28 }, align: "all", bounds: "full", titleBand: 0 },
        scales: systemScales, marks: panels,
      },
      extra);
  }

  const systemLegend = {
    fill: "colour", shape: "shape", orient: "bottom", direction: "horizontal", columns: 4, symbolStrokeWidth: 0,
  };

  // --- Charts -------------------------------------------------------------------------------------------------------

  /** Agreement of each system, between chance and what listeners reach among themselves. */
  function forest(width) {
    const points = rows("agreement").filter((row) =>
      row.level === "individual" && row.metric === plan.metric && row.value !== null);
    const ceilings = rows("ceilings");
    const of = (condition, system, kind) =>
      ceilings.find((row) => row.condition === condition && row.ceiling === kind &&
        row.systems.split(", ").includes(system)) || {};
    const low = Math.min(0, ...points.map((row) => row.low ?? row.value));
    const high = Math.max(0.1, ...points.map((row) => row.high ?? row.value), ...ceilings.map((row) => row.value ?? 0));
    const left = Math.max(...systems.map((name) => Math.min(180, name.length * 7))) + 16;
    const columns = width > 760 ? 2 : 1;
    const panel = (condition, isFirst) => {
      const own = points.filter((row) => row.condition === condition);
      const lines = own.map((row) => ({
        system: row.system, single: of(condition, row.system, "single_listener").value ?? null,
        singleLow: of(condition, row.system, "single_listener").low ?? null,
        singleHigh: of(condition, row.system, "single_listener").high ?? null,
        lower: of(condition, row.system, "crowd_lower").value ?? null,
        upper: of(condition, row.system, "crowd_upper").value ?? null,
      }));
      const wide = isFirst || columns === 1;
      const panelWidth = Math.max(160, wide ? width - left - 40 : (width - 2 * left - 80) / 2);
      const first = lines[0] || {};
      const marks = [
        {
          type: "rect", from: { data: "lines" },
          encode: { update: {
            x: { scale: "x", field: "lower" }, x2: { scale: "x", field: "upper" }, y: { scale: "y", field: "system" },
            height: { scale: "y", band: 1 }, fill: { value: "#d5dade" },
          } },
        },
        {
          type: "rect", from: { data: "lines" },
          encode: { update: {
            x: { scale: "x", field: "singleLow" }, x2: { scale: "x", field: "singleHigh" },
            y: { scale: "y", field: "system" }, height: { scale: "y", band: 1 }, fill: { value: people },
            fillOpacity: { value: 0.14 },
          } },
        },
        {
          type: "rule", encode: { update: {
            x: { scale: "x", value: 0 }, y: { value: 0 }, y2: { signal: "height" }, stroke: { value: soft },
            strokeDash: { value: [2, 3] },
          } },
        },
        {
          type: "rule", from: { data: "lines" },
          encode: { update: {
            x: { scale: "x", field: "single" }, y: { scale: "y", field: "system" },
            y2: { scale: "y", field: "system", band: 1 }, stroke: { value: people }, strokeWidth: { value: 2 },
          } },
        },
        {
          type: "rule", from: { data: "points" },
          encode: { update: {
            x: { scale: "x", field: "low" }, x2: { scale: "x", field: "high" },
            y: { scale: "y", field: "system", band: 0.5 }, stroke: { value: ink }, strokeWidth: { value: 1.5 },
          } },
        },
        {
          type: "symbol", from: { data: "points" },
          encode: { update: {
            x: { scale: "x", field: "value" }, y: { scale: "y", field: "system", band: 0.5 }, size: { value: 90 },
            fill: { scale: "colour", field: "system" }, shape: { scale: "shape", field: "system" },
            stroke: { value: "white" }, tooltip: { field: "label" },
          } },
        },
      ];
      if (isFirst) {
        const label = (text, x, dy, align) => ({
          type: "text", encode: { update: {
            x: { scale: "x", value: x }, y: { value: dy }, text: { value: text }, align: { value: align },
            baseline: { value: "bottom" },
          } },
        });
        marks.push(label("chance", 0, -4, "center"));
        if (first.single !== null) marks.push(label("another listener", first.single, -4, "end"));
        if (first.upper !== null) marks.push(label("the crowd", (first.lower + first.upper) / 2, -18, "center"));
      }
      return {
        type: "group",
        title: { text: conditionName(condition), frame: "group", offset: isFirst ? 26 : 8 },
        encode: { update: { width: { value: panelWidth }, height: { value: own.length * 30 } } },
        signals: [{ name: "height", value: own.length * 30 }],
        data: [
          { name: "points", values: own.map((row) => ({
            ...row, label: `${row.system}: ${format(row.value, 2)} [${format(row.low, 2)}, ${format(row.high, 2)}]`,
          })) },
          { name: "lines", values: lines },
        ],
        scales: [
          { name: "x", type: "linear", domain: [low, Math.min(1, high)], range: [0, panelWidth], nice: true },
          { name: "y", type: "band", domain: own.map((row) => row.system), range: [0, own.length * 30] },
        ],
        axes: [
          { orient: "bottom", scale: "x", title: metric, grid: true, tickCount: 6, zindex: 0 },
          { orient: "left", scale: "y", domain: false, ticks: false, minExtent: left - 16, maxExtent: left - 16 },
        ],
        marks,
      };
    };
    const panels = conditions.map((condition, i) => panel(condition, i === 0));
    if (columns === 1 || panels.length === 1) return page(panels, 1, `Agreement of ${systems.length} systems with listeners`);
    // The panel of all classes runs over the whole width, the others beside one another below it.
    return page(
      [
        { type: "group", layout: { columns: 1, bounds: "full" }, marks: [panels[0]] },
        { type: "group", layout: { columns, padding: { row: 24, column: 28 }, bounds: "full" }, marks: panels.slice(1) },
      ], 1, `Agreement of ${systems.length} systems with listeners`);
  }

  /** Mean ratings by rank. */
  function ranks(width) {
    const all = rows("ratings_by_rank");
    const panelsOf = distinct(all.map((row) => row.condition));
    const columns = width > 760 ? Math.min(2, panelsOf.length) : 1;
    const panelWidth = Math.max(160, (width - columns * 70) / columns);
    const most = Math.max(...all.map((row) => row.rank));
    const low = Math.min(...all.map((row) => row.low ?? row.mean)), high = Math.max(...all.map((row) => row.high ?? row.mean));
    const step = panelWidth / Math.max(1, most);
    const panels = panelsOf.map((condition) => ({
      type: "group",
      title: { text: conditionName(condition), frame: "group", offset: 8 },
      encode: { update: { width: { value: panelWidth }, height: { value: 200 } } },
      data: [{ name: "points", values: all.filter((row) => row.condition === condition).map((row) => ({
        ...row, shift: (systems.indexOf(row.system) - (systems.length - 1) / 2) * Math.min(9, (step * 0.7) / systems.length),
        label: `${row.system}, rank ${row.rank}: ${format(row.mean, 1)} [${format(row.low, 1)}, ${format(row.high, 1)}], ${row.ratings} ratings`,
      })) }],
      scales: [
        { name: "x", type: "point", padding: 0.5, domain: [...Array(most).keys()].map((i) => i + 1), range: [0, panelWidth] },
        { name: "y", type: "linear", domain: [low, high], range: [200, 0], nice: true, zero: false },
      ],
      axes: [
        { orient: "bottom", scale: "x", title: "rank" },
        { orient: "left", scale: "y", title: "mean rating", grid: true, tickCount: 5 },
      ],
      marks: [
        {
          type: "group", from: { facet: { name: "line", data: "points", groupby: "system" } },
          marks: [{
            type: "line", from: { data: "line" }, encode: { update: {
              x: { scale: "x", field: "rank", offset: { field: "shift" } }, y: { scale: "y", field: "mean" },
              stroke: { scale: "colour", field: "system" }, strokeOpacity: { value: 0.5 },
            } },
          }],
        },
        {
          type: "rule", from: { data: "points" }, encode: { update: {
            x: { scale: "x", field: "rank", offset: { field: "shift" } }, y: { scale: "y", field: "low" },
            y2: { scale: "y", field: "high" }, stroke: { scale: "colour", field: "system" },
          } },
        },
        {
          type: "symbol", from: { data: "points" }, encode: { update: {
            x: { scale: "x", field: "rank", offset: { field: "shift" } }, y: { scale: "y", field: "mean" },
            size: { value: 60 }, fill: { scale: "colour", field: "system" }, shape: { scale: "shape", field: "system" },
            tooltip: { field: "label" },
          } },
        },
      ],
    }));
    return page(panels, columns, "Mean rating of candidates by the rank that systems gave them", { legends: [systemLegend] });
  }

  const charts = { forest, ranks };

  // --- On the page --------------------------------------------------------------------------------------------------

  const views = new Map();

  /** @param {Element} place an element with data-chart */
  async function draw(place) {
    const name = place.dataset.chart;
    const width = Math.max(280, Math.min(900, place.clientWidth || 640)) - 12;
    const spec = charts[name](width);
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

  async function save(name, kind) {
    const view = views.get(name);
    const url = kind === "svg"
      ? URL.createObjectURL(new Blob([await view.toSVG()], { type: "image/svg+xml" }))
      : await view.toImageURL("png", 3);
    const link = document.createElement("a");
    link.href = url;
    link.download = `${name}.${kind}`;
    link.click();
  }

  for (const button of document.querySelectorAll("[data-save]")) {
    button.addEventListener("click", () => save(button.dataset.of, button.dataset.save));
  }
  let width = document.body.clientWidth, waiting = 0;
  window.addEventListener("resize", () => {
    if (document.body.clientWidth === width) return;
    width = document.body.clientWidth;
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 150);
  });
  drawAll().then(() => { document.documentElement.dataset.charts = "drawn"; });
})();
