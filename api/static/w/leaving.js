// Signing out on a phone that others use too: the pages that open offline and what is known of batteries go, once the
// register has ended the session; so they do once it is found to have ended it by itself. What was captured and not sent
// stays, and is sent when its organisation signs in again.

import { unknow } from "./queue.js";

export const PAGES = "packtrail-pages";

/** Delete the pages that open offline and what is known of batteries. */
export async function letGo() {
  await unknow("snapshot", "shell").catch(() => {});
  await caches.delete(PAGES).catch(() => {});
}

/** Sign out by the form; `refuse` is told where there is no network to do it by. Any other refusal the register shows itself. */
export function leaveBy(form, refuse) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let left;
    try {
      left = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    } catch {
      refuse();
      return;
    }
    if (left.type !== "opaqueredirect") {
      form.submit();
      return;
    }
    await letGo();
    location.assign("/login");
  });
}
