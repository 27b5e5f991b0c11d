// [data-save-state] tells how saving goes. Requests that change something count when they come from [data-autosave].
// Words come from the element's own data: saving, saved, failed, retry.
(() => {
  let failed = [];
  const states = () => document.querySelectorAll("[data-save-state]");
  const counts = ({ elt, requestConfig }) => requestConfig.verb !== "get" && elt.closest("[data-autosave]");
  const show = (state, why = "") => {
    for (const place of states()) {
      place.dataset.state = state;
      place.textContent = why ? `${place.dataset.failed} ${why} ` : place.dataset[state];
      if (state === "failed") place.append(retryButton(place.dataset.retry));
    }
  };
  const retryButton = (words) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-link btn-sm p-0 align-baseline";
    button.textContent = words;
    button.addEventListener("click", retry);
    return button;
  };
  const retry = () => {
    const again = failed;
    failed = [];
    for (const { elt, target, requestConfig } of again) {
      const values = Object.fromEntries(requestConfig.formData ?? []);
      if (elt.isConnected) htmx.trigger(elt, requestConfig.triggeringEvent?.type ?? "change");
      else htmx.ajax(requestConfig.verb, requestConfig.path, { target, values });
    }
  };
  document.addEventListener("htmx:beforeSend", ({ detail }) => counts(detail) && show("saving"));
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!counts(detail)) return;
    if (detail.successful) return show("saved");
    failed.push(detail);
    show("failed", detail.xhr.status ? detail.xhr.statusText || String(detail.xhr.status) : states()[0]?.dataset.away);
  });
  document.addEventListener("signed-in", retry);
  addEventListener("beforeunload", (event) => failed.length && event.preventDefault());
})();
