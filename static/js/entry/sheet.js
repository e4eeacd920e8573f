// The entry sheet: puts the parts together, and says of every row and of the whole page how it stands.

import { Drafts } from "./drafts.js";
import { Grid } from "./grid.js";
import { History } from "./history.js";
import { Outbox } from "./outbox.js";
import { Panel } from "./panel.js";
import { Row, withConsequences } from "./rows.js";

const table = document.querySelector("[data-entry]");
const { person, plan, year } = table.dataset;
const find = (hook) => document.querySelector(`[data-${hook}]`);
const rows = [...table.querySelectorAll("tr[data-line]")].map((tr) => new Row(tr));
const drafts = new Drafts({ person, plan, year });
const history = new History();
const panel = new Panel({ element: find("panel"), dialog: find("panel-dialog"), fold: find("panel-fold"), year });

const make = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });

// ---- How a row stands, as icon and word

const STATES = {
  clean: ["", ""],
  typing: ["save-soft", "✎ 输入中"],
  waiting: ["save-soft", "↻ 待保存"],
  saving: ["save-soft", "↻ 保存中"],
  saved: ["save-ok", "✓ 已保存"],
  unsaved: ["save-bad", "⚠ 未保存，将重试"],
  conflict: ["save-bad", "⇄ 冲突"],
  bad: ["save-bad", "✕ 有误"],
};
const WORDS = { value: "实际值", judgement: "定性结论", comparator: "对照值", availability: "数据情况", figure_kind: "性质", note: "说明" };

const shownAs = (row, name, value) => {
  const control = row.controls.get(name);
  const option = control.tagName === "SELECT" && [...control.options].find((one) => one.value === value);
  return (option ? option.textContent : value) || "（空）";
};

const choice = (row) => {
  const { fields, by, at } = row.conflict;
  const box = make("div", "conflict");
  box.setAttribute("role", "alert");
  const list = document.createElement("dl");
  for (const name of row.controls.keys()) {
    if (fields[name] === row.current[name]) continue;
    list.append(make("dt", "", `${by || "其他人"} ${at} 存的${WORDS[name]}`), make("dd", "", shownAs(row, name, fields[name])));
    list.append(make("dt", "", `您填的${WORDS[name]}`), make("dd", "", shownAs(row, name, row.current[name])));
  }
  const decided = (text, keepsOwn) => {
    const button = make("button", "", text);
    button.type = "button";
    button.addEventListener("click", () => {
      outbox.decide(row, keepsOwn);
      row.show();
    });
    return button;
  };
  box.append(list, decided("用我填的覆盖", true), decided("改用对方的", false));
  return box;
};

