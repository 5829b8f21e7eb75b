/* A round on a page, for browsers that run scripts: what is entered is saved as one goes, and questions come and go
   with the answers. The server decides; this only asks it and puts its questions in place. ES2019, for old WebViews. */
"use strict";

(() => {
  const form = document.getElementById("form");
  const blocks = document.getElementById("blocks");
  const stamp = document.getElementById("stamp");
  const said = form.dataset;
  const { entries, fields, fillIn, tell, parsed, sync } = window.huiyin;
  const shelf = "huiyin" + window.location.pathname;
  const QUICK = 150;
  const TYPING = 1500;
  let timer = 0;
  let asking = false;
  let wanted = false;
  let leaving = false;
  let patience = 2000;

  /* What is not saved yet waits in this tab, until it is. --------------- */

  const put = () => {
    try {
      const answers = entries().filter(([name]) => name === "on" || name.startsWith("a:"));
      window.sessionStorage.setItem(shelf, JSON.stringify({ stamp: stamp.value, answers }));
    } catch (problem) {
      /* No room, or not allowed: then the page itself is all that holds it. */
    }
  };

  const drop = () => {
    try {
      window.sessionStorage.removeItem(shelf);
    } catch (problem) {
      /* Nothing was kept there either. */
    }
  };

  const restore = () => {
    let kept = null;
    try {
      kept = JSON.parse(window.sessionStorage.getItem(shelf));
    } catch (problem) {
      /* Nothing readable is there. */
    }
    if (!kept || !Array.isArray(kept.answers)) return false;
    const answers = kept.answers;
    const here = new Set(fields("on").map((field) => field.value));
    const paths = answers.filter(([name, path]) => name === "on" && here.has(path)).map(([, path]) => path);
    paths.forEach((path) => {
      const name = "a:" + path;
      fillIn(name, answers.filter(([other]) => other === name).map(([, value]) => value));
    });
    if (paths.length) stamp.value = kept.stamp; /* so that the server sees what has changed meanwhile elsewhere */
    else drop();
    return paths.length > 0;
  };

  /* Saving as one goes. -------------------------------------------------- */

  const again = (milliseconds) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, milliseconds);
  };

  const take = (answer, sent) => {
    if (answer.gone) {
      drop();
      window.location.reload();
      return;
    }
    const came = sync(blocks, parsed(answer.html));
    stamp.value = answer.stamp;
    document.getElementById("progress").textContent = answer.progress;
    const bar = document.querySelector("progress");
    bar.max = answer.total;
    bar.value = answer.done;
    if (!answer.refused && JSON.stringify(entries().filter(([name]) => name.startsWith("a:"))) === sent) drop();
    tell(answer.notice || (came ? said.new : said.saved));
  };

  const save = async () => {
    if (leaving) return;
    if (asking) {
      wanted = true;
      return;
    }
    asking = true;
    const body = entries();
    const sent = JSON.stringify(body.filter(([name]) => name.startsWith("a:")));
    try {
      const response = await fetch(form.getAttribute("action"), {
        method: "POST",
        body: new URLSearchParams(body),
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      const answer = await response.json();
      patience = 2000;
      if (response.ok) take(answer, sent);
      else tell(answer.error || said.unsaved, true);
      if (response.status >= 500) again(5000);
    } catch (problem) {
      /* No connection, or a server that is just starting again: everything stands in the page, and is tried again. */
      tell(said.offline, true);
      again(patience);
      patience = Math.min(patience * 2, 30000);
    }
    asking = false;
    if (wanted) {
      wanted = false;
      again(QUICK);
    }
  };

  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    put();
    const typed = event.target.type === "text" || event.target.type === "textarea";
    again(typed ? TYPING : QUICK);
  });

  form.addEventListener("change", (event) => {
    if (event.target.type === "file") return;
    put();
    again(QUICK);
  });

  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      event.preventDefault();
      put();
      tell(said.offline, true);
      return;
    }
    leaving = true;
    window.clearTimeout(timer);
    put();
  });

  window.addEventListener("pageshow", () => {
    leaving = false;
  });

  window.addEventListener("online", () => again(QUICK));

  if (document.getElementById("wrong")) document.getElementById("wrong").focus();
  else if (restore()) again(QUICK);
})();
