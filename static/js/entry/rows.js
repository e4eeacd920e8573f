// The rows of the sheet: what stands in their cells, what of it the server has, and on which version it is based.

export const FIELDS = ["value", "judgement", "comparator", "availability", "figure_kind", "note"];

const serverValue = (control) =>
  control.tagName === "SELECT"
    ? ([...control.options].find((option) => option.defaultSelected) ?? control.options[0]).value
    : control.defaultValue;

export class Row {
  constructor(tr) {
    this.tr = tr;
    this.pk = tr.dataset.line;
    this.version = tr.dataset.version ? Number(tr.dataset.version) : null;
    this.isLocked = "locked" in tr.dataset;
    this.controls = new Map();
    for (const name of FIELDS) {
      const control = tr.querySelector(`[name="${name}"]`);
      if (control) this.controls.set(name, control);
    }
    // a browser that restores a form after a reload must not pass for the server
    this.saved = Object.fromEntries([...this.controls].map(([name, control]) => [name, serverValue(control)]));
    this.current = { ...this.saved };
    // typed before this script ran; browsers restore only lists here
    this.early = [...this.controls.values()].filter((box) => box.tagName === "INPUT" && box.value !== box.defaultValue).map((box) => [box.name, box.value]);
    this.show();
    this.refused = null; // what the server would not take; not sent again until it changes
    this.lost = []; // what was sent and never answered: it may have arrived
    this.conflict = null;
    this.isTyping = false; // a cell was typed in and not left
    this.told = ["clean"]; // how its saving stands, and the answer
  }

  get isDirty() {
    return !this.holds(this.saved);
  }

  // Whether the cells hold just these fields; fields without a cell here do not count.
  holds(fields) {
    return same(this.current, fields);
  }

  // What is on the screen this moment, half a word included.
  get onScreen() {
    return Object.fromEntries([...this.controls].map(([name, control]) => [name, control.value]));
  }

  // Takes up what was typed here before, on the version that it was typed over.
  resume({ fields, version, saved, lost }) {
    for (const name of this.controls.keys()) if (name in fields) this.current[name] = fields[name];
    if (!this.isDirty) return;
    // a cell that was not left had not yet meant anything for the others
    for (const name of ["value", "judgement"]) {
      if (this.current[name] === this.saved[name]) continue;
      for (const [field, value] of withConsequences(this, name, this.current[name])) this.current[field] = value;
    }
    Object.assign(this, { version, saved: { ...this.saved, ...saved }, lost });
    this.show();
  }

  show(except = null) {
    for (const [name, control] of this.controls) {
      if (control !== except && name in this.current) control.value = this.current[name];
    }
  }
}

// Whether two sets of fields say the same in every field that both have.
export const same = (one, other) => Object.keys(one).every((name) => !(name in other) || one[name] === other[name]);

// What else a change in one cell means: a figure is 有数据, a stated absence leaves no figure.
export const withConsequences = (row, field, value) => {
  const changes = [[field, value]];
  const now = row.current.availability;
  if (field === "value" || field === "judgement") {
    const derived = value.trim() ? "reported" : "unreported";
    if (derived === "reported" || now === "reported") changes.push(["availability", derived]);
  }
  if (field === "availability" && value !== "reported") {
    for (const name of ["value", "judgement", "comparator"]) if (row.current[name]) changes.push([name, ""]);
  }
  return changes;
};
