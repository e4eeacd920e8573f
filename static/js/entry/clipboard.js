// Text as spreadsheets put it on the clipboard, and back.

// Rows of cells. Cells are parted by tabs and lines by line ends; a cell in quotes may hold both, and "" is a quote.
export const parseBlock = (text) => {
  const rows = [[]];
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at <= source.length; ) {
    let cell = "";
    const quoted = source[at] === '"' ? /^"((?:[^"]|"")*)"(?=[\t\n]|$)/.exec(source.slice(at)) : null;
    if (quoted) {
      cell = quoted[1].replaceAll('""', '"');
      at += quoted[0].length;
    } else {
      const end = source.slice(at).search(/[\t\n]/);
      cell = end < 0 ? source.slice(at) : source.slice(at, at + end);
      at += cell.length;
    }
    rows.at(-1).push(cell.replace(/\n/g, " ").trim());
    if (source[at] === "\n") rows.push([]);
    at += 1;
  }
  return rows;
};

const quoted = (cell) => (/["\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

export const writeBlock = (rows) => rows.map((row) => row.map(quoted).join("\t")).join("\n");

// A figure as a spreadsheet takes it: half width, no separators, an ordinary minus; anything else as it stands.
export const plain = (text) => {
  const half = text.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[−]/g, "-");
  const bare = half.trim().replace(/^([+-]?\d{1,3})((?:,\d{3})+)(?=\.|%?$)/, (all, head, rest) => head + rest.replaceAll(",", ""));
  if (/^[+-]?\d+(\.\d+)?%?$/.test(bare)) return bare.replace(/^\+/, "");
  return text.trim() === "—" ? "" : text.trim();
};
