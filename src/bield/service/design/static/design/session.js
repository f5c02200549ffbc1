// Nothing typed is lost: drafts are kept as they are typed, and a warning comes before somebody is signed out.
"use strict";

const page = document.body.dataset;

// A page that answers a form is kept by the browser's session file with everything the form said, so that it can be sent
// again. Who somebody is must not stay on the disk: remember the address alone. What is on the page stays there.
if ("answersForm" in page) {
  history.replaceState(null, "", location.href);
}
const idle = Number(page.idle) * 1000;
const warning = document.getElementById("session-ends");
let signedOut = Date.now() + idle;
let told = false;

function moment(state) {
  for (const part of warning.querySelectorAll("[data-when]")) {
    part.hidden = part.dataset.when !== state;
  }
  if (!warning.open) {
    warning.showModal();
  }
}

async function stay() {
  const answer = await fetch(page.stay, {redirect: "manual"});
  if (answer.status === 204) {
    signedOut = Date.now() + idle;
    warning.close();
  } else {
    moment("over");
  }
}

if (warning && idle) {
  warning.querySelector("[data-stay]").addEventListener("click", stay);
  warning.querySelector("[data-close]").addEventListener("click", () => warning.close());
  setInterval(() => {
    const left = signedOut - Date.now();
    if (left <= 0 && !told) {
      told = true; // once: afterwards the page is left alone
      moment("over");
    } else if (left > 0 && left <= Math.min(300000, idle / 2)) {
      moment("soon");
    }
  }, 5000);
}

function keepsDrafts(form) {
  const status = document.createElement("p");
  let waiting = null;
  let before = "";
  status.className = "bield-quiet";
  status.setAttribute("aria-live", "polite");
  form.append(status);

  async function keep(last) {
    clearTimeout(waiting);
    waiting = null;
    const data = new FormData(form);
    for (const [name, value] of [...data.entries()]) {
      if (value instanceof File) {
        data.delete(name);
      }
    }
    const said = new URLSearchParams(data).toString();
    if (said === before) {
      return;
    }
    before = said;
    data.set("draft-page", window.location.pathname);
    data.set("draft-path", new URL(form.action || window.location.href).pathname);
    try {
      const answer = await fetch(page.keep, {method: "POST", body: data, redirect: "manual", keepalive: last});
      if (answer.ok) {
        signedOut = Date.now() + idle;
        status.textContent = (await answer.json()).kept;
      }
    } catch {
      status.textContent = ""; // no line: the words stand on the page, and the next try keeps them
      before = "";
    }
  }

  form.addEventListener("input", () => {
    waiting ??= setTimeout(() => keep(false), 5000);
  });
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    waiting = -1; // being saved: nothing more is kept
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && waiting !== null && waiting !== -1) {
      keep(true);
    }
  });
}

for (const form of document.querySelectorAll("form[method=post]")) {
  if (page.keep && form.querySelector("textarea") && form.elements.form_key) {
    keepsDrafts(form);
  }
}
