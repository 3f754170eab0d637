// Keeps the live page current: one stream of pictures from the box, opened again by itself; seconds counted here.
"use strict";

const live = document.querySelector("[data-live]");
const connection = document.querySelector("[data-connection]");
const summary = document.getElementById("live-summary");
const AGAIN_MS = 3000;
const SILENT_MS = 25000; // the server says something at least every ten seconds

let stream = null;
let reachable = true; // the switchboard, as the page's server sees it
let heard = Date.now();
let born = performance.now();

function showConnection(on) {
  connection.textContent = on ? connection.dataset.on : connection.dataset.off;
  connection.classList.toggle("badge-good", on);
  connection.classList.toggle("badge-warning", !on);
  connection.classList.remove("badge-calm");
}

function tick() {
  const passed = (performance.now() - born) / 1000;
  for (const place of live.querySelectorAll("[data-tick]")) {
    const all = Math.floor(Number(place.dataset.tick) + passed);
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(all / 3600);
    const minutes = Math.floor(all / 60) % 60;
    const text = hours ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
    if (place.textContent !== text) place.textContent = text;
  }
}

/** Puts new HTML in place but keeps rows that did not change, so that focus and selection stay where they are. */
function replace(box, html) {
  const fresh = document.createElement("div");
  fresh.innerHTML = html; // made by our own server, escaped there; no script in it would run under the page's policy
  const focused = document.activeElement && box.contains(document.activeElement) ? document.activeElement.id : "";
  const oldList = box.querySelector("[data-keyed]");
  const newList = fresh.querySelector("[data-keyed]");
  if (!oldList || !newList) {
    box.replaceChildren(...fresh.childNodes);
  } else {
    const old = new Map([...oldList.children].map((row) => [row.dataset.key, row]));
    oldList.replaceChildren(...[...newList.children].map((row) => merged(old.get(row.dataset.key), row)));
  }
  const again = focused && document.getElementById(focused);
  if (again && document.activeElement !== again) again.focus();
}

/** The old row with only its ticking start and its costs moved on, if nothing else differs; else the new one. */
function merged(old, row) {
  const ticking = row.querySelector("[data-tick]");
  const face = faceOf(row);
  if (old && (old.dataset.face || faceOf(old)) === face) {
    if (ticking) old.querySelector("[data-tick]").dataset.tick = ticking.dataset.tick;
    const fresh = [...row.querySelectorAll("[data-fresh]")];
    for (const [at, place] of [...old.querySelectorAll("[data-fresh]")].entries()) {
      if (place.textContent !== fresh[at].textContent) place.textContent = fresh[at].textContent;
    }
    old.dataset.face = face;
    return old;
  }
  row.dataset.face = face;
  return row;
}

function faceOf(row) {
  const copy = row.cloneNode(true);
  delete copy.dataset.face;
  for (const place of copy.querySelectorAll("[data-tick]")) {
    place.dataset.tick = "";
    place.textContent = "";
  }
  for (const place of copy.querySelectorAll("[data-fresh]")) place.textContent = "";
  return copy.outerHTML;
}

function show(picture) {
  for (const [id, html] of Object.entries(picture.parts)) replace(document.getElementById(id), html);
  if (summary.textContent !== picture.summary) summary.textContent = picture.summary;
  born = performance.now();
  tick();
}

function open() {
  stream = new EventSource(live.dataset.live);
  stream.addEventListener("picture", (event) => {
    heard = Date.now();
    const picture = JSON.parse(event.data);
    reachable = picture.reachable;
    showConnection(reachable);
    show(picture);
  });
  stream.addEventListener("still-here", () => {
    heard = Date.now();
    showConnection(reachable);
  });
  stream.addEventListener("error", async () => {
    showConnection(false);
    if (stream.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    const answer = await fetch(live.dataset.live, { method: "HEAD", credentials: "same-origin" }).catch(() => null);
    if (answer && answer.status === 401) window.location.assign(live.dataset.login);
    else window.setTimeout(open, AGAIN_MS);
  });
}

window.setInterval(tick, 250);
window.setInterval(() => {
  if (Date.now() - heard < SILENT_MS) return;
  heard = Date.now();
  showConnection(false);
  stream.close();
  open();
}, 5000);
window.addEventListener("pagehide", () => stream && stream.close());
window.addEventListener("pageshow", (event) => event.persisted && open());
open();
