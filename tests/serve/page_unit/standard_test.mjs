// Changes of the standard's text, sliders' stops, and the command line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TextOffsets } from "../../../src/serve/page/text_offsets.js";
import { replace_number, add_sentence, find_permanent, numbers_of, is_share,
  plain_number } from "../../../src/serve/page/standard.js";
import { stops_for, nearest_stop } from "../../../src/serve/page/scales.js";
import { command_line, shell_quote } from "../../../src/serve/page/command_line.js";
import { collect_marks } from "../../../src/serve/page/prompt_editor.js";
import { measured } from "../../../src/serve/page/regions_table.js";

const bytes = (text) => new TextEncoder().encode(text).length;

// A reading as the server gives it, with the numbers found by their text.
function reading(text, numbers, rules) {
  let from = 0;
  const found = numbers.map((number) => {
    const at = text.indexOf(number.written, from);
    from = at + number.written.length;
    return Object.assign({ begin: bytes(text.slice(0, at)), end: bytes(text.slice(0, from)), rule: null }, number);
  });
  const sentence = { begin: 0, end: bytes(text), parts: [], numbers: found, error: null };
  return { understood: true, sentences: [sentence], prompt: { rules } };
}

const area = (written, value, rule) => ({ written, value, kind: "rule", rule, quantity: "area",
  unit: "% of the object" });
const count = (written, value) => ({ written, value, kind: "max_regions" });

test("offsets: bytes of UTF-8 to units of UTF-16", () => {
  const text = "aß\u00a0中😀z";
  const offsets = new TextOffsets(text);
  const places = [...text].map((unused, i, all) => all.slice(0, i).join("").length);
  for (const place of places.concat(text.length)) assert.equal(offsets.index(bytes(text.slice(0, place))), place);
  assert.equal(offsets.index(1000), text.length);
  assert.equal(new TextOffsets("").index(0), 0);
});

test("replacing a number keeps the other offsets right", () => {
  const text = "Größe 😀. Anomalies are smaller than 5% of the image. At most five regions.";
  let answer = reading(text, [area("5", 5, 0), count("five", 5)], ["area < 5% of the image"]);
  let changed = replace_number(text, answer, find_permanent(answer, "area"), 12.5);
  assert.equal(changed.text, text.replace("5%", "12.5%"));
  answer = changed.answer;
  changed = replace_number(changed.text, answer, find_permanent(answer, "count"), 7);
  assert.equal(changed.text, "Größe 😀. Anomalies are smaller than 12.5% of the image. At most 7 regions.");
  changed = replace_number(changed.text, changed.answer, find_permanent(changed.answer, "area"), 3);
  assert.equal(changed.text, "Größe 😀. Anomalies are smaller than 3% of the image. At most 7 regions.");
  assert.deepEqual(numbers_of(changed.answer).map(({ number }) => number.value), [3, 7]);
  assert.equal(changed.answer.sentences[0].end, bytes(changed.text));
});

test("a sentence that is missing is added, and can be moved on at once", () => {
  for (const [before, expected] of [
    ["", "At most 4 abnormal regions."],
    ["Scratches", "Scratches. At most 4 abnormal regions."],
    ["Größe.  ", "Größe. At most 4 abnormal regions."],
    ["Scratches.\nDents.", "Scratches.\nDents.\nAt most 4 abnormal regions."],
  ]) {
    const added = add_sentence(before, null, "count", 4);
    assert.equal(added.text, expected);
    const moved = replace_number(added.text, added.answer, find_permanent(added.answer, "count"), 12);
    assert.equal(moved.text, expected.replace("4", "12"));
  }
  const added = add_sentence("Dents.", reading("Dents.", [], []), "area", 0.2);
  assert.equal(added.text, "Dents. Anomalies are smaller than 0.2%.");
  assert.equal(find_permanent(added.answer, "area").value, 0.2);
});

test("the slider of the largest area is for upper bounds of all anomalies", () => {
  const of_rule = (rule) => find_permanent(reading("x 5", [area("5", 5, 0)], [rule]), "area");
  assert.ok(of_rule("area < 5% of the object"));
  assert.ok(of_rule("area <= 5% of the object"));
  assert.equal(of_rule("area > 5% of the object"), null);
  assert.equal(of_rule("area < 5% of the object (stains only)"), null);
  assert.equal(find_permanent(null, "area"), null);
});

