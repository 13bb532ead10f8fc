/* Draws <figure data-chart="id-of-json"> with ECharts: one message, axes with units, colours from the page.
   The JSON: {"labels": [...], "series": [{"name": "访问", "unit": "次", "values": [...], "kind": "bar"}]}.
   The same rows stand in a table in the page, so nothing is lost without this file. */
"use strict";

(() => {
  function colours() {
    const style = getComputedStyle(document.body);
    const read = (name) => style.getPropertyValue(name).trim();
    return { ink: read("--ink-2") || "#666", hair: read("--hair") || "#ddd", series: [read("--brand"), read("--money"), "#5a8fd6"] };
  }

  function short(value) {
    if (Math.abs(value) >= 100000000) return `${Math.round(value / 10000000) / 10}亿`;
    if (Math.abs(value) >= 10000) return `${Math.round(value / 1000) / 10}万`;
    return String(Math.round(value * 100) / 100);
  }

  function options(data) {
    const paint = colours();
    const units = [...new Set(data.series.map((one) => one.unit || ""))].slice(0, 2);
    return {
      animationDuration: 300,
      color: paint.series,
      textStyle: { fontFamily: "inherit" },
      grid: { left: 6, right: units.length > 1 ? 6 : 14, top: 44, bottom: 4, containLabel: true },
      legend: { show: data.series.length > 1, top: 0, left: 0, itemWidth: 12, itemHeight: 8, textStyle: { color: paint.ink, fontSize: 12 } },
      // Rich text is drawn on the canvas: no markup with style attributes, which the content policy refuses.
      tooltip: {
        trigger: "axis",
        renderMode: "richText",
        confine: true,
        valueFormatter: undefined,
        formatter: (points) =>
          [points[0].axisValueLabel, ...points.map((one) => `${one.seriesName} ${one.value}${data.series[one.seriesIndex].unit || ""}`)].join("\n"),
      },
      xAxis: {
        type: "category",
        data: data.labels,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: paint.hair } },
        axisLabel: { color: paint.ink, fontSize: 11, hideOverlap: true },
      },
      yAxis: units.map((unit, index) => ({
        type: "value",
        name: unit,
        position: index ? "right" : "left",
        minInterval: unit === "元" ? undefined : 1,
        splitNumber: 3,
        nameTextStyle: { color: paint.ink, fontSize: 11, align: index ? "right" : "left" },
        axisLabel: { color: paint.ink, fontSize: 11, formatter: short },
        splitLine: { show: index === 0, lineStyle: { color: paint.hair } },
      })),
      series: data.series.map((one) => ({
        name: one.name,
        type: one.kind || "bar",
        data: one.values,
        yAxisIndex: Math.max(0, units.indexOf(one.unit || "")),
        barMaxWidth: 18,
        itemStyle: one.kind === "line" ? undefined : { borderRadius: [3, 3, 0, 0] },
        symbolSize: 5,
        showSymbol: data.labels.length < 16,
      })),
    };
  }

  function draw(figure) {
    const source = document.getElementById(figure.dataset.chart);
    const canvas = figure.querySelector(".chart__canvas");
    if (!source || !canvas || !window.echarts) return;
    const chart = window.echarts.init(canvas, null, { renderer: "canvas" });
    const data = JSON.parse(source.textContent);
    chart.setOption(options(data));
    new ResizeObserver(() => chart.resize()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.setOption(options(data)));
    canvas.setAttribute("data-drawn", "");
  }

  function drawAll(root) {
    for (const figure of root.querySelectorAll("[data-chart]:not([data-ready])")) {
      figure.setAttribute("data-ready", "");
      draw(figure);
    }
  }

  document.addEventListener("DOMContentLoaded", () => drawAll(document));
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
})();
