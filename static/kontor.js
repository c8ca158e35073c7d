/* Comfort only: every page works without this file. */
(() => {
  "use strict";

  const typing = (target) =>
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));
  const openDrops = () => [...document.querySelectorAll("details.drop[open]")];

  /* Menus close when one clicks elsewhere, opens another, or presses Escape. */
  document.addEventListener("click", (event) => {
    openDrops().forEach((drop) => drop.contains(event.target) || drop.removeAttribute("open"));
  });
  document.addEventListener("toggle", (event) => {
    const drop = event.target;
    if (!(drop instanceof HTMLDetailsElement) || !drop.open || !drop.matches("details.drop")) return;
    drop.querySelector("[data-first], input:not([type=hidden]), select")?.focus();
  }, true);

  /* `g` then a letter goes to the place whose link says data-go; j and k walk through a list. */
  let waitsForPlace = 0;
  const rows = () => [...document.querySelectorAll("tbody tr")].filter((row) => row.querySelector("a"));
  const walk = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
    next.querySelector("a").focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const acts = {
    "/": () => document.querySelector("[data-search]")?.focus(),
    "j": () => walk(1),
    "k": () => walk(-1),
    "n": () => document.querySelector("a[rel=next]")?.click(),
    "g": () => { waitsForPlace = Date.now(); },
    "?": () => document.querySelector("[data-help]")?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      openDrops().forEach((drop) => { drop.removeAttribute("open"); drop.querySelector("summary")?.focus(); });
      if (typing(event.target)) event.target.blur();
      return;
    }
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (waitsForPlace && Date.now() - waitsForPlace < 1200) {
      waitsForPlace = 0;
      const place = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (place) { event.preventDefault(); place.click(); }
      return;
    }
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  /* A choice that applies at once, and text that copies itself. */
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
    if (event.target.matches("input[type=date][data-custom]")) {
      const custom = event.target.form.querySelector("input[value=custom]");
      if (custom) custom.checked = true;
    }
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const before = button.textContent;
    button.textContent = button.dataset.copied || "✓";
    setTimeout(() => { button.textContent = before; }, 1500);
  });
})();
