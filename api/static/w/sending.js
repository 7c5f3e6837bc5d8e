// Sends what waits, exactly once each: in order for each battery, several batteries at a time, by one tab at a time.
//
// An event carries its own id, so a record whose answer was lost is sent again as it is, and the register answers what
// it answered before. Only a receipt ends an item. What the register refuses waits for a person.

import * as queue from "./queue.js";

const LANES = 4;
const PATIENCE_MS = 30_000;
const LONGEST_MS = 300_000;
const FAILURES = 3;
const LOCK = "packtrail-sending";

/** Why nothing is being sent at present: "" or "offline", "signed-out", "other", "busy". */
export let standstill = "";

let asked = false;
let forced = false;
let timer = 0;
let pauses = 0;

/** Begin: now, whenever the network or the page comes back, and whenever something was kept. */
export function start() {
  addEventListener("online", () => sendNow());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sendNow());
  return sendNow();
}

/** Send what is due; all of it with `force`, whatever pause was agreed. Resolves when there is nothing due any more. */
export function sendNow(force = false) {
  forced ||= force;
  if (asked) return Promise.resolve();
  asked = true;
  return exclusively(async () => {
    const all = forced;
    asked = forced = false;
    clearTimeout(timer);
    await round(all);
  });
}

function exclusively(work) {
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}

async function round(force) {
  await queue.forget(Date.now() - queue.KEEP_DONE_MS);
  const quiet = ((await queue.known("quiet")) ?? 0) - Date.now(); // the register asked for it, whichever tab it told
  if (!force && quiet > 0 && quiet <= LONGEST_MS) {
    standstill = "busy";
    return schedule(await queue.pending(), quiet);
  }
  for (let first = force; ; first = false) {
    const items = await queue.pending();
    const pass = new Pass(items, first);
    const pause = pass.hasWork() ? await pass.run() : 0;
    if (pause > 0 || pass.taken.size === 0) return schedule(items, pause);
  }
}

/** Come back after the pause, or when the first item is due. What else waits does so for a person. */
function schedule(items, pause) {
  const later = items.map((item) => item.nextAt).filter((at) => at > Date.now());
  const delay = pause || Math.min(...later) - Date.now();
  if (Number.isFinite(delay)) timer = setTimeout(() => sendNow(), Math.min(delay, LONGEST_MS));
  self.dispatchEvent(new Event("standstill"));
}

/** One look at the queue: who is signed in, and then each item that is due, until something says to stop. */
class Pass {
  constructor(items, force) {
    this.items = items;
    this.force = force;
    this.taken = new Set();
    this.busy = new Set(); // batteries that a lane is at, or whose last item stays
    this.pause = 0;
    this.failures = 0;
    this.session = null;
  }

  hasWork() {
    return this.items.some((item) => item.state !== queue.NEEDS && this.isDue(item));
  }

  isDue(item) {
    return this.force || item.nextAt <= Date.now() || item.nextAt > Date.now() + LONGEST_MS; // a clock was put back
  }

  async run() {
    try {
      await this.signIn();
      await Promise.all(Array.from({ length: LANES }, () => this.lane()));
    } catch (stop) {
      if (!(stop instanceof Stop)) throw stop;
      standstill = stop.why;
      this.pause = stop.pause;
    }
    if (this.pause === 0) {
      pauses = 0;
      const others = this.items.some((item) => item.organisation !== this.session.organisation);
      standstill = others && this.taken.size === 0 ? "other" : "";
    }
    return this.pause;
  }

  async lane() {
    for (let item = this.take(); item && this.pause === 0; item = this.take()) {
      for (const code of item.codes) this.busy.add(code);
      const stays = await this.send(item);
      for (const code of stays ? [] : item.codes) this.busy.delete(code);
    }
  }

