// The panel beside the sheet: follows the row.

const WAIT = 220;

export class Panel {
  #shown = null;
  #timer = null;
  #asked = null;

  constructor({ element, year }) {
    this.element = element;
    this.year = year;
    element.hidden = false;
    element.append(Object.assign(document.createElement("p"), { className: "muted", textContent: "进入一行，这里显示它的往年数据、口径、来源和记录。" }));
  }

  follow(row) {
    if (row.pk === this.#shown) return;
    this.#shown = row.pk;
    this.#soon();
  }

  // Reads again after a save, so that what stands here is what the sheet shows.
  refresh(row) {
    if (row.pk === this.#shown && !this.element.contains(document.activeElement)) this.#soon();
  }

  #soon() {
    clearTimeout(this.#timer);
    // where a narrow screen leaves it out, it asks for nothing
    if (this.element.offsetParent) this.#timer = setTimeout(() => this.#load(this.#shown), WAIT);
  }

  async #load(pk) {
    this.#asked?.abort();
    this.#asked = new AbortController();
    const options = { headers: { "HX-Request": "true" }, redirect: "manual", signal: this.#asked.signal };
    const html = await fetch(`/indicators/${pk}/entry/${this.year}/panel/`, options)
      .then((response) => (response.ok ? response.text() : null))
      .catch(() => null); // a later row's request broke this one off, or the connection did
    if (html !== null && pk === this.#shown) this.element.innerHTML = html;
  }
}
