#include "eval/report/html.h"

namespace anomalyvlm::eval::report {

const char* const kStyle = R"css(
:root { color-scheme: light dark; --ink: #1b1d20; --quiet: #5c636b; --line: #c9ced4; --faint: #eef0f2;
  --paper: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e6e9; --quiet: #9aa2aa; --line: #454b52; --faint: #24282d; --paper: #17191c; }
  .c0 { stroke: #5db4ec; fill: #5db4ec } .c1 { stroke: #ff8a3d; fill: #ff8a3d } .c2 { stroke: #2cc795;
    fill: #2cc795 } .c6 { stroke: #c3e5ff; fill: #c3e5ff }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 1120px; padding: 40px 28px 72px; background: var(--paper);
  color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: break-word; }
h1 { font-size: 27px; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; margin: 0 0 6px; }
h2 { font-size: 19px; line-height: 1.3; font-weight: 650; margin: 52px 0 14px; }
h3 { font-size: 16px; line-height: 1.3; font-weight: 650; margin: 0; }
h4 { font-size: 13px; font-weight: 650; margin: 0 0 2px; }
p, ul { margin: 0 0 10px; max-width: 46em; }
ul { padding-left: 1.2em; }
.lead { color: var(--quiet); margin: 0; }
.key { display: grid; grid-template-columns: repeat(auto-fill, minmax(118px, 1fr)); gap: 14px 20px;
  margin: 26px 0 0; padding: 16px 0; border: solid var(--line);
  border-width: 1px 0; }
.key div { display: flex; flex-direction: column-reverse; }
.key dt { font-size: 13px; color: var(--quiet); }
.key dd { margin: 0; font-size: 25px; line-height: 1.25; font-weight: 600;
  font-variant-numeric: tabular-nums; }
.key small { font-size: 14px; font-weight: 400; color: var(--quiet); margin-left: 2px; }
figure { margin: 0 0 30px; }
figcaption { font-size: 13.5px; color: var(--quiet); max-width: 60em; margin: 0 0 9px; }
figcaption b { color: var(--ink); font-weight: 650; }
.scroll { overflow-x: auto; padding-bottom: 1px; }
table { border-collapse: separate; border-spacing: 0; font-size: 13.5px; line-height: 18px;
  font-variant-numeric: tabular-nums lining-nums; }
th, td { text-align: left; vertical-align: top; font-weight: 400; padding: 4px 11px; }
tbody th:first-child, thead tr:first-child th:first-child { padding-left: 2px; }
th:last-child, td:last-child { padding-right: 4px; }
thead th { font-weight: 600; vertical-align: bottom; white-space: nowrap; padding-bottom: 6px; }
thead tr:first-child th { border-top: 1.5px solid var(--ink); padding-top: 6px; }
thead th.over { text-align: center; padding-bottom: 0; }
thead .over span { display: block; border-bottom: 1px solid var(--line); padding-bottom: 3px; }
tbody tr:first-child > * { border-top: 1px solid var(--ink); padding-top: 6px; }
tbody tr:last-child > * { border-bottom: 1.5px solid var(--ink); padding-bottom: 6px; }
tbody th { max-width: 20em; }
.prose td { overflow-wrap: anywhere; white-space: pre-line; max-width: 56em; }
.figures td:not(.n) { min-width: 7em; }
.figures td:last-child:not(.n) { min-width: 18em; }
tr.ruled > * { border-top: 1px solid var(--line); }
tr.strong > * { font-weight: 600; }
.n { text-align: right; white-space: nowrap; }
.first { padding-left: 24px; }
sup { font-size: 10px; line-height: 0; margin-left: 1px; color: var(--quiet); }
.note { font-size: 12.5px; line-height: 1.45; color: var(--quiet); margin: 6px 0 0; max-width: 60em; }
.panels { display: flex; flex-wrap: wrap; gap: 18px 14px; margin-bottom: 8px; }
.panels svg { max-width: 100%; height: auto; }
.category { margin: 0 0 36px; }
.scales { display: flex; flex-wrap: wrap; gap: 2px 22px; margin: 2px 0 10px; max-width: none; }
.scale { font-size: 12.5px; color: var(--quiet); font-variant-numeric: tabular-nums; white-space: nowrap; }
.scale img { vertical-align: 0; width: 96px; height: 9px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 22px 36px; }
.examples { min-width: 0; }
.heads, .example { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 5px; }
.n3 .heads, .n3 .example { grid-template-columns: repeat(3, minmax(0, 1fr)); }
.n2 .heads, .n2 .example { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.heads { font-size: 12.5px; color: var(--quiet); margin-bottom: 6px; }
.example { margin-bottom: 12px; break-inside: avoid; }
.example img { display: block; width: 100%; height: auto; }
.example p { grid-column: 1 / -1; display: flex; flex-wrap: wrap; justify-content: space-between;
  gap: 0 12px; margin: 0;
  max-width: none; font-size: 12.5px; line-height: 1.4; color: var(--quiet);
    font-variant-numeric: tabular-nums; }
.example .id { color: var(--ink); overflow-wrap: anywhere; unicode-bidi: isolate; }
.none { display: flex; align-items: center; justify-content: center; min-height: 60px; padding: 6px;
  text-align: center;
  font-size: 12px; line-height: 1.3; color: var(--quiet); background: var(--faint); }
dl.terms { display: grid; grid-template-columns: max-content minmax(0, 46em); gap: 5px 22px; margin: 0;
  font-size: 13.5px; }
.terms dt { font-weight: 600; }
.terms dd { margin: 0; color: var(--quiet); }
@media (max-width: 900px) { .pair { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 560px) {
  body { padding: 24px 16px 48px; }
  h1 { font-size: 23px; }
  h2 { margin-top: 40px; }
  .key { grid-template-columns: repeat(3, 1fr); gap: 12px; }
  .key dd { font-size: 21px; }
  .figures tbody th { position: sticky; left: 0; background: var(--paper); }
  tbody th { max-width: 9em; }
  thead tr:first-child th:nth-child(-n + 2):not(.over) { white-space: normal; }
  dl.terms { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .terms dd { margin-bottom: 8px; }
}
@media print {
  :root { --ink: #000; --quiet: #444; --line: #aaa; --faint: #eee; --paper: #fff; color-scheme: light; }
  @page { margin: 15mm 14mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  table { font-size: 8pt; line-height: 1.35; }
  th, td { padding: 2px 6px; }
  .first { padding-left: 12px; }
  .figures td:not(.n) { min-width: 0; }
  .scroll { overflow: visible; }
  .pair { grid-template-columns: 1fr 1fr; gap: 12px 20px; }
  h2 { margin-top: 30px; }
  .key { grid-template-columns: repeat(6, auto); gap: 10px; }
  .heads { font-size: 7.5pt; }
  .panels { gap: 10px 1.5%; }
  .panels svg { max-width: 32%; }
  .panels svg:only-child { max-width: 75%; }
  .panels svg:first-child:nth-last-child(2), .panels svg:first-child:nth-last-child(2) + svg { max-width: 49%; }
  h2, h3, h4, figcaption:first-child, .scales, .heads { break-after: avoid; }
  tr, .panels svg, .table, .plots, .category { break-inside: avoid; }
}
)css";

}  // namespace anomalyvlm::eval::report
