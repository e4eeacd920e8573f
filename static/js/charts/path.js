// The promised path against the figures reached.
import { colours, draw } from "./frame.js";

const option = (data) => {
  const points = (texts, mark) =>
    data.years.map((year, index) =>
      texts[index] === null ? { value: null } : { value: Number(texts[index]), text: texts[index], ...mark(year) },
    );
  const label = { show: true, color: colours.words, fontSize: 12, formatter: (point) => point.data.text ?? "" };
  return {
    grid: { left: 12, right: 28, top: 44, bottom: 8, containLabel: true },
    legend: { top: 4, left: 0, itemGap: 20, textStyle: { color: colours.words } },
    tooltip: {
      trigger: "axis",
      formatter: (items) =>
        [
          `${items[0].axisValue}年`,
          ...items.map((item) => `${item.seriesName} ${item.data.text ? item.data.text + data.unit : "没有数据"}`),
        ].join("\n"),
    },
    xAxis: { type: "category", data: data.years.map(String), axisTick: { show: false }, axisLine: { lineStyle: { color: colours.words } } },
    yAxis: { type: "value", scale: true, boundaryGap: ["12%", "12%"], splitLine: { lineStyle: { color: colours.ground } }, axisLabel: { color: colours.words } },
    series: [
      {
        name: "规划路径",
        type: "line",
        data: points(data.path, (year) => ({ symbolSize: data.stated.includes(year) ? 9 : 0, label: { show: data.stated.includes(year) } })),
        symbol: "diamond",
        lineStyle: { type: "dashed", width: 2, color: colours.main },
        itemStyle: { color: colours.main },
        label: { ...label, position: "bottom", color: colours.main },
      },
      {
        name: "实际值（空心为未审核）",
        type: "line",
        connectNulls: false,
        data: points(data.actual, (year) => ({
          itemStyle: data.unapproved.includes(year)
            ? { color: colours.paper, borderColor: colours.ink, borderWidth: 2 }
            : { color: colours.ink },
        })),
        symbol: "circle",
        symbolSize: 9,
        lineStyle: { width: 2.5, color: colours.ink },
        itemStyle: { color: colours.ink },
        label: { ...label, position: "top", color: colours.ink, fontWeight: 600 },
      },
    ],
  };
};

draw("path", option);
