// The forms of a report: names of substances while typing, units that fit the material, and long
// sections folded on a narrow screen.
// Every form works without this file; the server checks all of it again.
"use strict";

(() => {
  const WAIT_MS = 250;
  const LEAST_CHARACTERS = 2;

  // A combobox after the ARIA pattern with a list: what is typed stays until an entry is chosen.

  const prepareSuggestions = (input, address) => {
    const list = document.createElement("ul");
    const told = document.createElement("div");
    list.id = `${input.id}_list`;
    list.className = "suggestions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.labels[0]?.textContent.trim() ?? "");
    list.hidden = true;
    told.className = "visually-hidden";
    told.setAttribute("role", "status");
    const holder = document.createElement("div");
    const isFocused = document.activeElement === input;
    holder.className = "combobox";
    input.replaceWith(holder);
    holder.append(input, list, told);
    if (isFocused) input.focus();
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");

    let waiting = 0;
    let asked = "";
    const options = () => [...list.querySelectorAll("[role=option]")];
    const active = () => options().findIndex((one) => one.getAttribute("aria-selected") === "true");

    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const point = (index) => {
      options().forEach((one, place) => one.setAttribute("aria-selected", String(place === index)));
      const chosen = options()[index];
      if (!chosen) { input.removeAttribute("aria-activedescendant"); return; }
      input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    };
    const take = (option) => {
      input.value = option.dataset.value;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      close();
    };
    const ask = async () => {
      const text = input.value.trim();
      if (text.length < LEAST_CHARACTERS) { close(); return; }
      asked = text;
      const answer = await fetch(`${address}?q=${encodeURIComponent(text)}`,
        { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (!answer.ok || asked !== input.value.trim() || document.activeElement !== input) return;
      list.innerHTML = await answer.text();
      options().forEach((one, place) => { one.id = `${list.id}_${place}`; });
      told.textContent = list.querySelector("[data-told]")?.dataset.told ?? "";
      list.hidden = options().length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
      input.removeAttribute("aria-activedescendant");
    };

    input.addEventListener("input", () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(() => ask().catch(close), WAIT_MS);
    });
    input.addEventListener("keydown", (event) => {
      if (list.hidden) {
        if (event.key === "ArrowDown" && event.altKey) ask().catch(close);
        return;
      }
      const last = options().length - 1;
      if (event.key === "ArrowDown") point(active() >= last ? 0 : active() + 1);
      else if (event.key === "ArrowUp") point(active() <= 0 ? last : active() - 1);
      else if (event.key === "Escape") close();
      else if (event.key === "Enter" && active() >= 0) take(options()[active()]);
      else return;
      event.preventDefault();
    });
    input.addEventListener("blur", () => window.setTimeout(close, 150));
    list.addEventListener("pointerdown", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      event.preventDefault();
      take(option);
    });
  };

  // Units: those that cannot measure the material go, but never the one that is chosen.

  const prepareUnits = (unit) => {
    const matrix = document.getElementById(unit.id.replace(/unit$/, "matrix"));
    if (!matrix) return;
    const fit = () => {
      for (const option of unit.options) {
        const materials = option.dataset.materials?.split(" ");
        const fits = !materials || materials.includes(matrix.value) || option.selected;
        option.hidden = !fits;
        option.disabled = !fits;
      }
    };
    fit();
    matrix.addEventListener("change", fit);
    unit.addEventListener("change", fit);
  };

  const prepare = () => {
    const form = document.getElementById("record");
    if (!form || "prepared" in form.dataset) return;
    form.dataset.prepared = "";
    for (const input of form.querySelectorAll("[data-suggest]")) {
      prepareSuggestions(input, form.dataset.suggestions);
    }
    if (window.matchMedia("(max-width: 40rem)").matches) {
      for (const section of form.querySelectorAll("details[data-fold]")) section.open = false;
    }
    for (const unit of form.querySelectorAll("select[name$='-unit']")) prepareUnits(unit);
  };

  const start = () => {
    prepare();
    document.body.addEventListener("htmx:load", prepare);
  };

  if (document.readyState === "complete") start();
  else document.addEventListener("DOMContentLoaded", start);
})();
