// The camera in a dialog that fills the screen. Its markup and its words are in templates/scanner.html.

import { openDecoder, pixelsOf } from "./decoder.js";
import { signal, wake } from "./signals.js";

const WANTED = { video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false };
const AGAIN_MS = 2500;

/**
 * Make the button in `root` open the camera. `onRead(text)` is asked what a code means and answers the name of a
 * signal; the camera closes after it unless `stays`.
 */
export function attachScanner(root, onRead, { stays = false } = {}) {
  const scanner = new Scanner(root, onRead, stays);
  root.hidden = false;
  root.querySelector("[data-scan-open]").addEventListener("click", () => scanner.open());
  return scanner;
}

class Scanner {
  constructor(root, onRead, stays) {
    this.root = root;
    this.onRead = onRead;
    this.stays = stays;
    this.dialog = root.querySelector("dialog");
    this.video = root.querySelector("video");
    this.torch = root.querySelector("[data-scan-torch]");
    this.canvas = document.createElement("canvas");
    this.stream = null;
    this.last = { text: "", at: 0 };
    root.querySelector("[data-scan-close]").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.end());
    this.torch.addEventListener("click", () => this.switchTorch());
    document.addEventListener("visibilitychange", () => document.hidden && this.dialog.open && this.dialog.close());
    for (const name of ["type", "photo"]) this.offer(name);
  }

  /** A way out of the camera: to the field or the file input that the page names for it. */
  offer(name) {
    const button = this.root.querySelector(`[data-scan-${name}]`);
    const target = this.root.dataset[name] ? document.querySelector(this.root.dataset[name]) : null;
    button.hidden = !target;
    button.addEventListener("click", () => {
      this.dialog.close();
      target.focus();
      if (target.type === "file") target.click();
    });
  }

  async open() {
    wake();
    this.tell("");
    if (!navigator.mediaDevices?.getUserMedia) return this.giveUp(this.isInChat() ? "chat" : "none");
    this.dialog.showModal();
    this.say("starting");
    try {
      const [decode, stream] = await Promise.all([openDecoder(), navigator.mediaDevices.getUserMedia(WANTED)]);
      this.stream = stream;
      if (!this.dialog.open) return this.end();
      if (!decode) return this.giveUp("reader");
      await this.show(stream);
      this.say("aim");
      return this.look(decode);
    } catch (error) {
      const why = { NotAllowedError: "denied", SecurityError: "denied", NotReadableError: "busy" }[error.name];
      return this.giveUp(this.isInChat() ? "chat" : why ?? "none");
    }
  }

  async show(stream) {
    this.video.srcObject = stream;
    await this.video.play();
    const [track] = stream.getVideoTracks();
    this.torch.hidden = !track.getCapabilities?.().torch;
    track.addEventListener("ended", () => this.dialog.open && this.giveUp("busy"));
  }

  /** Look at frame after frame until the dialog is closed. */
  async look(decode) {
    while (this.dialog.open && this.stream) {
      await this.nextFrame();
      const { videoWidth, videoHeight } = this.video;
      const text = videoWidth && this.dialog.open
        ? await decode(pixelsOf(this.video, videoWidth, videoHeight, this.canvas)).catch(() => "") : "";
      if (text && this.dialog.open && this.isNews(text)) await this.found(text);
    }
  }

  async found(text) {
    signal(await this.onRead(text), this.dialog);
    if (!this.stays) this.dialog.close();
  }

  /** In a running camera the same code is news again only after it was away for a while. */
  isNews(text) {
    const now = performance.now();
    const news = text !== this.last.text || now - this.last.at > AGAIN_MS;
    this.last = { text, at: now };
    return news;
  }

  nextFrame() {
    return new Promise((resolve) => {
      if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(resolve);
      else setTimeout(resolve, 100);
      setTimeout(resolve, 500); // a camera that stands still, or a page in the background
    });
  }

  async switchTorch() {
    const on = this.torch.getAttribute("aria-pressed") !== "true";
    await this.stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
    this.torch.setAttribute("aria-pressed", String(on));
  }

  /** No picture, or none that can be read here: say why, and lead to the other ways. */
  giveUp(why) {
    if (this.dialog.open) this.dialog.close();
    this.tell(this.root.dataset[why]);
    if (this.root.dataset.type) document.querySelector(this.root.dataset.type).focus();
  }

  end() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
    this.torch.setAttribute("aria-pressed", "false");
    this.last = { text: "", at: 0 };
  }

  isInChat() {
    return /MicroMessenger|DingTalk|QQ\//.test(navigator.userAgent);
  }

  /** A line under the picture, and one on the page. */
  say(word) {
    this.dialog.querySelector("[data-scan-line]").textContent = this.root.dataset[word];
  }

  tell(text) {
    this.root.querySelector("[data-scan-said]").textContent = text;
  }
}
