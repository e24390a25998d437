// The department's page of flaws: find an agency, put them in order. Without script, all stand there, the worst first.
(() => {
  const body = document.querySelector(".agencies tbody");
  const find = document.getElementById("find"), order = document.getElementById("by-order"), shown = document.getElementById("shown-count");
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase().replace(/\s+/g, " ").trim();
  const rows = [...body.rows].map((row, place) => ({ row, place, name: row.cells[0].textContent.trim() }));
  for (const one of rows) one.words = fold(one.name);
  document.getElementById("tools").hidden = false;
  const filter = () => {
    const words = fold(find.value).split(" ");
    for (const { row, words: name } of rows) row.hidden = !words.every((word) => name.includes(word));
    shown.textContent = String(rows.filter(({ row }) => !row.hidden).length);
  };
  const arrange = () => {
    const byName = order.value === "name";
    body.append(...[...rows].sort((a, b) => (byName ? a.name.localeCompare(b.name, "vi") : a.place - b.place)).map(({ row }) => row));
  };
  find.addEventListener("input", filter);
  order.addEventListener("change", arrange);
  // A page that comes back from history keeps what was typed.
  filter();
  arrange();
})();
