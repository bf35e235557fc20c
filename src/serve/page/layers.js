// What can be laid over the image: colours of maps as small canvases, regions and masks as paths.
// Everything is made when it is first needed and kept until its source changes.
import { element } from "./dom.js";
import { colorize, region_color } from "./color_map.js";
import { decode_mask } from "./rle.js";
import { outline_path, box_path } from "./contours.js";

class MapCanvas {
  constructor() {
    this.canvas = element("canvas", {});
    this.key = [];
  }

  // The canvas with the map's colours; redrawn only if the map, scale or style is another.
  draw(map, full, solid) {
    const key = [map, full, solid];
    if (key.every((value, i) => value === this.key[i])) return this.canvas;
    this.key = key;
    if (!this.pixels || this.pixels.width !== map.width || this.pixels.height !== map.height) {
      this.canvas.width = map.width;
      this.canvas.height = map.height;
      this.context = this.canvas.getContext("2d");
      this.pixels = this.context.createImageData(map.width, map.height);
      this.words = new Uint32Array(this.pixels.data.buffer);
    }
    colorize(map.values, this.words, full, solid);
    this.context.putImageData(this.pixels, 0, 0);
    return this.canvas;
  }
}

class MaskCanvas {
  constructor() {
    this.canvas = element("canvas", {});
    this.key = [];
  }

  draw(map, threshold) {
    const key = [map, threshold];
    if (key.every((value, i) => value === this.key[i])) return this.canvas;
    this.key = key;
    this.canvas.width = map.width;
    this.canvas.height = map.height;
    const context = this.canvas.getContext("2d");
    const pixels = context.createImageData(map.width, map.height);
    const words = new Uint32Array(pixels.data.buffer);
    for (let i = 0; i < words.length; i++) words[i] = map.values[i] > threshold ? 0xb0ffffff : 0;
    context.putImageData(pixels, 0, 0);
    return this.canvas;
  }
}

// known: paths of an earlier result. Another standard judges the same candidates, so most come back.
function region_of(candidate, index, known) {
  const { id, kept, box, mask } = candidate;
  const key = mask && candidate.area > 0 ? `${mask.size} ${mask.counts}` : `box ${box}`;
  const make = () => (key.startsWith("box") ? box_path(box) : outline_path(decode_mask(mask, box)));
  const path = known.get(key) || make();
  return { id, kept, box, key, path, color: kept ? region_color(index) : null };
}

export class Layers {
  constructor() {
    this.heat = new MapCanvas();
    this.saliency = new MapCanvas();
    this.mask = new MaskCanvas();
    this.region_list = [];
  }

  // Paths of all candidates, in the result's order.
  regions(result) {
    if (this.regions_of !== result) {
      this.regions_of = result;
      let kept = 0;
      const known = new Map(this.region_list.map((region) => [region.key, region.path]));
      this.region_list = result.candidates.map((candidate) => (
        region_of(candidate, candidate.kept ? kept++ : 0, known)));
    }
    return this.region_list;
  }

  objects(result) {
    if (this.objects_of !== result) {
      this.objects_of = result;
      this.object_list = result.objects.map((object) => (
        object.mask ? outline_path(decode_mask(object.mask, object.box)) : box_path(object.box)));
    }
    return this.object_list;
  }
}

function stroke(context, path, scale, color, width, dash) {
  context.setLineDash((dash || []).map((length) => length / scale));
  if (!dash) {
    context.lineWidth = (width + 2) / scale;
    context.strokeStyle = "rgba(20, 20, 20, 0.8)";
    context.stroke(path);
  }
  context.lineWidth = width / scale;
  context.strokeStyle = color;
  context.stroke(path);
}

// Draws a scene into a context that is set up in image coordinates; scale: screen pixels per image pixel.
// scene: {entry, layers (which are on), opacity, full, threshold, pointed, dimmed}
export function draw_scene(context, made, scene, scale) {
  const { entry, layers: on, opacity } = scene;
  const { result, map } = entry;
  const size = [entry.width, entry.height];
  context.imageSmoothingEnabled = scale < 2;
  context.lineJoin = "round";
  if (on.image && entry.bitmap) context.drawImage(entry.bitmap, 0, 0, ...size);
  else {
    context.fillStyle = "#000";
    context.fillRect(0, 0, ...size);
  }
  context.globalAlpha = opacity;
  if (on.saliency && entry.saliency) {
    const full = entry.saliency.largest || 1;
    context.drawImage(made.saliency.draw(entry.saliency, full, !on.image), 0, 0, ...size);
  }
  if (on.map && map) context.drawImage(made.heat.draw(map, scene.full, !on.image), 0, 0, ...size);
  context.globalAlpha = 1;
  if (on.mask && map) context.drawImage(made.mask.draw(map, scene.threshold), 0, 0, ...size);
  if (on.truth && entry.truth) {
    context.fillStyle = "rgba(255, 0, 200, 0.18)";
    context.fill(entry.truth.path, "evenodd");
    stroke(context, entry.truth.path, scale, "#ff4fd8", 1.5, [6, 3]);
  }
  if (!result) return;
  if (on.object) for (const path of made.objects(result)) stroke(context, path, scale, "#7fd1ff", 2, [8, 5]);
  const regions = made.regions(result);
  const pointed = regions.find((region) => region.id === scene.pointed);
  for (const region of regions) {
    if (region === pointed || !(region.kept ? on.regions : on.rejected)) continue;
    if (region.kept) stroke(context, region.path, scale, region.color, 2);
    else stroke(context, region.path, scale, "rgba(215, 220, 225, 0.9)", 1.2, [4, 3]);
  }
  if (pointed && scene.dimmed) dim_around(context, pointed, size);
  if (pointed) stroke(context, pointed.path, scale, pointed.color || "#ffffff", 3.5);
}

// The region that a table row points at stands out because everything else is dimmed.
function dim_around(context, region, size) {
  const around = new Path2D();
  around.rect(0, 0, ...size);
  around.addPath(region.path);
  context.fillStyle = "rgba(10, 14, 18, 0.55)";
  context.fill(around, "evenodd");
}

// The candidate under a point of the image: the smallest of those shown.
export function region_at(made, result, x, y, on) {
  if (!result) return null;
  let best = null, least = Infinity;
  const context = element("canvas", { width: 1, height: 1 }).getContext("2d");
  for (const region of made.regions(result)) {
    const [x0, y0, x1, y1] = region.box;
    if (!(region.kept ? on.regions : on.rejected) || x < x0 || x > x1 || y < y0 || y > y1) continue;
    const area = (x1 - x0) * (y1 - y0);
    if (area < least && context.isPointInPath(region.path, x, y, "evenodd")) {
      best = region.id;
      least = area;
    }
  }
  return best;
}
