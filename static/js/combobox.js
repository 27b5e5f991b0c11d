// A searchable combobox for select[data-combobox], and for any select of 15 options or more unless it says [data-native].
(() => {
  const long = (select) => select.dataset.combobox !== undefined || select.options.length >= 15;
  htmx.onLoad((root) => {
    const selects = [...root.querySelectorAll("select:not([data-native])")];
    if (root.matches("select:not([data-native])")) selects.push(root);
    for (const select of selects) {
      if (select.tomselect || !long(select)) continue;
      const placeholder = select.dataset.placeholder ?? select.querySelector("option[value='']")?.textContent;
      // No throttle: Enter right after typing must choose among what was typed.
      const made = new TomSelect(select, { maxOptions: null, refreshThrottle: 0, placeholder });
      if (select.autofocus) made.focus();
      // The label now names the combobox; the select behind it is for the form only.
      select.setAttribute("aria-hidden", "true");
    }
  });
})();
