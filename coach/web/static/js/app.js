// What the pages do better with JavaScript. All of them work without it.
// Events are delegated, so fragments that arrive later need no set-up.
"use strict";

(() => {
  const closest = (event, selector) =>
    event.target instanceof Element ? event.target.closest(selector) : null;

  // Ask before doing: <form data-confirm="…"> and htmx's hx-confirm share one dialog.
  const ask = (question) =>
    new Promise((resolve) => {
      const dialog = document.getElementById("confirm");
      if (!dialog) return resolve(window.confirm(question));
      document.getElementById("confirm-question").textContent = question;
      dialog.returnValue = "no";
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
      dialog.showModal();
    });

  const confirmed = new WeakSet();
  document.addEventListener(
    "submit",
    async (event) => {
      const form = closest(event, "form[data-confirm]");
      if (!form || confirmed.delete(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!(await ask(form.dataset.confirm))) return;
      confirmed.add(form);
      form.requestSubmit(event.submitter);
    },
    true,
  );
  document.addEventListener("htmx:confirm", async (event) => {
    const { ctx, issueRequest, dropRequest } = event.detail;
    if (!ctx.confirm) return;
    event.preventDefault();
    if (await ask(ctx.confirm)) issueRequest();
    else dropRequest();
  });

  // A form that takes long says so: <form data-busy>.
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented && closest(event, "form[data-busy]"))
      event.submitter?.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });

  // A file drop names what was chosen.
  document.addEventListener("change", (event) => {
    const drop = closest(event, "[data-file-drop]");
    if (!drop) return;
    const names = [...event.target.files].map((file) => file.name);
    drop.querySelector("[data-file-names]").textContent = names.join(", ");
    drop.classList.toggle("file-drop--chosen", names.length > 0);
  });
  for (const [type, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    document.addEventListener(type, (event) =>
      closest(event, "[data-file-drop]")?.classList.toggle("file-drop--over", over),
    );
  }

  // Menus close when something else is chosen; notices can be put away.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]"))
      if (!menu.contains(event.target)) menu.open = false;
    closest(event, "[data-dismiss]")?.closest(".alert").remove();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // Charts read out the day under the finger or pointer.
  const readOut = (event) => {
    const slot = closest(event, ".chart__slot");
    const place = slot?.closest("[data-chart]").querySelector("[data-readout-here]");
    if (place) place.textContent = slot.textContent.trim();
  };
  document.addEventListener("pointerover", readOut);
  document.addEventListener("pointerdown", readOut);

  // htmx leaves the page as it is when the server fails: say so.
  const sayTrouble = () => {
    const notices = document.getElementById("notices");
    const trouble = document.getElementById("trouble");
    if (!notices || !trouble) return;
    notices.replaceChildren(trouble.content.cloneNode(true));
    notices.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:error", sayTrouble);
  document.addEventListener("htmx:response:error", (event) => {
    const { status, headers } = event.detail.ctx.response;
    if ((status === 403 || status >= 500) && !headers.get("HX-Redirect")) sayTrouble();
  });
})();
