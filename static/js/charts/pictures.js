// A picture for a slide of a chart that is ordinary markup and SVG: what stands on the screen, twice as sharp, on white.
// A page writes <section data-picture> with its title in an h2 and a button [data-save-picture] at the foot of the chart.

const SKIPPED = "details, .chart-foot, .visually-hidden";
const INHERITED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "vector-effect", "text-anchor", "font-size"];
const SHARPNESS = 2;
const MARGIN = 20;

const isClear = (colour) => colour === "transparent" || colour.endsWith(", 0)");

// The shape of a light as portal.css cuts it: circle, triangle, dash, square.
const shape = (context, box, style) => {
  context.beginPath();
  if (style.clipPath.startsWith("polygon")) {
    context.moveTo(box.x + box.width / 2, box.y);
    context.lineTo(box.x + box.width, box.y + box.height);
    context.lineTo(box.x, box.y + box.height);
  } else if (style.borderRadius === "50%") {
    context.arc(box.x + box.width / 2, box.y + box.height / 2, box.width / 2, 0, 2 * Math.PI);
  } else if (style.backgroundImage !== "none") {
    context.rect(box.x, box.y + box.height / 2 - 1.5, box.width, 3);
  } else {
    context.rect(box.x, box.y, box.width, box.height);
  }
  context.fillStyle = style.backgroundImage === "none" ? style.backgroundColor : style.backgroundImage.match(/rgb\([^)]*\)/)[0];
  context.fill();
};

const ground = (context, box, style) => {
  if (!isClear(style.backgroundColor)) {
    context.fillStyle = style.backgroundColor;
    context.fillRect(box.x, box.y, box.width, box.height);
  }
  const sides = { Top: [0, 0, 1, 0], Right: [1, 0, 1, 1], Bottom: [0, 1, 1, 1], Left: [0, 0, 0, 1] };
  for (const [side, [x1, y1, x2, y2]] of Object.entries(sides)) {
    const width = parseFloat(style[`border${side}Width`]);
    if (!width || isClear(style[`border${side}Color`])) continue;
    context.beginPath();
    context.strokeStyle = style[`border${side}Color`];
    context.lineWidth = width;
    context.moveTo(box.x + x1 * box.width, box.y + y1 * box.height);
    context.lineTo(box.x + x2 * box.width, box.y + y2 * box.height);
    context.stroke();
  }
};

// The text of one node, line by line as the browser broke it.
const write = (context, node, style, placed) => {
  const range = document.createRange();
  const lines = [];
  for (let index = 0; index < node.length; index += 1) {
    range.setStart(node, index);
    range.setEnd(node, index + 1);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const line = lines.at(-1);
    if (line && Math.abs(line.box.top - box.top) < 2) line.text += node.data[index];
    else lines.push({ box, text: node.data[index] });
  }
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textBaseline = "middle";
  for (const { box, text } of lines) {
    const at = placed(box);
    context.fillText(text, at.x, at.y + at.height / 2);
  }
};

// An SVG as an image of its own, with the colours that the page's stylesheet gives it.
const imageOf = async (svg, box) => {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, index) => {
    const style = getComputedStyle(originals[index]);
    for (const name of INHERITED) element.setAttribute(name, style.getPropertyValue(name));
  });
  copy.setAttribute("xmlns", svg.namespaceURI);
  copy.setAttribute("width", box.width * SHARPNESS);
  copy.setAttribute("height", box.height * SHARPNESS);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
};

const paint = async (context, element, placed) => {
  const style = getComputedStyle(element);
  if (element.matches(SKIPPED) || style.display === "none") return;
  const box = placed(element.getBoundingClientRect());
  if (element instanceof SVGSVGElement) {
    context.drawImage(await imageOf(element, box), box.x, box.y, box.width, box.height);
    return;
  }
  if (element.matches(".light-shape")) shape(context, box, style);
  else ground(context, box, style);
  for (const child of element.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) write(context, child, style, placed);
    else if (child.nodeType === Node.ELEMENT_NODE) await paint(context, child, placed);
  }
};

const save = async (section, button) => {
  const whole = section.getBoundingClientRect();
  const height = button.parentElement.getBoundingClientRect().top - whole.top + MARGIN;
  const canvas = document.createElement("canvas");
  canvas.width = whole.width * SHARPNESS;
  canvas.height = height * SHARPNESS;
  const context = canvas.getContext("2d");
  context.scale(SHARPNESS, SHARPNESS);
  await paint(context, section, (box) => ({ x: box.x - whole.x, y: box.y - whole.y, width: box.width, height: box.height }));
  const link = document.createElement("a");
  link.href = canvas.toDataURL("image/png");
  link.download = `${section.querySelector("h2").textContent}.png`;
  link.click();
};

for (const section of document.querySelectorAll("[data-picture]")) {
  const button = section.querySelector("[data-save-picture]");
  if (!button) continue;
  button.hidden = false;
  button.addEventListener("click", () => save(section, button));
}
