// The command line that repeats the result on the page.

const kPlain = /^[A-Za-z0-9_@%+=:,./-]+$/;

// A word as a POSIX shell takes it literally.
export function shell_quote(word) {
  return kPlain.test(word) ? word : "'" + word.replace(/'/g, "'\\''") + "'";
}

// A file's name that no program takes for an option.
function file_operand(name) {
  return shell_quote(name.startsWith("-") ? "./" + name : name);
}

// choices: {command, image, prompt (whether standard.toml applies), limit, threshold, full_scale}; null or
// undefined numbers are left to the program.
export function command_line(choices) {
  const words = [choices.command || "anomalyvlm detect", file_operand(choices.image)];
  const option = (name, value) => {
    if (value !== null && value !== undefined) words.push(name, shell_quote(String(value)));
  };
  option("--prompt", choices.prompt ? "standard.toml" : null);
  option("--limit", choices.limit);
  option("--threshold", choices.threshold);
  option("--full-scale", choices.full_scale);
  option("--out", "results");
  return words.join(" ");
}
