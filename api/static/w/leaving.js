// Signing out on a phone that others use too: the pages that open offline and what is known of batteries go, once the
// register has ended the session. What was captured and not sent stays, and is sent when its organisation signs in again.

import { unknow } from "./queue.js";

const PAGES = "packtrail-pages";

/** Sign out by the form; `refuse` is told where there is no network to do it by. */
export function leaveBy(form, refuse) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    } catch {
      refuse();
      return;
    }
    await Promise.all([caches.delete(PAGES), unknow("snapshot", "shell")]).catch(() => {});
    location.assign("/login");
  });
}
