// What was typed and has not reached the server, in this browser's own storage: per person, sheet and row.

export class Drafts {
  constructor({ person, plan, year }) {
    this.prefix = `civplan:entry:${person}:${plan}:${year}:`;
    this.isBroken = false;
  }

  keep(row) {
    const draft = { fields: row.onScreen, version: row.version };
    this.#use((storage) => storage.setItem(this.prefix + row.pk, JSON.stringify(draft)));
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
