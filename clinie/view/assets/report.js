"use strict";
// Words of notes reach the page through textContent only; nothing here builds HTML from strings.
const STEP = 100; // errors on the page at first, and added by "show more"
const $ = (id) => document.getElementById(id);
const errors = JSON.parse($("errors").textContent);
let wanted = errors; // errors, kind by kind, that pass the filters
let shown = 0;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function tally(key) {
  const counts = new Map();
  for (const error of errors) counts.set(error[key], (counts.get(error[key]) || 0) + 1);
  return counts;
}

function fill(select, counts) {
  for (const [value, count] of counts) select.append(element("option", { value, textContent: `${value} (${count})` }));
}

function filter() {
  const kind = $("kind").value, label = $("label").value, words = $("search").value.toLowerCase();
  wanted = errors.filter((error) =>
    (!kind || error.kind === kind) && (!label || error.label === label) && error.id.toLowerCase().includes(words));
  shown = 0;
  $("groups").replaceChildren();
  $("count").textContent = wanted.length === errors.length ? `${errors.length} errors` : `${wanted.length} of ${errors.length} errors`;
  more();
}

function more() {
  const groups = $("groups");
  for (const error of wanted.slice(shown, shown + STEP)) {
    if (groups.dataset.last !== error.kind || !groups.childElementCount) {
      const count = wanted.filter((other) => other.kind === error.kind).length;
      groups.append(element("h3", { textContent: `${error.kind} (${count})` }));
      groups.dataset.last = error.kind;
    }
    groups.append(draw(error));
  }
  shown = Math.min(wanted.length, shown + STEP);
  $("more").hidden = shown >= wanted.length;
  $("more").textContent = `Show more (${wanted.length - shown} left)`;
}

function draw(error) {
  const where = element("div", { className: "where" }, element("b", { textContent: error.label }), element("br"), error.id);
  const context = element("div", { className: "context" });
  for (const [words, sides] of error.context) context.append(sides ? element("mark", { className: sides, textContent: words }) : words);
  if (!error.context.length) context.textContent = error.gold || error.predicted;
  return element("div", { className: "error" }, where, context, element("div", { className: "said", textContent: said(error) }));
}

function said(error) {
  const parts = [];
  const both = `gold ${error.gold} · predicted ${error.predicted}`;
  if (error.kind === "wrong value") return [`${error.hint}: ${both}`, sure(error)].filter(Boolean).join(" · ");
  if (error.gold && error.predicted) parts.push(both);
  else if (error.kind.startsWith("relation") || error.kind.startsWith("statement")) parts.push(error.gold || error.predicted);
  if (error.hint) parts.push(error.hint);
  return [...parts, sure(error)].filter(Boolean).join(" · ");
}

function sure(error) {
  return error.confidence === null ? "" : `confidence ${error.confidence.toFixed(2)}`;
}

fill($("kind"), tally("kind"));
fill($("label"), [...tally("label")].sort());
for (const id of ["kind", "label", "search"]) $(id).addEventListener("input", filter);
$("more").addEventListener("click", more);
filter();
