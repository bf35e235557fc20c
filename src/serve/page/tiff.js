// Reads the maps that the server writes: TIFF, one channel of 32-bit floats, uncompressed, in strips.

const kWidth = 256, kHeight = 257, kBits = 258, kCompression = 259, kStripOffsets = 273, kChannels = 277,
  kStripBytes = 279, kSampleFormat = 339;
const kSizes = { 1: 1, 3: 2, 4: 4 };  // of BYTE, SHORT and LONG

function read_values(view, entry, little) {
  const type = view.getUint16(entry + 2, little), count = view.getUint32(entry + 4, little);
  const size = kSizes[type];
  if (!size) return [];
  const at = size * count <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
  const values = [];
  for (let i = 0; i < count; i++) {
    if (size === 1) values.push(view.getUint8(at + i));
    else values.push(size === 2 ? view.getUint16(at + 2 * i, little) : view.getUint32(at + 4 * i, little));
  }
  return values;
}

function read_tags(view, little) {
  const tags = {};
  const directory = view.getUint32(4, little);
  const count = view.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i;
    tags[view.getUint16(entry, little)] = read_values(view, entry, little);
  }
  return tags;
}

function is_contiguous(offsets, sizes) {
  for (let i = 1; i < offsets.length; i++) {
    if (offsets[i] !== offsets[i - 1] + sizes[i - 1]) return false;
  }
  return true;
}

function host_is_little() {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}

// {width, height, values}: values is a Float32Array of rows from the top.
export function parse_float_tiff(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  if (bytes.length < 8 || bytes[0] !== bytes[1] || view.getUint16(2, little) !== 42) {
    throw new Error("The map is not a TIFF file.");
  }
  const tags = read_tags(view, little);
  const one = (tag, otherwise) => (tags[tag] && tags[tag].length ? tags[tag][0] : otherwise);
  const width = one(kWidth, 0), height = one(kHeight, 0), pixels = width * height;
  const plain = one(kCompression, 1) === 1 && one(kChannels, 1) === 1;
  if (!plain || one(kBits, 1) !== 32 || one(kSampleFormat, 1) !== 3) {
    throw new Error("The map is not one channel of uncompressed 32-bit floats.");
  }
  const offsets = tags[kStripOffsets] || [], sizes = tags[kStripBytes] || [];
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (!pixels || total < 4 * pixels) throw new Error("The map is incomplete.");

  if (little === host_is_little() && is_contiguous(offsets, sizes)) {
    const begin = bytes.byteOffset + offsets[0];
    if (offsets[0] + 4 * pixels > bytes.length) throw new Error("The map is incomplete.");
    // Floats can be viewed in place only at a multiple of four bytes; otherwise one copy is needed.
    if (begin % 4 === 0) return { width, height, values: new Float32Array(bytes.buffer, begin, pixels) };
    return { width, height, values: new Float32Array(bytes.buffer.slice(begin, begin + 4 * pixels)) };
  }
  const values = new Float32Array(pixels);
  let i = 0;
  for (let strip = 0; strip < offsets.length; strip++) {
    const end = offsets[strip] + sizes[strip];
    for (let at = offsets[strip]; at + 4 <= end && i < pixels; at += 4) {
      values[i++] = view.getFloat32(at, little);
    }
  }
  return { width, height, values };
}
