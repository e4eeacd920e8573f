// The panel of a row: beside the sheet it follows the row; folded away, or without room beside it, a row's own button
// opens it over the sheet.

const WAIT = 220;
const FOLDED = "civplan-panel-folded";

export class Panel {
  #shown = null;
  #timer = null;
  #asked = null;

  constructor({ element, dialog, fold, year }) {
    Object.assign(this, { element, dialog, fold, year, home: element.parentElement });
    element.hidden = fold.hidden = false;
    this.#empty("进入一行，这里显示它的往年数据、口径、来源和记录。");
    dialog.addEventListener("close", () => this.home.append(element));
    fold.addEventListener("click", () => this.#setFolded(!this.home.classList.contains("is-folded")));
    this.#setFolded(remembered());
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

  // Over the sheet; closed by its button or Escape, which gives the focus back to where it was opened.
  open(row) {
    clearTimeout(this.#timer);
    this.#shown = row.pk;
    this.#empty("正在读取……");
    this.dialog.append(this.element);
    this.dialog.showModal();
    this.#load(row.pk);
  }

  #setFolded(isFolded) {
    this.home.classList.toggle("is-folded", isFolded);
    this.fold.setAttribute("aria-expanded", String(!isFolded));
    this.fold.textContent = isFolded ? "展开右侧详情" : "收起右侧详情";
    remember(isFolded);
    if (!isFolded && this.#shown) this.#soon();
  }

  #empty(words) {
    this.element.replaceChildren(Object.assign(document.createElement("p"), { className: "muted", textContent: words }));
  }

  #soon() {
    clearTimeout(this.#timer);
    // where it is not to be seen, it asks for nothing
    if (this.element.offsetParent) this.#timer = setTimeout(() => this.#load(this.#shown), WAIT);
  }

  async #load(pk) {
    this.#asked?.abort();
    const asked = (this.#asked = new AbortController());
    const options = { headers: { "HX-Request": "true" }, redirect: "manual", signal: asked.signal };
    const html = await fetch(`/indicators/${pk}/entry/${this.year}/panel/`, options)
      .then((response) => (response.ok ? response.text() : null))
      .catch(() => null); // a later row's request broke this one off, or the connection did
    if (pk !== this.#shown || asked.signal.aborted) return;
    if (html !== null) this.element.innerHTML = html;
    else if (this.dialog.open) this.#empty("没有读到：连接中断或登录已失效，请稍后再试。");
  }
}

const remembered = () => {
  try {
    return localStorage.getItem(FOLDED) === "yes";
  } catch {
    return false; // a browser may forbid the storage
  }
};
const remember = (isFolded) => {
  try {
    localStorage.setItem(FOLDED, isFolded ? "yes" : "no");
  } catch {
    // then it opens as it always did
  }
};
