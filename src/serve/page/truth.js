// A truth mask for the image on show: drawn over it, and compared with the mask at the threshold.
import { by_id, element, set_text } from "./dom.js";
import { mask_threshold } from "./state.js";
import { outline_path } from "./contours.js";

// Pixels at or above half of the brightest are set, so that masks of 0 and 1 work as well as 0 and 255.
async function read_mask(file) {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  const context = element("canvas", { width, height }).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  let most = 0;
  for (let i = 0; i < data.length; i += 4) most = Math.max(most, data[i], data[i + 1], data[i + 2]);
  const bits = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < bits.length; i++, at += 4) {
    bits[i] = most && 2 * Math.max(data[at], data[at + 1], data[at + 2]) >= most ? 1 : 0;
  }
  return { x: 0, y: 0, width, height, bits };
}

// {precision, recall, iou} of map values above the threshold; NaN where nothing is marked.
export function compare_masks(values, threshold, bits) {
  let both = 0, found = 0, marked = 0;
  for (let i = 0; i < bits.length; i++) {
    const above = values[i] > threshold ? 1 : 0;
    both += above & bits[i];
    found += above;
    marked += bits[i];
  }
  return { precision: both / found, recall: both / marked, iou: both / (found + marked - both) };
}

const percent = (share) => (Number.isFinite(share) ? `${Math.round(100 * share)}%` : "–");

export class Truth {
  constructor(state, show_error) {
    this.state = state;
    this.show_error = show_error;
    by_id("truth-remove").addEventListener("click", () => this.remove());
    state.on("current result threshold images", () => this.render());
  }

  async set(file) {
    const entry = this.state.current;
    if (!entry || !file) return;
    try {
      const mask = await read_mask(file);
      if (mask.width !== entry.width || mask.height !== entry.height) {
        throw new Error(`The truth mask is ${mask.width} x ${mask.height} pixels, ` +
          `but ${entry.name} is ${entry.width} x ${entry.height}.`);
      }
      entry.truth = Object.assign(mask, { path: outline_path(mask) });
      this.state.set({ layers: Object.assign({}, this.state.layers, { truth: true }) });
      this.state.emit("images");
    } catch (error) {
      const unreadable = error instanceof DOMException;
      this.show_error(unreadable ? "The truth mask is not an image that the browser reads." : error.message);
    }
  }

  remove() {
    const entry = this.state.current;
    if (entry) entry.truth = null;
    this.state.emit("images");
  }

  render() {
    const entry = this.state.current;
    const box = by_id("truth-result");
    box.hidden = !(entry && entry.truth);
    by_id("layer-truth").closest("label").hidden = box.hidden;
    if (box.hidden) return;
    const threshold = mask_threshold(this.state, entry);
    const key = [entry.truth, entry.map, threshold];
    if (this.key && key.every((value, i) => value === this.key[i])) return;
    this.key = key;
    let text = "Truth mask loaded.";
    if (entry.map) {
      const { precision, recall, iou } = compare_masks(entry.map.values, threshold, entry.truth.bits);
      text = `Truth mask against the map above ${Number(threshold.toPrecision(3))}: precision ` +
        `${percent(precision)}, recall ${percent(recall)}, IoU ${percent(iou)}.`;
    }
    set_text(by_id("truth-text"), text);
  }
}
