// Answers with hx-swap="morph" are merged into the page (Idiomorph): what has the same id stays the same element, with its focus, caret and scroll.
// Kept besides: what was typed or chosen since it was sent, what is open, and what combobox.js made of a field that came back unchanged.
(() => {
  const FIELDS = "input:not([type=hidden], [type=checkbox], [type=radio]), textarea, select";
  let sent = new FormData(); // with what was asked for the answer that comes now
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    sent = (detail.requestConfig.verb !== "get" && detail.requestConfig.formData) || new FormData();
    if (!detail.target.isConnected) detail.shouldSwap = false; // it was taken away meanwhile
  });
  const newer = new Set(); // sent once more, as an answer may take away what was to send it
  let plain = null; // has its first options and value again, which are nobody's
  const isOurs = {
    value: (field) => {
      if (!field.matches(FIELDS) || field === plain) return false;
      if (!sent.has(field.name)) return field === document.activeElement;
      return sent.get(field.name) !== field.value && Boolean(newer.add(field));
    },
    checked: (box) => sent.has("revision") && sent.getAll(box.name).includes(box.value) !== box.checked,
    selected: (option) => isOurs.value(option.closest("select")),
    open: (_, how) => how === "remove",
    tabindex: ({ tabIndex }) => tabIndex === 0, // where walk.js had Tab stop
    for: ({ htmlFor }) => htmlFor?.endsWith("-ts-control"),
  };
  document.addEventListener("htmx:afterSettle", () => {
    for (const field of newer) newer.delete(field) && field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const choices = ({ options = [] }) => [...options].map(({ value, text }) => `${value}=${text}`).sort().join();
  const isSame = (field, fresh) => (isOurs.value(field) || field.value === fresh.value) && choices(field) === choices(fresh);
  const undress = (field) => {
    const { id, tomselect } = field;
    if (!tomselect) return;
    tomselect.settings.createOnBlur = false;
    field.typed = tomselect.control_input.value;
    tomselect.destroy();
    plain = field;
    const label = document.querySelector(`label[for="${CSS.escape(id)}-ts-control"]`);
    if (label) label.htmlFor = id;
  };
  Object.assign(Idiomorph.defaults.callbacks, {
    beforeAttributeUpdated: (name, element, how) => !isOurs[name]?.(element, how),
    beforeNodeMorphed: (element, fresh) => {
      if (element.classList?.contains("ts-wrapper")) return false;
      if (!element.tomselect || !isSame(element, fresh)) return undress(element); // and it is dressed anew
      element.tell(fresh);
      fresh.after(element.tomselect.wrapper.cloneNode()); // where it stands, so that it stays there
      return false;
    },
    beforeNodeRemoved: (node) => (node.querySelector?.("[data-renaming]") ? false : undress(node)), // a name is being typed
  });
})();
