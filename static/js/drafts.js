// A table pasted into [data-paste-table="field"] keeps its cells: the HTML of the clipboard goes into that hidden field,
// its tables only and without styles, since a page's markup is many times what it says.
(() => {
  const MOST = 2000000; // characters; the server takes no more
  const SPANS = ["rowspan", "colspan"];

  const bare = (node) => {
    const copy = document.createElement(node.tagName.toLowerCase());
    SPANS.filter((name) => node.hasAttribute(name)).forEach((name) => copy.setAttribute(name, node.getAttribute(name)));
    node.childNodes.forEach((child) => {
      if (child.nodeType === Node.TEXT_NODE) copy.append(child.textContent);
      else if (child.nodeType === Node.ELEMENT_NODE && !["SCRIPT", "STYLE"].includes(child.tagName)) copy.append(bare(child));
    });
    return copy;
  };

  // Nothing of a parsed page is loaded or run, but the portal's policy counts each style and handler in it as an offence.
  const plain = (html) => html
    .replace(/<(style|script)\b[\s\S]*?<\/\1\s*>/gi, "")
    .replace(/\s(?:style|on[a-z]+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, "");

  const tablesOf = (html) => {
    const page = new DOMParser().parseFromString(plain(html), "text/html");
    return [...page.querySelectorAll("table")].filter((table) => !table.parentElement.closest("table"));
  };

  document.querySelectorAll("[data-paste-table]").forEach((area) => {
    const kept = area.form.elements[area.dataset.pasteTable];
    const said = area.closest("div").querySelector("[data-paste-said]");

    area.addEventListener("paste", (event) => {
      const tables = tablesOf(event.clipboardData.getData("text/html"));
      if (!tables.length) return;
      const html = tables.map((table) => bare(table).outerHTML).join("\n");
      const rows = tables.reduce((count, table) => count + table.rows.length, 0);
      event.preventDefault();
      if (html.length > MOST) {
        said.textContent = "表格太大，超过200万字。请只复制规划主要指标表。";
        return;
      }
      kept.value = html;
      area.value = event.clipboardData.getData("text/plain").slice(0, 20000);
      said.textContent = `已收到表格：${tables.length}张，共${rows}行。合并的单元格也保留了。`;
    });

    // what is typed afterwards is what counts
    area.addEventListener("input", () => {
      kept.value = "";
      said.textContent = "";
    });
  });
})();
