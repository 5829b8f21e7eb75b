/* What the pages do beyond links and forms: filter a list while typing, and keep the desk up to date. */
"use strict";

(() => {
  const PAUSE = 2000;

  /* A field with data-filter="id" hides what does not contain its words. */
  const filter = (field) => {
    const place = document.getElementById(field.dataset.filter);
    const nobody = place.querySelector("[data-nobody]");
    let before = null;
    const sift = () => {
      const wanted = field.value.trim().toLowerCase();
      const groups = Array.from(place.querySelectorAll("[data-group]"));
      if (!before) before = groups.map((group) => group.open);
      let any = false;
      groups.forEach((group, at) => {
        const seats = Array.from(group.querySelectorAll("button"));
        seats.forEach((seat) => {
          seat.hidden = !(seat.textContent + " " + seat.value).toLowerCase().includes(wanted);
        });
        group.hidden = seats.every((seat) => seat.hidden);
        group.open = wanted ? !group.hidden : before[at];
        any = any || !group.hidden;
      });
      nobody.hidden = any;
    };
    field.addEventListener("input", sift);
  };

  document.querySelectorAll("[data-filter]").forEach(filter);

  /* Places marked data-live, each with an id, are taken from a fresh copy of the page. */
  const shown = new Map();
  const rowsOf = (place) => Array.from(place.querySelectorAll("[data-row]"));

  const renew = (old, fresh) => {
    if (!fresh || shown.get(old) === fresh.innerHTML) return;
    shown.set(old, fresh.innerHTML);
    const known = new Set(rowsOf(old).map((row) => row.dataset.row));
    const held = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    old.innerHTML = fresh.innerHTML; /* our own page, escaped by our own server */
    rowsOf(old).forEach((row) => row.classList.toggle("fresh", !known.has(row.dataset.row)));
    const again = Array.from(old.querySelectorAll("a")).find((link) => link.getAttribute("href") === held);
    if (again) again.focus();
  };

  const look = async () => {
    try {
      const response = await fetch(window.location.href, { credentials: "same-origin" });
      if (response.ok) {
        const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
        document.querySelectorAll("[data-live]").forEach((place) => renew(place, fresh.getElementById(place.id)));
      }
    } catch (problem) {
      /* The server is away: what is shown stays, and the next look comes soon. */
    }
    window.setTimeout(turn, PAUSE);
  };

  const turn = () => {
    if (document.visibilityState === "hidden") window.setTimeout(turn, PAUSE);
    else look();
  };

  const live = document.querySelectorAll("[data-live]");
  live.forEach((place) => shown.set(place, place.innerHTML));
  if (live.length) window.setTimeout(turn, PAUSE);
})();
