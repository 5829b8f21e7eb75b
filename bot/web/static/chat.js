/* The web chat, for those browsers that run scripts: sending without a reload, messages as they come.
   Plain ES2019, for old WebViews; everything it does can also be done without it. */
"use strict";

(() => {
  const said = document.body.dataset;
  const log = document.getElementById("log");
  const messages = document.getElementById("messages");
  const composer = document.getElementById("composer");
  const field = document.getElementById("text");
  const line = document.getElementById("line");
  const notice = document.getElementById("notice");
  const newest = document.getElementById("newest");
  const menu = document.getElementById("menu");
  const AT_END = 80;
  const touch = window.matchMedia("(pointer: coarse)").matches;
  let version = Number(said.version);
  let tapped = null;

  /* What is shown ---------------------------------------------------- */

  const atEnd = () => Math.abs(log.scrollTop) < AT_END;

  const toEnd = () => {
    log.scrollTop = 0; /* the log is turned round: 0 is its end */
    newest.hidden = true;
  };

  const parsed = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html; /* from our own server, escaped there; the page's policy runs nothing inline */
    return template.content.firstElementChild;
  };

  const markPast = () => {
    const keyboards = messages.querySelectorAll(".keys");
    keyboards.forEach((keys, at) => keys.parentNode.classList.toggle("past", at < keyboards.length - 1));
  };

  const replace = (old, fresh) => {
    const held = old.contains(document.activeElement);
    old.parentNode.replaceChild(fresh, old);
    /* Not onto the first button: a second press of the same key would answer the next question. */
    if (held) fresh.querySelector(".words").focus({ preventScroll: true });
  };

  const append = (fresh, follow) => {
    fresh.classList.add("arrived");
    messages.insertBefore(fresh, messages.querySelector(".pending"));
    if (!follow) newest.hidden = false;
  };

  const show = (item) => {
    version = Math.max(version, item.version);
    if (item.lang && item.lang !== document.documentElement.lang && !field.value) {
      window.location.reload(); /* another language was chosen: the page itself speaks it too */
      return;
    }
    const old = document.getElementById("m-" + item.key);
    if (item.gone) {
      if (old) old.remove();
      return;
    }
    const fresh = parsed(item.html);
    const own = fresh.classList.contains("own");
    const follow = atEnd() || own;
    settle(fresh);
    if (old) replace(old, fresh);
    else append(fresh, follow);
    const welcome = document.getElementById("welcome");
    if (welcome) welcome.remove();
    markPast();
    if (follow) toEnd();
    if (follow && !own && fresh.offsetHeight > log.clientHeight) fresh.scrollIntoView({ block: "start" });
  };

  const tell = (text, calm) => {
    notice.textContent = text;
    notice.hidden = !text;
    notice.classList.toggle("calm", Boolean(calm));
    window.clearTimeout(tell.timer);
    if (text && calm) tell.timer = window.setTimeout(() => tell(""), 6000);
  };

  /* What is sent ----------------------------------------------------- */

  const chance = () => {
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const pend = (text) => {
    const message = document.createElement("article");
    const words = document.createElement("div");
    const paragraph = document.createElement("p");
    message.className = "message own pending";
    message.dataset.state = said.sending;
    words.className = "words";
    paragraph.dir = "auto";
    paragraph.textContent = text;
    words.appendChild(paragraph);
    message.appendChild(words);
    messages.appendChild(message);
    toEnd();
    return message;
  };

  /* The person's own words have come back, or their answer has: what stood for them goes. */
  const settle = (fresh) => {
    const waiting = Array.from(messages.querySelectorAll(".pending"));
    const first = fresh.classList.contains("own") ? waiting[0] : waiting.find((one) => one.dataset.taken);
    if (first) first.remove();
  };

  const post = async (form, fields) => {
    const response = await fetch(form.getAttribute("action"), {
      method: "POST",
      headers: { Accept: "application/json" },
      body: fields,
      credentials: "same-origin",
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
  };

  const send = async (form, fields, before, after) => {
    const kept = form.elements.id.value;
    tell("");
    before();
    try {
      const answer = await post(form, fields);
      form.elements.id.value = chance();
      after(true);
      if (answer.toast) tell(answer.toast, true);
    } catch (problem) {
      form.elements.id.value = kept; /* the same again, if it was taken after all, counts once */
      after(false);
      tell(problem instanceof TypeError || problem instanceof SyntaxError ? said.unsent : problem.message);
    }
  };

  const sendWords = () => {
    const text = field.value;
    if (!text.trim()) return;
    if (Array.from(text).length > Number(said.longest)) {
      tell(said.long);
      return;
    }
    const fields = new URLSearchParams(new FormData(composer));
    let waiting = null;
    const before = () => {
      waiting = pend(text);
      composer.elements.id.value = chance(); /* the next words are another message */
      field.value = "";
      grow();
    };
    const seen = version;
    send(composer, fields, before, (taken) => {
      if (taken && version > seen) waiting.remove();
      else if (taken) {
        waiting.dataset.taken = "yes";
        waiting.dataset.state = "";
        window.setTimeout(() => waiting.remove(), 5000);
      } else {
        waiting.remove();
        field.value = field.value || text;
        grow();
      }
    });
  };

  const sendKey = (form, button) => {
    if (form.getAttribute("aria-busy") === "true") return;
    const fields = new URLSearchParams(new FormData(form));
    fields.set(button.name, button.value);
    const before = () => {
      form.setAttribute("aria-busy", "true");
      button.setAttribute("aria-pressed", "true");
    };
    send(form, fields, before, () => {
      form.removeAttribute("aria-busy");
      button.removeAttribute("aria-pressed");
    });
    if (menu.contains(button)) closeMenu(true);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest ? event.target.closest("button") : null;
    if (button) tapped = button;
    if (menu.open && !menu.contains(event.target)) closeMenu(false);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-live")) return;
    event.preventDefault();
    const button = event.submitter || tapped;
    if (form === composer) sendWords();
    else if (button && button.form === form) sendKey(form, button);
  });

  const closeMenu = (back) => {
    menu.open = false;
    if (back) menu.querySelector("summary").focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) closeMenu(true);
  });

  field.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229; /* Enter picks a word in Chinese input */
    if (event.key !== "Enter" || event.shiftKey || composing || touch) return;
    event.preventDefault();
    sendWords();
  });

  const grow = () => {
    field.style.height = "auto";
    field.style.height = field.scrollHeight + 2 + "px";
  };
  field.addEventListener("input", grow);

  newest.addEventListener("click", toEnd);
  log.addEventListener("scroll", () => {
    if (atEnd()) newest.hidden = true;
  });

  /* What comes ------------------------------------------------------- */

  let source = null;
  let failures = 0;
  let again = null;

  const lost = (is) => {
    line.textContent = is ? said.lost : "";
    line.hidden = !is;
  };

  const later = () => {
    failures += 1;
    window.clearTimeout(again);
    const pause = Math.min(30000, 1000 * Math.pow(2, failures - 1));
    again = window.setTimeout(listen, pause * (0.7 + 0.3 * Math.random()));
  };

  const hush = () => {
    window.clearTimeout(again);
    if (source) source.close();
    source = null;
  };

  const where = () => "after=" + version + "&lang=" + document.documentElement.lang;

  const stream = () => {
    const mine = new EventSource("/chat/events?" + where());
    let opened = false;
    source = mine;
    mine.onopen = () => {
      opened = true;
      failures = 0;
      lost(false);
    };
    mine.onmessage = (event) => show(JSON.parse(event.data));
    mine.onerror = () => {
      if (source !== mine) return;
      lost(true);
      if (opened && mine.readyState !== EventSource.CLOSED) return; /* the browser connects again itself */
      hush();
      later();
    };
  };

  const poll = async () => {
    const controller = window.AbortController ? new AbortController() : null;
    const mine = { close: () => controller && controller.abort() };
    source = mine;
    try {
      const response = await fetch("/chat/updates?" + where(), {
        credentials: "same-origin",
        signal: controller ? controller.signal : undefined,
      });
      if (!response.ok) throw new Error(String(response.status));
      const news = await response.json();
      if (source !== mine) return;
      news.items.forEach(show);
      failures = 0;
      lost(false);
      poll();
    } catch (problem) {
      if (source !== mine) return;
      source = null;
      lost(true);
      later();
    }
  };

  const listen = () => {
    hush();
    /* Some networks let no stream through: after three failures ask instead, every other time. */
    if (window.EventSource && (failures < 3 || failures % 2)) stream();
    else poll();
  };

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") hush();
    else listen();
  });
  window.addEventListener("online", listen);
  window.addEventListener("pagehide", hush);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) listen();
  });

  markPast();
  grow();
  listen();
})();
