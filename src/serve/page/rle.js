// Masks as the result's JSON has them: run lengths in COCO's compressed form, in column-major order.

// Lengths of runs of 0 and 1 in turn, beginning with 0.
export function decode_counts(text) {
  const counts = [];
  let at = 0;
  while (at < text.length) {
    let value = 0, shift = 0, more = true;
    while (more && at < text.length) {
      const bits = text.charCodeAt(at++) - 48;
      value |= (bits & 31) << shift;
      shift += 5;
      more = (bits & 32) !== 0;
      if (!more && (bits & 16) && shift < 32) value |= -1 << shift;
    }
    // From the fourth on, a count is written as its difference from the one two before.
    if (counts.length > 2) value += counts[counts.length - 2];
    counts.push(value);
  }
  return counts;
}

// The part of a mask inside box [x0, y0, x1, y1]: {x, y, width, height, bits}, bits row by row.
export function decode_mask(mask, box) {
  const height = mask.size[0], width = mask.size[1];
  const x = Math.max(0, Math.floor(box[0])), y = Math.max(0, Math.floor(box[1]));
  const right = Math.min(width, Math.ceil(box[2])), bottom = Math.min(height, Math.ceil(box[3]));
  const columns = Math.max(0, right - x), rows = Math.max(0, bottom - y);
  const bits = new Uint8Array(columns * rows);
  let at = 0, value = 0;
  for (const count of decode_counts(mask.counts)) {
    if (value) fill_run(at, Math.min(at + count, width * height));
    at += count;
    value = 1 - value;
  }
  return { x, y, width: columns, height: rows, bits };

  function fill_run(begin, end) {
    while (begin < end) {
      const column = Math.floor(begin / height);
      const stop = Math.min(end, (column + 1) * height);
      if (column >= x && column < right) {
        const from = Math.max(y, begin - column * height), to = Math.min(bottom, stop - column * height);
        for (let row = from; row < to; row++) bits[(row - y) * columns + column - x] = 1;
      }
      begin = stop;
    }
  }
}
