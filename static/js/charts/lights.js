// The lights of each theme as one stacked bar: how many lag, and where.
import { colours, draw } from "./frame.js";

const WORDS = { red: "■ 滞后或未完成", yellow: "▲ 轻度滞后或基本完成", green: "● 完成或符合预期", grey: "– 未评价" };
const SHAPES = { red: "■", yellow: "▲", green: "●", grey: "–" };

const option = (data) => ({
  grid: { left: 8, right: 32, top: 56, bottom: 8, containLabel: true },
  legend: { top: 0, left: 0, itemGap: 14, textStyle: { color: colours.words } },
  tooltip: {
    trigger: "axis",
    axisPointer: { type: "shadow" },
    formatter: (items) => [items[0].axisValue, ...items.map((item) => `${item.seriesName} ${item.value ?? 0}项`)].join("\n"),
  },
  xAxis: {
    type: "value", name: "项", minInterval: 1, position: "top",
    splitLine: { lineStyle: { color: colours.ground } }, axisLabel: { color: colours.words },
  },
  yAxis: {
    type: "category", data: data.names, inverse: true,
    axisTick: { show: false }, axisLine: { lineStyle: { color: colours.words } }, axisLabel: { color: colours.ink },
  },
  series: ["red", "yellow", "green", "grey"].map((light) => ({
    name: WORDS[light],
    type: "bar",
    stack: "lights",
    barMaxWidth: 22,
    data: data[light].map((count) => count || null),  // no zero-width bar with a label
    itemStyle: { color: colours[light] },
    label: {
      show: true, color: colours.paper, fontWeight: 600, textBorderColor: colours[light], textBorderWidth: 3,
      formatter: (point) => (point.value ? `${SHAPES[light]}${point.value}` : ""),
    },
  })),
});

draw("lights", option);
