// Outlines of masks: closed lines around the set pixels, and around the holes between them.

const kEast = 1, kSouth = 2, kWest = 4, kNorth = 8;
const kRight = { [kEast]: kSouth, [kSouth]: kWest, [kWest]: kNorth, [kNorth]: kEast };
const kLeft = { [kEast]: kNorth, [kNorth]: kWest, [kWest]: kSouth, [kSouth]: kEast };
const kDx = { [kEast]: 1, [kWest]: -1, [kNorth]: 0, [kSouth]: 0 };
const kDy = { [kEast]: 0, [kWest]: 0, [kNorth]: -1, [kSouth]: 1 };

// For each corner of the pixel grid, which sides of pixels begin there, with the set pixel on their right.
function border_edges(mask) {
  const { width, height, bits } = mask;
  const stride = width + 1;
  const edges = new Uint8Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!bits[i]) continue;
      const corner = y * stride + x;
      if (y === 0 || !bits[i - width]) edges[corner] |= kEast;
      if (x === width - 1 || !bits[i + 1]) edges[corner + 1] |= kSouth;
      if (y === height - 1 || !bits[i + width]) edges[corner + stride + 1] |= kWest;
      if (x === 0 || !bits[i - 1]) edges[corner + stride] |= kNorth;
    }
  }
  return edges;
}

// Arrays of x, y, x, y ... through the middles of the pixels' sides, which rounds off the steps.
export function trace_outlines(mask) {
  const stride = mask.width + 1;
  const edges = border_edges(mask);
  const lines = [];
  for (let start = 0; start < edges.length; start++) {
    while (edges[start] & kEast) {
      const line = [];
      let corner = start, direction = kEast, before = 0;
      do {
        edges[corner] &= ~direction;
        const next = corner + kDx[direction] + kDy[direction] * stride;
        const after = [kRight[direction], direction, kLeft[direction]].find((d) => edges[next] & d) || 0;
        // The middles within a straight run carry no information.
        if (before !== direction || after !== direction) {
          const x = corner % stride, y = (corner - x) / stride;
          line.push(mask.x + x + kDx[direction] / 2, mask.y + y + kDy[direction] / 2);
        }
        before = direction;
        direction = after;
        corner = next;
      } while (direction);
      lines.push(line);
    }
  }
  return lines;
}

// The same as a path in the image's coordinates, to be filled by the even-odd rule.
export function outline_path(mask) {
  const path = new Path2D();
  for (const line of trace_outlines(mask)) {
    path.moveTo(line[0], line[1]);
    for (let i = 2; i < line.length; i += 2) path.lineTo(line[i], line[i + 1]);
    path.closePath();
  }
  return path;
}

export function box_path(box) {
  const path = new Path2D();
  path.rect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
  return path;
}
