// What this phone has to send, has sent, and knows: one IndexedDB, which all pages share.
//
// items:   records that wait, by the id of their event. `seq` is the order in which they were captured.
// done:    receipts of what was recorded, and what a person discarded, for 30 days.
// known:   the last snapshot of the register, forms by kind, and the sums that keep the queue within its bounds.
//
// An item leaves `items` in the transaction that puts its receipt into `done`.

const NAME = "packtrail-w";
const MOST_ITEMS = 5000;
const MOST_BYTES = 50_000_000;
const CLOSE_MS = 100;
export const KEEP_DONE_MS = 30 * 86_400_000;

export const WAITING = "waiting";
export const SENDING = "sending";
export const NEEDS = "needs";
export const RECORDED = "recorded";
export const DISCARDED = "discarded";

/** Steps from one version of the stores to the next. A step that was released is never changed; new ones follow. */
const STEPS = [
  (database) => {
    database.createObjectStore("items", { keyPath: "id" }).createIndex("seq", "seq", { unique: true });
    database.createObjectStore("done", { keyPath: "id" }).createIndex("at", "at");
    database.createObjectStore("known");
  },
];

export class FullError extends Error {}
export class NewerError extends Error {}

const channel = new BroadcastChannel(NAME);
let opened = null;

/** Call `listener` soon after another tab or this page has changed the queue, once for changes that follow closely. */
export function onChange(listener) {
  let due = 0;
  const later = () => { due ||= setTimeout(() => { due = 0; listener(); }, CLOSE_MS); };
  channel.addEventListener("message", later);
  local.addEventListener("change", later);
}
const local = new EventTarget();

function tell() {
  channel.postMessage("change");
  local.dispatchEvent(new Event("change"));
}

/** Keep a record before it is sent for the first time. Raises FullError; the same id again changes nothing. */
export async function keep(record) {
  const bytes = JSON.stringify(record).length;
  await inside(["items", "done", "known"], async (items, done, known) => {
    if ((await got(items.getKey(record.id))) !== undefined || (await got(done.getKey(record.id))) !== undefined) return;
    const sums = (await got(known.get("sums"))) ?? { seq: 0, bytes: 0 };
    if ((await got(items.count())) >= MOST_ITEMS || sums.bytes + bytes > MOST_BYTES) throw new FullError();
    const seq = sums.seq + 1;
    items.add({ ...record, seq, bytes, state: WAITING, tries: 0, nextAt: 0, reason: null });
    known.put({ seq, bytes: sums.bytes + bytes }, "sums");
  });
  tell();
}

/** All that is not done, in the order of capture. */
export const pending = () => inside(["items"], (items) => got(items.index("seq").getAll()), "readonly");

/** The newest of what is done, at most so many. */
export function finished(most) {
  return inside(["done"], async (done) => {
    const found = [];
    const cursor = done.index("at").openCursor(null, "prev");
    await new Promise((resolve, reject) => {
      cursor.onerror = () => reject(cursor.error);
      cursor.onsuccess = () => {
        if (!cursor.result || found.length === most) return resolve();
        found.push(cursor.result.value);
        return cursor.result.continue();
      };
    });
    return found;
  }, "readonly");
}

/** One record in whatever state; undefined where there is none. */
export const find = (id) =>
  inside(["items", "done"], async (items, done) => (await got(items.get(id))) ?? got(done.get(id)), "readonly");

/** How many there are of each state; `oldest`: when the first of those that wait was captured. */
export async function counts() {
  const items = await pending();
  const of = (...states) => items.filter((item) => states.includes(item.state)).length;
  const recorded = await inside(["done"], (done) => got(done.count()), "readonly");
  return {
    waiting: of(WAITING), sending: of(SENDING), needs: of(NEEDS), done: recorded, oldest: items[0]?.capturedAt ?? null,
  };
}

/** Change members of an item that is still there. */
export async function change(id, members) {
  await inside(["items"], async (items) => {
    const item = await got(items.get(id));
    if (item) items.put({ ...item, ...members });
  });
  tell();
}

/** The register has recorded it: keep the receipt, and let go of the item. */
export const finish = (id, receipt, now) => settle(id, { state: RECORDED, at: now, index: receipt.index, receipt });

/** A person does not want it sent. That it was discarded stays on the phone for as long as receipts do. */
export const discard = (id, now) => settle(id, { state: DISCARDED, at: now });

async function settle(id, members) {
  await inside(["items", "done", "known"], async (items, done, known) => {
    const item = await got(items.get(id));
    if (!item) return;
    const sums = await got(known.get("sums"));
    const { seq, bytes, tries, nextAt, ...rest } = item;
    done.put({ ...rest, ...members });
    items.delete(id);
    known.put({ ...sums, bytes: Math.max(0, sums.bytes - bytes) }, "sums");
  });
  tell();
}

/** Let go of what was done before this time. */
export const forget = (before) =>
  inside(["done"], (done) => {
    const cursor = done.index("at").openCursor(IDBKeyRange.upperBound(before, true));
    cursor.onsuccess = () => {
      if (!cursor.result) return;
      cursor.result.delete();
      cursor.result.continue();
    };
  });

export const know = (name, value) => inside(["known"], (known) => got(known.put(value, name)));
export const unknow = (...names) => inside(["known"], (known) => names.forEach((name) => known.delete(name)));
export const known = (name) => inside(["known"], (store) => got(store.get(name)), "readonly");

/** Run `work` on these stores in one transaction, which is over on disk when the promise is kept. */
async function inside(names, work, mode = "readwrite") {
  opened ??= open();
  const transaction = (await opened).transaction(names, mode, { durability: "strict" });
  const over = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
  });
  over.catch(() => {});
  let value;
  try {
    value = await work(...names.map((name) => transaction.objectStore(name)));
  } catch (error) {
    try { transaction.abort(); } catch { /* it is over */ }
    throw error;
  }
  await over.catch((error) => { throw error.name === "QuotaExceededError" ? new FullError() : error; });
  return value;
}

function open() {
  const asked = indexedDB.open(NAME, STEPS.length);
  return new Promise((resolve, reject) => {
    asked.onupgradeneeded = ({ oldVersion }) => {
      for (const step of STEPS.slice(oldVersion)) step(asked.result, asked.transaction);
    };
    asked.onerror = () => {
      opened = null;
      reject(asked.error.name === "VersionError" ? new NewerError() : asked.error);
    };
    asked.onsuccess = () => {
      const database = asked.result;
      const letGo = () => { opened = null; database.close(); };
      database.onversionchange = letGo; // a newer page is being opened: it must not wait for this one
      database.onclose = () => { opened = null; };
      resolve(database);
    };
  });
}

function got(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
