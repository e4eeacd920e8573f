// The review by keyboard: keys on a focused row only, and decisions that come back to the next row instead of the top.
(() => {
  const rows = () => [...document.querySelectorAll("[data-review-row]")];
  const boxes = () => [...document.querySelectorAll("[name=chosen]")];

  // One row takes part in the order of Tab; the arrows go on from there.
  const focusRow = (row) => {
    if (!row) return;
    rows().forEach((other) => other.setAttribute("tabindex", other === row ? "0" : "-1"));
    row.focus();
    row.scrollIntoView({ block: "nearest" });
  };

  const count = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    const shown = document.querySelector("[data-count]");
    if (!shown) return;
    shown.hidden = false;
    shown.textContent = `（${chosen}）`;
    document.querySelector("[data-approve-chosen]").disabled = chosen === 0;
  };

  const begin = () => {
    rows().forEach((row, index) => row.setAttribute("tabindex", index === 0 ? "0" : "-1"));
    document.querySelectorAll("[data-keys]").forEach((legend) => (legend.hidden = false));
    count();
  };

  const step = (row, by) => {
    const all = rows();
    focusRow(all[all.indexOf(row) + by]);
  };
  const openReturn = (row) => {
    const box = row.querySelector("[data-return]");
    if (!box) return;
    box.open = true;
    box.querySelector("textarea").focus();
  };
  const toggle = (row) => {
    const box = row.querySelector("[name=chosen]");
    if (box) box.click();
  };
  const approve = (row) => row.querySelector("[data-approve]")?.click();
  const keys = {
    ArrowDown: (row) => step(row, 1),
    ArrowUp: (row) => step(row, -1),
    j: (row) => step(row, 1),
    k: (row) => step(row, -1),
    " ": toggle,
    a: approve,
    Enter: approve,
    r: openReturn,
  };

  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("[data-review-row]");
    if (!row || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = row.querySelector("[data-return]");
    if (event.key === "Escape" && box?.open) {
      box.open = false;
      focusRow(row);
      return;
    }
    // letters mean something on the row itself only, never in its fields, links and buttons
    const act = event.target === row && keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || (event.repeat && act === approve)) return;
    event.preventDefault();
    act(row);
  });

  document.addEventListener("change", (event) => event.target.matches("[name=chosen]") && count());
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-review-row]");
    if (row) rows().forEach((other) => other.setAttribute("tabindex", other === row ? "0" : "-1"));
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-review-row]");
    if (row && !event.target.closest("a, button, summary, input, textarea, label")) focusRow(row);
    if (!event.target.closest("[data-choose-clean]")) return;
    event.preventDefault();
    document.querySelectorAll("[data-clean]").forEach((box) => (box.checked = true));
    count();
  });

  const say = (words) => {
    const said = document.createElement("p");
    said.className = "problems";
    said.setAttribute("role", "alert");
    said.textContent = `✕ ${words}`;
    document.querySelector("[data-review]").prepend(said);
    said.scrollIntoView({ block: "nearest" });
  };

  let isBusy = false;
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-review-form]");
    if (!form) return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    const row = form.closest("[data-review-row]");
    const order = rows().map((other) => other.dataset.reviewRow);
    const after = row ? order.slice(order.indexOf(row.dataset.reviewRow)) : order;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // any other page (sign-in, no right) leaves this one, and what was typed in it, as it is
      if (!page.querySelector("[data-review]")) {
        say(answer.redirected ? "登录已失效，没有办理。请在新窗口登录后再试。" : "没有办理，请刷新页面后再试。");
        return;
      }
      document.querySelector("main").replaceWith(page.querySelector("main"));
      begin();
      const held = document.querySelector("[data-held]");
      const next = after.map((pk) => document.querySelector(`[data-review-row="${pk}"]`)).find(Boolean);
      if (held) held.focus();
      else focusRow(next ?? rows().at(-1));
    } catch {
      say("连接中断，没有办理，请稍后再试。");
    } finally {
      isBusy = false;
    }
  });

  begin();
})();
