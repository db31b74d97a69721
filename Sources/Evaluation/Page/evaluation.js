// Draws the charts of an evaluation from the results that the page contains.
"use strict";

{
  const { rows, distinct, format, colours, shapes, ink, soft, nameWidth, nameAxis, panelHeight, page } = charting;

  /** The systems in the order of the results, so that each has the same colour in every chart. */
  const systems = distinct(rows("scores").map((row) => row.system));
  const conditions = distinct(rows("scores").map((row) => row.condition));
  const conditionName = (name) => (name === "all" ? (conditions.length > 1 ? "mean over classes" : "") : name);
  const scales = [
    { name: "colour", type: "ordinal", domain: systems, range: colours },
    // Seven shapes and eight colours, so that up to 56 systems differ in one of them.
    { name: "shape", type: "ordinal", domain: systems, range: shapes.slice(0, 7) },
  ];
  const legend = (width) => ({
    fill: "colour", shape: "shape", orient: "bottom", direction: "horizontal", columns: width > 500 ? 4 : 2,
    symbolStrokeWidth: 0,
  });
  const interval = (row, value) =>
    `${format(row[value], 3)}${row.low === null ? "" : ` [${format(row.low, 3)}, ${format(row.high, 3)}]`}`;

  /** Points with their intervals along x: one row per name, one panel per condition. */
  function forest(width, values, names, axis, domain, lineOf, description) {
    const shown = distinct(values.map((row) => row.condition));
    const left = nameWidth(names), columns = width > 700 ? Math.min(2, shown.length) : 1;
    const panelWidth = (width - columns * (left + 36)) / columns, height = names.length * 24;
    const panels = shown.map((condition) => {
      const line = lineOf(condition);
      return {
        type: "group",
        title: { text: conditionName(condition), frame: "group", offset: 6 },
        encode: { update: { width: { value: panelWidth }, height: { value: height } } },
        data: [{ name: "points", values: values.filter((row) => row.condition === condition) }],
        scales: [
          { name: "x", type: "linear", domain, range: [0, panelWidth], nice: true },
          { name: "y", type: "band", domain: names, range: [0, height] },
        ],
        axes: [
          { orient: "bottom", scale: "x", title: axis, grid: true, tickCount: panelWidth > 260 ? 6 : 4 },
          nameAxis(left),
        ],
        marks: [
          {
            type: "rule", encode: { update: {
              x: { scale: "x", value: line }, y: { value: 0 }, y2: { value: height }, stroke: { value: soft },
              strokeDash: { value: [2, 3] },
            } },
          },
          {
            type: "rule", from: { data: "points" }, encode: { update: {
              x: { scale: "x", field: "low" }, x2: { scale: "x", field: "high" },
              y: { scale: "y", field: "name", band: 0.5 }, stroke: { value: ink }, strokeWidth: { value: 1.5 },
            } },
          },
          {
            type: "symbol", from: { data: "points" }, encode: { update: {
              x: { scale: "x", field: "value" }, y: { scale: "y", field: "name", band: 0.5 }, size: { value: 80 },
              fill: { scale: "colour", field: "name" }, shape: { scale: "shape", field: "name" },
              stroke: { value: "white" }, tooltip: { field: "label" },
            } },
          },
        ],
      };
    });
    return page(panels, columns, description, { scales });
  }

  function scores(width) {
    const own = rows("scores").filter((row) => row.measure === "mrr").map((row) => ({
      ...row, name: row.system, low: row.low ?? row.value, high: row.high ?? row.value,
      label: `${row.system}: ${interval(row, "value")}, chance ${format(row.chance, 3)}`,
    }));
    const most = Math.max(...own.map((row) => row.high));
    return forest(
      width, own, systems, "MRR", [0, Math.min(1, Math.max(0.1, most))],
      (condition) => own.find((row) => row.condition === condition).chance, "MRR of each system by class");
  }

  function differences(width) {
    const own = rows("differences").filter((row) => row.measure === "mrr").map((row) => ({
      ...row, name: row.rival, value: row.difference, low: row.low ?? row.difference, high: row.high ?? row.difference,
      label: `against ${row.rival}: ${interval(row, "difference")}`,
    }));
    const names = distinct(own.map((row) => row.rival));
    const domain = [Math.min(0, ...own.map((row) => row.low)), Math.max(0, ...own.map((row) => row.high))];
    return forest(width, own, names, "difference in MRR", domain, () => 0, "Difference in MRR from each rival");
  }

  function recall(width) {
    const own = rows("recall"), depths = distinct(own.map((row) => row.k)), pool = Math.max(...depths);
    const values = own.map((row) => ({ ...row, label: `${row.system}: ${format(row.recall, 3)} among the first ${row.k}` }));
    const chance = depths.map((k) => ({ k, recall: k / pool }));
    const plotWidth = width - 60, height = panelHeight(300);
    return page([{
      type: "group", encode: { update: { width: { value: plotWidth }, height: { value: height } } },
      data: [{ name: "curve", values }, { name: "chance", values: chance }],
      scales: [
        { name: "x", type: "log", domain: [1, pool], range: [0, plotWidth] },
        { name: "y", type: "linear", domain: [0, 1], range: [height, 0] },
      ],
      axes: [
        {
          orient: "bottom", scale: "x", title: "k", grid: true,
          values: depths.filter((k) => [1, 5, 10, 50, 100, 500, 1000].includes(k)),
        },
        { orient: "left", scale: "y", title: "share of targets", grid: true, tickCount: 5 },
      ],
      marks: [
        {
          type: "line", from: { data: "chance" }, encode: { update: {
            x: { scale: "x", field: "k" }, y: { scale: "y", field: "recall" }, stroke: { value: soft },
            strokeDash: { value: [2, 3] },
          } },
        },
        {
          type: "group", from: { facet: { name: "one", data: "curve", groupby: "system" } },
          marks: [
            {
              type: "line", from: { data: "one" }, encode: { update: {
                x: { scale: "x", field: "k" }, y: { scale: "y", field: "recall" },
                stroke: { scale: "colour", field: "system" }, strokeWidth: { value: 1.5 },
              } },
            },
            {
              type: "symbol", from: { data: "one" }, encode: { update: {
                x: { scale: "x", field: "k" }, y: { scale: "y", field: "recall" }, size: { value: 36 },
                fill: { scale: "colour", field: "system" }, shape: { scale: "shape", field: "system" },
                tooltip: { field: "label" },
              } },
            },
          ],
        },
      ],
    }], 1, "Share of targets among the first k", { scales, legends: [legend(width)] });
  }

  function seeds(width) {
    const own = rows("seeds").filter((row) => row.measure === "mrr");
    const points = own.flatMap((row) => row.values.split(", ").map((text) => {
      const cut = text.lastIndexOf(" ");
      return {
        condition: row.condition, name: row.system, value: Number(text.slice(cut + 1).replace("−", "-")),
        label: text, low: row.lowest, high: row.highest,
      };
    }));
    const names = distinct(own.map((row) => row.system));
    const high = Math.max(...points.map((row) => row.value)), low = Math.min(...points.map((row) => row.value));
    const room = Math.max(0.01, (high - low) * 0.1);
    return forest(
      width, points, names, "MRR", [Math.max(0, low - room), high + room],
      (condition) => own.find((row) => row.condition === condition).mean, "MRR of each run");
  }

  const circumstanceNames = {
    level: "level in the mix", masking: "masking by other drums", reverb: "reverb", compression: "compression",
    exciter: "exciter", drive: "drive into the limiter", equaliser: "equaliser",
  };
  const thirds = ["low", "middle", "high"];

  function robustness(width) {
    const own = rows("robustness").filter((row) => row.measure === "mrr");
    const names = distinct(own.map((row) => row.circumstance));
    const columns = width > 700 ? Math.min(3, names.length) : width > 480 ? 2 : 1;
    const panelWidth = (width - columns * 64) / columns, height = panelHeight(150);
    const most = Math.max(0.1, ...own.map((row) => row.high ?? row.value));
    const panels = names.map((name) => {
      const values = own.filter((row) => row.circumstance === name).map((row) => ({
        ...row, shift: (systems.indexOf(row.system) - (systems.length - 1) / 2) * Math.min(4, panelWidth / 4 / systems.length),
        label: `${row.system}, ${row.third} (${format(row.from, 2)} to ${format(row.to, 2)}): ${interval(row, "value")}, ${row.targets} targets`,
      }));
      return {
        type: "group",
        title: { text: circumstanceNames[name] || name, frame: "group", offset: 6 },
        encode: { update: { width: { value: panelWidth }, height: { value: height } } },
        data: [{ name: "points", values }],
        scales: [
          { name: "x", type: "point", domain: thirds, range: [0, panelWidth], padding: 0.5 },
          { name: "y", type: "linear", domain: [0, Math.min(1, most)], range: [height, 0], nice: true },
        ],
        axes: [
          { orient: "bottom", scale: "x" },
          { orient: "left", scale: "y", grid: true, tickCount: 4, title: "MRR" },
        ],
        marks: [
          {
            type: "rule", from: { data: "points" }, encode: { update: {
              x: { scale: "x", field: "third", offset: { field: "shift" } }, y: { scale: "y", field: "low" },
              y2: { scale: "y", field: "high" }, stroke: { scale: "colour", field: "system" },
              strokeOpacity: { value: 0.5 },
            } },
          },
          {
            type: "group", from: { facet: { name: "one", data: "points", groupby: "system" } },
            marks: [
              {
                type: "line", from: { data: "one" }, encode: { update: {
                  x: { scale: "x", field: "third", offset: { field: "shift" } }, y: { scale: "y", field: "value" },
                  stroke: { scale: "colour", field: "system" }, strokeWidth: { value: 1.5 },
                } },
              },
              {
                type: "symbol", from: { data: "one" }, encode: { update: {
                  x: { scale: "x", field: "third", offset: { field: "shift" } }, y: { scale: "y", field: "value" },
                  size: { value: 40 }, fill: { scale: "colour", field: "system" },
                  shape: { scale: "shape", field: "system" }, tooltip: { field: "label" },
                } },
              },
            ],
          },
        ],
      };
    });
    return page(panels, columns, "MRR by thirds of each circumstance", { scales, legends: [legend(width)] });
  }

  function leakage(width) {
    const own = rows("leakage").filter((row) => row.measure === "mrr");
    const classes = distinct(own.map((row) => row.asked));
    const columns = width > 700 ? 3 : width > 420 ? 2 : 1;
    const panelWidth = Math.min(220, (width - columns * 84) / columns), cell = panelWidth / classes.length;
    const panels = systems.map((system) => ({
      type: "group",
      title: { text: system, frame: "group", offset: 6 },
      encode: { update: { width: { value: panelWidth }, height: { value: panelWidth * 0.7 } } },
      data: [{ name: "cells", values: own.filter((row) => row.system === system).map((row) => ({
        ...row, times: row.value / row.chance, text: format(row.value, 2), isDark: row.value / row.chance > 6,
        label: `asked for ${row.asked}, the ${row.condition} of the mix: ${interval(row, "value")}, ${format(row.value / row.chance, 1)} times chance`,
      })) }],
      scales: [
        { name: "x", type: "band", domain: classes, range: [0, panelWidth], paddingInner: 0.04 },
        { name: "y", type: "band", domain: classes, range: [0, panelWidth * 0.7], paddingInner: 0.04 },
      ],
      axes: [
        { orient: "bottom", scale: "x", domain: false, ticks: false },
        { orient: "left", scale: "y", domain: false, ticks: false, title: "asked for" },
      ],
      marks: [
        {
          type: "rect", from: { data: "cells" }, encode: { update: {
            x: { scale: "x", field: "condition" }, width: { scale: "x", band: 1 }, y: { scale: "y", field: "asked" },
            height: { scale: "y", band: 1 }, fill: { scale: "times", field: "times" }, tooltip: { field: "label" },
          } },
        },
        {
          type: "text", from: { data: "cells" }, interactive: false, encode: { update: {
            x: { scale: "x", field: "condition", band: 0.5 }, y: { scale: "y", field: "asked", band: 0.5 },
            text: { field: "text" }, align: { value: "center" }, baseline: { value: "middle" },
            fontSize: { value: cell > 40 ? 12 : 10 }, fill: [{ test: "datum.isDark", value: "#ffffff" }, { value: ink }],
          } },
        },
      ],
    }));
    return page(panels, columns, "MRR of the drum of each class, by the class asked for", {
      scales: scales.concat([
        { name: "times", type: "linear", domain: [0, 1, 12], range: ["#ffffff", "#f4f4f4", "#1f5f99"], clamp: true },
      ]),
      legends: [{ fill: "times", title: "times chance", orient: "top", direction: "horizontal", gradientLength: 160 }],
    });
  }

  charting.start({ scores, differences, recall, seeds, robustness, leakage });
}
