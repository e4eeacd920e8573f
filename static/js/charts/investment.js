// Money of projects: planned and done of each group as bars, and one project month by month.
import { colours, draw } from "./frame.js";

const onPhone = window.matchMedia("(max-width: 760px)").matches;
const axis = { axisTick: { show: false }, axisLine: { lineStyle: { color: colours.words } } };
const said = (item) => `${item.seriesName} ${item.data?.text ? `${item.data.text}万元` : "没有数据"}`;
const point = (text) => (text === null ? { value: null } : { value: Number(text), text });

const groups = (data) => ({
  grid: { left: 12, right: 70, top: 40, bottom: 8, containLabel: true },
  legend: { top: 4, left: 0, itemGap: 20, textStyle: { color: colours.words } },
  tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (items) => [items[0].axisValue, ...items.map(said)].join("\n") },
  xAxis: { type: "value", splitLine: { lineStyle: { color: colours.ground } }, axisLabel: { color: colours.words, hideOverlap: true } },
  yAxis: { type: "category", inverse: true, data: data.names, ...axis, axisLabel: { color: colours.ink, width: onPhone ? 84 : 180, overflow: "break" } },
  series: [
    ["总投资", data.planned, colours.pale, colours.main],
    ["累计完成（已审核）", data.done, colours.main, colours.main],
  ].map(([name, texts, color, borderColor]) => ({
    name,
    type: "bar",
    barMaxWidth: 16,
    data: texts.map(point),
    itemStyle: { color, borderColor, borderWidth: 1 },
    label: { show: true, position: "right", color: colours.ink, fontSize: 12, formatter: (item) => item.data.text ?? "" },
  })),
});

const months = (data) => ({
  grid: { left: 12, right: 28, top: 48, bottom: 8, containLabel: true },
  legend: { top: 4, left: 0, itemGap: 20, textStyle: { color: colours.words } },
  tooltip: { trigger: "axis", formatter: (items) => [items[0].axisValue, ...items.map(said)].join("\n") },
  xAxis: { type: "category", data: data.months, ...axis, axisLabel: { color: colours.words } },
  yAxis: { type: "value", min: 0, splitLine: { lineStyle: { color: colours.ground } }, axisLabel: { color: colours.words } },
  series: [
    {
      name: "累计完成投资（空心为未审核）",
      type: "line",
      connectNulls: false,
      symbol: "circle",
      symbolSize: 9,
      data: data.done.map((text, index) => ({
        ...point(text),
        itemStyle: data.unapproved.includes(index)
          ? { color: colours.paper, borderColor: colours.ink, borderWidth: 2 }
          : { color: colours.ink },
      })),
      lineStyle: { width: 2.5, color: colours.ink },
      itemStyle: { color: colours.ink },
      label: { show: true, position: "bottom", color: colours.ink, formatter: (item) => item.data.text ?? "" },
    },
    ...(data.total === null
      ? []
      : [
          {
            name: "总投资",
            type: "line",
            symbol: "none",
            data: data.months.map(() => point(data.total)),
            lineStyle: { type: "dashed", width: 2, color: colours.main },
            itemStyle: { color: colours.main },
            endLabel: { show: false },
          },
        ]),
  ],
});

draw("investment-groups", groups);
draw("investment-months", months);
