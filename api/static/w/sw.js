// The service worker of the workshop: the first page, the batch and the queue open without a network, and so does what
// this phone knows of a battery. What was captured is sent by the pages, never from here.

import { letGo, PAGES } from "./leaving.js";

const SHELL = ["/w", "/w/batch", "/w/queue", "/w/offline"];
const PATIENCE_MS = 8000;

export function work(version, names) {
  const own = `packtrail-code-${version}`;
  self.addEventListener("install", (event) => {
    self.skipWaiting();
    event.waitUntil(keepAll(own, names.map((name) => `/w/code/${version}/${name}`)));
  });
  self.addEventListener("activate", (event) => event.waitUntil(tidy(own)));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const { pathname, origin } = new URL(request.url);
    if (request.method !== "GET" || origin !== location.origin) return;
    if (request.mode === "navigate") event.respondWith(page(event, pathname));
    else if (pathname.startsWith("/w/code/") || pathname.startsWith("/static/")) event.respondWith(file(request, own));
  });
  self.addEventListener("message", (event) => event.data === "shell" && event.waitUntil(keepShell()));
}

/** For a register that wants no pages offline any more: what was kept goes, and so does the worker. */
export function withdraw() {
  self.addEventListener("install", () => self.skipWaiting());
  self.addEventListener("activate", (event) => event.waitUntil(leave()));
}

async function leave() {
  const names = (await caches.keys()).filter((name) => name.startsWith("packtrail-"));
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.registration.unregister();
}

async function keepAll(name, addresses) {
  const cache = await caches.open(name);
  await Promise.all(addresses.map((address) => cache.add(address)));
}

/** The files of earlier versions go. */
async function tidy(own) {
  for (const name of await caches.keys()) {
    if (name.startsWith("packtrail-code-") && name !== own) await caches.delete(name);
  }
  await self.clients.claim();
}

/** Pages that open without a network, in the language and for the person of now. */
async function keepShell() {
  const cache = await caches.open(PAGES);
  await Promise.all(SHELL.map(async (path) => {
    const answer = await fetch(path, { cache: "no-store", redirect: "manual", headers: { Accept: "text/html" } });
    if (answer.ok) await cache.put(path, answer);
    else if (answer.type === "opaqueredirect") await letGo(); // nobody is signed in
  }));
}

async function page(event, pathname) {
  try {
    const answer = await Promise.race([fetch(event.request), late()]);
    if (answer.type === "opaqueredirect") event.waitUntil(keepShell()); // perhaps since nobody is signed in
    if (answer.status < 502 || answer.status > 504) return answer;
    return (await kept(pathname)) ?? answer;
  } catch (error) {
    const answer = await kept(pathname);
    if (answer) return answer;
    throw error;
  }
}

const late = () => new Promise((_, reject) => setTimeout(() => reject(new Error("too late")), PATIENCE_MS));

/** The page itself, or for a battery the page that shows what this phone knows of it. */
async function kept(pathname) {
  const cache = await caches.open(PAGES);
  const about = /^\/w\/(b\/|find$)/.test(pathname);
  return (await cache.match(about ? "/w/offline" : pathname)) ?? cache.match("/w/offline");
}

/** Files carry their hash: what is kept is right. */
async function file(request, own) {
  const found = await caches.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok && new URL(request.url).pathname.startsWith("/static/")) {
    await (await caches.open(own)).put(request, answer.clone());
  }
  return answer;
}
