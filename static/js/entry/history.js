// Undo and redo. A step is a list of changes {row, field, before, after} that were made together.

const MOST_STEPS = 500;

export class History {
  #done = [];
  #undone = [];

  add(step) {
    this.#done.push(step);
    if (this.#done.length > MOST_STEPS) this.#done.shift();
    this.#undone = [];
  }

  // The changes to make now, last first; null when there is nothing to undo.
  undo() {
    const step = this.#done.pop();
    if (!step) return null;
    this.#undone.push(step);
    return step.toReversed().map((change) => ({ ...change, before: change.after, after: change.before }));
  }

  redo() {
    const step = this.#undone.pop();
    if (!step) return null;
    this.#done.push(step);
    return step;
  }
}
