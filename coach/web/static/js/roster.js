// Arrows move between clients, "/" finds one, Escape puts away what is open; links do the rest.
"use strict";

const people = () => [...document.querySelectorAll("#rows .row-link")];
const isTyping = (element) => element.matches("input, textarea, select");

const move = (from, step) => {
  const links = people();
  const at = links.indexOf(from.closest(".who")?.querySelector(".row-link"));
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
  links[Math.min(Math.max(next, 0), links.length - 1)]?.focus();
};

const find = () => {
  const field = document.getElementById("q");
  field.focus();
  field.select();
};

const KEYS = { ArrowDown: (from) => move(from, 1), ArrowUp: (from) => move(from, -1), "/": find };

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (key === "Escape") target.closest(".who")?.querySelector("[data-close]")?.click();
  const isAllowed = !isTyping(target) || (target.id === "q" && key === "ArrowDown");
  if (!(key in KEYS) || !isAllowed) return;
  event.preventDefault();
  KEYS[key](target);
});

// Nobody's words are swept away while they are typed, and a page nobody looks at asks for nothing.
document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.sourceElement?.id !== "rows") return;
  if (document.hidden || document.querySelector(".roster__panel")) event.preventDefault();
});

// A row that was put in place takes the focus of the one it replaces.
document.addEventListener("htmx:after:swap", (event) => {
  const { target } = event.detail.ctx;
  if (!target?.classList.contains("who")) return;
  const row = document.getElementById(target.id);
  const place = row?.querySelector("textarea, select") ?? row?.querySelector(".row-link");
  place?.focus({ preventScroll: true });
});
