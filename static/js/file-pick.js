// A file is chosen by a button of ours: the browser's own speaks the browser's language, not the portal's.
// Without this script the browser's own stays where it is. The input itself keeps the focus, the keys and its name.
(() => {
  document.documentElement.classList.add("picks-files");

  document.addEventListener("change", (event) => {
    const shown = event.target.closest(".file-pick")?.querySelector("[data-file-name]");
    if (shown) shown.textContent = [...event.target.files].map((file) => file.name).join("、") || "没有选择文件";
  });
})();
