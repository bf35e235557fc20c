// Shows the image on show with its layers, at any zoom. Positions: (x, y) of the image's top left corner and
// the scale, all in CSS pixels.
import { by_id, set_text, format_number } from "./dom.js";
import { full_scale, mask_threshold } from "./state.js";
import { Layers, draw_scene, region_at } from "./layers.js";

const kMost = 40;  // CSS pixels per image pixel
const kMargin = 12;

export class Viewer {
  constructor(state) {
    this.state = state;
    this.stage = by_id("stage");
    this.canvas = by_id("canvas");
    this.context = this.canvas.getContext("2d", { alpha: true });
    this.made = new Layers();
    this.view = { x: 0, y: 0, scale: 1 };
    this.fitted = true;
    this.probe = null;  // the image's pixel under the pointer
    this.entry = null;
    this.size = "";
    this.content = [];
    new ResizeObserver(() => this.resize()).observe(this.stage);
    state.on("current images", () => this.follow());
    state.on("layers opacity gain threshold pointed", () => this.draw_soon());
    // A new result is drawn at once, not in the next frame: it shall be seen soon.
    state.on("overlay", () => this.draw());
  }

  // Another image, or the image's size has become known.
  follow() {
    const { current } = this.state;
    const size = current ? `${current.key}:${current.width}x${current.height}` : "";
    if (size !== this.size) {
      const same_size = size.split(":")[1] === this.size.split(":")[1];
      this.size = size;
      this.entry = current;
      this.probe = null;
      // The same place of the next image of a series stays in view.
      if (!same_size) this.fit();
    }
    // Lists of images change often; the one on show seldom.
    const content = [current && current.bitmap, current && current.truth, current && current.saliency, size];
    if (content.every((value, i) => value === this.content[i])) return;
    this.content = content;
    this.draw_soon();
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const box = this.stage.getBoundingClientRect();
    this.canvas.width = Math.max(1, Math.round(box.width * ratio));
    this.canvas.height = Math.max(1, Math.round(box.height * ratio));
    this.width = box.width;
    this.height = box.height;
    if (this.fitted) this.fit();
    else this.draw();
  }

  fit() {
    const { entry } = this;
    this.fitted = true;
    if (entry && entry.width && this.width) {
      const room = [this.width - 2 * kMargin, this.height - 2 * kMargin];
      const scale = Math.min(room[0] / entry.width, room[1] / entry.height, 8);
      const middle = (room_side, side) => (room_side - scale * side) / 2;
      this.view = { scale, x: middle(this.width, entry.width), y: middle(this.height, entry.height) };
    }
    this.changed();
  }

  // Zooms by a factor; the image's point at (x, y) of the stage keeps its place.
  zoom(factor, x, y) {
    if (!this.entry || !this.entry.width) return;
    const at = x === undefined ? [this.width / 2, this.height / 2] : [x, y];
    const least = Math.min(this.width / this.entry.width, this.height / this.entry.height, 1) / 2;
    const scale = Math.min(Math.max(this.view.scale * factor, least), kMost);
    const by = scale / this.view.scale;
    this.view = { scale, x: at[0] - by * (at[0] - this.view.x), y: at[1] - by * (at[1] - this.view.y) };
    this.fitted = false;
    this.changed();
  }

  zoom_to(scale) {
    this.zoom(scale / this.view.scale);
  }

  pan(dx, dy) {
    if (!this.entry) return;
    const { scale } = this.view;
    // Some of the image always stays in view.
    const keep = (at, length, room) => Math.min(Math.max(at, 40 - length), room - 40);
    this.view.x = keep(this.view.x + dx, this.entry.width * scale, this.width);
    this.view.y = keep(this.view.y + dy, this.entry.height * scale, this.height);
    this.fitted = false;
    this.changed();
  }

  changed() {
    set_text(by_id("zoom-value"), this.entry ? `${Math.round(this.view.scale * 100)}%` : "–");
    this.stage.classList.toggle("zoomed", !this.fitted);
    this.draw_soon();
  }

  // The image's pixel at a point of the stage, or null.
  pixel_at(x, y) {
    const { entry, view } = this;
    if (!entry || !entry.width) return null;
    const px = Math.floor((x - view.x) / view.scale), py = Math.floor((y - view.y) / view.scale);
    return px >= 0 && py >= 0 && px < entry.width && py < entry.height ? { x: px, y: py } : null;
  }

  // Shows the value at a pixel; returns the id of the region there, or null.
  set_probe(pixel) {
    this.probe = pixel;
    this.show_readout();
    if (!pixel || !this.entry) return null;
    return region_at(this.made, this.entry.result, pixel.x + 0.5, pixel.y + 0.5, this.state.layers);
  }

  // Moves the pixel whose value is shown by keys.
  step_probe(dx, dy) {
    const { entry } = this;
    if (!entry || !entry.width) return null;
    const from = this.probe || { x: Math.floor(entry.width / 2), y: Math.floor(entry.height / 2) };
    const cut = (value, size) => Math.min(Math.max(value, 0), size - 1);
    this.keyed = true;
    const id = this.set_probe({ x: cut(from.x + dx, entry.width), y: cut(from.y + dy, entry.height) });
    this.draw_soon();
    return id;
  }

  show_readout() {
    const { probe, entry } = this;
    const map = entry && entry.map;
    let text = "";
    if (probe && entry) {
      text = `x ${probe.x}, y ${probe.y}`;
      if (map) text += `: ${format_number(map.values[probe.y * map.width + probe.x])}`;
    }
    set_text(by_id("readout"), text);
    by_id("readout").hidden = text === "";
  }

  draw_soon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.waiting = false;
    const { context, canvas, entry, view, state } = this;
    const ratio = canvas.width / (this.width || 1);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!entry || !entry.width || !(entry.bitmap || entry.map)) return;
    context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
    draw_scene(context, this.made, {
      entry, layers: state.layers, opacity: state.opacity, full: full_scale(state, entry),
      threshold: mask_threshold(state, entry), pointed: state.pointed,
      dimmed: state.dimmed,
    }, view.scale);
    if (this.keyed && this.probe) this.draw_cross(context);
    this.show_readout();
  }

  draw_cross(context) {
    const { x, y } = this.probe, reach = 10 / this.view.scale;
    context.setLineDash([]);
    for (const [width, color] of [[3, "#000"], [1, "#fff"]]) {
      context.lineWidth = width / this.view.scale;
      context.strokeStyle = color;
      context.beginPath();
      context.moveTo(x + 0.5 - reach, y + 0.5);
      context.lineTo(x + 0.5 + reach, y + 0.5);
      context.moveTo(x + 0.5, y + 0.5 - reach);
      context.lineTo(x + 0.5, y + 0.5 + reach);
      context.stroke();
    }
  }
}
