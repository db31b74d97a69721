// Draws the report's charts with Vega, from the results that the page contains.
"use strict";

{
  const { rows, distinct, format, colours, ink, soft, faint, many, nameWidth, nameAxis, panelHeight, rounded, screenings } = charting;
  // Seven shapes and eight colours, so that up to 56 systems differ in one of them.
  const shapes = charting.shapes.slice(0, 7);
  /** @type {{plan: object, tables: Object<string, {title: string, rows: object[]}>}} */
  const results = charting.results;
  const plan = results.plan;
  const people = "#0b5fa5";
  /** A cross that cannot be taken for another mark when it is small. */
  const cross = "M-1,-.7L-.7,-1L0,-.3L.7,-1L1,-.7L.3,0L1,.7L.7,1L0,.3L-.7,1L-1,.7L-.3,0Z";
  const metricNames = {
    spearman: "Spearman ρ", kendall_tau_b: "Kendall τ-b", kendall_tau_a: "Kendall τ-a", rho_a: "ρ-a",
  };
  const metric = metricNames[plan.metric] || plan.metric;

  /** The systems in the order of the results, so that each has the same colour in every chart. */
  const systems = distinct(["agreement", "choice_agreement", "map_systems"].flatMap((name) => rows(name)).map((row) => row.system));
  const conditions = distinct(["agreement", "choice_agreement", "strengths", "order_strengths"].flatMap((name) => rows(name)).map((row) => row.condition));
  const conditionName = (name) => (name === "all" ? (conditions.length > 1 ? "all classes" : "") : name);
  const systemScales = [
    { name: "colour", type: "ordinal", domain: systems, range: colours },
    { name: "shape", type: "ordinal", domain: systems, range: shapes },
  ];

  /** A complete chart of panels in columns, with a colour and a shape for each system. */
  const page = (panels, columns, description, extra) =>
    charting.page(panels, columns, description, Object.assign({ scales: systemScales }, extra));

  const systemLegend = (width) => ({
    fill: "colour", shape: "shape", orient: "bottom", direction: "horizontal", columns: width > 500 ? 5 : 2,
    symbolStrokeWidth: 0,
  });

  /** Returns a function that shortens names by the beginning and the end that all of them share, up to separators. */
  function shortened(names) {
    const parts = names.map((name) => name.split(/(?<=[-_ /.])/)), fewest = Math.min(...parts.map((own) => own.length));
    const isShared = (place) => new Set(parts.map(place)).size === 1;
    let before = 0, behind = 0;
    while (names.length > 2 && before < fewest - 1 && isShared((own) => own[before])) before += 1;
    while (names.length > 2 && before + behind < fewest - 1 && isShared((own) => own[own.length - 1 - behind])) behind += 1;
    const short = new Map(names.map((name, i) => [name, parts[i].slice(before, parts[i].length - behind).join("").replace(/[-_ /.]$/, "")]));
    return (name) => (new Set(short.values()).size === short.size && short.get(name)) || name;
  }

  // --- Charts -------------------------------------------------------------------------------------------------------

  const isNumber = (value) => value !== null && value !== undefined;

  /**
   * Names above a panel's values, each in the lowest row where it overlaps no other.
   * @param {{text: string, value: number}[]} names @param {number[]} range of the panel's axis @param {number} panelWidth in pixels
   */
  function namesAbove(names, range, panelWidth) {
    const [low, high] = rounded(range), taken = [];
    return names.map(({ text, value }) => {
      const half = text.length * 3.3, middle = ((value - low) / (high - low)) * panelWidth;
      const x = Math.max(half - 20, Math.min(panelWidth - half + 20, middle));
      let row = 0;
      while (taken.some((other) => other.row === row && Math.abs(other.x - x) < other.half + half + 4)) row += 1;
      taken.push({ row, x, half });
      return {
        type: "text", encode: { update: {
          x: { value: x }, y: { value: -4 - 14 * row }, text: { value: text }, align: { value: "center" },
          baseline: { value: "bottom" },
        } },
      };
    });
  }

  /** A dotted line down a panel, at a value of its axis. */
  const dotted = (x, height) => ({
    type: "rule", encode: { update: {
      x: { scale: "x", value: x }, y: { value: 0 }, y2: { value: height }, stroke: { value: soft },
      strokeDash: { value: [2, 3] },
    } },
  });
  /** The intervals of points, in the rows that a field of theirs names. */
  const intervals = (row) => ({
    type: "rule", from: { data: "points" }, encode: { update: {
      x: { scale: "x", field: "low" }, x2: { scale: "x", field: "high" },
      y: { scale: "y", field: row, band: 0.5 }, stroke: { value: ink }, strokeWidth: { value: 1.5 },
    } },
  });
  /** Points, each in the row of its system, with its colour and shape. */
  const systemPoints = (value, size, looks = {}) => ({
    type: "symbol", from: { data: "points" }, encode: { update: {
      x: { scale: "x", field: value }, y: { scale: "y", field: "system", band: 0.5 }, size: { value: size },
      fill: { scale: "colour", field: "system" }, shape: { scale: "shape", field: "system" }, stroke: { value: "white" },
      tooltip: { field: "label" }, ...looks,
    } },
  });

  /** The ceilings of agreement behind the systems of a panel: bands of the crowd and of another listener's interval, and the latter's line. */
  function ceilingMarks() {
    const band = (from, to, fill, opacity) => ({
      type: "rect", from: { data: "lines" },
      encode: { update: {
        x: { scale: "x", field: from }, x2: { scale: "x", field: to }, y: { scale: "y", field: "system" },
        height: { scale: "y", band: 1 }, fill: { value: fill }, fillOpacity: { value: opacity },
      } },
    });
    return {
      bands: [band("lower", "upper", "#c9cfd4", 0.9), band("singleLow", "singleHigh", people, 0.14)],
      line: {
        type: "rule", from: { data: "lines" },
        encode: { update: {
          x: { scale: "x", field: "single" }, y: { scale: "y", field: "system" },
          y2: { scale: "y", field: "system", band: 1 }, stroke: { value: people }, strokeWidth: { value: 2 },
        } },
      },
    };
  }

  /** One panel of agreement between chance and the ceilings. */
  function agreementPanel(condition, panelWidth, left, range, isLabelled) {
    const own = rows("agreement").filter((row) =>
      row.level === "individual" && row.metric === plan.metric && row.value !== null && row.condition === condition);
    const ceiling = (system, kind) =>
      rows("ceilings").find((row) => row.condition === condition && row.ceiling === kind &&
        row.systems.split(", ").includes(system)) || {};
    const lines = own.map((row) => {
      const single = ceiling(row.system, "single_listener");
      return {
        system: row.system, single: single.value ?? null, singleLow: single.low ?? null, singleHigh: single.high ?? null,
        lower: ceiling(row.system, "crowd_lower").value ?? null, upper: ceiling(row.system, "crowd_upper").value ?? null,
      };
    });
    const step = isLabelled ? 34 : 26, height = own.length * step;
    const first = lines[0] || {};
    const { bands, line } = ceilingMarks();
    /** @type {object[]} */
    const marks = [...bands, dotted(0, height), line, intervals("system"), systemPoints("value", isLabelled ? 110 : 70)];
    if (isLabelled) {
      marks.push(...namesAbove([
        { text: "no agreement", value: 0 }, { text: "another listener", value: first.single },
        { text: "the crowd", value: isNumber(first.upper) ? (first.lower + first.upper) / 2 : null },
      ].filter((one) => isNumber(one.value)), range, panelWidth));
    }
    return {
      type: "group",
      title: isLabelled ? undefined : { text: conditionName(condition), frame: "group", offset: 8 },
      encode: { update: { width: { value: panelWidth }, height: { value: height } } },
      data: [
        { name: "points", values: own.map((row) => ({
          ...row, label: `${row.system}: ${format(row.value, 2)} [${format(row.low, 2)}, ${format(row.high, 2)}]`,
        })) },
        { name: "lines", values: lines },
      ],
      scales: [
        { name: "x", type: "linear", domain: range, range: [0, panelWidth], nice: true },
        { name: "y", type: "band", domain: own.map((row) => row.system), range: [0, height] },
      ],
      axes: [
        { orient: "bottom", scale: "x", title: metric, grid: true, tickCount: panelWidth > 300 ? 8 : 4 },
        nameAxis(left),
      ],
      marks,
    };
  }

  /** The range of all agreement figures and ceilings, so that panels can be compared. */
  function agreementRange() {
    const points = rows("agreement").filter((row) =>
      row.level === "individual" && row.metric === plan.metric && row.value !== null);
    return [
      Math.min(0, ...points.map((row) => row.low ?? row.value)),
      Math.min(1, Math.max(0.1, ...points.map((row) => row.high ?? row.value), ...rows("ceilings").map((row) => row.value ?? 0))),
    ];
  }

  /** The agreement of each system, between chance and the agreement among listeners. */
  function forest(width) {
    const left = nameWidth(systems);
    return page(
      [agreementPanel(conditions[0], width - left - 30, left, agreementRange(), true)], 1,
      `Agreement of ${systems.length} systems with listeners`);
  }

  /** The same, with one panel per condition. */
  function classes(width) {
    const own = conditions.filter((name) => name !== "all");
    const left = nameWidth(systems), columns = width > 700 ? 2 : 1;
    const panelWidth = (width - columns * (left + 40)) / columns;
    return page(
      own.map((condition) => agreementPanel(condition, panelWidth, left, agreementRange(), false)), columns,
      `Agreement of ${systems.length} systems with listeners in each of ${own.length} classes`);
  }

  /** Mean ratings by rank. */
  function ranks(width) {
    const all = rows("ratings_by_rank");
    const panelsOf = distinct(all.map((row) => row.condition));
    const columns = width > 700 ? Math.min(2, panelsOf.length) : 1;
    const panelWidth = Math.max(160, (width - columns * 70) / columns);
    const most = Math.max(...all.map((row) => row.rank));
    const low = Math.min(...all.map((row) => row.low ?? row.mean)), high = Math.max(...all.map((row) => row.high ?? row.mean));
    const step = panelWidth / Math.max(1, most), height = panelHeight(200);
    const panels = panelsOf.map((condition) => ({
      type: "group",
      title: { text: conditionName(condition), frame: "group", offset: 8 },
      encode: { update: { width: { value: panelWidth }, height: { value: height } } },
      data: [{ name: "points", values: all.filter((row) => row.condition === condition).map((row) => ({
        ...row, shift: (systems.indexOf(row.system) - (systems.length - 1) / 2) * Math.min(9, (step * 0.7) / systems.length),
        label: `${row.system}, rank ${row.rank}: ${format(row.mean, 1)} [${format(row.low, 1)}, ${format(row.high, 1)}], ${many(row.ratings, "rating")}`,
      })) }],
      scales: [
        { name: "x", type: "point", padding: 0.5, domain: [...Array(most).keys()].map((i) => i + 1), range: [0, panelWidth] },
        { name: "y", type: "linear", domain: [low, high], range: [height, 0], nice: true, zero: false },
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
    return page(panels, columns, "Mean rating of candidates by the rank that systems gave them", { legends: [systemLegend(width)] });
  }

  /** A grid of cells with one panel per condition: queries as columns, names as rows. */
  function heat(width, values, rowNames, colour, description, legendTitle, rowHeight) {
    const panelsOf = distinct(values.map((row) => row.condition));
    const left = nameWidth(rowNames);
    const panelWidth = width - left - 20;
    const panels = panelsOf.map((condition) => {
      const own = values.filter((row) => row.condition === condition);
      const queries = distinct(own.map((row) => row.query));
      const step = panelWidth / queries.length;
      return {
        type: "group",
        title: { text: panelsOf.length > 1 ? conditionName(condition) : "", frame: "group", offset: 6 },
        encode: { update: { width: { value: panelWidth }, height: { value: rowNames.length * rowHeight } } },
        data: [{ name: "cells", values: own }],
        scales: [
          { name: "x", type: "band", domain: queries, range: [0, panelWidth], paddingInner: step > 8 ? 0.06 : 0 },
          { name: "y", type: "band", domain: rowNames, range: [0, rowNames.length * rowHeight], paddingInner: 0.06 },
        ],
        axes: [
          {
            orient: "bottom", scale: "x", labelAngle: -60, labelAlign: "right", labelBaseline: "middle", labelOverlap: true,
            labelFontSize: 10, domain: false, ticks: false, labels: step > 9,
            title: step > 9 ? undefined : `${queries.length} queries`,
          },
          nameAxis(left),
        ],
        marks: [{
          type: "rect", from: { data: "cells" }, encode: { update: {
            x: { scale: "x", field: "query" }, width: { scale: "x", band: 1 }, y: { scale: "y", field: "row" },
            height: { scale: "y", band: 1 }, fill: { scale: "value", field: "value" }, tooltip: { field: "label" },
          } },
        }],
      };
    });
    return page(panels, 1, description, {
      scales: systemScales.concat([colour]),
      legends: [{ fill: "value", title: legendTitle, orient: "top", direction: "horizontal", gradientLength: 160, format: colour.format }],
    });
  }

  /** The agreement of each system on each query. */
  function queries(width) {
    const values = rows("items").filter((row) => row.value !== null).map((row) => ({
      ...row, row: row.system,
      label: `${row.system} on ${row.query}${row.condition === "all" ? "" : ", " + row.condition}: ${format(row.value, 2)} (${row.pages} ${row.system === "listeners" ? "pairs" : "pages"})`,
    }));
    const names = systems.concat(["listeners"]).filter((name) => values.some((row) => row.row === name));
    return heat(
      width, values, names,
      { name: "value", type: "linear", domain: [-1, 0, 1], range: ["#b35806", "#f4f4f4", "#1f5f99"], clamp: true },
      `${metric} by query`, metric, 22);
  }

  /** The number of listeners for each query. */
  function design(width) {
    const values = rows("design").map((row) => ({
      ...row, row: "listeners", value: row.listeners,
      label: `${row.query}${row.condition === "all" ? "" : ", " + row.condition}: ${many(row.listeners, "listener")}, ${many(row.candidates, "candidate")}, ${row.fewest} to ${row.most} ratings each`,
    }));
    const most = Math.max(1, ...values.map((row) => row.value));
    return heat(
      width, values, ["listeners"],
      { name: "value", type: "linear", domain: [0, most], range: ["#f4f4f4", "#1f5f99"] }, "Listeners by query", "listeners", 22);
  }

  /** Each listener's agreement with the others. */
  function listeners(width) {
    const all = rows("listeners").filter((row) => row.agreement_with_others !== null).map((row, i) => ({
      ...row, place: i + 1, kind: row.kept ? "kept" : "excluded",
      label: `${row.listener}: ${format(row.agreement_with_others, 2)} with the others, ${format(row.repeat_consistency, 2)} with own repeats${row.found_by ? "; fails " + row.found_by : ""}`,
    }));
    const low = Math.min(0, ...all.map((row) => row.agreement_with_others));
    const plotWidth = width - 60, height = panelHeight(180);
    return page([{
      type: "group",
      encode: { update: { width: { value: plotWidth }, height: { value: height } } },
      data: [{ name: "points", values: all }],
      scales: [
        { name: "x", type: "linear", domain: [0, all.length + 1], range: [0, plotWidth] },
        { name: "y", type: "linear", domain: [low, 1], range: [height, 0], nice: true },
      ],
      axes: [
        { orient: "bottom", scale: "x", title: `${many(all.length, "listener")}, in rising order`, labels: false, ticks: false },
        { orient: "left", scale: "y", title: "Spearman ρ with the others", grid: true, tickCount: 5 },
      ],
      marks: [{
        type: "symbol", from: { data: "points" }, encode: { update: {
          x: { scale: "x", field: "place" }, y: { scale: "y", field: "agreement_with_others" },
          size: { value: all.length > 100 ? 40 : 80 }, fill: { scale: "kept", field: "kind" },
          shape: { scale: "keptShape", field: "kind" }, tooltip: { field: "label" },
        } },
      }],
    }], 1, "Agreement of each listener with the others", {
      scales: systemScales.concat([
        { name: "kept", type: "ordinal", domain: ["kept", "excluded"], range: ["#0072B2", "#D55E00"] },
        { name: "keptShape", type: "ordinal", domain: ["kept", "excluded"], range: ["circle", cross] },
      ]),
      legends: [{ fill: "kept", shape: "keptShape", orient: "bottom", direction: "horizontal" }],
    });
  }

  /** A screening and how many it excludes, in two lines if the chart is narrow. */
  const screeningTitle = (row, width) =>
    `${screenings[row.screening] ?? row.screening}${width > 500 ? " " : "\n"}(${row.left_out} excluded)`;
  const widestScreening = 240;

  /** One panel of systems' figures under each screening. Rows need system, screening, value, low, high and left_out. */
  function screeningPanel(all, order, width, axis, domain, digits, heading) {
    const names = distinct(all.map((row) => row.screening));
    const title = (name) => screeningTitle(all.find((row) => row.screening === name), width);
    const left = screeningWidth(all, width), plotWidth = width - left - 30;
    const titles = names.map(title), step = Math.max(16 + order.length * 3, width > 500 ? 0 : 36), height = names.length * step;
    const gap = Math.min(7, (step - 6) / order.length);
    return {
      type: "group", title: heading ? { text: heading, frame: "group", offset: 8 } : undefined,
      encode: { update: { width: { value: plotWidth }, height: { value: height } } },
      data: [{ name: "points", values: all.map((row) => ({
        ...row, title: title(row.screening), shift: (order.indexOf(row.system) - (order.length - 1) / 2) * gap,
        label: `${row.system}, ${row.screening}: ${format(row.value, digits)} [${format(row.low, digits)}, ${format(row.high, digits)}], ${many(row.listeners, "listener")}`,
      })) }],
      scales: [
        { name: "x", type: "linear", range: [0, plotWidth], nice: true, zero: false, domain },
        { name: "y", type: "band", domain: titles, range: [0, height] },
      ],
      axes: [
        { orient: "bottom", scale: "x", title: axis, grid: true, tickCount: plotWidth > 300 ? 6 : 4 },
        nameAxis(left, widestScreening),
      ],
      marks: [
        {
          type: "rule", from: { data: "points" }, encode: { update: {
            x: { scale: "x", field: "low" }, x2: { scale: "x", field: "high" },
            y: { scale: "y", field: "title", band: 0.5, offset: { field: "shift" } },
            stroke: { scale: "colour", field: "system" },
          } },
        },
        {
          type: "symbol", from: { data: "points" }, encode: { update: {
            x: { scale: "x", field: "value" }, y: { scale: "y", field: "title", band: 0.5, offset: { field: "shift" } },
            size: { value: 45 }, fill: { scale: "colour", field: "system" }, shape: { scale: "shape", field: "system" },
            tooltip: { field: "label" },
          } },
        },
      ],
    };
  }
  const screeningWidth = (all, width) =>
    nameWidth(all.flatMap((row) => screeningTitle(row, width).split("\n")), widestScreening);
  /** The rows to draw: without screening, as planned, and other rules that leave somebody out. */
  const telling = (all) => all.filter((row) => row.left_out > 0 || row.screening === "none" || row.screening === "planned");

  /** The primary figure under each screening. */
  function screening(width) {
    const all = telling(rows("screening_sensitivity").filter((row) => row.value !== null));
    const domain = [
      Math.min(0, ...all.map((row) => row.low ?? row.value)), Math.max(0.1, ...all.map((row) => row.high ?? row.value)),
    ];
    return page(
      [screeningPanel(all, systems, width, metric, domain, 2)], 1, "Agreement under each screening",
      { legends: [systemLegend(width)] });
  }

  // --- Scores of systems --------------------------------------------------------------------------------------------

  /** The contenders in the order of the results, so that each has the same colour in every chart of scores. */
  const contenders = distinct(rows("systems").filter((row) => row.role === "contender").map((row) => row.system));
  const contenderScales = [
    { name: "colour", type: "ordinal", domain: contenders, range: colours },
    { name: "shape", type: "ordinal", domain: contenders, range: shapes },
  ];
  const kindOf = (row) => `${row.trial_type}\u001f${row.scale}`;
  const kinds = distinct(rows("systems").map(kindOf));
  /** The name of a kind of scores. */
  const kindName = (kind) => kind.split("\u001f").filter((part) => part).reverse().join(", ");
  const scoreDigits = (values) => {
    const known = values.filter((value) => value !== null && value !== undefined);
    return Math.max(...known) - Math.min(...known) > 20 ? 1 : 2;
  };
  const ends = (list) => list.flatMap((row) => [row.low, row.value, row.high]).filter((value) => value !== null);

  /** Panels of scores, one per kind and condition. */
  function scorePanels(all) {
    return kinds.flatMap((kind) => distinct(all.filter((row) => kindOf(row) === kind).map((row) => row.condition)).map((condition) => ({
      own: all.filter((row) => kindOf(row) === kind && row.condition === condition),
      title: [kinds.length > 1 ? kindName(kind) : "", conditionTitle(condition)].filter((part) => part).join(", "),
    })));
  }
  const scoreConditions = distinct(rows("systems").map((row) => row.condition));
  const conditionTitle = (name) => name !== "all" ? name : scoreConditions.length > 1 ? "all classes" : "";
  const wideFor = (names, count, width) => {
    const left = nameWidth(names), columns = width > 700 ? Math.min(2, count) : 1;
    return { left, columns, panelWidth: Math.max(140, (width - columns * (left + 40)) / columns) };
  };

  /** The mean score of each system, with the reference and the anchors below the contenders. */
  function systemMeans(width) {
    const panelsOf = scorePanels(rows("systems").map((row) => ({ ...row, value: row.mean })));
    const name = (row) => row.system + (row.letters ? `  ${row.letters}` : "");
    const { left, columns, panelWidth } = wideFor(panelsOf.flatMap((panel) => panel.own.map(name)), panelsOf.length, width);
    return page(panelsOf.map(({ own, title }) => {
      const range = [Math.min(...ends(own)), Math.max(...ends(own))], digits = scoreDigits(range);
      const points = own.map((row) => ({
        name: name(row), value: row.mean, low: row.low, high: row.high,
        fill: row.role === "contender" ? colours[contenders.indexOf(row.system) % colours.length] : "#9aa3ab",
        shape: row.role === "contender" ? shapes[contenders.indexOf(row.system) % shapes.length] : row.role === "reference" ? "square" : "cross",
        label: `${row.system}: ${format(row.mean, digits)} [${format(row.low, digits)}, ${format(row.high, digits)}], ${many(row.scores, "score")}`,
      }));
      return forestPanel(title, points, panelWidth, left, range, "mean score", () => [], false);
    }), columns, `Mean scores of ${contenders.length} systems`);
  }

  /** The differences between two systems, with the margin if one is stated. */
  function systemDifferences(width) {
    const told = rows("system_differences").filter((row) => row.difference !== null).map((row) => ({ ...row, value: row.difference }));
    const panelsOf = scorePanels(told).map((panel) => ({ ...panel, own: panel.own.slice(0, 40) }));
    const name = (row) => `${row.system} − ${row.baseline}`;
    const { left, columns, panelWidth } = wideFor(panelsOf.flatMap((panel) => panel.own.map(name)), panelsOf.length, width);
    return page(panelsOf.map(({ own, title }) => {
      const margin = own[0].margin, all = ends(own).concat([0], margin === null ? [] : [margin, -margin]);
      const range = [Math.min(...all), Math.max(...all)], digits = scoreDigits(range);
      const points = own.map((row) => ({
        name: name(row), value: row.difference, low: row.low, high: row.high, shape: "circle",
        fill: row.p_corrected !== null && row.p_corrected < 1 - plan.confidence ? people : "#9aa3ab",
        label: `${name(row)}: ${format(row.difference, digits)} [${format(row.low, digits)}, ${format(row.high, digits)}], corrected p ${format(row.p_corrected, 3)}${row.verdict ? `, ${row.verdict}` : ""}`,
      }));
      return forestPanel(title, points, panelWidth, left, range, "difference of mean scores", (height) =>
        /** @type {object[]} */ (margin === null ? [] : [{
          type: "rect", encode: { update: {
            x: { scale: "x", value: -margin }, x2: { scale: "x", value: margin }, y: { value: 0 }, height: { value: height },
            fill: { value: people }, fillOpacity: { value: 0.1 },
          } },
        }]).concat([dotted(0, height)]), false);
    }), columns, "Differences between systems");
  }

  /** The mean score of each system on each item. */
  function systemItems(width) {
    const all = rows("system_items"), names = distinct(rows("systems").map((row) => row.system));
    const digits = scoreDigits(all.map((row) => row.mean));
    // Kinds have different scales, so the colour shows where a mean is between the lowest and the highest of its kind.
    const reach = new Map(kinds.map((kind) => {
      const own = all.filter((row) => kindOf(row) === kind).map((row) => row.mean);
      return [kind, { low: Math.min(...own), high: Math.max(...own) }];
    }));
    const shade = (row) => {
      const { low, high } = reach.get(kindOf(row)) ?? { low: 0, high: 0 };
      return kinds.length === 1 ? row.mean : high > low ? (row.mean - low) / (high - low) : 0.5;
    };
    const values = all.map((row) => ({
      row: row.system, query: row.item, value: shade(row),
      condition: [kinds.length > 1 ? kindName(kindOf(row)) : "", conditionTitle(row.condition)].filter((part) => part).join(", ") || "all",
      label: `${row.system} on ${row.item}: ${format(row.mean, digits)}, ${many(row.scores, "score")}`,
    }));
    const low = Math.min(...values.map((row) => row.value)), high = Math.max(...values.map((row) => row.value));
    return heat(
      width, values, names.filter((name) => values.some((row) => row.row === name)),
      { name: "value", type: "linear", domain: [low, high], range: ["#f4f4f4", "#1f5f99"] },
      "Mean score of each system by item", kinds.length === 1 ? "mean score" : "from a scale's lowest mean to its highest", 22);
  }

  /** Shares compared with one half, with one panel per condition. */
  function sharePanels(width, table, axis, name, description) {
    const all = rows(table).map((row) => ({
      ...row, value: row.share, low: row.low ?? row.exact_low ?? null, high: row.high ?? row.exact_high ?? null,
    }));
    const own = distinct(all.map((row) => row.condition));
    const { left, columns, panelWidth } = wideFor(all.map(name), own.length, width);
    const range = [Math.min(0.4, ...ends(all), ...all.map((row) => row.chance ?? 0.5)), Math.max(0.6, ...ends(all))];
    return page(own.map((condition) => forestPanel(
      own.length > 1 ? (condition === "all" ? "all classes" : condition) : "",
      all.filter((row) => row.condition === condition).slice(0, 40).map((row) => ({
        name: name(row), value: row.value, low: row.low, high: row.high, shape: "circle",
        fill: row.p_corrected !== null && row.p_corrected < 1 - plan.confidence ? people : "#9aa3ab",
        label: `${name(row)}: ${format(row.value, 2)} [${format(row.low, 2)}, ${format(row.high, 2)}]`,
      })), panelWidth, left, range, axis,
      (height) => distinct(all.filter((row) => row.condition === condition).map((row) => row.chance ?? 0.5))
        .map((chance) => dotted(chance, height)), false)), columns, description);
  }

  /** The shares of right answers in ABX. */
  const discriminations = (width) =>
    sharePanels(width, "discriminations", "share of right answers", (row) => (row.chance < 0.5 ? `${row.pair} (triangle)` : row.pair), "Share of right answers");

  /** How often one of two candidates is preferred. */
  const preferences = (width) => sharePanels(
    width, "preferences", "share of answers", (row) => `${row.system} to ${row.baseline}`, "How often one of two is preferred");

  /** The title of an axis of differences, with their unit. @param {{trial_type: string, scale: string}} row */
  function differenceAxis(row) {
    if (row.trial_type === "agreement") return `difference in ${metricNames[row.scale] ?? row.scale}`;
    if (row.trial_type === "choices") return "difference in the share preferred";
    if (["abx", "odd-one-out"].includes(row.trial_type)) return "difference in the share right";
    return "difference in points";
  }

  /** The differences between two kinds of listeners, with one panel per two kinds. */
  function moderators(width) {
    const told = rows("moderators").filter((row) => row.difference !== null && !row.baseline)
      .map((row) => ({ ...row, value: row.difference }));
    const key = (row) => `${kindOf(row)}\u001f${row.moderator}\u001f${row.level}\u001f${row.other}`;
    const types = distinct(told.map(kindOf));
    // If there are many, those with the smallest p-values.
    const least = (one) => Math.min(...told.filter((row) => key(row) === one).map((row) => row.p ?? 1));
    const panelsOf = distinct(told.map(key)).map((one, i) => ({ one, i, p: least(one) }))
      .sort((a, b) => a.p - b.p || a.i - b.i).slice(0, 6).sort((a, b) => a.i - b.i).map(({ one }) => one);
    const name = (row) => (row.system === "all" ? "all together" : row.system);
    const { left, columns, panelWidth } = wideFor(told.map(name), panelsOf.length, width);
    return page(panelsOf.map((one) => {
      const own = told.filter((row) => key(row) === one).slice(0, 30), first = own[0];
      const range = [Math.min(0, ...ends(own)), Math.max(0, ...ends(own))], digits = scoreDigits(range);
      return forestPanel(
        (types.length > 1 ? `${kindName(kindOf(first))}, ` : "") + `${first.moderator}: ${first.level} less ${first.other}`,
        own.map((row) => ({
          name: name(row), value: row.value, low: row.low, high: row.high, shape: row.system === "all" ? "diamond" : "circle",
          fill: row.p_corrected !== null && row.p_corrected < 1 - plan.confidence ? people : "#9aa3ab",
          label: `${name(row)}: ${format(row.value, digits)} [${format(row.low, digits)}, ${format(row.high, digits)}], ${row.listeners} and ${row.other_listeners} listeners`,
        })), panelWidth, left, range, differenceAxis(first), (height) => [dotted(0, height)]);
    }), columns, "Differences between groups of listeners");
  }

  /** The differences of systems' figures between two blocks, with one panel per two blocks and kind of answers. */
  function blockDifferences(width) {
    const told = rows("block_differences").filter((row) => row.difference !== null).map((row) => ({ ...row, value: row.difference }));
    const key = (row) => `${kindOf(row)}\u001f${row.block}\u001f${row.other_block}`;
    const types = distinct(told.map(kindOf)), panelsOf = distinct(told.map(key)).slice(0, 12);
    const name = (row) => (row.baseline ? `${row.system} − ${row.baseline}` : row.system);
    const { left, columns, panelWidth } = wideFor(told.map(name), panelsOf.length, width);
    return page(panelsOf.map((one) => {
      const own = told.filter((row) => key(row) === one).slice(0, 40), first = own[0];
      const range = [Math.min(0, ...ends(own)), Math.max(0, ...ends(own))], digits = scoreDigits(range);
      return forestPanel(
        (types.length > 1 ? `${kindName(kindOf(first))}: ` : "") + `${first.block} less ${first.other_block}`,
        own.map((row) => ({
          name: name(row), value: row.value, low: row.low, high: row.high, shape: row.baseline ? "diamond" : "circle",
          fill: row.p_corrected !== null && row.p_corrected < 1 - plan.confidence ? people : "#9aa3ab",
          label: `${name(row)}: ${format(row.value, digits)} [${format(row.low, digits)}, ${format(row.high, digits)}], ${row.listeners} and ${row.other_listeners} listeners`,
        })), panelWidth, left, range, differenceAxis(first), (height) => [dotted(0, height)]);
    }), columns, "How figures differ between blocks");
  }

  /** Mean scores under each screening. */
  function systemScreening(width) {
    const told = telling(rows("system_screening").filter((row) => row.mean !== null)).map((row) => ({ ...row, value: row.mean, condition: "all" }));
    const panelsOf = scorePanels(told);
    return page(panelsOf.map(({ own, title }) => {
      const domain = [Math.min(...ends(own)), Math.max(...ends(own))];
      return screeningPanel(own, contenders, width, "mean score", domain, scoreDigits(domain), title);
    }), 1, "Mean scores under each screening", { scales: contenderScales, legends: [systemLegend(width)] });
  }

  /** One panel of the slopes of a mixed model. `peers` share its range. */
  function slopePanel(name, own, peers, panelWidth, left) {
    const height = own.length * 30, spread = (row) => row.sd_participant_slope ?? 0;
    const points = own.map((row) => ({
      ...row, from: row.slope - spread(row), to: row.slope + spread(row),
      label: `${row.system}: ${format(row.slope, 2)} [${format(row.low, 2)}, ${format(row.high, 2)}]`,
    }));
    const isHollow = "datum.sd_query_slope === null";
    return {
      type: "group", title: name ? { text: name, frame: "group", offset: 8 } : undefined,
      encode: { update: { width: { value: panelWidth }, height: { value: height } } },
      data: [{ name: "points", values: points }],
      scales: [
        { name: "x", type: "linear", range: [0, panelWidth], nice: true, domain: [
          Math.min(0, ...peers.map((row) => Math.min(row.low ?? row.slope, row.slope - spread(row)))),
          Math.max(0, ...peers.map((row) => Math.max(row.high ?? row.slope, row.slope + spread(row)))),
        ] },
        { name: "y", type: "band", domain: own.map((row) => row.system), range: [0, height] },
      ],
      axes: [
        {
          orient: "bottom", scale: "x", grid: true, tickCount: panelWidth > 300 ? 7 : 4,
          title: `${own[0].model === "linear" ? "points" : "log odds"} per standard deviation`,
          titleFontSize: panelWidth > 220 ? 12 : 10,
        },
        nameAxis(left),
      ],
      marks: [
        {
          type: "rect", from: { data: "points" }, encode: { update: {
            x: { scale: "x", field: "from" }, x2: { scale: "x", field: "to" },
            y: { scale: "y", field: "system", band: 0.3 }, height: { scale: "y", band: 0.4 },
            fill: { scale: "colour", field: "system" }, fillOpacity: { value: 0.18 },
          } },
        },
        dotted(0, height), intervals("system"),
        systemPoints("slope", 80, {
          fill: [{ test: isHollow, value: "white" }, { scale: "colour", field: "system" }],
          stroke: [{ test: isHollow, scale: "colour", field: "system" }, { value: "white" }], strokeWidth: { value: 1.5 },
        }),
      ],
    };
  }

  /** The slopes of the mixed models, with one panel per model and condition. */
  function models(width) {
    const all = rows("mixed_models").filter((row) => row.slope !== null);
    const kinds = distinct(all.map((row) => row.model));
    const panelsOf = kinds.flatMap((model) =>
      distinct(all.map((row) => row.condition)).map((condition) => ({
        model, condition, own: all.filter((row) => row.model === model && row.condition === condition),
      }))).filter((panel) => panel.own.length > 0);
    const left = nameWidth(systems), columns = width > 700 ? Math.min(2, panelsOf.length) : 1;
    const panelWidth = (width - columns * (left + 40)) / columns;
    const panels = panelsOf.map(({ model, condition, own }) => {
      const name = [
        kinds.length > 1 ? (model === "linear" ? "linear" : "cumulative link") : "", conditionName(condition),
      ].filter((part) => part).join(", ");
      return slopePanel(name, own, all.filter((row) => row.model === model), panelWidth, left);
    });
    return page(panels, columns, "Slopes of mixed models of ratings by each system's distance");
  }

  /** One panel of a forest plot: names as rows, points with intervals. Points need name, value, low, high and label. */
  function forestPanel(title, points, panelWidth, left, range, axis, behind, fromZero = true) {
    const height = points.length > 4 ? panelHeight(points.length * 24) : points.length * 24;
    return {
      type: "group", title: title ? { text: title, frame: "group", offset: 8 } : undefined,
      encode: { update: { width: { value: panelWidth }, height: { value: height } } },
      data: [{ name: "points", values: points }],
      scales: [
        { name: "x", type: "linear", domain: range, range: [0, panelWidth], nice: true, zero: fromZero },
        { name: "y", type: "band", domain: points.map((point) => point.name), range: [0, height] },
      ],
      axes: [
        {
          orient: "bottom", scale: "x", grid: true, tickCount: panelWidth > 300 ? 7 : 4, title: axis,
          titleFontSize: panelWidth > 260 ? 12 : 10,
        },
        nameAxis(left),
      ],
      marks: behind(height).concat([
        intervals("name"),
        {
          type: "symbol", from: { data: "points" }, encode: { update: {
            x: { scale: "x", field: "value" }, y: { scale: "y", field: "name", band: 0.5 }, size: { value: 70 },
            fill: { field: "fill" }, shape: { field: "shape" }, stroke: { value: "white" }, tooltip: { field: "label" },
          } },
        },
      ]),
    };
  }
  const shown = (row, value) => `${format(row[value], 2)} [${format(row.low, 2)}, ${format(row.high, 2)}]`;

  /** The strengths of candidates: over all queries if there are any, otherwise by query (the first twelve). */
  const strengths = (width) => strengthPanels(
    width, rows("strengths").filter((row) => row.law === "bradley_terry"),
    (row) => `chosen in ${row.chosen} of ${row.decided}`, "Strengths of candidates in paired comparisons");

  /** The strengths of candidates that were put in order. */
  const orderStrengths = (width) => strengthPanels(
    width, rows("order_strengths"), (row) => `mean place ${format(row.mean_place, 2)} in ${row.orders}`,
    "Strengths of the candidates in orders");

  /** The strengths of candidates, over all queries or by query; toldOf describes a candidate in its label. */
  function strengthPanels(width, all, toldOf, description) {
    const pooled = all.filter((row) => row.query === "all");
    const told = pooled.length > 0 ? pooled : all;
    const panelsOf = distinct(told.map((row) => `${row.condition}\u001f${row.query}`)).slice(0, 12);
    const left = nameWidth(told.map((row) => row.candidate)), columns = width > 700 ? Math.min(2, panelsOf.length) : 1;
    const panelWidth = (width - columns * (left + 40)) / columns;
    const range = [
      Math.min(0, ...told.map((row) => row.low ?? row.strength)), Math.max(0, ...told.map((row) => row.high ?? row.strength)),
    ];
    const panels = panelsOf.map((key) => {
      const [condition, query] = key.split("\u001f");
      const own = told.filter((row) => row.condition === condition && row.query === query)
        .sort((a, b) => b.strength - a.strength);
      const title = [query === "all" ? "" : query, conditionName(condition)].filter((part) => part).join(", ");
      return forestPanel(
        panelsOf.length > 1 ? title : "", own.map((row) => ({
          name: row.candidate, value: row.strength, low: row.low, high: row.high, fill: people, shape: "circle",
          label: `${row.candidate}: ${shown(row, "strength")}, ${toldOf(row)}`,
        })), panelWidth, left, range, "strength in log odds", (height) => [dotted(0, height)]);
    });
    return page(panels, columns, description);
  }

  /** The most and the least similar pairs. */
  function likeness(width) {
    const all = rows("likeness"), own = distinct(all.map((row) => `${row.answers_to}\u001f${row.set}`)).slice(0, 12);
    const short = shortened(distinct(all.flatMap((row) => [row.first, row.second])));
    const name = (row) => `${short(row.first)}, ${short(row.second)}`;
    const { left, columns, panelWidth } = wideFor(all.map(name), own.length, width);
    return page(own.map((key) => {
      const mine = all.filter((row) => `${row.answers_to}\u001f${row.set}` === key);
      const shownRows = mine.length > 30 ? [...mine.slice(0, 15), ...mine.slice(-15)] : mine;
      return forestPanel(
        own.length > 1 ? key.split("\u001f").filter((part) => part).join(": ") : "", shownRows.map((row) => ({
          name: name(row), value: row.likeness, low: row.low, high: row.high, fill: people, shape: "circle",
          label: `${row.first}, ${row.second}: ${format(row.likeness, 2)}`,
        })), panelWidth, left, [0, 1], "similarity", () => [], false);
    }), columns, "Similarity of each pair of sounds");
  }

  /** One tree per set: sounds down the side, and joins further to the right the more dissimilar the two are. */
  function clusters(width) {
    const all = rows("clusters"), own = distinct(all.map((row) => `${row.answers_to}\u001f${row.set}`)).slice(0, 12);
    const panels = own.map((key) => {
      const joins = all.filter((row) => `${row.answers_to}\u001f${row.set}` === key);
      /** The position of each name, which is a sound or the join of an earlier step. */
      const places = new Map(), leaves = [], steps = new Map(joins.map((row) => [`step ${row.step}`, row]));
      const descend = (name) => {
        const open = [name];
        while (open.length > 0) {
          const next = open.pop(), join = steps.get(next);
          if (join) open.push(join.second, join.first);
          else leaves.push(next);
        }
      };
      descend(`step ${joins.length}`);
      leaves.forEach((name, i) => places.set(name, { x: 0, y: i + 0.5 }));
      const short = shortened(leaves), reach = Math.max(...joins.map((row) => row.height), 1e-9), lines = [];
      for (const row of joins) {
        const a = places.get(row.first), b = places.get(row.second), x = row.height / reach;
        lines.push({ x: a.x, x2: x, y: a.y, y2: a.y }, { x: b.x, x2: x, y: b.y, y2: b.y }, { x, x2: x, y: a.y, y2: b.y });
        places.set(`step ${row.step}`, { x, y: (a.y + b.y) / 2 });
      }
      const left = nameWidth(leaves.map(short)), panelWidth = width - left - 40, step = leaves.length > 40 ? 14 : 20;
      const scale = (name, domain, range) => ({ name, type: "linear", domain, range, zero: false, nice: false });
      return {
        type: "group",
        title: own.length > 1 ? { text: key.split("\u001f").filter((part) => part).join(": "), frame: "group", offset: 6 } : undefined,
        encode: { update: { width: { value: panelWidth }, height: { value: leaves.length * step } } },
        data: [{ name: "lines", values: lines }, { name: "leaves", values: leaves.map((name, i) => ({ name: short(name), y: i + 0.5 })) }],
        scales: [
          scale("across", [0, 1], [0, panelWidth]), scale("down", [0, leaves.length], [0, leaves.length * step]),
          scale("height", [0, reach], [0, panelWidth]),
        ],
        axes: [{ orient: "bottom", scale: "height", title: "dissimilarity", tickCount: 5 }],
        marks: [
          {
            type: "rule", from: { data: "lines" }, encode: { update: {
              x: { scale: "across", field: "x" }, x2: { scale: "across", field: "x2" }, y: { scale: "down", field: "y" },
              y2: { scale: "down", field: "y2" }, stroke: { value: people }, strokeWidth: { value: 1.4 },
            } },
          },
          {
            type: "text", from: { data: "leaves" }, encode: { update: {
              x: { value: -8 }, y: { scale: "down", field: "y" }, text: { field: "name" }, align: { value: "right" },
              baseline: { value: "middle" }, fontSize: { value: 11 }, limit: { value: left - 8 }, fill: { value: ink },
            } },
          },
        ],
      };
    });
    return page(panels, 1, "Trees of the sounds by perceived similarity");
  }

  /** How often systems order two candidates as listeners chose. */
  function choices(width) {
    const all = rows("choice_agreement");
    const panelsOf = distinct(all.map((row) => `${row.answers_to}\u001f${row.condition}`));
    const left = nameWidth(systems), columns = width > 700 ? Math.min(2, panelsOf.length) : 1;
    const panelWidth = (width - columns * (left + 40)) / columns;
    const values = all.flatMap((row) => [row.low, row.high, row.another_low, row.another_high].filter((value) => value !== null));
    const range = [Math.min(0.5, ...values), Math.max(0.6, ...values)];
    const kinds = distinct(all.map((row) => row.answers_to));
    const panels = panelsOf.map((key) => {
      const [kind, condition] = key.split("\u001f");
      const own = all.filter((row) => row.answers_to === kind && row.condition === condition);
      const title = [kinds.length > 1 ? kind : "", conditionName(condition)].filter((part) => part).join(", ");
      const points = own.map((row) => ({
        name: row.system, value: row.agreement, low: row.low, high: row.high, other: row.another_listener,
        otherLow: row.another_low, otherHigh: row.another_high, fill: colours[systems.indexOf(row.system) % colours.length],
        shape: shapes[systems.indexOf(row.system) % shapes.length], label: `${row.system}: ${shown(row, "agreement")}`,
      }));
      return forestPanel(title, points, panelWidth, left, range, "share of answers", (height) => [
        {
          type: "rect", from: { data: "points" }, encode: { update: {
            x: { scale: "x", field: "otherLow" }, x2: { scale: "x", field: "otherHigh" }, y: { scale: "y", field: "name" },
            height: { scale: "y", band: 1 }, fill: { value: people }, fillOpacity: { value: 0.14 },
          } },
        },
        {
          type: "rule", from: { data: "points" }, encode: { update: {
            x: { scale: "x", field: "other" }, y: { scale: "y", field: "name" }, y2: { scale: "y", field: "name", band: 1 },
            stroke: { value: people }, strokeWidth: { value: 2 },
          } },
        },
        dotted(0.5, height),
      ]);
    });
    return page(panels, columns, "How often systems order two candidates as listeners chose them");
  }

  /**
   * Places names of points so that they overlap no other name or point; names without room are left out.
   * @param {{x: number, y: number, text: string}[]} points in pixels @param {number} width @param {number} height
   */
  function placeNames(points, width, height) {
    const boxes = points.map((point) => ({ x0: point.x - 4, x1: point.x + 4, y0: point.y - 4, y1: point.y + 4 }));
    const isFree = (box) => box.x0 > 0 && box.x1 < width && box.y0 > 0 && box.y1 < height &&
      boxes.every((other) => box.x1 < other.x0 || box.x0 > other.x1 || box.y1 < other.y0 || box.y0 > other.y1);
    return points.map((point) => {
      const length = Math.min(110, point.text.length * 5.6);
      for (const [dx, dy, align] of /** @type {[number, number, string][]} */ ([
        [7, -3, "left"], [7, 9, "left"], [-7, -3, "right"], [-7, 9, "right"], [0, -10, "center"], [0, 16, "center"],
      ])) {
        const x = point.x + dx, y = point.y + dy;
        const x0 = align === "left" ? x : align === "right" ? x - length : x - length / 2;
        const box = { x0, x1: x0 + length, y0: y - 8, y1: y + 2 };
        if (!isFree(box)) continue;
        boxes.push(box);
        return { name: point.text, nameX: x, nameY: y, align };
      }
      return { name: "", nameX: point.x, nameY: point.y, align: "left" };
    });
  }

  /** Maps of the sounds: the listeners' map, with each system's fitted to it. */
  function map(width) {
    const shown = new Set(rows("map_quality").filter((row) => row.shown).map((row) => `${row.map} ${row.method}`));
    const all = rows("map_points").filter((row) => shown.has(`${row.map} ${row.method}`));
    const short = shortened(distinct(all.map((row) => row.sound)));
    // If there are many systems, those whose maps fit the listeners' best.
    const fits = new Map(rows("map_systems").map((row) => [`${row.map}\u001f${row.system}`, row.procrustes ?? 0]));
    const best = distinct(all.map((row) => row.map)).flatMap((kind) => [...fits].filter(([key]) => key.startsWith(`${kind}\u001f`))
      .sort((a, b) => b[1] - a[1]).slice(0, 3).map(([key]) => key));
    const panelsOf = distinct(all.map((row) => `${row.map}\u001f${row.of}`))
      .filter((key) => !fits.has(key) || best.includes(key));
    const columns = width > 700 ? Math.min(2, panelsOf.length) : 1;
    const panelWidth = Math.min(420, (width - columns * 24) / columns);
    const maps = distinct(all.map((row) => row.map));
    const panels = panelsOf.map((key) => {
      const [kind, of] = key.split("\u001f");
      const mine = all.filter((row) => row.map === kind);
      const heard = new Map(mine.filter((row) => row.of === "listeners").map((row) => [row.sound, row]));
      // Both axes have the same scale, since only distances matter.
      const reach = (axis) => Math.max(...mine.map((row) => Math.abs(row[axis])));
      const scale = (panelWidth / 2 - 24) / (reach("x") || 1);
      const panelHeight = Math.max(120, 2 * (scale * reach("y") + 24));
      const colour = of === "listeners" ? people : colours[systems.indexOf(of) % colours.length];
      const fit = rows("map_systems").find((row) => row.map === kind && row.system === of);
      const name = of === "listeners" ? "listeners" : `${of}${fit && fit.procrustes !== null ? ` (Procrustes ${format(fit.procrustes, 2)})` : ""}`;
      const pixel = (row) => ({ x: panelWidth / 2 + scale * row.x, y: panelHeight / 2 - scale * row.y, text: short(row.sound) });
      const own = mine.filter((row) => row.of === of), names = placeNames(own.map(pixel), panelWidth, panelHeight);
      const points = own.map((row, i) => {
        const from = pixel(heard.get(row.sound) ?? row);
        return { ...pixel(row), fromX: from.x, fromY: from.y, ...names[i] };
      });
      return {
        type: "group", title: { text: maps.length > 1 ? `${kind}: ${name}` : name, frame: "group", offset: 6 },
        encode: { update: { width: { value: panelWidth }, height: { value: panelHeight }, stroke: { value: faint } } },
        data: [{ name: "points", values: points }],
        marks: [
          {
            type: "rule", from: { data: "points" }, encode: { update: {
              x: { field: "fromX" }, y: { field: "fromY" }, x2: { field: "x" }, y2: { field: "y" },
              stroke: { value: soft }, strokeWidth: { value: 0.8 },
            } },
          },
          {
            type: "symbol", from: { data: "points" }, encode: { update: {
              x: { field: "x" }, y: { field: "y" }, size: { value: 45 }, fill: { value: colour },
              shape: { value: of === "listeners" ? "circle" : shapes[systems.indexOf(of) % shapes.length] },
              tooltip: { field: "text" },
            } },
          },
          {
            type: "text", from: { data: "points" }, encode: { update: {
              x: { field: "nameX" }, y: { field: "nameY" }, text: { field: "name" }, align: { field: "align" },
              fontSize: { value: 10 }, limit: { value: 110 },
            } },
          },
        ],
      };
    });
    return page(panels, columns, "Maps of the similarity of sounds to listeners and to systems");
  }

  const charts = {
    systems: systemMeans, system_differences: systemDifferences, system_items: systemItems,
    system_screening: systemScreening, moderators, block_differences: blockDifferences, discriminations, preferences,
    order_strengths: orderStrengths, likeness, clusters, forest, classes, ranks, queries, models, strengths, choices, map, listeners, screening, design,
  };

  charting.start(charts);
}
