// The board: filters, arrow keys, the panel of a cell. Texts of the document only ever become text nodes.
(() => {
  const grid = document.querySelector(".grid");
  if (!grid) return;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const at = (id) => document.getElementById(id);

  // ---- words -------------------------------------------------------------------------------------------------------
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase().replace(/\s+/g, " ").trim();
  const SVG = "http://www.w3.org/2000/svg";
  const make = (tag, attributes, ...children) => {
    const element = ["svg", "rect"].includes(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value !== undefined) element.setAttribute(name, value);
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  };
  const t = (vi, en) => vi === en ? [String(vi)] : [make("span", { lang: "vi" }, vi), make("span", { lang: "en" }, en)];
  const both = (words) => Array.isArray(words) ? t(words[0], words[1]) : t(words.vi, words.en);
  const own = (text) => make("span", { lang: "vi-VN" }, text);
  const number = (value) => t(value.toLocaleString("vi-VN"), value.toLocaleString("en-GB"));
  const percent = (value) => { const cut = Math.floor(value * 1000) / 10; return t(cut.toLocaleString("vi-VN") + " %", cut.toLocaleString("en-GB") + "%"); };
  const day = (iso) => /^\d{4}-\d\d-\d\d$/.test(iso) ? t(iso.split("-").reverse().join("/"),
    new Date(iso + "T00:00:00Z").toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" })) : [String(iso)];

  // ---- filters -----------------------------------------------------------------------------------------------------
  const VERDICTS = ["not_met", "not_provable", "met", "not_applicable"];
  const agencies = all("tr.agency", grid).map((row) => ({
    row, body: row.parentElement, words: fold(row.querySelector(".name").textContent),
    total: row.querySelector(".tally"), cells: all("td[data-c]:not(.tally)", row), verdicts: all("td[data-c]:not(.tally)", row).map((cell) => VERDICTS.find((v) => cell.classList.contains(v)) || ""),
  }));
  const bodies = all("tbody", grid).map((body) => ({ body, tallies: all(".block [data-c]", body), members: body.querySelector("[data-members]"), agencies: agencies.filter((a) => a.body === body) }));
  const heads = all("thead [data-c]", grid);
  const tallies = all("thead .tally", grid);
  const tools = at("tools"), find = at("find"), byBlock = at("by-block"), byClause = at("by-clause"), byVerdict = at("by-verdict");
  tools.hidden = false;

  const drawTally = (cell, counts) => {
    const bound = counts.met + counts.not_met + counts.not_provable, whole = bound + counts.not_applicable;
    cell.querySelector("[data-tally]").textContent = bound ? `${counts.met}/${bound}` : "–";
    let x = 0;
    cell.querySelector("svg").replaceChildren(...VERDICTS.filter((v) => counts[v]).map((v) => {
      const width = 100 * counts[v] / whole, rect = make("rect", { class: v, x, width, height: 10 });
      x += width;
      return rect;
    }));
  };
  const count = (rows, clause) => {
    const counts = { not_met: 0, not_provable: 0, met: 0, not_applicable: 0 };
    for (const { verdicts } of rows) verdicts.forEach((v, c) => { if (v && (clause === "total" || c === Number(clause))) counts[v]++; });
    return counts;
  };
  const filter = () => {
    const words = fold(find.value).split(" "), block = byBlock.value, clause = byClause.value, verdict = byVerdict.value;
    const hits = (v, c) => (clause === "" || c === Number(clause)) && (verdict === "" || v === verdict);
    for (const agency of agencies) {
      agency.row.hidden = !(words.every((word) => agency.words.includes(word)) && (block === "" || agency.body.dataset.block === block) && (verdict === "" || agency.verdicts.some(hits)));
      agency.cells.forEach((cell, c) => { cell.classList.toggle("other", verdict !== "" && agency.verdicts[c] !== verdict); cell.hidden = clause !== "" && c !== Number(clause); });
      agency.total.hidden = clause !== "";
    }
    const shown = agencies.filter((agency) => !agency.row.hidden);
    for (const head of heads) head.hidden = clause !== "" && head.dataset.c !== clause;
    for (const cell of tallies) drawTally(cell, count(shown, cell.dataset.c));
    for (const { body, tallies: own_, members, agencies: its } of bodies) {
      const rows = its.filter((agency) => !agency.row.hidden);
      body.hidden = !rows.length;
      members.textContent = rows.length;
      for (const cell of own_) {
        cell.hidden = clause !== "" && cell.dataset.c !== clause;
        drawTally(cell, count(rows, cell.dataset.c));
      }
    }
    at("shown-count").textContent = shown.length;
    at("none").hidden = shown.length > 0;
    at("frame").hidden = shown.length === 0;
    settle();
  };
  // Within its block, so that the board keeps its shape.
  const listed = [...agencies];
  const left = (agency, verdict) => agency.verdicts.filter((v) => v === verdict).length;
  const order = () => {
    const worst = (one, other) => left(other, "not_met") - left(one, "not_met") || left(other, "not_provable") - left(one, "not_provable");
    const inBlock = (rows) => at("by-order").value ? [...rows].sort(worst) : rows;
    agencies.splice(0, agencies.length, ...bodies.flatMap(({ body }) => inBlock(listed.filter((agency) => agency.body === body))));
    for (const agency of agencies) agency.body.append(agency.row);
  };
  at("by-order").addEventListener("input", order);
  tools.addEventListener("input", filter);
  tools.addEventListener("reset", () => setTimeout(() => { order(); filter(); }));
  tools.addEventListener("submit", (event) => event.preventDefault());

  // ---- arrow keys: one cell of the grid is in the tab order at a time ------------------------------------------------
  let current = null;
  const enter = (button) => {
    if (current) current.tabIndex = -1;
    current = button;
    if (current) current.tabIndex = 0;
  };
  const visible = () => agencies.filter((agency) => !agency.row.hidden).map((agency) => agency.cells.filter((cell) => !cell.hidden && cell.firstElementChild)).filter((cells) => cells.length);
  const settle = () => {
    const lines = visible();
    if (!current || !lines.some((line) => line.includes(current.parentElement))) enter(lines.length ? lines[0][0].firstElementChild : null);
  };
  const move = (event) => {
    const cell = event.target.closest("td");
    const lines = visible(), y = lines.findIndex((line) => line.includes(cell));
    if (y < 0) return null;
    const x = lines[y].indexOf(cell), end = lines[y].length - 1, last = lines.length - 1;
    const to = {
      ArrowLeft: [x - 1, y], ArrowRight: [x + 1, y], ArrowUp: [x, y - 1], ArrowDown: [x, y + 1], PageUp: [x, Math.max(0, y - 10)], PageDown: [x, Math.min(last, y + 10)],
      Home: [0, event.ctrlKey ? 0 : y], End: [end, event.ctrlKey ? last : y],
    }[event.key];
    return to && lines[to[1]] && lines[to[1]][to[0]] ? lines[to[1]][to[0]].firstElementChild : to ? current : null;
  };
  grid.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || !event.target.closest("td > button")) return;
    const button = move(event);
    if (!button) return;
    event.preventDefault();
    enter(button);
    button.focus();
  });

  // ---- the panel ---------------------------------------------------------------------------------------------------
  const panel = at("panel"), panelBody = at("panel-body");
  let parsed = null, opener = null;
  const data = () => parsed || (parsed = JSON.parse(at("data").textContent));
  const mark = (v) => make("b", { class: "mark " + v[0], "aria-hidden": "true" }, both(v[1]));
  const chip = (place) => { const v = data().verdicts[place]; return make("span", { class: "chip " + v[0] }, mark(v), " ", both(v[2])); };
  const section = (title, ...children) => [make("h4", {}, title), ...children];
  const table = (label, heads_, rows) => make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": label },
    make("table", { class: "plain" }, make("thead", {}, make("tr", {}, heads_.map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, rows)));
  const cellOf = (...children) => make("td", {}, ...children);
  const figure = (value) => make("td", { class: "number" }, number(value));
  const why = (entry, key) => { const measure = data().measures[entry.m]; return both((measure && measure.whys[key]) || data().whys[key] || [key, key]); };
  const unit = (entry, part) => { const measure = data().measures[entry.m]; return both((measure && measure.parts[part]) || [part, part]); };

  const showParts = (entry) => entry.p.length ? [make("ul", { class: "parts" }, entry.p.map(([part, passed, failed, unknown, exempt, share]) => {
    const whole = passed + failed + unknown;
    const counts = [["met", passed, t("đạt", "pass")], ["not_met", failed, t("không đạt", "fail")], ["not_provable", unknown, t("chưa rõ", "can’t tell")], ["not_applicable", exempt, t("được miễn", "exempt")]].filter((c) => c[1] || c[0] === "met");
    let x = 0;
    const rects = whole ? counts.slice(0, 3).filter((c) => c[0] !== "not_applicable" && c[1]).map(([name, value]) => { const width = 100 * value / whole, r = make("rect", { class: name, x, width, height: 10 }); x += width; return r; }) : [];
    return make("li", {}, make("span", { class: "part-head" }, make("b", {}, unit(entry, part)), make("span", {}, make("strong", {}, whole ? percent(passed / whole) : "–"), " ", make("small", {}, t("cần ", "asked "), percent(share ?? 1)))),
      make("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, rects),
      make("span", { class: "part-counts" }, counts.map(([name, value, words]) => make("span", { class: name }, number(value), " ", words))));
  }))] : [];

  const showReasons = (entry) => {
    const texts = data().texts;
    const told = entry.w.filter(([key]) => texts[key] !== "");
    return told.length ? section(t("Vì sao", "Why"), make("ul", {}, told.map(([key, outcome, times]) =>
      make("li", {}, why(entry, texts[key]), " – ", both(data().outcomes[outcome][1]), ": ", make("strong", {}, number(times)))))) : [];
  };

  const showRows = (entry, file) => {
    const texts = data().texts, lines = [];
    for (const [part, outcome, key, tableName, fileName, places] of entry.r) {
      const [name, words] = data().outcomes[outcome], meaning = data().tables[texts[tableName]];
      for (let i = 0; i < places.length; i += 2) {
        lines.push(make("tr", {}, make("td", { class: name }, both(words)), cellOf(texts[places[i]] || (texts[tableName] ? t("(cả bảng)", "(the whole table)") : "–")),
          cellOf(why(entry, texts[key]), entry.p.length > 1 ? [texts[key] ? " · " : "", make("small", {}, unit(entry, texts[part]))] : ""),
          cellOf(texts[fileName] ? make("code", {}, `${texts[fileName]}${places[i + 1] ? ":" + places[i + 1] : ""}`) : [make("code", {}, texts[tableName]), " ", meaning ? make("small", {}, both(meaning)) : ""])));
      }
    }
    if (!lines.length) return [];
    const rest = entry.t - lines.length;
    const listed = [table("Dòng quyết định · Deciding rows", [t("Kết quả", "Outcome"), t("Đối tượng", "Subject"), t("Lý do", "Reason"), t("Tệp:dòng", "File:line")], lines),
      rest > 0 ? make("p", { class: "note" }, t(`Còn ${rest.toLocaleString("vi-VN")} dòng nữa; mọi dòng không đạt nằm trong `, `${rest.toLocaleString("en-GB")} more; every row that doesn’t pass stands in `), make("a", { href: `annex/${file}.csv` }, `annex/${file}.csv`)) : null];
    const title = [...t("Dòng quyết định", "Deciding rows"), " (", ...number(entry.t), ")"];
    const calm = ["met", "not_applicable"].includes(data().verdicts[entry.v][0]);
    return calm && lines.length > 3 ? [make("details", {}, make("summary", {}, title), listed)] : section(title, ...listed);
  };

  const showHow = (entry) => {
    const measure = data().measures[entry.m];
    if (!measure) return null;
    return make("details", {}, make("summary", {}, t("Cách đánh giá và căn cứ", "How it is judged, and by what law")), make("p", {}, both(measure.how)),
      measure.law.length ? table("Căn cứ · Law and policy", [t("Giá trị", "Value"), t("Từ ngày", "Since"), t("Căn cứ", "Reference"), t("Loại", "Kind")], measure.law.map((law) =>
        make("tr", {}, cellOf(make("code", {}, law.key), " = ", make("strong", {}, String(law.value)), " ", law.unit || ""), cellOf(day(String(law.since))), cellOf(own(law.reference || "")),
          cellOf(law.sure ? t("quy định pháp luật", "law") : t("chính sách, có thể đổi theo văn bản", "policy, may change per letter"))))) : null);
  };

  const showEntry = (entry, file) => make("section", { class: "card" },
    make("h3", {}, entry.m && data().measures[entry.m] ? both(data().measures[entry.m].title) : t(entry.m || "Chưa có cách đo", entry.m || "No measure yet"), chip(entry.v),
      entry.d ? make("small", {}, number(entry.n ?? 0), "/", number(entry.d), " ", entry.p.length ? unit(entry, entry.p[0][0]) : "") : null),
    showParts(entry), showReasons(entry), showRows(entry, file), showHow(entry));

  const showUnread = (entries, place) => {
    const texts = data().texts, tables = new Set(entries.flatMap((entry) => entry.r.map((group) => texts[group[3]])));
    const asked = entries.some((entry) => entry.w.some(([key]) => texts[key] === "unread_row"));
    const rows = [place, -1].flatMap((who) => (data().unread[who] || [0, []])[1]).filter(([name]) => tables.has(name));
    const whole = (data().unread[place] || [0, []])[0];
    if (!rows.length && !(asked && whole)) return null;
    return make("section", { class: "card" }, make("h3", {}, t("Dòng không đọc được có liên quan", "Rows that can’t be read and matter here")),
      rows.length ? make("ul", {}, rows.map(([, file, line, reason]) => make("li", {}, make("code", {}, `${file}:${line}`), " ", typeof reason === "string" ? own(reason) : both(reason)))) : null,
      make("p", { class: "note" }, t(`Đơn vị có ${whole} dòng không đọc được. `, `${whole} rows of this agency can’t be read. `), make("a", { href: "#unread" }, t("Xem danh sách", "See the list"))));
  };

  const open = (button) => {
    opener = button;
    const c = Number(button.parentElement.dataset.c), a = Number(button.closest("tr").dataset.a);
    const [name, block, file] = data().agencies[a], clause = data().clauses[c], [verdict, ...entries] = data().cells[`${c}.${a}`];
    const close = make("button", { type: "button", class: "close" }, make("span", { "aria-hidden": "true" }, "✕"), make("span", { class: "sr" }, t("Đóng", "Close")));
    close.addEventListener("click", () => panel.close());
    panelBody.replaceChildren(
      make("div", { class: "panel-head" }, make("div", {}, make("h2", { id: "panel-title" }, own(clause.ref), " · ", own(name)), make("p", {}, make("small", {}, own(block)))), close,
        make("p", { class: "panel-line" }, chip(verdict), clause.due ? make("span", {}, t("Thời hạn ", "Due "), day(clause.due.date), " (", both(clause.due.ground), ")") : null, make("a", { href: `annex/${file}.html` }, t("Phụ lục của đơn vị", "The agency’s annex")))),
      make("div", { class: "panel-main" }, make("blockquote", {}, own(clause.text)), [...entries].sort((one, other) => one.v - other.v).map((entry) => showEntry(entry, file)), showUnread(entries, a)));
    for (const link of all('a[href="#unread"]', panelBody)) link.addEventListener("click", () => { opener = null; panel.close(); const folded = at("unread").querySelector("details"); if (folded) folded.open = true; });
    panel.showModal();
    panel.scrollTop = 0;
    close.focus();
  };
  grid.addEventListener("click", (event) => {
    const button = event.target.closest("td > button");
    if (button) { enter(button); open(button); return; }
    const link = event.target.closest('a[href^="#clause-"]');
    if (link) at(link.getAttribute("href").slice(1)).open = true;
  });
  panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
  // The browser gives the focus back by itself, unless the cell was opened without having it (a finger in Safari).
  panel.addEventListener("close", () => { panelBody.replaceChildren(); if (opener && document.activeElement === document.body) opener.focus(); });
  settle();
})();
