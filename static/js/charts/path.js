// The promised path against the figures reached; thin: a path before a revision, or that of another plan; dotted: the trend.
import { colours, draw } from "./frame.js";

const option = (data) => {
  const points = (texts, mark) =>
    data.years.map((year, index) =>
      texts[index] === null ? { value: null } : { value: Number(texts[index]), text: texts[index], ...mark(year) },
    );
  const label = { show: true, color: colours.words, fontSize: 12, formatter: (point) => point.data.text ?? "" };
  const labelLayout = { hideOverlap: true }; // on a phone close figures would touch; the table below has them all
  const last = (texts) => texts.findLastIndex((text) => text !== null);
  // the target and the forecast of the final year stand beside each other: the lower one's label goes below
  const above = (year) => {
    const index = data.years.indexOf(year);
    return data.forecast && index === last(data.forecast) && Number(data.path[index]) > Number(data.forecast[index]);
  };
  const stated = (year) => ({
    symbolSize: data.stated.includes(year) ? 9 : 0,
    label: { show: data.stated.includes(year), position: above(year) ? "top" : "bottom" },
  });
  const promised = (name, texts, line, more) => ({
    name,
    type: "line",
    data: points(texts, more ?? stated),
    symbol: "diamond",
    lineStyle: { color: colours.main, ...line },
    itemStyle: { color: colours.main },
    label: { ...label, position: "bottom", color: colours.main },
    labelLayout,
  });
  const unmarked = () => ({ symbolSize: 0, label: { show: false } });
  const reached = (year) => ({
    itemStyle: data.unapproved.includes(year)
      ? { color: colours.paper, borderColor: colours.ink, borderWidth: 2 }
      : { color: colours.ink },
    label: data.preliminary.includes(year) ? { formatter: (point) => `${point.data.text} 预计` } : {},
  });
  const series = [
    ...(data.path ? [promised("规划路径", data.path, { type: "dashed", width: 2 })] : []),
    // beside a path of its own another one is only a trace; without one the others are what was promised
    ...data.others.map((other) =>
      data.path
        ? promised(other.name, other.values, { type: "solid", width: 1, opacity: 0.6 }, unmarked)
        : promised(other.name, other.values, { type: "dashed", width: 2 }),
    ),
    {
      name: "实际值（空心为未审核）",
      type: "line",
      connectNulls: false,
      data: points(data.actual, reached),
      symbol: "circle",
      symbolSize: 9,
      lineStyle: { width: 2.5, color: colours.ink },
      itemStyle: { color: colours.ink },
      label: { ...label, position: "top", color: colours.ink, fontWeight: 600 },
      labelLayout,
    },
  ];
  if (data.forecast) {
    const end = data.years[last(data.forecast)];
    series.push({
      name: "按趋势预测",
      type: "line",
      data: points(data.forecast, (year) => ({ symbolSize: year === end ? 8 : 0, label: { show: year === end } })),
      symbol: "emptyCircle",
      lineStyle: { type: "dotted", width: 2, color: colours.words },
      itemStyle: { color: colours.words },
      label: { ...label, position: "right", formatter: (point) => `预测 ${point.data.text}` },
      labelLayout,
    });
  }
  return {
    grid: { left: 12, right: data.forecast ? 96 : 28, top: 52, bottom: 8, containLabel: true },
    legend: { type: "scroll", top: 4, left: 0, itemGap: 16, textStyle: { color: colours.words } },
    tooltip: {
      trigger: "axis",
      formatter: (items) =>
        [
          `${items[0].axisValue}年`,
          ...items
            .filter((item) => item.data.text || item.seriesName.startsWith("实际"))
            .map((item) => `${item.seriesName} ${item.data.text ? item.data.text + data.unit : "没有数据"}`),
        ].join("\n"),
    },
    xAxis: { type: "category", data: data.years.map(String), axisTick: { show: false }, axisLine: { lineStyle: { color: colours.words } } },
    // what is never below zero has no axis below it
    yAxis: { type: "value", scale: true, boundaryGap: ["12%", "12%"], min: ({ min, max }) => (min >= 0 && min < (max - min) * 0.3 ? 0 : null), splitLine: { lineStyle: { color: colours.ground } }, axisLabel: { color: colours.words } },
    series,
  };
};

draw("path", option);
