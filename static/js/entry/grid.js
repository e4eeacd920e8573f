// Moving, choosing, typing and pasting in the sheet, as in a spreadsheet. What changes is handed to `change`.
//
// Every cell is an ordinary control that keeps the focus, so that an input method composes in it at once. Three ways of
// being in a cell: "move" (arrows move, typing overwrites), "type" (arrows leave), "edit" (arrows go through the text).

import { parseBlock, plain, writeBlock } from "./clipboard.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const PAGE = 10;
const HAS_MOUSE = window.matchMedia("(pointer: fine)").matches;

export class Grid {
  #mode = "move";
  #anchor = null; // {row, col} where a range began
  #head = null; // where it ends: the cell with the focus
  #isDragging = false;
  #pressedAt = [0, 0];

  // `change([[row, field, value], …])`, `typing(row)`, `unchanged(row)`, `moved(row)`, `undo()`, `redo()`, `said(text)`
  constructor({ table, rows, change, typing, unchanged, moved, undo, redo, said }) {
    Object.assign(this, { table, change, typing, unchanged, moved, undo, redo, said });
    this.rowOf = new Map(rows.map((row) => [row.tr, row]));
    for (const td of table.querySelectorAll("td[data-col]")) if (!this.#controlIn(td)) td.tabIndex = -1;
    const on = (type, handler) => table.addEventListener(type, handler);
    on("keydown", (event) => this.#key(event));
    on("focusin", (event) => this.#focused(event));
    on("focusout", (event) => this.#left(event));
    on("input", (event) => this.#input(event));
    on("change", (event) => event.target.tagName === "SELECT" && this.#commit(event.target));
    on("mousedown", (event) => this.#pressed(event));
    on("mouseover", (event) => this.#dragged(event));
    on("dblclick", (event) => event.target.matches("input") && this.#edit(event.target));
    on("copy", (event) => this.#copy(event));
    on("cut", (event) => this.#copy(event) && this.#clear());
    on("paste", (event) => this.#paste(event));
    document.addEventListener("mouseup", () => (this.#isDragging = false));
  }

  // ---- Where things are

  get #trs() {
    return [...this.table.querySelectorAll("tr[data-line]:not([hidden])")];
  }

  #cells(tr) {
    return [...tr.querySelectorAll("td[data-col]")];
  }

  #controlIn(td) {
    return td?.querySelector("input:not([type=hidden]), select") ?? null;
  }

  #place(element) {
    const td = element.closest("td[data-col]");
    if (!td) return null;
    const tr = td.closest("tr");
    return { row: this.#trs.indexOf(tr), col: this.#cells(tr).indexOf(td) };
  }

  #cell({ row, col }) {
    const tr = this.#trs[row];
    return tr ? this.#cells(tr)[col] : undefined;
  }

  #rowAt(td) {
    return this.rowOf.get(td.closest("tr"));
  }

  #go(place, { extend = false } = {}) {
    const td = this.#cell(place);
    if (!td) return false;
    const anchor = extend ? this.#anchor : place;
    (this.#controlIn(td) ?? td).focus({ preventScroll: true });
    td.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.#anchor = anchor;
    this.#head = place;
    this.#mark();
    return true;
  }

  // Brings a row into sight and goes into the cell of that field, else into its first that can be filled.
  enter(row, field = "") {
    row.tr.hidden = row.tr.closest("tbody").hidden = false;
    const cells = this.#cells(row.tr);
    const wanted = cells.indexOf(row.controls.get(field)?.closest("td"));
    const col = wanted < 0 ? cells.findIndex((td) => this.#controlIn(td)) : wanted;
    const place = { row: this.#trs.indexOf(row.tr), col: Math.max(col, 3) };
    row.tr.scrollIntoView({ block: "center" });
    this.#go(col < 0 ? place : { ...place, col });
  }

  get #range() {
    const [a, b] = [this.#anchor, this.#head];
    const trs = this.#trs;
    if (!a || !b) return [];
    const rows = [];
    for (let row = Math.min(a.row, b.row); row <= Math.max(a.row, b.row); row += 1) {
      rows.push(this.#cells(trs[row]).slice(Math.min(a.col, b.col), Math.max(a.col, b.col) + 1));
    }
    return rows;
  }

  #mark() {
    for (const td of this.table.querySelectorAll("td.in-range")) td.classList.remove("in-range");
    const range = this.#range;
    if (range.length > 1 || range[0]?.length > 1) for (const td of range.flat()) td.classList.add("in-range");
  }

  // ---- Keys

  #key(event) {
    // an input method owns the keys while it composes; its last Enter comes as 229
    if (event.isComposing || event.keyCode === 229) return;
    const target = event.target;
    const place = this.#place(target);
    if (!place) return;
    const control = target.matches("input, select") ? target : null;
    const key = event.key;
    const command = event.ctrlKey || event.metaKey;
    const done = (wasHandled = true) => wasHandled && event.preventDefault();
    if (command && !event.altKey) {
      const lower = key.toLowerCase();
      if (this.#mode !== "move" && lower === "z") return; // the field's own undo
      if (lower === "z" && !event.shiftKey) return done(this.undo() || true);
      if (lower === "y" || (lower === "z" && event.shiftKey)) return done(this.redo() || true);
      if (lower === "d") return done(this.#fillDown() || true);
      if (key === "Home" || key === "End") return done(this.#go(this.#corner(key)));
      return;
    }
    const isList = control?.tagName === "SELECT";
    if (isList && (key === " " || (event.altKey && key === "ArrowDown"))) this.#mode = "edit"; // opens the list
    if (event.altKey) return;
    if (isList && this.#mode === "edit" && (key in ARROWS || key === "Enter" || key === "Escape")) {
      if (!(key in ARROWS)) this.#mode = "move"; // the list closes
      return;
    }
    if (key === "Escape") return done(this.#restore(control));
    if (key === "F2" && control) {
      this.#edit(control);
      return done();
    }
    if (key === "Enter") {
      if (control) this.#commit(control);
      this.#mode = "move";
      return done(this.#down(place, event.shiftKey ? -1 : 1) || true);
    }
    if (key === "Tab") {
      if (control) this.#commit(control);
      return; // the browser's own next control is the next cell that can be filled
    }
    const isText = this.#mode === "edit" && control && !isList;
    if (key in ARROWS) {
      const [down, right] = ARROWS[key];
      if (isText && right) return;
      return done(this.#step(place, down, right, event.shiftKey, control) || true);
    }
    if (isText) return;
    if (key === "Home" || key === "End") {
      const last = this.#cells(this.#trs[place.row]).length - 1;
      return done(this.#step(place, 0, key === "Home" ? -place.col : last - place.col, event.shiftKey, control) || true);
    }
    if (key === "PageDown" || key === "PageUp") {
      const rows = this.#trs.length - 1;
      const to = Math.max(0, Math.min(rows, place.row + (key === "PageDown" ? PAGE : -PAGE)));
      return done(this.#step(place, to - place.row, 0, event.shiftKey, control) || true);
    }
    if ((key === "Delete" || key === "Backspace") && this.#mode === "move") return done(this.#clear() || true);
  }

  #edit(control) {
    this.#mode = "edit";
    if (control.tagName === "SELECT") control.showPicker?.();
    else control.setSelectionRange(control.value.length, control.value.length);
  }

  #step(place, down, right, extend, control) {
    if (control) this.#commit(control);
    const from = extend ? this.#head : place;
    return this.#go({ row: from.row + down, col: from.col + right }, { extend });
  }

  // Enter skips rows that cannot be filled, arrows do not.
  #down({ row, col }, by) {
    for (let to = row + by; this.#trs[to]; to += by) {
      if (this.#controlIn(this.#cell({ row: to, col }))) return this.#go({ row: to, col });
    }
    return false;
  }

  #corner(key) {
    const trs = this.#trs;
    const order = [...trs.keys()];
    if (key === "End") order.reverse();
    const row = order.find((at) => this.#cells(trs[at]).some((td) => this.#controlIn(td))) ?? 0;
    const cols = this.#cells(trs[row]).map((td) => Boolean(this.#controlIn(td)));
    return { row, col: key === "Home" ? cols.indexOf(true) : cols.lastIndexOf(true) };
  }

  // ---- Typing

  #focused({ target }) {
    const place = this.#place(target);
    if (!place) return;
    this.#mode = "move";
    this.#anchor = this.#head = place;
    this.#mark();
    if (target.matches("input")) target.select();
    const row = this.rowOf.get(target.closest("tr"));
    if (row) this.moved(row);
  }

  #left({ target }) {
    if (target.matches("input, select")) this.#commit(target);
    this.#mode = "move";
  }

  #input({ target }) {
    if (target.tagName !== "INPUT") return;
    if (this.#mode === "move") this.#mode = "type";
    const row = this.rowOf.get(target.closest("tr"));
    if (!row) return;
    row.isTyping = true;
    this.typing(row);
  }

  #commit(control) {
    const row = this.rowOf.get(control.closest("tr"));
    if (row && control.name in row.current) {
      const wasTyping = row.isTyping;
      row.isTyping = false;
      if (control.value !== row.current[control.name]) this.change([[row, control.name, control.value]]);
      else if (wasTyping) this.unchanged(row);
    }
    if (this.#mode === "type") this.#mode = "move";
  }

  #restore(control) {
    const row = control && this.rowOf.get(control.closest("tr"));
    if (row && control.name in row.current) {
      control.value = row.current[control.name];
      this.#commit(control);
    }
    if (control?.tagName === "INPUT") control.select();
    this.#mode = "move";
    this.#anchor = this.#head;
    this.#mark();
    return true;
  }

  // ---- The mouse

  #pressed(event) {
    const place = this.#place(event.target);
    if (!place || event.button !== 0) return;
    if (event.shiftKey && this.#anchor) {
      event.preventDefault();
      this.#go(place, { extend: true });
      return;
    }
    this.#isDragging = true;
    this.#pressedAt = [event.clientX, event.clientY];
    const td = this.#cell(place);
    const control = this.#controlIn(td);
    if (control?.tagName === "INPUT") {
      // as in a spreadsheet, a second click edits only with a double click; a finger has no double click
      if (document.activeElement === control && (this.#mode !== "move" || !HAS_MOUSE)) {
        this.#mode = "edit";
        this.#isDragging = false;
      } else {
        event.preventDefault();
        this.#go(place);
      }
    } else if (control) {
      this.#mode = "edit"; // the list opens
    } else if (!event.target.closest("a, button")) {
      event.preventDefault();
      this.#go(place);
    }
  }

  #dragged(event) {
    if (!this.#isDragging) return;
    // rows that grow under a mouse that stands still are no drag
    if (event.clientX === this.#pressedAt[0] && event.clientY === this.#pressedAt[1]) return;
    const place = this.#place(event.target);
    if (!place || !this.#anchor || (place.row === this.#head.row && place.col === this.#head.col)) return;
    this.#head = place;
    this.#mark();
  }

  // ---- Blocks of cells

  #textOf(td) {
    const control = this.#controlIn(td);
    if (control?.tagName === "SELECT") return control.selectedOptions[0]?.textContent ?? "";
    if (control) return plain(control.value);
    const text = [...td.childNodes].find((node) => node.textContent.trim());
    return plain(text?.textContent ?? "");
  }

  #copy(event) {
    if (this.#mode !== "move" || !this.#range.length) return false;
    event.preventDefault();
    event.clipboardData.setData("text/plain", writeBlock(this.#range.map((row) => row.map((td) => this.#textOf(td)))));
    return true;
  }

  // A change for a cell, if the text can stand in it; null where a list does not offer it.
  #changeFor(td, text) {
    const control = this.#controlIn(td);
    const row = this.#rowAt(td);
    if (control.tagName === "INPUT") return [row, control.name, text];
    const wanted = text.replace(/[：:]\s*/g, "：");
    const option = [...control.options].find((one) => one.textContent === wanted || one.value === text);
    return option ? [row, control.name, option.value] : null;
  }

  #put(pairs) {
    const changes = [];
    const refused = [];
    let locked = 0;
    let blank = 0;
    for (const [td, text] of pairs) {
      if (text === "") blank += 1;
      else if (!this.#controlIn(td)) locked += 1;
      else {
        const change = this.#changeFor(td, text);
        if (change) changes.push(change);
        else refused.push(`${td.closest("tr").querySelector("th a").textContent}${td.dataset.head}“${text.slice(0, 20)}”不在可选项中`);
      }
    }
    this.change(changes);
    return { changes, refused, locked, blank };
  }

  #paste(event) {
    if (this.#mode !== "move" || !this.#head) return; // into the text that is being typed
    const text = event.clipboardData.getData("text/plain");
    event.preventDefault();
    if (!text) return;
    const block = parseBlock(text);
    const range = this.#range;
    const isOne = block.length === 1 && block[0].length === 1;
    const start = { row: Math.min(this.#anchor.row, this.#head.row), col: Math.min(this.#anchor.col, this.#head.col) };
    let outside = 0;
    const pairs = isOne
      ? range.flat().map((td) => [td, block[0][0]])
      : block.flatMap((cells, down) =>
          cells.flatMap((cell, right) => {
            const td = this.#cell({ row: start.row + down, col: start.col + right });
            if (td) return [[td, cell]];
            outside += 1;
            return [];
          }),
        );
    const { changes, refused, locked, blank } = this.#put(pairs);
    const parts = [`已粘贴${changes.length}格`];
    if (locked) parts.push(`${locked}格不可填，未改`);
    if (blank) parts.push(`空白${blank}格，保持不变`);
    if (outside) parts.push(`${outside}格超出本表，未粘贴`);
    this.said([...parts, ...refused].join("；") + "。");
    const active = this.#controlIn(this.#cell(this.#head));
    if (active?.tagName === "INPUT") active.select();
  }

  #clear() {
    const changes = [];
    for (const td of this.#range.flat()) {
      const control = this.#controlIn(td);
      if (control && control.name !== "availability" && control.name !== "figure_kind") {
        changes.push([this.#rowAt(td), control.name, ""]);
      }
    }
    this.change(changes);
  }

  #fillDown() {
    let range = this.#range;
    if (range.length < 2) {
      const { row, col } = this.#head;
      if (row === 0) return;
      range = [[this.#cell({ row: row - 1, col })], range[0]];
    }
    const [top, ...below] = range;
    const changes = [];
    top.forEach((from, col) => {
      const source = this.#controlIn(from);
      if (!source) return;
      const value = this.#rowAt(from).current[source.name];
      for (const cells of below) {
        const control = this.#controlIn(cells[col]);
        if (control?.name === source.name) changes.push([this.#rowAt(cells[col]), control.name, value]);
      }
    });
    this.change(changes);
    this.said(changes.length ? `已向下填充${changes.length}格。` : "这里没有可填充的单元格。");
  }
}
