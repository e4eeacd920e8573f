// [data-copy="id"] copies the text of that field. Not by navigator.clipboard alone: it is absent on plain-http intranets.
(() => {
  const copied = (field) => {
    field.focus();
    field.select();
    return document.execCommand("copy");
  };
  document.querySelectorAll("[data-copy]").forEach((button) => {
    const field = document.getElementById(button.dataset.copy);
    const said = document.querySelector(`[data-copied="${button.dataset.copy}"]`);
    button.hidden = false;
    button.addEventListener("click", () => {
      said.textContent = copied(field) ? "已复制。" : "没能复制，文字已选中，请按 Ctrl+C。";
    });
  });
})();
