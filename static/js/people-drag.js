// People are dragged onto a static list in the tree: <tr data-person="ID"> onto a line with [data-static-list], which says
// where to post. Whoever is ticked goes along when one of them is dragged. Dragging is sugar: the bar under the table does
// the same by keyboard.
(() => {
  const KIND = "application/x-ringdove-people";
  const ticked = (form) => [...form.querySelectorAll("[name=person]:checked")].map((box) => box.value);
  const taken = (row) => {
    const all = ticked(row.closest("form"));
    return all.includes(row.dataset.person) ? all : [row.dataset.person];
  };
  const target = (event) => event.dataTransfer.types.includes(KIND) && event.target.closest?.("[data-static-list]");
  const mark = (line, on) => line.classList.toggle("is-drop-target", on);

  document.addEventListener("dragstart", (event) => {
    const row = event.target.closest?.("[data-person]");
    if (!row) return;
    event.dataTransfer.setData(KIND, taken(row).join(","));
    event.dataTransfer.effectAllowed = "copy";
  });
  document.addEventListener("dragover", (event) => {
    const line = target(event);
    if (!line) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    mark(line, true);
  });
  document.addEventListener("dragleave", (event) => {
    const line = target(event);
    if (line && !line.contains(event.relatedTarget)) mark(line, false);
  });
  document.addEventListener("drop", (event) => {
    const line = target(event);
    if (!line) return;
    event.preventDefault();
    mark(line, false);
    const person = event.dataTransfer.getData(KIND).split(",");
    htmx.ajax("POST", line.dataset.addPeople, { values: { person, list: line.dataset.staticList }, swap: "none" });
  });
  // Rows are draggable only where there is a list to drop them on.
  htmx.onLoad(() => {
    if (!document.querySelector("[data-static-list]")) return;
    for (const row of document.querySelectorAll("[data-person]")) row.draggable = true;
  });
})();
