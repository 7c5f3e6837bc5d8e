// Says about where a label is: a cell of some 5 km, worked out here. Nothing finer leaves the device.

const BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz";
const LENGTH = 5;

const form = document.getElementById("place");
const said = document.getElementById("said");
const usable = "geolocation" in navigator && window.isSecureContext;
document.getElementById("nowhere").hidden = usable;
form.hidden = !usable;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  navigator.geolocation.getCurrentPosition(
    (position) => tell(cellOf(position.coords.latitude, position.coords.longitude)),
    () => show("refused"),
    { enableHighAccuracy: false, maximumAge: 600000, timeout: 15000 },
  );
});

/** The geohash of a point, five characters: each bit says in which half of what is left it lies, longitude first. */
function cellOf(latitude, longitude) {
  const spans = [[-180, 180, longitude], [-90, 90, latitude]];
  let bits = 0;
  for (let at = 0; at < 5 * LENGTH; at += 1) {
    const span = spans[at % 2];
    const middle = (span[0] + span[1]) / 2;
    const upper = span[2] >= middle;
    span[upper ? 0 : 1] = middle;
    bits = bits * 2 + (upper ? 1 : 0);
  }
  let cell = "";
  for (let at = LENGTH - 1; at >= 0; at -= 1) {
    cell += BASE32[Math.floor(bits / 32 ** at) % 32];
  }
  return cell;
}

async function tell(cell) {
  try {
    const answer = await fetch(`/v1/batteries/${form.dataset.code}/sightings`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      credentials: "omit",
      body: JSON.stringify({ cell }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    show((await answer.json()).suspicious ? "suspicious" : "fine");
  } catch {
    show("failed");
  }
}

function show(what) {
  said.textContent = said.dataset[what];
  said.hidden = false;
  said.focus();
}
