// Reads QR and Data Matrix codes from pictures: with zxing-wasm where set-up brought it, else the browser's own way.

const FORMATS = ["QRCode", "DataMatrix"];
const OPTIONS = { formats: FORMATS, tryHarder: true, maxNumberOfSymbols: 1 };
const LONGEST_SIDE = 1920;

let opened = null;

/** A function from ImageData to the text of the code in it, or ""; null where this browser has no way to read one. */
export const openDecoder = () => (opened ??= open());

async function open() {
  try {
    const zxing = await import("./zxing/reader/index.js");
    const locateFile = () => new URL("./zxing/zxing_reader.wasm", import.meta.url).href;
    await zxing.prepareZXingModule({ overrides: { locateFile }, fireImmediately: true });
    return async (picture) => (await zxing.readBarcodes(picture, OPTIONS)).find((each) => each.isValid)?.text ?? "";
  } catch {
    return openOwn();
  }
}

async function openOwn() {
  if (!("BarcodeDetector" in window)) return null;
  const known = await BarcodeDetector.getSupportedFormats();
  const formats = ["qr_code", "data_matrix"].filter((each) => known.includes(each));
  if (formats.length === 0) return null;
  const detector = new BarcodeDetector({ formats });
  return async (picture) => (await detector.detect(picture))[0]?.rawValue ?? "";
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
    return await decode(pixelsOf(bitmap, bitmap.width, bitmap.height, document.createElement("canvas")));
  } catch {
    return "";
  }
}
