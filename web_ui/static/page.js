// What every page gains with JavaScript: questions as dialogs, searches and page turning without reloading, menus that
// close. Without it the same links and forms work as pages of their own.
"use strict";

const dialog = document.querySelector("dialog.dialog");

/** The element `selector` of the page at `address`, or null when it is not there (signed out, gone). */
async function fetchPart(address, selector, signal) {
  const answer = await fetch(address, { credentials: "same-origin", signal });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector(selector);
}

async function ask(link) {
  const question = await fetchPart(link.href, "[data-question]").catch(() => null);
  if (!question) {
    window.location.assign(link.href);
    return;
  }
  dialog.replaceChildren(document.importNode(question, true));
  dialog.showModal();
  dialog.querySelector("[data-close]").focus();
}

document.addEventListener("click", (event) => {
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const link = plain && event.target.closest("a");
  if (link && link.matches("[data-dialog]")) {
    event.preventDefault();
    ask(link);
  } else if (event.target.closest("dialog [data-close]") || event.target === dialog) {
    event.preventDefault();
    dialog.close();
  }
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details[data-menu][open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A second press on a slow connection must not send a form twice.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// On a narrow screen a filter waits behind its name, for the list is what people come for; elsewhere it is open.
const narrow = window.matchMedia("(max-width: 52rem)");
function foldAll() {
  for (const fold of document.querySelectorAll("details[data-fold]")) {
    fold.open = !narrow.matches || fold.dataset.fold === "keep";
  }
}
foldAll();
narrow.addEventListener("change", foldAll);

/** A search form whose results are replaced in place; the address keeps the search, Back goes through it. */
function liveSearch(form) {
  const selector = form.dataset.fragment;
  let running = new AbortController();
  let pause = 0;

  async function show(address, remember) {
    running.abort();
    running = new AbortController();
    const shown = document.querySelector(selector);
    shown.classList.add("loading");
    try {
      const fresh = await fetchPart(address, selector, running.signal);
      if (!fresh) {
        window.location.assign(address);
        return;
      }
      shown.replaceWith(document.importNode(fresh, true));
      if (remember) window.history.replaceState(null, "", address);
    } catch (error) {
      if (error.name !== "AbortError") window.location.assign(address);
    }
  }

  function address() {
    const wanted = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) wanted.append(name, value);
    return `${form.action.split("?")[0]}?${wanted}`;
  }

  form.addEventListener("input", () => {
    window.clearTimeout(pause);
    pause = window.setTimeout(() => form.checkValidity() && show(address(), true), 250);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    window.clearTimeout(pause);
    window.location.assign(address());
  });
}

for (const form of document.querySelectorAll("form[data-fragment]")) liveSearch(form);

// On a narrow screen the tabs scroll: the present one is to be seen.
const tab = document.querySelector(".tabs [aria-current]");
if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;

/** A part of the page that is still being worked on: fetched again until it no longer says so. */
function poll(part) {
  window.setTimeout(async () => {
    const fresh = await fetchPart(window.location.href, `#${part.id}`).catch(() => part);
    if (!fresh) {
      window.location.reload(); // signed out meanwhile
      return;
    }
    if (fresh === part) {
      poll(part); // the page's server is away for a moment
      return;
    }
    const shown = document.importNode(fresh, true);
    const held = part.contains(document.activeElement) && document.activeElement.id;
    part.replaceWith(shown);
    if (held) document.getElementById(held)?.focus();
    const file = shown.querySelector("[data-fetch]");
    if (file) window.location.assign(file.href); // an attachment: the page stays
    if (shown.dataset.poll) poll(shown);
  }, Number(part.dataset.poll));
}

for (const part of document.querySelectorAll("[data-poll]")) poll(part);

/** What takes a moment to reckon comes when the page stands there already, one after the other. */
async function fillLate() {
  for (const place of document.querySelectorAll("[data-late]")) {
    const part = await fetchPart(place.dataset.late, "[data-part]").catch(() => null);
    if (part) place.replaceChildren(...document.importNode(part, true).childNodes);
  }
}

fillLate();
