// textarea[data-chips] holds a value a line. Here it becomes chips and a field: what is entered is added whole, what is
// pasted is parted by lines, else by semicolons, else by commas. Backspace in the empty field goes to the chips: arrows
// walk them, Delete removes. [data-values] is where values to choose from are fetched, when the field is first entered.
(() => {
  let left = null; // the field with something not entered yet, while its card is exchanged
  const fields = new WeakMap(); // by their text boxes
  const parted = (text) => {
    const by = [/[\r\n\t]+/, /;/, /,/].find((each) => each.test(text.trim())) ?? /$^/;
    return text.split(by).map((each) => each.trim()).filter(Boolean);
  };
  const element = (name, options) => Object.assign(document.createElement(name), options);
  const make = (box) => {
    const list = element("ul", { className: "chips" });
    const field = element("input", { type: "text", id: box.id, className: box.className, autocomplete: "off" });
    const read = () => box.value.split(box.value.includes("\n") ? "\n" : ";").map((each) => each.trim()).filter(Boolean);
    const write = (values) => {
      box.value = values.map((each) => `${each}\n`).join("");
      draw();
      for (const event of ["input", "change"]) box.dispatchEvent(new Event(event, { bubbles: true }));
    };
    const add = (values) => {
      const known = new Set(read().map((each) => each.toLowerCase()));
      const fresh = values.filter((each) => !known.has(each.toLowerCase()) && known.add(each.toLowerCase()));
      field.value = "";
      if (fresh.length) write([...read(), ...fresh]);
    };
    const enter = () => field !== left && field.value.trim() && add([field.value.trim()]);
    const remove = (place) => {
      write(read().filter((_, at) => at !== place));
      (list.children[Math.min(place, list.children.length - 1)]?.querySelector("button") ?? field).focus();
    };
    const draw = () => {
      const items = read().map((value, place) => {
        const item = element("li", { className: "chip" });
        const button = element("button", { type: "button", tabIndex: -1, id: `${box.dataset.field}-${place}` });
        button.append(element("span", { textContent: "×", ariaHidden: "true" }));
        button.ariaLabel = box.dataset.chips.replace("%s", value);
        button.addEventListener("click", () => remove(place));
        item.append(element("span", { textContent: value }), button);
        return item;
      });
      list.replaceChildren(...items);
      list.hidden = !items.length;
    };
    const suggest = async () => {
      if (!box.dataset.values || field.list) return;
      const offered = element("datalist", { id: `${box.dataset.field}-values` });
      field.after(offered);
      field.setAttribute("list", offered.id);
      const answer = await fetch(box.dataset.values);
      if (answer.ok) offered.replaceChildren(...(await answer.json()).values.map((value) => element("option", { value })));
    };
    const walk = (event) => {
      const chips = [...list.querySelectorAll("button")];
      const at = chips.indexOf(event.target);
      const next = { ArrowLeft: chips[at - 1], ArrowRight: chips[at + 1] ?? field, Escape: field }[event.key];
      if (event.key === "Delete" || event.key === "Backspace") remove(at);
      else if (next) next.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    const typed = (event) => {
      if (event.key === "Enter" && field.value.trim()) enter();
      else if (event.key === "Backspace" && !field.value) list.querySelector("li:last-child button")?.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    box.dataset.field = box.id;
    fields.set(box, field);
    field.placeholder = box.dataset.placeholder ?? "";
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (box.hasAttribute(name)) field.setAttribute(name, box.getAttribute(name));
    }
    field.autofocus = box.autofocus;
    const hadFocus = document.activeElement === box;
    box.removeAttribute("id");
    box.hidden = true;
    box.before(list, field);
    list.addEventListener("keydown", walk);
    field.addEventListener("keydown", typed);
    field.addEventListener("focus", suggest, { once: true });
    field.addEventListener("blur", enter);
    field.addEventListener("paste", (event) => {
      const values = parted(event.clipboardData.getData("text"));
      if (values.length < 2) return;
      event.preventDefault();
      add(values);
    });
    box.addEventListener("input", draw);
    draw();
    if (hadFocus || box.autofocus) field.focus();
    if (left?.id === field.id) {
      field.value = left.value;
      left = null;
    }
  };
  const inputs = (root) => [...root.querySelectorAll("[data-chips]")].map((box) => fields.get(box)).filter(Boolean);
  const all = () => document.querySelectorAll("textarea[data-chips]:not([data-field])").forEach(make);
  htmx.onLoad(all);
  document.addEventListener("htmx:afterSwap", all); // at once: somebody may be typing
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    left = inputs(detail.target).find((each) => each === document.activeElement && each.value) ?? left;
  });
  document.addEventListener("htmx:afterSettle", () => (left = left?.isConnected ? null : left)); // it was not exchanged
  // Before the page is left: what was not entered yet goes with the rest.
  addEventListener("beforeunload", () => inputs(document).forEach((field) => field.value && field.blur()), true);
})();
