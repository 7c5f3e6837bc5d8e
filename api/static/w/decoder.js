// Reads QR and Data Matrix codes from pictures: the browser's own way where it has one that works, else with zxing-wasm,
// which set-up brings.

const OWN_FORMATS = ["qr_code", "data_matrix"];
const OPTIONS = { formats: ["QRCode", "DataMatrix"], tryHarder: true, maxNumberOfSymbols: 1 };
const LONGEST_SIDE = 1920;

let opened = null;
let brought = null;

/** A function from ImageData to the text of the code in it, or ""; null where this browser has no way to read one. */
export const openDecoder = () => (opened ??= open());

async function open() {
  const own = await openOwn();
  if (!own) return openBrought();
  if (!own.readsAll) return (await openBrought()) ?? own.decode;
  let decode = own.decode;
  return async (picture) => {
    try {
      return await decode(picture);
    } catch (error) { // some browsers have the interface and nothing behind it
      decode = (await openBrought()) ?? decode;
      if (decode === own.decode) throw error;
      return decode(picture);
    }
  };
}

/** The browser's own way, and whether it reads both kinds of codes; null where there is none. */
async function openOwn() {
  if (!("BarcodeDetector" in window)) return null;
  try {
    const known = await BarcodeDetector.getSupportedFormats();
    const formats = OWN_FORMATS.filter((each) => known.includes(each));
    if (formats.length === 0) return null;
    const detector = new BarcodeDetector({ formats });
    const decode = async (picture) => (await detector.detect(picture))[0]?.rawValue ?? "";
    return { decode, readsAll: formats.length === OWN_FORMATS.length };
  } catch {
    return null;
  }
}

/** What set-up brought; null where it brought nothing, or this browser cannot run it. Fetched once, when it is needed. */
const openBrought = () => (brought ??= fetchBrought());

async function fetchBrought() {
  try {
    const zxing = await import("./zxing/reader/index.js");
    const locateFile = () => new URL("./zxing/zxing_reader.wasm", import.meta.url).href;
    await zxing.prepareZXingModule({ overrides: { locateFile }, fireImmediately: true });
    return async (picture) => (await zxing.readBarcodes(picture, OPTIONS)).find((each) => each.isValid)?.text ?? "";
  } catch {
    return null;
  }
}

/** The pixels of a video frame or bitmap, not larger than needed. */
export function pixelsOf(source, width, height, canvas) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** The text of the code in a picture file; "" where none is found or the file cannot be read here. */
export async function readPhoto(file) {
  const decode = await openDecoder();
  if (!decode) return "";
  try {
    const bitmap = await createImageBitmap(file);
    const picture = pixelsOf(bitmap, bitmap.width, bitmap.height, document.createElement("canvas"));
    return (await decode(picture)) || ((await (await openBrought())?.(picture)) ?? ""); // a photo is worth a second look
  } catch {
    return "";
  }
}
