// What all charts of the portal share: colours, the frame around ECharts, and the picture for a slide.
// A page writes <div class="chart" data-chart="its-json-id">; figures come as text and are shown as that text, so numbers
// only place them. Text in a chart is Chinese; a missing figure is null and stays a gap.

const css = getComputedStyle(document.documentElement);
const token = (name) => css.getPropertyValue(`--${name}`).trim();

export const colours = {
  ink: token("ink"),
  words: token("muted"),
  ground: token("line"),
  paper: token("paper"),
  main: token("main"),
  pale: token("main-pale"),
  green: token("met"),
  yellow: token("watch"),
  red: token("behind"),
  grey: token("none"),
};

// The shapes of the lights, as in the tables: circle, triangle, square, dash.
export const shapes = { green: "circle", yellow: "triangle", red: "rect", grey: "path://M0,4 H10 V6 H0 Z" };

const base = () => ({
  animation: false,
  aria: { enabled: true, label: { enabled: false }, decal: { show: true } },
  textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
  tooltip: { renderMode: "richText", confine: true },
});

// The option with what every chart has; a part that both name is joined, the page's own word last.
export const framed = (option) => {
  const common = base();
  return { ...common, ...option, tooltip: { ...common.tooltip, ...option.tooltip } };
};

// A picture twice as sharp as the screen on white ground, with the chart's title over it.
const picture = (element, option) => {
  const stage = document.createElement("div");
  const chart = echarts.init(stage, null, {
    renderer: "canvas", devicePixelRatio: 2, width: element.clientWidth, height: element.clientHeight + 48,
  });
  const grid = [option.grid ?? {}].flat().map((part) => ({ ...part, top: (part.top ?? 60) + 48 }));
  const legend = option.legend && { ...option.legend, top: (option.legend.top ?? 0) + 48 };
  const title = { text: element.dataset.title, left: 0, top: 8, textStyle: { color: colours.ink, fontSize: 18 } };
  chart.setOption(framed({ ...option, grid, ...(legend && { legend }), title }));
  const url = chart.getDataURL({ type: "png", backgroundColor: colours.paper });
  chart.dispose();
  const link = document.createElement("a");
  link.href = url;
  link.download = `${element.dataset.title}.png`;
  link.click();
};

const mount = (element, optionOf) => {
  const data = JSON.parse(document.getElementById(element.dataset.chart).textContent);
  const option = optionOf(data);
  const chart = echarts.init(element, null, { renderer: "svg" });
  chart.setOption(framed(option));
  new ResizeObserver(() => chart.resize()).observe(element);
  document
    .querySelector(`[data-save="${element.dataset.chart}"]`)
    ?.addEventListener("click", () => picture(element, option));
  return chart;
};

// Draws every chart of this kind on the page: `optionOf` turns its data into an ECharts option; gives the charts back.
export const draw = (kind, optionOf) =>
  [...document.querySelectorAll(`[data-kind="${kind}"]`)].map((element) => mount(element, optionOf));
