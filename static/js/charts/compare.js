// One metric, a line per plan: one tone per region, an earlier plan of the same region dashed, names at the line's end.
import { colours, draw } from "./frame.js";

const DARKEST = [19, 69, 92]; // --main-dark
const PALEST = [96, 146, 168]; // still three to one against the paper
const SYMBOLS = ["circle", "rect", "triangle", "roundRect"];

const toneOf = (index, count) => {
  const share = count > 1 ? index / (count - 1) : 0;
  return `rgb(${DARKEST.map((dark, at) => Math.round(dark + (PALEST[at] - dark) * share)).join(",")})`;
};

const shortened = (name, most) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);

// Where the names of the lines stand, clear of the lines; a share of the chart's width. A phone has a legend instead.
const MARGIN = 21;

const option = (data) => {
  const isNarrow = window.innerWidth < 760;
  const isNegative = data.lines.some((line) => line.texts.some((text) => text !== null && Number(text) < 0));
  const legendHeight = 22 * Math.ceil(data.lines.length / 2); // two columns
  const isFew = data.lines.length <= 4;
  const final = data.years.length - 1;
  const lineOf = (line) => {
    const first = line.texts.findIndex((text) => text !== null);
    const last = line.texts.findLastIndex((text) => text !== null);
    const colour = toneOf(line.tone, data.tones);
    const ending = (text, index) => `${shortened(line.name, 16)} ${text}${index === final ? "" : `（${data.years[index]}年）`}`;
    const point = (text, index) => {
      if (text === null) return { value: null };
      const year = data.years[index];
      const isBaseline = year === line.baseline;
      return {
        value: Number(text),
        text,
        note: `${isBaseline ? "（基期）" : ""}${line.demo.includes(year) ? "（演示数据）" : ""}`,
        ...(isBaseline && { symbol: "diamond", symbolSize: 10 }),
        label: {
          show: !isNarrow && ((index === last && (isFew || !line.is_past)) || (isFew && index === first && (!isBaseline || line.is_baseline_shown))),
          position: index === last ? (line.is_past ? "bottom" : "right") : "top",
          formatter: index === last ? ending(text, index) : text,
        },
      };
    };
    return {
      name: line.name,
      type: "line",
      connectNulls: false,
      data: line.texts.map(point),
      symbol: SYMBOLS[line.tone % SYMBOLS.length],
      symbolSize: 8,
      showAllSymbol: true,
      lineStyle: { width: 2, color: colour, type: line.is_past ? "dashed" : "solid" },
      itemStyle: { color: colour },
      label: { color: colour, fontSize: 12, lineHeight: 15, padding: [2, 0] },
      labelLine: { show: isFew && !isNarrow && !line.is_past, lineStyle: { color: colour, width: 0.7, opacity: 0.5 } },
      labelLayout: (label) =>
        label.dataIndex === last && !line.is_past
          ? { x: `${100 - MARGIN + 1.5}%`, align: "left", moveOverlap: "shiftY" }
          : { hideOverlap: true },
    };
  };
  return {
    grid: { left: 12, right: isNarrow ? 16 : `${MARGIN}%`, top: isNarrow ? legendHeight + 20 : 28, bottom: 8, containLabel: true },
    ...(isNarrow && { legend: { orient: "vertical", left: 0, top: 0, height: legendHeight, itemHeight: 10, selectedMode: false, textStyle: { color: colours.ink } } }),
    tooltip: {
      trigger: "axis",
      formatter: (items) =>
        [
          `${items[0].axisValue}年`,
          ...items.filter((item) => item.data.text).map((item) => `${item.seriesName} ${item.data.text}${data.unit}${item.data.note}`),
        ].join("\n"),
    },
    xAxis: {
      type: "category",
      data: data.years.map(String),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.words } },
    },
    yAxis: {
      type: "value",
      scale: true,
      ...(!isNegative && { min: ({ min, max }) => (min - (max - min) * 0.12 <= 0 ? 0 : undefined) }),
      boundaryGap: ["12%", "12%"],
      splitLine: { lineStyle: { color: colours.ground } },
      axisLabel: { color: colours.words, formatter: String },
    },
    series: data.lines.map(lineOf),
  };
};

draw("compare", option);
