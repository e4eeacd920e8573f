// Files beside a figure: uploading and removing answer with the new list, which takes the place of the old one.
(() => {
  const replaced = (list, text) => {
    const holder = document.createElement("template");
    holder.innerHTML = text;
    const fresh = holder.content.querySelector("[data-evidence]");
    if (!fresh) return false;
    list.replaceWith(fresh);
    // a first file makes the figure a draft: whoever shows its cell has to go on from that version
    fresh.dispatchEvent(new CustomEvent("evidence:changed", { bubbles: true, detail: { version: fresh.dataset.version } }));
    return true;
  };

  const say = (list, words) => {
    list.querySelector("[data-refusal]")?.remove();
    const said = document.createElement("p");
    said.className = "save-state save-bad";
    said.dataset.refusal = "";
    said.setAttribute("role", "alert");
    said.textContent = `✕ ${words}`;
    list.prepend(said);
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-evidence-form], [data-evidence-remove]");
    if (!form) return;
    event.preventDefault();
    const list = form.closest("[data-evidence]");
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { "HX-Request": "true" },
      });
      const isList = answer.ok || answer.status === 422;
      if (answer.redirected || !isList || !replaced(list, await answer.text())) {
        say(list, answer.status === 403 ? "没有权限，或登录已失效，请重新登录后再试。" : "没有成功，请刷新页面后再试。");
      }
    } catch {
      say(list, "连接中断，没有成功，请稍后再试。");
    } finally {
      button.disabled = false;
    }
  });
})();
