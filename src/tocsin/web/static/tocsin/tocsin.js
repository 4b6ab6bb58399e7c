// Behaviour that pages share: charts, keyboard, menu, focus on problems, sliders, undo notices.
// Every page works without this file, except that charts stay tables.
"use strict";

(() => {
  const root = document.documentElement;
  root.dataset.scripted = "";

  // Charts: <figure class="chart" data-spec-id="x"> beside a JSON script with the id x.

  const dateNames = () => {
    const language = root.lang || "en";
    const names = (count, date, options) => Array.from({ length: count }, (_, index) =>
      new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" }).format(date(index)));
    const month = (index) => new Date(Date.UTC(2026, index, 15));
    const day = (index) => new Date(Date.UTC(2026, 1, 1 + index));
    return {
      dateTime: "%x %X", date: "%Y-%m-%d", time: "%H:%M", periods: ["AM", "PM"],
      days: names(7, day, { weekday: "long" }), shortDays: names(7, day, { weekday: "short" }),
      months: names(12, month, { month: "long" }),
      shortMonths: names(12, month, { month: "short" }),
    };
  };

  const numberSigns = () => {
    const parts = new Intl.NumberFormat(root.lang || "en").formatToParts(1234567.8);
    const sign = (type, other) => (parts.find((part) => part.type === type) || { value: other }).value;
    return { decimal: sign("decimal", "."), thousands: sign("group", ""), grouping: [3],
      currency: ["", ""] };
  };

  const AXIS_WIDTH = 52;

  const fitted = (spec, width) => ({
    ...spec,
    vconcat: spec.vconcat.map((view) => ({ ...view, width: Math.max(120, width - AXIS_WIDTH) })),
  });

  // The bundle is large: it is fetched once, by the first page that has a chart.
  let bundle;
  const loadBundle = () => {
    bundle ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = document.body.dataset.chartBundle;
      script.addEventListener("load", done);
      script.addEventListener("error", () => failed(new Error("chart bundle not loaded")));
      document.head.append(script);
    });
    return bundle;
  };

  const drawChart = async (figure) => {
    const canvas = figure.querySelector(".chart__canvas");
    const source = document.getElementById(figure.dataset.specId);
    const options = {
      ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: false,
      timeFormatLocale: dateNames(), formatLocale: numberSigns(),
    };
    figure.dataset.chart = "drawing";
    try {
      await loadBundle();
      const spec = JSON.parse(source.textContent);
      const width = canvas.clientWidth;
      const drawing = document.createElement("div"); // described by the canvas around it
      drawing.className = "chart__drawing";
      drawing.setAttribute("aria-hidden", "true");
      canvas.replaceChildren(drawing);
      await window.vegaEmbed(drawing, spec.vconcat ? fitted(spec, width) : spec, options);
      canvas.dataset.width = width;
      figure.dataset.chart = "drawn";
    } catch (problem) {
      figure.dataset.chart = "failed";
      figure.querySelector("[data-chart-missing]").hidden = false;
      console.error(problem);
    }
  };

  const redraw = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const figure = target.closest("figure[data-spec-id]");
      const width = Number(target.dataset.width);
      if (figure.dataset.chart === "drawn" && Math.abs(width - target.clientWidth) > 8) {
        drawChart(figure);
      }
    }
  });

  const mountCharts = (within) => {
    for (const figure of within.querySelectorAll("figure[data-spec-id]:not([data-chart])")) {
      drawChart(figure);
      redraw.observe(figure.querySelector(".chart__canvas"));
    }
  };

  // Problems: the summary of errors takes the focus when it appears.

  const focusProblem = (within) => within.querySelector("[data-focus-first]")?.focus();

  // Sliders over days: say in words where they stand, while they are moved.

  const tellSliders = (within) => {
    for (const slider of within.querySelectorAll("[data-days]")) {
      const days = slider.dataset.days.split("|");
      const words = slider.form.querySelector("[data-slider-words]");
      const tell = () => {
        words.textContent = days[Number(slider.value)];
        slider.setAttribute("aria-valuetext", days[Number(slider.value)]);
      };
      tell();
      slider.addEventListener("input", tell);
    }
  };

  // Undo notices leave after their time, but never while somebody is using them.

  const expireUndo = (within) => {
    for (const notice of within.querySelectorAll("[data-undo-seconds]:not([data-counting])")) {
      notice.dataset.counting = "";
      const leave = () => {
        if (notice.matches(":hover, :focus-within")) { window.setTimeout(leave, 5000); return; }
        notice.remove();
      };
      window.setTimeout(leave, 1000 * Number(notice.dataset.undoSeconds));
    }
  };

  // Menu on narrow screens.

  const prepareMenu = () => {
    const button = document.querySelector(".menu-button");
    const menu = document.getElementById("navigation");
    if (!button || !menu) return;
    menu.dataset.closed = "";
    button.addEventListener("click", () => {
      const opening = "closed" in menu.dataset;
      menu.toggleAttribute("data-closed", !opening);
      button.setAttribute("aria-expanded", String(opening));
    });
  };

  // Keyboard: single keys, never while writing, and only if the person wants them.

  const KEYS_SETTING = "tocsin.single-keys";
  const remembered = (value) => {
    try {
      if (value !== undefined) window.localStorage.setItem(KEYS_SETTING, value);
      return window.localStorage.getItem(KEYS_SETTING);
    } catch { return value ?? null; }
  };
  const isWriting = (target) => target.closest("input, select, textarea, [contenteditable]");

  const moveRow = (step) => {
    const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
    const present = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.min(rows.length - 1, Math.max(0, present + step))];
    if (!next) return false;
    const target = next.querySelector("a[href], button:not([disabled])") || next;
    if (target === next) next.tabIndex = -1;
    target.focus();
    return true;
  };

  const press = (within, selector) => {
    const button = within?.querySelector(selector);
    if (!button) return false;
    button.click();
    return true;
  };

  const openHelp = () => {
    const help = document.getElementById("keyboard-help");
    if (!help?.showModal) return false;
    help.showModal();
    return true;
  };

  const act = (key) => {
    if (key === "/") {
      const search = document.querySelector("[data-search]");
      search?.focus();
      return Boolean(search);
    }
    if (key === "j") return moveRow(1);
    if (key === "k") return moveRow(-1);
    if (key === "u") return press(document, "[data-undo]");
    if (key === "?") return openHelp();
    if (/^[1-5]$/.test(key)) {
      const cards = "[data-candidates]";
      const card = document.activeElement.closest(cards) || document.querySelector(cards);
      return press(card, `[data-candidate="${key}"]`);
    }
    return false;
  };

  const prepareKeyboard = () => {
    const choice = document.getElementById("single-keys");
    if (choice) {
      choice.checked = remembered() !== "off";
      choice.addEventListener("change", () => remembered(choice.checked ? "on" : "off"));
    }
    for (const button of document.querySelectorAll("[data-keyboard-help]")) {
      button.hidden = false;
      button.addEventListener("click", openHelp);
    }
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (choice && !choice.checked) return;
      if (isWriting(event.target) || document.querySelector("dialog[open]")) return;
      if (act(event.key)) event.preventDefault();
    });
  };

  const prepare = (within) => {
    mountCharts(within);
    focusProblem(within);
    tellSliders(within);
    expireUndo(within);
  };

  const start = () => {
    prepareMenu();
    prepareKeyboard();
    prepare(document);
    document.body.addEventListener("htmx:load", (event) => {
      if (event.target !== document.body) prepare(event.target.parentElement || event.target);
    });
  };

  if (document.readyState === "complete") start();
  else document.addEventListener("DOMContentLoaded", start);
})();
