// The month sheet: a refused cell is marked, what can be submitted is counted, a lost connection is said.
(() => {
  const statusOf = (target) => (target?.id?.startsWith("status-") ? target : null);

  document.addEventListener("htmx:afterSwap", (event) => {
    const row = event.detail.target.closest("[data-line]");
    if (!row) return;
    row.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
    row.querySelectorAll("[data-bad]").forEach((said) => {
      row.querySelector(`[form][name="${said.dataset.bad}"]`)?.setAttribute("aria-invalid", "true");
    });
    const count = document.querySelector("[data-ready-count]");
    if (count) count.textContent = document.querySelectorAll("[data-ready]").length;
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
    const status = statusOf(event.detail.target);
    if (!status) return;
    status.querySelectorAll("[data-lost], .save-ok").forEach((element) => element.remove());
    const said = document.createElement("p");
    said.className = "save-state save-bad";
    said.dataset.lost = "";
    said.textContent = "✕ 未保存：连接中断或登录已失效，所填内容仍在本页。";
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "重试";
    again.addEventListener("click", () => htmx.trigger(document.getElementById(status.id.replace("status-", "month-")), "submit"));
    said.append(again);
    status.append(said);
  };
  document.addEventListener("htmx:sendError", unsaved);
  document.addEventListener("htmx:responseError", unsaved);

  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("[data-unsaved], [data-lost], .htmx-request")) event.preventDefault();
  });
})();
