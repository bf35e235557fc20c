// Reads a multipart/mixed answer without copying its parts: each is a view into the one buffer.

const decoder = new TextDecoder();

function boundary_of(content_type) {
  const found = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(content_type || "");
  if (!found) throw new Error("The answer names no boundary between its parts.");
  return found[1] || found[2];
}

function find(bytes, pattern, from) {
  const first = pattern[0];
  const last = bytes.length - pattern.length;
  for (let at = bytes.indexOf(first, from); at >= 0 && at <= last; at = bytes.indexOf(first, at + 1)) {
    let i = 1;
    while (i < pattern.length && bytes[at + i] === pattern[i]) i++;
    if (i === pattern.length) return at;
  }
  return -1;
}

function parse_headers(text) {
  const headers = {};
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

function parameter(header, name) {
  const value = '=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))';
  const found = new RegExp(";\\s*" + name + value, "i").exec(header || "");
  if (!found) return "";
  return found[1] === undefined ? found[2] : found[1].replace(/\\(.)/g, "$1");
}

// The file name, where the plain form may be accompanied by one in UTF-8 (RFC 6266).
function file_name(header) {
  const extended = /;\s*filename\*=utf-8''([^;\s]+)/i.exec(header || "");
  if (extended) {
    try {
      return decodeURIComponent(extended[1]);
    } catch (error) {
      return parameter(header, "filename");
    }
  }
  return parameter(header, "filename");
}

// An array of {name, filename, type, bytes}, in order.
export function parse_multipart(buffer, content_type) {
  const bytes = new Uint8Array(buffer);
  const mark = new TextEncoder().encode("--" + boundary_of(content_type));
  const blank = new Uint8Array([13, 10, 13, 10]);
  const parts = [];
  let at = find(bytes, mark, 0);
  while (at >= 0) {
    at += mark.length;
    if (bytes[at] === 45 && bytes[at + 1] === 45) return parts;
    const body = find(bytes, blank, at);
    if (body < 0) break;
    const headers = parse_headers(decoder.decode(bytes.subarray(at, body)));
    const begin = body + blank.length;
    // With a length, megabytes of numbers need not be searched for the boundary.
    const length = /^\d+$/.test(headers["content-length"] || "") ? Number(headers["content-length"]) : -1;
    const next = find(bytes, mark, length >= 0 ? begin + length : begin);
    if (next < 0) break;
    const disposition = headers["content-disposition"];
    parts.push({
      name: parameter(disposition, "name"),
      filename: file_name(disposition),
      type: headers["content-type"] || "",
      bytes: bytes.subarray(begin, length >= 0 ? begin + length : next - 2),
    });
    at = next;
  }
  throw new Error("The answer ends before its last part.");
}
