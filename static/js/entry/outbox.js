// Sends what was typed, one request at a time, and works out what became of it. Nothing is dropped before it is answered.

import { same } from "./rows.js";

const MOST_ROWS = 200;
const TIMEOUT = 20_000;
const WAITS = [2_000, 4_000, 8_000, 15_000, 30_000];

const cookie = (name) => document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`))?.[1] ?? "";

export class Outbox {
  #timer = null;
  #running = null;
  #failures = 0;

  // `told(row, state, answer)` is called whenever a row's saving changes; `trouble(text, {login})` for the whole page.
  constructor({ address, person, rows, drafts, told, trouble }) {
    Object.assign(this, { address, person, rows, drafts, told, trouble });
    window.addEventListener("online", () => this.flush());
    window.addEventListener("focus", () => this.flush());
  }

  get waiting() {
    return this.rows.filter((row) => row.isDirty && !row.conflict && !(row.refused && row.holds(row.refused)));
  }

  // Rows whose content the server does not have, for whatever reason.
  get unsaved() {
    return this.rows.filter((row) => row.isDirty);
  }

  touch(row) {
    this.drafts.keep(row);
    if (row.refused && !row.holds(row.refused)) row.refused = null;
    this.told(row, row.conflict ? "conflict" : row.isDirty ? "waiting" : "clean");
    this.#later(120);
  }

  #later(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), wait);
  }

  // Sends until nothing is left to send, or until sending fails; resolves when it stops.
  flush() {
    clearTimeout(this.#timer);
    this.#running ??= this.#sendAll().finally(() => (this.#running = null));
    return this.#running;
  }

  async #sendAll() {
    for (let batch = this.waiting; batch.length; batch = this.waiting) {
      if (!(await this.#send(batch.slice(0, MOST_ROWS)))) return;
    }
  }

  async #send(batch) {
    const sent = new Map(batch.map((row) => [row, { ...row.current }]));
    for (const row of batch) this.told(row, "saving");
    const body = { rows: batch.map((row) => ({ indicator: row.pk, version: row.version, ...row.current })) };
    let response;
    try {
      response = await fetch(this.address, {
        method: "POST",
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT),
        headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken"), "X-Sheet-Person": this.person },
        body: JSON.stringify(body),
      });
    } catch {
      return this.#failed(sent, "连接中断。所填内容已留在本机，恢复后自动发送。");
    }
    if (response.type === "opaqueredirect" || response.status === 401) {
      return this.#failed(sent, "登录已失效。所填内容已留在本机，重新登录后自动发送。", { login: true });
    }
    if (response.status >= 500) return this.#failed(sent, "服务器暂时不可用。所填内容已留在本机，恢复后自动发送。");
    const answer = await response.json().catch(() => ({}));
    if (response.status === 413) return this.#tooMuch(batch, answer);
    if (!response.ok) {
      return this.#failed(sent, answer.message ?? "没有保存权限，或登录已失效。请刷新页面；所填内容已留在本机。", {
        login: !answer.message,
      });
    }
    this.#failures = 0;
    this.trouble("");
    for (const [row, fields] of sent) this.#settle(row, fields, answer.rows[row.pk]);
    return true;
  }

  // More than one request may carry: in halves, so that one row that is too long holds nobody up.
  async #tooMuch(batch, answer) {
    if (batch.length > 1) {
      const middle = Math.ceil(batch.length / 2);
      return (await this.#send(batch.slice(0, middle))) && this.#send(batch.slice(middle));
    }
    const [row] = batch;
    row.refused = { ...row.current };
    this.told(row, "bad", { message: answer.message ?? "本行内容太多，没有保存。" });
    return true;
  }

  #failed(sent, text, options = {}) {
    for (const [row, fields] of sent) {
      row.lost.push(fields);
      this.drafts.keep(row);
      this.told(row, "unsaved");
    }
    this.trouble(text, options);
    this.#later(WAITS[Math.min(this.#failures++, WAITS.length - 1)]);
    return false;
  }

  #settle(row, fields, answer) {
    if (!answer) {
      row.refused = fields;
      this.told(row, "bad", { message: "本行已不在这份规划中。" });
      return;
    }
    const mine = [row.saved, ...row.lost];
    row.lost = [];
    if (answer.outcome === "conflict") {
      // Nobody else changed the content: the version went up by our own unanswered save, or by a file or a review step.
      if (row.holds(answer.fields) || mine.some((fields) => same(answer.fields, fields))) {
        this.#take(row, answer);
        this.drafts.keep(row);
        this.told(row, row.isDirty ? "waiting" : "saved", answer);
      } else {
        row.conflict = answer;
        this.told(row, "conflict", answer);
      }
      return;
    }
    if (answer.outcome === "refused") {
      row.refused = fields;
      this.told(row, "bad", answer);
      return;
    }
    const isUntouched = row.holds(fields);
    this.#take(row, answer);
    if (isUntouched) row.current = { ...row.current, ...this.#shown(row, answer.fields) };
    this.drafts.keep(row);
    this.told(row, row.isDirty ? "waiting" : "saved", answer);
  }

  #take(row, answer) {
    row.version = answer.version;
    row.saved = this.#shown(row, answer.fields);
    row.refused = null;
  }

  #shown(row, fields) {
    return Object.fromEntries([...row.controls.keys()].map((name) => [name, fields[name]]));
  }

  // The person's choice in a conflict: keep their own over the other's version, or take the other's.
  decide(row, keepsOwn) {
    const { version, fields } = row.conflict;
    row.version = version;
    row.saved = this.#shown(row, fields);
    row.conflict = null;
    if (!keepsOwn) row.current = { ...row.saved };
    this.touch(row);
    return this.flush();
  }
}
