// Dragging, by attribute.
//   <ol data-sortable>                     its children can be dragged by their [data-handle]
//   <ol data-sortable="GROUP" data-insert-form="ID">   … and things of the palette dropped in; the form of that id is
//                                          then sent by the button that was dragged, with [name=position] filled in
//   <ul data-palette="GROUP">              its children are dragged out as copies; each holds a submit button of that form
//   <ul data-drags="KIND">                 its items are dragged onto what [data-takes=KIND]: nodes of the tree onto its lines,
//                                          people onto static lists in it. Who is ticked goes along
// Sortable fires "end" on the list itself, so the list's own hx-trigger="end target:#ID" posts the new order.
(() => {
  const shared = { animation: 120, delay: 150, delayOnTouchOnly: true, ghostClass: "is-landing", dragClass: "is-dragged" };
  const list = (element) => ({
    ...shared,
    handle: "[data-handle]",
    draggable: "[data-card]",
    group: { name: element.dataset.sortable || element.id, pull: false },
    onAdd: dropped,
    onUpdate: ({ item, to }) => {
      const dragged = to.closest("form")?.elements.dragged; // says which it was, where a form wants to know
      if (dragged) dragged.value = item.id;
    },
  });
  const palette = (element) => ({
    ...shared,
    sort: false,
    group: { name: element.dataset.palette, pull: "clone", put: false },
    onStart: ({ item }) => setTimeout(() => item.closest(".pane:popover-open")?.hidePopover()),
  });
  const dropped = ({ item, clone, to }) => {
    const cards = [...to.querySelectorAll(":scope > :is([data-card], [data-palette-item])")];
    const position = cards.indexOf(item);
    item.classList.add("is-landing");
    const form = document.getElementById(to.dataset.insertForm);
    form.elements.position.value = position;
    const button = item.querySelector("button");
    clone.replaceWith(item);
    item.classList.remove("is-landing");
    form.requestSubmit(button);
  };
  const under = (event) => {
    const { clientX, clientY } = event.changedTouches?.[0] ?? event;
    return document.elementFromPoint(clientX, clientY)?.closest("[data-takes]");
  };
  const mark = (place, kind) => {
    for (const each of document.querySelectorAll(".is-drop-target")) each.classList.remove("is-drop-target");
    if (kind === "node" ? place?.matches("[data-holds]") : place?.dataset.staticList) place.classList.add("is-drop-target");
  };
  const people = (row) => {
    const ticked = [...row.closest("form").querySelectorAll("[name=person]:checked")].map(({ value }) => value);
    return ticked.includes(row.dataset.person) ? ticked : [row.dataset.person];
  };
  const give = {
    node: (item, { dataset }) => {
      const { drop } = item.querySelector("[data-drop]").dataset;
      const values = { ...Object.fromEntries(new FormData(document.getElementById("tree-filter"))), parent: dataset.node };
      htmx.ajax("POST", drop, { values, target: "#tree-body", swap: "outerHTML" });
    },
    person: (row, { dataset: { addPeople, staticList } }) => {
      if (staticList) htmx.ajax("POST", addPeople, { values: { person: people(row), list: staticList }, swap: "none" });
    },
  };
  const thrower = ({ dataset: { drags } }) => {
    const over = (event) => mark(under(event), drags);
    return {
      ...shared,
      sort: false,
      forceFallback: true,
      fallbackTolerance: 5,
      delay: 300,
      filter: "input, [data-renaming]",
      preventOnFilter: false,
      onStart: () => document.addEventListener("pointermove", over),
      onEnd: ({ item, originalEvent }) => {
        const place = under(originalEvent);
        document.removeEventListener("pointermove", over);
        mark(null);
        if (place && !item.contains(place)) give[drags](item, place);
      },
    };
  };
  const equip = (root, attribute, options) => {
    const found = [...root.querySelectorAll(`[${attribute}]`)];
    if (root.matches(`[${attribute}]`)) found.push(root);
    for (const element of found) Sortable.get(element) ?? new Sortable(element, options(element));
  };
  htmx.onLoad((root) => {
    equip(root, "data-sortable", list);
    equip(root, "data-palette", palette);
    equip(root, "data-drags=node", thrower);
    // Only where there is a list to drop them on: elsewhere their words can be marked by mouse.
    if (document.querySelector("[data-static-list]")) equip(document.body, "data-drags=person", thrower);
  });
})();
