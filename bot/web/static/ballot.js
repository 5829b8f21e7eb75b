/* An anonymous questionnaire. The ticket that lets its reader in stands in the link behind the #, where no server and
   no log sees it; it is taken out of the address bar at once, and is nowhere but in this page's memory, as is all that
   is entered until the server has it, sealed. Each step is one POST without any cookie, answered with the next page.
   ES2019, for old WebViews. */
"use strict";

(() => {
  const { entries, tell, sync } = window.huiyin;
  const SIZES = [16384, 65536, 262144];
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const TICKET = /^#([A-Za-z0-9_-]{60,})$/;
  const QUICK = 150;
  const TYPING = 1500;
  const address = window.location.pathname;
  const away = document.getElementById("waiting").dataset.away;
  let ticket = "";
  let fromChat = false;
  let language = "";
  let pressed = "";
  let homeless = {}; /* what a page held when its ballot was handed in elsewhere */
  let guarded = false;
  let timer = 0;
  let turn = 0;
  let queue = Promise.resolve();
  let wake = () => {};

  /* The ticket ----------------------------------------------------------- */

  const pick = () => {
    const found = TICKET.exec(window.location.hash);
    if (!found) return false;
    ticket = found[1];
    fromChat = false;
    window.history.replaceState(null, "", address);
    return true;
  };

  /* What is sent ---------------------------------------------------------- */

  const chance = (count) => {
    const bytes = new Uint8Array(count);
    for (let start = 0; start < count; start += 65536) window.crypto.getRandomValues(bytes.subarray(start, start + 65536));
    return Array.from(bytes, (byte) => LETTERS[byte % 64]).join("");
  };

  const filled = (plain) => {
    const size = new TextEncoder().encode(JSON.stringify({ ...plain, pad: "" })).length;
    const last = SIZES[SIZES.length - 1];
    const room = SIZES.find((one) => size <= one) || Math.ceil(size / last) * last;
    return JSON.stringify({ ...plain, pad: chance(room - size) });
  };

  const post = async (place, plain, credentials) => {
    const response = await fetch(place, {
      method: "POST",
      body: filled(plain),
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      credentials,
      cache: "no-store",
      redirect: "error",
    });
    return { status: response.status, answer: await response.json() };
  };

  const fetchTicket = async () => {
    /* In the web chat's browser the server knows who is asked; only here a cookie is sent. */
    const found = await post(address + "/ticket", {}, "same-origin");
    if (found.status === 200) {
      ticket = found.answer.ticket;
      fromChat = true;
    }
    return found;
  };

  const send = async (plain) => {
    if (!ticket) {
      const got = await fetchTicket();
      if (!ticket) return got;
    }
    const found = await post(address, { ...plain, ticket }, "omit");
    if (found.status !== 403 || !fromChat) return found;
    const again = await fetchTicket(); /* two hours are over */
    return again.status === 200 ? post(address, { ...plain, ticket }, "omit") : found;
  };

  const pause = (milliseconds) =>
    new Promise((resolve) => {
      wake = resolve;
      window.setTimeout(resolve, milliseconds);
    });

  const persist = async (plain, mine) => {
    /* The same again until it arrives, or until something else is wanted: handing in twice is one ballot. */
    for (let patience = 2000; ; patience = Math.min(patience * 2, 30000)) {
      try {
        const found = await send(plain);
        if (found.status < 500) return found;
        complain(found.answer);
      } catch (problem) {
        complain({ error: document.getElementById("form").dataset.offline || away });
      }
      await pause(patience);
      if (mine !== turn) return null;
    }
  };

  const gathered = (go) => {
    const values = entries();
    const one = (name) => (values.find(([other]) => other === name) || ["", ""])[1];
    const answers = go === "begin" || go === "change" ? { ...homeless } : {};
    values.filter(([name]) => name.startsWith("a:")).forEach(([name, value]) => {
      const path = name.slice(2);
      answers[path] = [...(answers[path] || []), value];
    });
    return {
      go,
      language,
      answers,
      seen: values.filter(([name]) => name === "on").map(([, path]) => path),
      at: one("at"),
      stamp: one("stamp"),
      mending: Boolean(one("mending")),
      insist: Boolean(one("insist")),
    };
  };

  /* What is shown ---------------------------------------------------------- */

  const read = (html) => new DOMParser().parseFromString(html, "text/html"); /* our own server's, escaped there */

  const wayBack = () => document.querySelector('main button[value="back"], main button[value^="at:"]');

  const put = (page) => {
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    document.body.textContent = "";
    while (page.body.firstChild) document.body.appendChild(page.body.firstChild);
    window.scrollTo(0, 0);
    if (wayBack() && !guarded) {
      guarded = true;
      window.history.pushState(null, "", address); /* the browser's "back" turns a page back, and leaves none behind */
    }
    (document.getElementById("wrong") || document.getElementById("main")).focus({ preventScroll: true });
  };

  const blend = (page) => {
    /* The page as it is now, under the hands of who fills it in. */
    const here = document.getElementById("blocks");
    const news = page.getElementById("blocks");
    if (!here || !news) {
      put(page);
      return;
    }
    const said = document.getElementById("form").dataset;
    const notice = page.querySelector(".notice");
    const wrong = page.getElementById("wrong");
    const came = sync(here, news);
    document.getElementById("stamp").value = page.getElementById("stamp").value;
    document.getElementById("progress").textContent = page.getElementById("progress").textContent;
    ["max", "value"].forEach((name) => {
      document.querySelector("progress")[name] = page.querySelector("progress")[name];
    });
    tell(notice ? notice.textContent : came ? said.new : wrong ? "" : said.saved);
  };

  const complain = (answer) => {
    if (document.getElementById("line")) tell(answer.error, true);
    else if (answer.html) put(read(answer.html));
    else document.querySelector("main p").textContent = answer.error;
  };

  /* What is done ------------------------------------------------------------ */

  const run = async (go, mine) => {
    const plain = gathered(go);
    const found = await persist(plain, mine);
    if (!found) return;
    if (found.answer.error) {
      complain(found.answer);
      return;
    }
    if (found.answer.gone) homeless = plain.answers;
    else if (go !== "keep") homeless = {};
    const page = read(found.answer.html);
    if (go === "keep") blend(page);
    else put(page);
  };

  const act = (go) => {
    window.clearTimeout(timer);
    turn += 1;
    const mine = turn;
    wake();
    queue = queue.then(() => (go === "keep" && mine !== turn ? null : run(go, mine)));
  };

  const soon = (milliseconds) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => act("keep"), milliseconds);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=do]");
    if (button) pressed = button.value;
    const link = event.target.closest('a[href^="#"]');
    const there = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!there) return;
    event.preventDefault(); /* no address, and no history of the browser, tells which question it was */
    there.focus();
    there.scrollIntoView();
  });

  document.addEventListener("submit", (event) => {
    event.preventDefault();
    if (pressed.startsWith("language:")) language = pressed.slice("language:".length);
    act(pressed);
  });

  const changed = (event) => {
    if (!event.target.name || !document.getElementById("blocks")) return;
    soon(event.type === "input" && /^(text|textarea)$/.test(event.target.type) ? TYPING : QUICK);
  };

  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  window.addEventListener("online", () => wake());
  window.addEventListener("popstate", () => {
    const back = wayBack();
    guarded = false;
    if (back) act(back.value);
  });
  window.addEventListener("hashchange", () => {
    if (pick()) act(""); /* a new link, opened in the same tab */
  });

  pick();
  act("");
})();
