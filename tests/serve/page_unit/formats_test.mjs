// Readers of the server's answers, against small independent writers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse_multipart } from "../../../src/serve/page/multipart.js";
import { parse_float_tiff } from "../../../src/serve/page/tiff.js";
import { decode_counts, decode_mask } from "../../../src/serve/page/rle.js";
import { trace_outlines } from "../../../src/serve/page/contours.js";
import { colorize, heat_color, largest } from "../../../src/serve/page/color_map.js";

const encoder = new TextEncoder();

function join(...pieces) {
  const bytes = pieces.map((piece) => (typeof piece === "string" ? encoder.encode(piece) : piece));
  const all = new Uint8Array(bytes.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of bytes) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function part(name, bytes, with_length) {
  return join("--mark\r\nContent-Type: application/octet-stream\r\n",
    with_length ? `Content-Length: ${bytes.length}\r\n` : "",
    `Content-Disposition: attachment; name="${name}"; filename="a ${name}"\r\n\r\n`, bytes, "\r\n");
}

test("multipart: parts with and without a length, and bytes that look like a boundary", () => {
  const tricky = join("before\r\n--mark\r\nafter");
  const plain = join("\r\n\r\n\0\xff--mar");
  const body = join(part("one", tricky, true), part("two", plain, false), part("empty", new Uint8Array(0), true),
    "--mark--\r\n");
  for (const type of ["multipart/mixed; boundary=mark", 'multipart/mixed; boundary="mark"; x=y']) {
    const parts = parse_multipart(body.buffer, type);
    assert.deepEqual(parts.map((each) => [each.name, each.filename]),
      [["one", "a one"], ["two", "a two"], ["empty", "a empty"]]);
    assert.deepEqual([...parts[0].bytes], [...tricky]);
    assert.deepEqual([...parts[1].bytes], [...plain]);
    assert.equal(parts[2].bytes.length, 0);
    assert.equal(parts[0].bytes.buffer, body.buffer, "a view, not a copy");
  }
});

test("multipart: an answer that was cut off is an error", () => {
  const body = join(part("one", join("12345"), true));
  for (let length = 0; length < body.length; length++) {
    assert.throws(() => parse_multipart(body.buffer.slice(0, length), "multipart/mixed; boundary=mark"));
  }
  assert.throws(() => parse_multipart(body.buffer, "application/json"), /boundary/);
});

function write_tiff({ width, height, values, little, rows_per_strip, before }) {
  const strips = Math.ceil(height / rows_per_strip);
  const directory_at = 8 + 4 * values.length;
  const entries = [[256, 4, [width]], [257, 4, [height]], [258, 3, [32]], [259, 3, [1]], [277, 3, [1]],
    [339, 3, [3]], [273, 4, []], [279, 4, []]];
  for (let strip = 0; strip < strips; strip++) {
    const rows = Math.min(rows_per_strip, height - strip * rows_per_strip);
    entries[6][2].push(8 + 4 * width * rows_per_strip * strip);
    entries[7][2].push(4 * width * rows);
  }
  let extra = directory_at + 2 + 12 * entries.length + 4;
  const bytes = new Uint8Array(before + extra + 8 * strips);
  const view = new DataView(bytes.buffer, before);
  bytes.set(encoder.encode(little ? "II" : "MM"), before);
  view.setUint16(2, 42, little);
  view.setUint32(4, directory_at, little);
  values.forEach((value, i) => view.setFloat32(8 + 4 * i, value, little));
  view.setUint16(directory_at, entries.length, little);
  entries.forEach(([tag, type, list], i) => {
    const at = directory_at + 2 + 12 * i, size = type === 3 ? 2 : 4;
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, type, little);
    view.setUint32(at + 4, list.length, little);
    let place = at + 8;
    if (size * list.length > 4) {
      view.setUint32(at + 8, extra, little);
      place = extra;
      extra += size * list.length;
    }
    list.forEach((value, k) => {
      if (size === 2) view.setUint16(place + 2 * k, value, little);
      else view.setUint32(place + 4 * k, value, little);
    });
  });
  return bytes.subarray(before);
}

test("tiff: both byte orders, one strip or several, at any place of the answer", () => {
  for (const little of [true, false]) {
    for (const [width, height, rows_per_strip] of [[1, 1, 1], [5, 3, 3], [4, 7, 2]]) {
      for (const before of [0, 1, 4, 7]) {
        const values = Array.from({ length: width * height }, (unused, i) => i / 8 - 1);
        const map = parse_float_tiff(write_tiff({ width, height, values, little, rows_per_strip, before }));
        assert.deepEqual([map.width, map.height, [...map.values]], [width, height, values]);
      }
    }
  }
});

