// Tom Select. A searchable combobox for select[data-combobox], and for any select of 15 options or more unless it says [data-native]. And chips for
// textarea[data-chips], which holds a value a line: what is entered is added whole, what is pasted is parted by lines, else by semicolons, else by
// commas; [data-values] is where values to choose from are fetched.
(() => {
  const parts = (text, by) => text.split(by).map((each) => each.trim()).filter(Boolean);
  const isLong = (select) => select.dataset.combobox !== undefined || select.options.length >= 15;
  const common = { maxOptions: null, refreshThrottle: 0 }; // Enter right after typing must choose among what was typed
  const combobox = (select) => {
    const placeholder = select.dataset.placeholder ?? select.querySelector("option[value='']")?.textContent;
    return new TomSelect(select, { ...common, placeholder });
  };
  const offer = (address) => async (_, show) => {
    const answer = await fetch(address);
    show(answer.ok ? (await answer.json()).values.map((value) => ({ value, text: value })) : []);
  };
  const button = (label) => `<button type="button" tabindex="-1" aria-label="${label}">×</button>`;
  const chips = (box) => {
    const { chips: remove, add, placeholder, values } = box.dataset;
    const items = parts(box.value, box.value.includes("\n") ? "\n" : ";");
    const made = new TomSelect(box, {
      ...common,
      plugins: ["caret_position"],
      items,
      options: items.map((value) => ({ value, text: value })),
      delimiter: "\n",
      create: true,
      createOnBlur: true,
      createFilter: (value) => !made.items.some((each) => each.toLowerCase() === value.toLowerCase()),
      addPrecedence: true, // Enter adds what was typed, and not what begins like it
      hidePlaceholder: true,
      placeholder,
      shouldLoad: () => false, // once, when the field is entered, not for every letter
      ...(values && { preload: "focus", load: offer(values) }),
      render: {
        item: ({ value }, escape) => `<div class="chip"><span>${escape(value)}</span>${button(escape(remove.replace("%s", () => value)))}</div>`,
        option_create: ({ input }, escape) => `<div class="create">${escape(add.replace("%s", () => input))}</div>`,
      },
    });
    made.getValue = () => made.items.map((each) => `${each}\n`).join("");
    made.control.addEventListener("click", ({ target }) => {
      if (target.closest(".chip > button")) made.removeItem(target.closest(".chip").dataset.value);
    });
    made.control_input.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text").trim();
      const pasted = parts(text, [/[\r\n\t]+/, /;/, /,/].find((by) => by.test(text)) ?? /$^/);
      if (pasted.length < 2) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      for (const value of pasted) made.createItem(value);
    });
    return made;
  };
  const dress = (field, make) => {
    const { control_input: input, wrapper } = make(field);
    wrapper.id = `${field.id}-ts`; // so that no morph takes it for something else
    // The label now names the combobox; the field behind it is for the form only.
    field.setAttribute("aria-hidden", "true");
    field.tell = (said) => {
      wrapper.classList.toggle("is-invalid", said.classList.contains("is-invalid"));
      for (const name of ["aria-describedby", "aria-invalid"]) input.setAttribute(name, said.getAttribute(name) ?? "");
    };
    field.tell(field);
    input.value = field.typed ?? ""; // what stood there before it was dressed anew
    field.onfocus = () => input.focus();
    if (field.autofocus || document.activeElement === field) input.focus();
  };
  htmx.onLoad((root) => {
    const found = (selector) => [...root.querySelectorAll(selector), ...(root.matches(selector) ? [root] : [])];
    found("select:not([data-native], .tomselected)").filter(isLong).forEach((each) => dress(each, combobox));
    found("textarea[data-chips]:not(.tomselected)").forEach((each) => dress(each, chips));
  });
})();
