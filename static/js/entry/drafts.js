// What was typed and has not reached the server, in this browser's own storage: per person, sheet and row.

import { same } from "./rows.js";

export class Drafts {
  constructor({ person, plan, year }) {
    this.prefix = `civplan:entry:${person}:${plan}:${year}:`;
    this.isBroken = false;
  }

  // Keeps what stands on the screen, with what it was typed over; nothing where that is what the server has.
  keep(row) {
    const fields = row.onScreen;
    if (same(fields, row.saved)) return this.drop(row);
    const draft = { fields, version: row.version, saved: row.saved, lost: row.lost };
    return this.#use((storage) => storage.setItem(this.prefix + row.pk, JSON.stringify(draft)));
  }

  drop(row) {
    this.#use((storage) => storage.removeItem(this.prefix + row.pk));
  }

  of(row) {
    const text = this.#use((storage) => storage.getItem(this.prefix + row.pk));
    try {
      const draft = JSON.parse(text ?? "null");
      return draft?.fields ? draft : null;
    } catch {
      return null;
    }
  }

  // Storage can be full or forbidden; typing goes on without it, and the page says so.
  #use(action) {
    try {
      return action(window.localStorage);
    } catch {
      this.isBroken = true;
      return null;
    }
  }
}