test("tiff: other files are errors", () => {
  const good = write_tiff({ width: 2, height: 2, values: [1, 2, 3, 4], little: true, rows_per_strip: 2, before: 0 });
  assert.throws(() => parse_float_tiff(encoder.encode("not a tiff at all")), /not a TIFF/);
  for (let length = 0; length < 8 + 16; length++) assert.throws(() => parse_float_tiff(good.slice(0, length)));
  const eight_bits = good.slice();
  eight_bits[8 + 16 + 2 + 2 * 12 + 8] = 8;
  assert.throws(() => parse_float_tiff(eight_bits), /32-bit/);
});

function encode_counts(counts) {
  let text = "";
  counts.forEach((count, i) => {
    let value = i > 2 ? count - counts[i - 2] : count, more = true;
    while (more) {
      let bits = value & 31;
      value >>= 5;
      more = bits & 16 ? value !== -1 : value !== 0;
      if (more) bits |= 32;
      text += String.fromCharCode(bits + 48);
    }
  });
  return text;
}

function random_mask(seed, width, height) {
  let state = seed;
  const next = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  let value = 0;
  return Uint8Array.from({ length: width * height }, () => {
    if (next() < 0.3) value = 1 - value;
    return value;
  });
}

// bits row by row; COCO's runs go down the columns.
function counts_of(bits, width, height) {
  const counts = [];
  let value = 0, run = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (bits[y * width + x] !== value) {
        counts.push(run);
        run = 0;
        value = 1 - value;
      }
      run++;
    }
  }
  return counts.concat(run);
}

test("rle: random masks come back, whole and within a box", () => {
  for (let seed = 1; seed < 40; seed++) {
    const width = 1 + seed % 13, height = 1 + seed % 11;
    const bits = random_mask(seed, width, height);
    const counts = counts_of(bits, width, height);
    const mask = { size: [height, width], counts: encode_counts(counts) };
    assert.deepEqual(decode_counts(mask.counts), counts);
    assert.deepEqual([...decode_mask(mask, [0, 0, width, height]).bits], [...bits]);
    const box = [Math.floor(width / 3), Math.floor(height / 4), width, Math.ceil(height / 2)];
    const part_of = decode_mask(mask, box);
    for (let y = 0; y < part_of.height; y++) {
      for (let x = 0; x < part_of.width; x++) {
        assert.equal(part_of.bits[y * part_of.width + x], bits[(y + box[1]) * width + x + box[0]]);
      }
    }
  }
});

test("rle: counts above 2^15 and differences below zero", () => {
  const counts = [100000, 7, 65536, 1, 3, 40000, 0, 1];
  assert.deepEqual(decode_counts(encode_counts(counts)), counts);
});

// Twice the area inside closed lines, holes counted off.
function enclosed(lines) {
  let sum = 0;
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      const k = (i + 2) % line.length;
      sum += line[i] * line[k + 1] - line[k] * line[i + 1];
    }
  }
  return sum;
}

test("contours: lines are closed, and each corner that is rounded off costs an eighth of a pixel", () => {
  const square = { x: 10, y: 20, width: 3, height: 2, bits: new Uint8Array(6).fill(1) };
  assert.equal(trace_outlines(square).length, 1);
  assert.equal(enclosed(trace_outlines(square)) / 2, 6 - 4 / 8);
  const ring = { x: 0, y: 0, width: 3, height: 3, bits: Uint8Array.from([1, 1, 1, 1, 0, 1, 1, 1, 1]) };
  assert.equal(trace_outlines(ring).length, 2);
  assert.equal(enclosed(trace_outlines(ring)) / 2, 8 - 4 / 8 + 4 / 8);
  const diagonal = { x: 0, y: 0, width: 2, height: 2, bits: Uint8Array.from([1, 0, 0, 1]) };
  assert.equal(trace_outlines(diagonal).length, 2);
  assert.equal(trace_outlines({ x: 0, y: 0, width: 2, height: 2, bits: new Uint8Array(4) }).length, 0);
});

test("colours: transparent at 0 and for NaN, hottest at the full scale and above", () => {
  const pixels = new Uint32Array(5);
  colorize(Float32Array.from([0, NaN, -1, 2, 5]), pixels, 2, false);
  const bytes = new Uint8Array(pixels.buffer);
  assert.deepEqual([bytes[3], bytes[7], bytes[11]], [0, 0, 0]);
  assert.deepEqual([...bytes.slice(12, 16)], [...heat_color(1), 255]);
  assert.equal(pixels[3], pixels[4]);
  colorize(Float32Array.from([0, 0, 0, 0, 0]), pixels, 1, true);
  assert.deepEqual([...new Uint8Array(pixels.buffer).slice(0, 4)], [...heat_color(0), 255]);
  assert.equal(largest(Float32Array.from([NaN, 0.5, 0.25])), 0.5);
});
