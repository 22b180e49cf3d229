// Charts by keyboard: arrows go from day to day, Home and End to the first and the last.
"use strict";

const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

const readDay = (plot, days, at) => {
  plot.querySelector(".chart__day--read")?.classList.remove("chart__day--read");
  const day = days[Math.min(Math.max(at, 0), days.length - 1)];
  day.classList.add("chart__day--read");
  plot.closest("[data-chart]").querySelector("[data-readout]").textContent = day.textContent;
};

document.addEventListener("keydown", (event) => {
  const plot = event.target instanceof Element ? event.target.closest("[data-plot]") : null;
  const step = STEPS[event.key];
  if (!plot || step === undefined) return;
  event.preventDefault();
  const days = [...plot.querySelectorAll(".chart__day")];
  const now = days.findIndex((day) => day.classList.contains("chart__day--read"));
  readDay(plot, days, (now < 0 ? days.length : now) + step);
});
