// The little that needs a script; every page works without it.
// Events are delegated, so that fragments which arrive later need no set-up.
"use strict";

const near = (event, selector) =>
  event.target instanceof Element ? event.target.closest(selector) : null;

// A button or form may carry a question in data-confirm; hx-confirm asks the same way.
const ask = (question) =>
  new Promise((resolve) => {
    const dialog = document.getElementById("confirm");
    dialog.querySelector("#question").textContent = question;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });

const agreed = new WeakSet();
document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!question || agreed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    if (await ask(question)) {
      agreed.add(form);
      form.requestSubmit(submitter);
    }
  },
  true,
);

document.addEventListener("htmx:confirm", async (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  if (!ctx.confirm) return;
  event.preventDefault();
  ((await ask(ctx.confirm)) ? issueRequest : dropRequest)();
});

// An upload takes a while: its button says so.
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target.enctype === "multipart/form-data") {
    event.submitter?.setAttribute("aria-busy", "true");
  }
});
window.addEventListener("pageshow", () => {
  for (const busy of document.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
});

// A select that is a whole form of its own sends itself.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

// No answer has to be given: a second tap on a chosen one takes it back.
const chosen = new WeakMap();
document.addEventListener("click", (event) => {
  const answer = event.target;
  if (!(answer instanceof Element) || !answer.matches(".scale input")) return;
  const scale = answer.closest(".scale");
  const before = chosen.has(scale) ? chosen.get(scale) : scale.querySelector("input[checked]");
  answer.checked = answer !== before;
  chosen.set(scale, answer.checked ? answer : null);
});
document.addEventListener("reset", (event) => {
  for (const scale of event.target.querySelectorAll(".scale")) chosen.delete(scale);
});

// A place to drop files shows that it is one.
for (const [type, over] of Object.entries({ dragover: true, dragleave: false, drop: false })) {
  document.addEventListener(type, (event) => near(event, ".drop")?.classList.toggle("drop--over", over));
}

// Menus close when something else is chosen; notices can be put away.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
};
document.addEventListener("click", (event) => {
  closeMenus(near(event, "[data-menu]"));
  near(event, "[data-dismiss]")?.closest(".alert").remove();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelector("[data-menu][open] summary")?.focus();
  closeMenus(null);
});

// Charts read out the day under the pointer or finger.
const readOut = (event) => {
  const day = near(event, ".chart__day");
  if (!day) return;
  day.closest("[data-chart]").querySelector("[data-readout]").textContent = day.textContent;
};
document.addEventListener("pointerover", readOut);
document.addEventListener("pointerdown", readOut);

// htmx leaves the page as it is when the server cannot answer: say so.
const sayTrouble = () => {
  const notices = document.getElementById("notices");
  notices?.replaceChildren(document.getElementById("trouble").content.cloneNode(true));
};
document.addEventListener("htmx:error", sayTrouble);
document.addEventListener("htmx:response:error", (event) => {
  const { status, headers } = event.detail.ctx.response;
  if ((status === 403 || status >= 500) && !headers.has("HX-Redirect")) sayTrouble();
});
