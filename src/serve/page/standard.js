// Changes of the standard's text by sliders: a number is replaced at its place, a missing sentence is added.
// The reading (the server's answer) is carried along, so that a slider need not wait for the next one.
import { TextOffsets } from "./text_offsets.js";

// How a number is written into a sentence: plain digits.
export function plain_number(value) {
  const text = String(Number(value.toPrecision(6)));
  return text.includes("e") ? value.toFixed(8).replace(/0+$/, "") : text;
}

// All numbers of a reading, each with its sentence.
export function numbers_of(answer) {
  const found = [];
  for (const sentence of (answer && answer.sentences) || []) {
    for (const number of sentence.numbers || []) found.push({ number, sentence });
  }
  return found;
}

// Whether the number of an area is a share ("0.05") of what is shown in percent.
export function is_share(text, offsets, number) {
  if (number.quantity !== "area" || !(number.unit || "").startsWith("%")) return false;
  const end = offsets.index(number.end);
  return !/^\s*(%|per\s?cent)/i.test(text.slice(end, end + 12));
}

function shifted(span, from, by) {
  return Object.assign({}, span, {
    begin: span.begin >= from ? span.begin + by : span.begin,
    end: span.end >= from ? span.end + by : span.end,
  });
}

// {text, answer} with the number replaced; the answer's other offsets move with the text.
export function replace_number(text, answer, number, value) {
  const offsets = new TextOffsets(text);
  const written = plain_number(value);
  const by = written.length - (number.end - number.begin);
  const before = text.slice(0, offsets.index(number.begin)), after = text.slice(offsets.index(number.end));
  const sentences = answer.sentences.map((sentence) => Object.assign(shifted(sentence, number.end, by), {
    parts: (sentence.parts || []).map((part) => shifted(part, number.end, by)),
    numbers: (sentence.numbers || []).map((other) => (
      other.begin === number.begin
        ? Object.assign({}, other, { value, end: other.begin + written.length })
        : shifted(other, number.end, by))),
    error: sentence.error ? shifted(sentence.error, number.end, by) : null,
  }));
  return { text: before + written + after, answer: Object.assign({}, answer, { sentences }) };
}

// Sentences that sliders add; the mark stands for the number.
export const kAdded = {
  area: { sentence: "Anomalies are smaller than {}%.",
    number: { kind: "rule", rule: null, quantity: "area", unit: "% of the object", added: true } },
  count: { sentence: "At most {} abnormal regions.",
    number: { kind: "max_regions", rule: null, quantity: "", unit: "" } },
};

// {text, answer} with a sentence and its number added at the end.
export function add_sentence(text, answer, which, value) {
  const { sentence, number } = kAdded[which];
  const written = plain_number(value);
  let before = text.replace(/\s+$/, "");
  if (before && !/[.;!?。；]$/.test(before)) before += ".";
  if (before) before += before.includes("\n") ? "\n" : " ";
  const added = sentence.replace("{}", written);
  const bytes = new TextEncoder();
  const begin = bytes.encode(before).length;
  const at = begin + sentence.indexOf("{}");
  const reading = answer || { understood: true, prompt: null, notes: [], toml: "" };
  return {
    text: before + added,
    answer: Object.assign({}, reading, {
      sentences: (reading.sentences || []).concat({
        begin, end: begin + added.length, parts: [], error: null,
        numbers: [Object.assign({ begin: at, end: at + written.length, value }, number)],
      }),
    }),
  };
}

// "<", "<=", ">" or ">=" of the rule that a number belongs to; empty for others, such as places.
export function comparison_of(answer, number) {
  const rule = ((answer.prompt && answer.prompt.rules) || [])[number.rule] || number.text || "";
  const found = /[<>≤≥]=?/.exec(rule);
  return found ? found[0] : "";
}

// Whether the standard sets what a permanent slider is for, though not by a number that could be replaced.
export function is_fixed(answer, which) {
  const prompt = answer && answer.prompt;
  if (!prompt || find_permanent(answer, which)) return false;
  if (which === "count") return prompt.max_regions !== null && prompt.max_regions !== undefined;
  return (prompt.rules || []).some((rule) => /^area [<≤]/.test(rule) && !/\bonly\)/.test(rule));
}

// The numbers that have a slider of their own even when the standard lacks them: the largest area of any
// anomaly, and the number of regions.
export function find_permanent(answer, which) {
  const rules = (answer && answer.prompt && answer.prompt.rules) || [];
  const wanted = numbers_of(answer).find(({ number }) => {
    if (which === "count") return number.kind === "max_regions";
    const limited = /\bonly\)/.test(rules[number.rule] || "");
    // A sentence that a slider has just added has no rule yet.
    const upper = number.added || /[<≤]/.test(comparison_of(answer, number));
    return number.kind === "rule" && number.quantity === "area" && upper && !limited;
  });
  return wanted ? wanted.number : null;
}
