// What a hand in a glove notices in a noisy hall: a tone, a vibration and a flash, different for each meaning.

const SIGNALS = {
  ok: { tones: [[880, 0.12]], shake: [80] },
  check: { tones: [[587, 0.14], [587, 0.14]], shake: [80, 60, 80] },
  stop: { tones: [[220, 0.5]], shake: [300, 100, 300] },
  again: { tones: [[1320, 0.03]], shake: [20] },
};

let sound = null;

/** Browsers let a page make a sound once it was touched: call this from a click. */
export function wake() {
  sound ??= "AudioContext" in window ? new AudioContext() : null;
  sound?.resume().catch(() => {});
}

/** Give the signal `name`; `screen` is the element that flashes. */
export function signal(name, screen) {
  const { tones, shake } = SIGNALS[name];
  navigator.vibrate?.(shake);
  let at = sound?.currentTime ?? 0;
  for (const [pitch, seconds] of sound ? tones : []) {
    const tone = new OscillatorNode(sound, { frequency: pitch, type: name === "stop" ? "square" : "sine" });
    tone.connect(new GainNode(sound, { gain: 0.25 })).connect(sound.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + 0.06;
  }
  screen.dataset.flash = "";
  requestAnimationFrame(() => requestAnimationFrame(() => { screen.dataset.flash = name; }));
}
