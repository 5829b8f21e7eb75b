/* The questions on a page of a round, named or anonymous: what stands in their fields, and how they come and go with
   the answers without taking away what somebody is typing. ES2019, for old WebViews. */
"use strict";

window.huiyin = (() => {
  const form = () => document.getElementById("form");
  const entries = () =>
    Array.from(new FormData(form()).entries()).filter(([, value]) => typeof value === "string");

  const fields = (name) => Array.from(form().elements).filter((field) => field.name === name);

  const fillIn = (name, values) => {
    fields(name).forEach((field, place) => {
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (field.type !== "file") field.value = place < values.length ? values[place] : "";
    });
  };

  const tell = (text, away) => {
    const line = document.getElementById("line");
    if (line.textContent !== text) line.textContent = text;
    line.classList.toggle("away", Boolean(away));
  };

  const parsed = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html; /* from our own server, escaped there; the page's policy runs nothing inline */
    return template.content;
  };

  const keyed = (place) => Array.from(place.children).filter((child) => child.dataset.key);

  const mark = (old, fresh) => {
    /* The person's own fields stay; only what is said to be wrong is renewed, and not while they type. */
    if (old.contains(document.activeElement) && /^(text|textarea)$/.test(document.activeElement.type)) return;
    const error = old.querySelector(".error");
    const news = fresh.querySelector(".error");
    if (!error || !news) return;
    error.textContent = news.textContent;
    error.hidden = news.hidden;
    const id = error.id.replace(/-error$/, "");
    const field = document.getElementById(id);
    if (!field) return;
    if (news.hidden) field.removeAttribute("aria-invalid");
    else field.setAttribute("aria-invalid", "true");
  };

  const typing = (old, fresh) => {
    /* A question that is worded anew while somebody is in it: what is entered there goes along. */
    const active = document.activeElement;
    if (!old.contains(active) || !active.name) return null;
    const values = entries().filter(([name]) => name === active.name).map(([, value]) => value);
    const { id, name } = active;
    const range = active.type === "text" || active.type === "textarea" ? [active.selectionStart, active.selectionEnd] : null;
    return () => {
      fillIn(name, values);
      const again = document.getElementById(id) || fresh.querySelector("input:not([type=hidden]), select, textarea");
      if (!again) return;
      again.focus({ preventScroll: true });
      if (range && again.setSelectionRange) again.setSelectionRange(range[0], range[1]);
    };
  };

  const renew = (old, fresh) => {
    const go = typing(old, fresh);
    old.parentNode.replaceChild(fresh, old);
    if (go) go();
  };

  const sync = (place, news) => {
    let came = 0;
    const known = new Map(keyed(place).map((child) => [child.dataset.key, child]));
    const fresh = keyed(news);
    const coming = new Set(fresh.map((child) => child.dataset.key));
    known.forEach((child, key) => {
      if (!coming.has(key)) child.remove();
    });
    let before = null;
    fresh.forEach((child) => {
      const old = known.get(child.dataset.key);
      let now = child;
      if (!old) {
        child.classList.add("arrived");
        came += 1;
        place.insertBefore(child, before ? before.nextSibling : place.firstChild);
      } else if (old.classList.contains("group") && old.dataset.sign === child.dataset.sign) {
        came += sync(old.querySelector(".inside"), child.querySelector(".inside"));
        now = old;
      } else if (old.dataset.sign === child.dataset.sign) {
        mark(old, child);
        now = old;
      } else {
        renew(old, child);
      }
      before = now;
    });
    return came;
  };

  return { entries, fields, fillIn, tell, parsed, sync };
})();
