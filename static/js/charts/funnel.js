// How many projects came how far, from an idea to a finished building.
import { colours, draw } from "./frame.js";

// From the pale of an idea to the full colour of a finished building.
const shades = ["#c9dbe4", "#8fb5c7", "#5589a3", colours.main];

const option = (data) => ({
  tooltip: {
    formatter: ({ data: step }) =>
      `${step.name}\n已到或已过${step.text}个${step.money === null ? "" : `，总投资${step.money}万元`}\n处于该阶段${step.there}个`,
  },
  series: [
    {
      type: "funnel",
      sort: "none",
      min: 0,
      max: Math.max(1, ...data.steps.map((step) => step.reached)),
      minSize: "0%",
      maxSize: "100%",
      left: 8,
      width: "66%",
      top: 8,
      bottom: 8,
      gap: 3,
      label: { position: "right", color: colours.ink, fontSize: 14, formatter: ({ data: step }) => `${step.name} ${step.text}个` },
      labelLine: { length: 12, lineStyle: { color: colours.words } },
      itemStyle: { borderWidth: 0 },
      data: data.steps.map((step, index) => ({
        name: step.name,
        value: step.reached,
        text: String(step.reached),
        there: step.there,
        money: step.money,
        itemStyle: { color: shades[index] },
      })),
    },
  ],
});

draw("funnel", option);