test("an area without a percent sign is a share", () => {
  const share = (text, written) => {
    const [{ number }] = numbers_of(reading(text, [area(written, 1, 0)], []));
    return is_share(text, new TextOffsets(text), number);
  };
  assert.equal(share("smaller than 0.05.", "0.05"), true);
  assert.equal(share("smaller than 5 %.", "5"), false);
  assert.equal(share("smaller than five percent of the object", "five"), false);
});

test("numbers are written as plain digits", () => {
  assert.deepEqual([5, 0.1 + 0.2, 1e-7, 12345.678, 2.5].map(plain_number),
    ["5", "0.3", "0.0000001", "12345.7", "2.5"]);
});

test("stops rise, contain round values and reach the number", () => {
  const kinds = [area("", 5, 0), count("", 5), { kind: "limit", value: 0.5 }, { kind: "pixel_size", value: 0.05 },
    { kind: "rule", quantity: "length", unit: "px", value: 60 },
    { kind: "rule", quantity: "area", unit: "px²", value: 60 },
    { kind: "rule", quantity: "brightness", unit: "%", value: -10 },
    { kind: "rule", quantity: "hue", unit: "°", value: 240 },
    { kind: "rule", quantity: "confidence", unit: "", value: 0.3 },
    { kind: "rule", quantity: "location", unit: "px", value: 4000 },
    Object.assign(area("", 0.05, 0), { share: true })];
  for (const number of kinds) {
    const stops = stops_for(number, 480);
    for (let i = 1; i < stops.length; i++) assert.ok(stops[i] > stops[i - 1], `${number.quantity} ${stops}`);
    assert.equal(stops[nearest_stop(stops, number.value)], number.value, `${number.kind} ${number.quantity}`);
  }
});

test("marks cover the text once; an error without a place marks its sentence", () => {
  const text = "Öl. Bad one.";
  const answer = { sentences: [
    { begin: 0, end: 3, parts: [{ kind: "phrase", begin: 0, end: 3 }], numbers: [], error: null },
    { begin: 5, end: 12, parts: [], numbers: [], error: { message: "m", begin: 12, end: 12 } },
  ] };
  const marks = collect_marks(text, answer);
  assert.equal(marks.map((mark) => text.slice(mark.begin, mark.end)).join(""), text);
  assert.deepEqual(marks.filter(({ mark }) => mark).map((mark) => [mark.mark, text.slice(mark.begin, mark.end)]),
    [["phrase", "Öl"], ["error", "Bad one"]]);
});

test("the command line is taken literally by a shell", () => {
  assert.equal(shell_quote("a b"), "'a b'");
  assert.equal(shell_quote("it's"), "'it'\\''s'");
  assert.equal(shell_quote(""), "''");
  assert.equal(command_line({ command: "anomalyvlm detect --model nano", image: "-x $(y).png", prompt: true,
    limit: 0.5, threshold: null, full_scale: 0.25 }),
  "anomalyvlm detect --model nano './-x $(y).png' --prompt standard.toml --limit 0.5 --full-scale 0.25 " +
    "--out results");
  assert.equal(command_line({ command: "", image: "a.png", prompt: false, limit: null }),
    "anomalyvlm detect a.png --out results");
});

test("measured values are shown as people read them", () => {
  const of_rule = (text) => measured({ by: "rule", rule: 0, value: 0.03, text });
  assert.equal(of_rule("area 3.08% of the object; the rule: area < 0.1% of the object"), "3.08 %");
  assert.equal(of_rule("area 193 px2; the rule: area < 100 px2"), "193 px²");
  assert.equal(of_rule("brightness -4.2%; the rule: brightness > 0%"), "-4.2 %");
  assert.equal(of_rule("aspect ratio 1.5; the rule: aspect ratio > 3"), "1.5");
  assert.equal(of_rule("hue none (grey); the rule: hue 20 to 60"), "none");
  assert.equal(measured({ by: "max_regions", limit: 2, value: 0.4178 }), "0.42");
  assert.equal(measured({ by: "empty_mask", value: 0 }), "–");
});
