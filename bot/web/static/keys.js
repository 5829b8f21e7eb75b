/* The tabulators' pages: the secret out of the address, printing, and a word while a passphrase is tried. */
"use strict";

(() => {
  /* Behind the # no server sees the secret; once it is in the form, it goes from the address bar too. A link that is
     opened where this page is already shown changes nothing but what is behind the #. */
  const secret = document.querySelector("[data-secret]");
  const read = () => {
    if (window.location.hash.length > 1) {
      secret.value = decodeURIComponent(window.location.hash.slice(1));
      window.history.replaceState(null, "", window.location.pathname);
    }
    document.querySelector("[data-no-secret]").hidden = secret.value !== "";
  };
  if (secret) {
    read();
    window.addEventListener("hashchange", read);
  }

  /* The enrolment is over: the next link that is opened here is another page. */
  const over = document.querySelector("[data-over]");
  if (over) window.history.replaceState(null, "", over.dataset.over);

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  /* One try at a time: what was sent is not sent again by a second tap. */
  document.querySelectorAll("form[data-slow]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      const button = event.submitter;
      if (!button || "stays" in button.dataset) return;
      form.dataset.sent = "yes";
      const word = document.createElement("p");
      word.className = "hint";
      word.setAttribute("role", "status");
      word.textContent = form.dataset.slow;
      button.after(word);
      button.setAttribute("aria-disabled", "true");
    });
  });

  /* Back to a page that was left: it may send again. */
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-slow]").forEach((form) => delete form.dataset.sent);
  });
})();