  /** The first item that may go: none before it that is about the same battery is still there. */
  take() {
    const held = new Set(this.busy);
    for (const item of this.items) {
      if (this.taken.has(item.id) || item.organisation !== this.session.organisation) continue;
      if (item.state !== queue.NEEDS && this.isDue(item) && !item.codes.some((code) => held.has(code))) {
        this.taken.add(item.id);
        return item;
      }
      for (const code of item.codes) held.add(code);
    }
    return null;
  }

  /** Whether the item stays in the queue, so that the next one of its batteries has to wait. */
  async send(item) {
    await queue.change(item.id, { state: queue.SENDING });
    let answer;
    try {
      answer = await ask("/v1/events", this.session.csrf, item);
    } catch {
      this.failures += 1;
      if (this.failures >= FAILURES) this.stop("offline", backoff(pauses++));
      return this.putBack(item, { code: "network" }, backoff(item.tries));
    }
    this.failures = 0;
    const { status, body, wait } = answer;
    if (status < 300 && Number.isInteger(body?.index)) {
      await queue.finish(item.id, body, Date.now());
      return false;
    }
    const reason = { status, code: body?.code ?? "unreadable", title: body?.title, detail: body?.detail, errors: body?.errors };
    if (status === 401 || body?.code === "forged-request") {
      this.stop(status === 401 ? "signed-out" : "busy", status === 401 ? LONGEST_MS : backoff(pauses++));
      return this.putBack(item, reason, 0);
    }
    if (status === 429 || status === 503) {
      this.stop("busy", wait || backoff(pauses++));
      await queue.know("quiet", Date.now() + this.pause);
      return this.putBack(item, reason, wait || backoff(item.tries));
    }
    if (status >= 500 || status < 400 || status === 408 || status === 425) {
      return this.putBack(item, reason, backoff(item.tries));
    }
    await queue.change(item.id, { state: queue.NEEDS, reason });
    return true;
  }

  async putBack(item, reason, delay) {
    const nextAt = delay ? Date.now() + delay : 0;
    await queue.change(item.id, { state: queue.WAITING, tries: item.tries + 1, nextAt, reason });
    return true;
  }

  stop(why, pause) {
    standstill = why;
    this.pause = Math.max(this.pause, pause);
  }

  async signIn() {
    let answer;
    try {
      answer = await ask("/w/token");
    } catch {
      throw new Stop("offline", backoff(pauses++));
    }
    if (answer.status === 401 || answer.status === 403) throw new Stop("signed-out", LONGEST_MS);
    if (answer.status !== 200 || !answer.body?.csrf) throw new Stop("busy", answer.wait || backoff(pauses++));
    this.session = answer.body;
  }
}

class Stop extends Error {
  constructor(why, pause) {
    super(why);
    this.why = why;
    this.pause = pause;
  }
}

/** The answer to a request, its body read; throws where there was none that is whole. */
async function ask(path, csrf = "", item = null) {
  const headers = { Accept: "application/json" };
  if (item) Object.assign(headers, { "Content-Type": "application/json", "X-CSRF-Token": csrf, "Accept-Language": item.language });
  const answer = await fetch(path, {
    method: item ? "POST" : "GET",
    headers,
    body: item ? JSON.stringify(item.event) : undefined,
    cache: "no-store",
    redirect: "manual", // to the page for signing in, or by a gate of the network
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (answer.type === "opaqueredirect") return { status: item ? 0 : 401, body: null, wait: 0 };
  const text = await answer.text();
  return { status: answer.status, body: parsed(text), wait: retryAfter(answer.headers.get("Retry-After")) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not from the register: a gate of the network, a proxy
  }
}

/** Milliseconds to wait, from seconds or a date; 0 where nothing is said. At most five minutes. */
function retryAfter(text) {
  if (!text) return 0;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Math.min(Math.max(wait || 0, 0), LONGEST_MS);
}

/** After so many tries: 1 s, 2 s, 4 s ... five minutes, less up to half by chance, so that phones do not come at once. */
function backoff(tries) {
  return Math.min(1000 * 2 ** Math.min(tries, 20), LONGEST_MS) * (0.5 + Math.random() / 2);
}
