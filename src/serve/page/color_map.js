// Colours of map values, the same as in the overlays that the program writes.

const kHeat = [[44, 24, 112], [58, 90, 222], [30, 168, 232], [48, 212, 152], [164, 236, 64], [250, 200, 46],
  [244, 106, 28], [176, 16, 22]];  // in even steps
const kLevels = 256;

// Share from 0 to 1 of the full scale.
export function heat_color(share) {
  const at = Math.min(Math.max(share, 0), 1) * (kHeat.length - 1);
  const i = Math.min(Math.floor(at), kHeat.length - 2);
  return kHeat[i].map((from, c) => Math.round(from + (at - i) * (kHeat[i + 1][c] - from)));
}

// A pixel of ImageData for each level. Over an image low values are transparent, so that it stays visible.
function build_table(transparent) {
  const bytes = new Uint8ClampedArray(4 * kLevels);
  for (let level = 0; level < kLevels; level++) {
    const share = level / (kLevels - 1);
    bytes.set(heat_color(share), 4 * level);
    bytes[4 * level + 3] = transparent ? 255 * Math.sqrt(share) : 255;
  }
  return new Uint32Array(bytes.buffer);
}

const kOver = build_table(true), kSolid = build_table(false);

// Writes the colours of a map's values into the pixels of an ImageData, seen as 32-bit numbers.
export function colorize(values, pixels, full_scale, solid) {
  const table = solid ? kSolid : kOver;
  const factor = (kLevels - 1) / full_scale;
  const top = kLevels - 1;
  for (let i = 0; i < pixels.length; i++) {
    const level = values[i] * factor;
    pixels[i] = table[level > 0 ? (level < top ? level | 0 : top) : 0];  // 0 for NaN too
  }
}

export function largest(values) {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i];
  return most;
}

// Outlines of regions, in turn; none of them is a colour of high heat.
const kRegionColors = ["#ffffff", "#00f0ff", "#ff78ff", "#a0ff5a", "#ffe150"];
export const region_color = (index) => kRegionColors[index % kRegionColors.length];
