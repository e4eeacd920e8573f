// The entry sheet: Enter goes down a row, a refused cell is marked, a conflict is decided, a lost connection is said.
(() => {
  const rowOf = (element) => element.closest("[data-line]");
  const field = (id, name) => document.querySelector(`[form="${id}"][name="${name}"]`);
  const send = (id) => htmx.trigger(document.getElementById(id), "submit");

  document.addEventListener("keydown", (event) => {
    // isComposing: the Enter that confirms a pinyin word stays in its cell
    if (event.key !== "Enter" || event.isComposing || !event.target.matches(".entry input:not([type=hidden])")) return;
    event.preventDefault();
    const column = [...document.querySelectorAll(`.entry input[name="${event.target.name}"]:not([type=hidden])`)];
    const next = column[column.indexOf(event.target) + (event.shiftKey ? -1 : 1)];
    if (next) {
      next.focus();
      next.select();
    } else {
      event.target.blur();
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const row = rowOf(event.detail.target);
    if (!row) return;
    const isBad = Boolean(row.querySelector("[data-bad], .conflict"));
    row.querySelectorAll("input[name=value], input[name=comparator]").forEach((input) => {
      if (isBad) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    });
    const ready = document.querySelector("[data-ready]");
    if (ready) ready.textContent = document.querySelectorAll("[data-filled]").length;
  });

  // An answer from another address is the sign-in page: the session has ended.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestPath, responsePath } = event.detail.pathInfo;
    if (responsePath && responsePath !== requestPath) {
      event.detail.shouldSwap = false;
      event.detail.isError = true;
    }
  });

  const unsaved = (event) => {
    const target = event.detail.target;
    if (!target?.id?.startsWith("status-")) return;
    target.querySelectorAll("[data-saved], [data-unsaved]").forEach((element) => element.remove());
    const said = document.createElement("p");
    said.className = "save-state save-bad";
    said.dataset.unsaved = "";
    said.textContent = "✕ 未保存：连接中断或登录已失效，所填内容仍在本页。";
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "重试";
    again.addEventListener("click", () => send(target.id.replace("status-", "entry-")));
    target.append(said, again);
  };
  document.addEventListener("htmx:sendError", unsaved);
  document.addEventListener("htmx:responseError", unsaved);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-keep]");
    if (!button) return;
    const id = button.dataset.form;
    if (button.dataset.keep === "theirs") {
      for (const name of ["value", "comparator", "judgement", "note", "availability"]) {
        const input = field(id, name);
        if (input) input.value = button.dataset[name] === "reported" ? "" : (button.dataset[name] ?? "");
      }
    }
    field(id, "version").value = button.dataset.version;
    send(id);
  });

  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("[data-bad], [data-unsaved], .conflict, .htmx-request")) event.preventDefault();
  });
})();
