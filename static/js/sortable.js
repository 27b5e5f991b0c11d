// Dragging. <ol data-sortable>: its children by their [data-handle]; Sortable fires "end" on it, so its hx-trigger="end target:#ID" posts the order.
// <ul data-palette="GROUP">: copies of its children into <ol data-sortable="GROUP" data-insert-form="ID">; the submit button in what was dragged sends
// the form of that id, with [name=position]. <ul data-drags="node|person">: onto a line of the tree ([data-takes]) whose [data-holds] says so.
(() => {
  const shared = { animation: 120, delay: 150, delayOnTouchOnly: true, ghostClass: "is-landing", dragClass: "is-dragged" };
  const list = ({ id, dataset }) => ({
    ...shared,
    handle: "[data-handle]",
    draggable: "[data-card]",
    group: { name: dataset.sortable || id, pull: false },
    onAdd: ({ item, clone, to }) => {
      const form = document.getElementById(to.dataset.insertForm);
      form.elements.position.value = to.querySelectorAll(":scope > [data-card]:has(~ [data-palette-item])").length;
      clone.replaceWith(item);
      form.requestSubmit(item.querySelector("button"));
    },
    onUpdate: ({ item, to }) => {
      const dragged = to.closest("form")?.elements.dragged; // says which it was, where a form wants to know
      if (dragged) dragged.value = item.id;
    },
  });
  const palette = ({ dataset }) => ({
    ...shared,
    sort: false,
    group: { name: dataset.palette, pull: "clone", put: false },
    onStart: ({ item }) => setTimeout(() => item.closest(".pane:popover-open")?.hidePopover()),
  });
  const thrower = () => ({
    ...shared,
    ...{ sort: false, delay: 300, forceFallback: true, fallbackTolerance: 5 },
    filter: "input, [data-renaming]",
    preventOnFilter: false,
    onEnd: ({ item, from, originalEvent }) => {
      const place = under(originalEvent);
      mark(null);
      if (place && !item.contains(place)) give[from.dataset.drags](item, place.dataset);
    },
  });
  const under = (event) => {
    const { clientX, clientY } = event.changedTouches?.[0] ?? event;
    return document.elementFromPoint(clientX, clientY)?.closest("[data-takes]");
  };
  const mark = (place) => {
    document.querySelector(".is-drop-target")?.classList.remove("is-drop-target");
    place?.classList.add("is-drop-target");
  };
  const give = {
    node: (item, { node: parent }) => {
      htmx.ajax("POST", item.querySelector("[data-drop]").dataset.drop, { source: "#tree-body", values: { parent } });
    },
    person: ({ dataset: { person: dragged }, parentElement }, { addPeople, staticList: list }) => {
      const ticked = [...parentElement.querySelectorAll("[name=person]:checked")].map(({ value }) => value);
      const person = ticked.includes(dragged) ? ticked : [dragged];
      if (list) htmx.ajax("POST", addPeople, { values: { person, list }, swap: "none" });
    },
  };
  document.addEventListener("pointermove", (event) => {
    const kind = Sortable.active?.el.dataset.drags;
    const place = kind && under(event);
    if (kind) mark(place?.dataset.holds === kind ? place : null);
  });
  const equip = (selector, options) => {
    for (const element of document.querySelectorAll(selector)) Sortable.get(element) ?? new Sortable(element, options(element));
  };
  htmx.onLoad(() => {
    equip("[data-sortable]", list);
    equip("[data-palette]", palette);
    // People only where there is a list to drop them on: elsewhere their words can be marked by mouse.
    equip("[data-drags=node], body:has([data-static-list]) [data-drags=person]", thrower);
  });
})();