const tell = (row, state, answer = null) => {
  if (state !== "typing") row.told = [state, answer];
  const place = row.tr.querySelector("[data-save-state]");
  const [className, word] = STATES[row.isTyping && state !== "bad" && state !== "conflict" ? "typing" : state];
  const time = word === STATES.saved[1] ? ` ${answer.saved_at}` : "";
  const parts = word ? [make("span", `save-state ${className}`, word + time)] : [];
  if (state === "bad") {
    const said = make("p", "save-bad", `未保存：${answer.message}`);
    said.setAttribute("role", "alert");
    parts.push(said);
  }
  if (state === "conflict") parts.push(choice(row));
  place.replaceChildren(...parts);
  row.tr.dataset.save = state;
  const named = Object.keys(answer?.errors ?? {}).filter((name) => row.controls.has(name));
  for (const [name, control] of row.controls) {
    const isBad = state === "bad" && (named.length ? named.includes(name) : name !== "note");
    const isDisputed = state === "conflict" && row.conflict.fields[name] !== row.current[name];
    if (isBad || isDisputed) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  row.tr.toggleAttribute("data-bad", state === "bad" || state === "conflict");
  if (answer?.cells && state !== "bad" && state !== "conflict") takeCells(row, answer);
  count();
};

// The computed cells as the server shows them after a save.
const takeCells = (row, answer) => {
  const holder = document.createElement("template");
  holder.innerHTML = `<table><tr>${answer.cells}</tr></table>`;
  for (const td of holder.content.querySelectorAll("td[data-col]")) {
    const place = row.tr.querySelector(`td[data-col="${td.dataset.col}"]`); // stays: it may have the focus
    place.className = td.className;
    place.innerHTML = td.innerHTML;
  }
  row.tr.querySelector("[data-state]").innerHTML = answer.state;
  for (const flag of ["filled", "faulty", "returned"]) row.tr.toggleAttribute(`data-${flag}`, answer.flags[flag]);
  row.show(row.isTyping ? document.activeElement : null);
  panel.refresh(row);
};

const count = () => {
  const fillable = rows.filter((row) => "fillable" in row.tr.dataset);
  find("count-unfilled").textContent = fillable.filter((row) => !("filled" in row.tr.dataset)).length;
  find("count-ready").textContent = fillable.filter((row) => "filled" in row.tr.dataset && !row.isLocked).length;
};

// ---- How the whole page stands

const line = find("save-line");
const say = (text, { login = false } = {}) => {
  line.replaceChildren(text);
  if (!login) return;
  const link = make("a", "button", "重新登录");
  link.href = `${table.dataset.login}?next=${encodeURIComponent(location.pathname)}`;
  line.append(" ", link);
};
let inTrouble = false;
const trouble = (text, options) => {
  if (text || inTrouble) say(text && `⚠ ${text}`, options);
  line.classList.toggle("save-bad", Boolean(text));
  inTrouble = Boolean(text);
};

const outbox = new Outbox({ address: table.dataset.save, person, rows, drafts, told: tell, trouble });

// ---- Changes, undo and redo

const apply = (changes) => {
  const touched = new Set();
  for (const { row, field, after } of changes) {
    row.current[field] = after;
    row.controls.get(field).value = after;
    touched.add(row);
  }
  for (const row of touched) outbox.touch(row);
};

const change = (wanted) => {
  const step = [];
  for (const [row, field, value] of wanted) {
    for (const [name, after] of withConsequences(row, field, value)) {
      const before = row.current[name];
      if (before === undefined || before === after) continue;
      step.push({ row, field: name, before, after });
      row.current[name] = after; // the next change of this row builds on it
    }
  }
  if (!step.length) return;
  history.add(step);
  apply(step);
};

const replay = (step, nothing) => {
  if (!step) return say(nothing);
  apply(step);
  return grid.enter(step[0].row, step[0].field);
};

const grid = new Grid({
  table,
  rows,
  change,
  typing: (row) => {
    drafts.keep(row);
    if (drafts.isBroken) say("⚠ 这台电脑不允许网页存储：断网或关闭页面前请等“已保存”。");
    tell(row, "typing");
  },
  unchanged: (row) => {
    drafts.keep(row);
    tell(row, ...row.told);
  },
  moved: (row) => panel.follow(row),
  undo: () => replay(history.undo(), "没有可撤销的操作。"),
  redo: () => replay(history.redo(), "没有可重做的操作。"),
  said: say,
});

// ---- What was typed before and never arrived

for (const row of rows) {
  const draft = drafts.of(row);
  if (!draft) continue;
  if (row.isLocked) {
    const typed = Object.entries(draft.fields).filter(([name, value]) => value && (name === "value" || name === "note"));
    const said = make("p", "save-bad", `您曾填写${typed.map(([name, value]) => `${WORDS[name]}“${value}”`).join("、")}，未能保存。`);
    const button = make("button", "link", "知道了");
    button.type = "button";
    button.addEventListener("click", () => {
      drafts.drop(row);
      said.remove();
    });
    said.append(button);
    row.tr.querySelector("[data-save-state]").append(said);
    continue;
  }
  row.resume(draft);
  outbox.touch(row);
}
change(rows.flatMap((row) => row.early.map(([field, value]) => [row, field, value])));
outbox.flush();

// ---- A row's panel, where it does not stand beside the sheet

for (const row of rows) {
  const button = make("button", "link row-details", "详情与材料");
  button.type = "button";
  button.setAttribute("aria-label", `${row.tr.querySelector("th a").textContent} 详情与佐证材料`);
  button.setAttribute("aria-haspopup", "dialog");
  button.addEventListener("click", () => panel.open(row));
  row.tr.querySelector(".status").append(button);
}

// ---- Which rows are shown

for (const link of document.querySelectorAll("[data-show]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const keeps = {
      unfilled: (row) => "fillable" in row.tr.dataset && !("filled" in row.tr.dataset),
      faulty: (row) => "faulty" in row.tr.dataset || "bad" in row.tr.dataset,
      returned: (row) => "returned" in row.tr.dataset,
      mine: (row) => "mine" in row.tr.dataset,
    }[link.dataset.show];
    for (const row of rows) row.tr.hidden = Boolean(keeps) && !keeps(row);
    for (const other of document.querySelectorAll("[data-show]")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    window.history.replaceState(null, "", link.getAttribute("href") === "?" ? location.pathname : link.href);
    sections();
    say(table.querySelector("tr[data-line]:not([hidden])") ? "" : "没有这样的行。");
  });
}
const sections = () => {
  for (const body of table.querySelectorAll("[data-section]")) {
    body.hidden = !body.querySelector("tr[data-line]:not([hidden])");
  }
};
sections();

// ---- Checking and passing on

const checked = async () => {
  document.activeElement?.blur?.();
  await outbox.flush();
  const response = await fetch(table.dataset.check, { headers: { "HX-Request": "true" }, redirect: "manual" }).catch(() => null);
  const holder = document.createElement("div");
  if (response?.ok) holder.innerHTML = await response.text();
  else holder.append(make("p", "save-bad", "没有检查成：连接中断或登录已失效，请稍后再试。"));
  const unsaved = outbox.unsaved.length;
  if (unsaved) {
    const names = outbox.unsaved.map((row) => row.tr.querySelector("th a").textContent).slice(0, 5).join("、");
    holder.prepend(make("p", "save-bad", `✕ 还有${unsaved}行没有保存（${names}${unsaved > 5 ? "等" : ""}），不在下列数目之内。`));
  }
  return holder;
};

find("check-button").addEventListener("click", async (event) => {
  event.preventDefault();
  const place = find("check-here");
  place.replaceChildren(await checked());
  place.scrollIntoView({ block: "start" });
  place.querySelector("[data-check-result]")?.focus({ preventScroll: true });
});

const dialog = find("dialog");
find("submit-button").addEventListener("click", async (event) => {
  event.preventDefault();
  find("dialog-body").replaceChildren(await checked());
  dialog.showModal();
});

document.addEventListener("click", (event) => {
  const jump = event.target.closest("[data-jump]");
  if (!jump) return;
  event.preventDefault();
  dialog.close();
  grid.enter(rows.find((row) => row.pk === jump.dataset.jump));
});

// Asks before leaving with something unsaved; not where the page itself leads to signing in or passes the sheet on.
let isLed = false;
document.addEventListener("submit", (event) => (isLed ||= dialog.contains(event.target) && event.target.method === "post"));
line.addEventListener("click", (event) => (isLed ||= Boolean(event.target.closest("a"))));
window.addEventListener("beforeunload", (event) => {
  if (outbox.unsaved.length && !isLed) event.preventDefault();
});
