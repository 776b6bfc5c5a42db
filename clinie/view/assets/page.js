"use strict";
// Note text reaches the page through textContent only; nothing here builds HTML from strings.
const HUES = [205, 35, 140, 275, 5, 175, 320, 60, 230, 95, 295, 20];
const ROW = 30;
const FAR = 120; // pixels: a relation over more lines is drawn only when one of its ends is lit
const $ = (id) => document.getElementById(id);
const index = JSON.parse($("index").textContent);
const tasks = [...new Set(index.flatMap((note) => Object.keys(note.labels)))];
const labelsOf = Object.fromEntries(tasks.map((task) => [task, new Set(index.flatMap((note) => Object.keys(note.labels[task] || {})))]));
const labels = [...new Set(tasks.flatMap((task) => [...labelsOf[task]]))];
const hue = Object.fromEntries(labels.map((label, i) => [label, HUES[i % HUES.length]]));
const hidden = new Set();
let shown = index.map((_, i) => i); // notes that pass the filters
let at = 0; // position in `shown`
let note = null;
let pieceOf = []; // by segment of the note: the piece on the page that holds it
let lit = -1; // span pointed at
let held = false; // the keyboard holds a span: the mouse must click to take over

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// --- filters and list -------------------------------------------------------------------------
function fill(select, values) {
  for (const [value, count] of values) select.append(element("option", { value, textContent: `${value} (${count})` }));
}

function tally(keys) {
  const counts = new Map();
  for (const note of index) for (const key of keys(note)) counts.set(key, (counts.get(key) || 0) + 1);
  return [...counts].sort();
}

function filter() {
  const words = $("search").value.toLowerCase(), decision = $("decision").value, finding = $("finding").value;
  const current = shown[at];
  shown = [];
  index.forEach((entry, i) => {
    const all = Object.values(entry.labels).flatMap(Object.keys);
    const some = !hidden.size || !all.length || all.some((label) => !hidden.has(label));
    if (entry.id.toLowerCase().includes(words) && (!decision || entry.decisions.includes(decision)) && (!finding || finding in entry.findings) && some) shown.push(i);
  });
  $("count").textContent = shown.length === index.length ? `${index.length} notes` : `${shown.length} of ${index.length} notes`;
  $("rows").style.height = `${shown.length * ROW}px`;
  open(Math.max(0, shown.indexOf(current)));
}

function wanted(entry) {
  const task = $("task").value;
  return Object.entries(entry.labels).filter(([name]) => !task || name === task).flatMap(([, counts]) => Object.entries(counts));
}

function ofTask(number) {
  return !$("task").value || note.tasks[number].task === $("task").value;
}

function drawList() {
  // Only the rows in sight exist.
  const list = $("list"), first = Math.max(0, Math.floor(list.scrollTop / ROW) - 5);
  const last = Math.min(shown.length, first + Math.ceil(list.clientHeight / ROW) + 10);
  const rows = [];
  for (let i = first; i < last; i++) {
    const entry = index[shown[i]];
    const total = wanted(entry).reduce((sum, [label, n]) => sum + (hidden.has(label) ? 0 : n), 0);
    const row = element("button", { className: entry.complete ? "row" : "row bad", title: entry.id, tabIndex: -1, onclick: () => open(i) },
      element("span", { textContent: entry.id }), element("span", { className: "count", textContent: total }));
    row.style.top = `${i * ROW}px`;
    if (i === at) row.setAttribute("aria-current", "true");
    rows.push(row);
  }
  $("rows").replaceChildren(...rows);
}

// --- one note ---------------------------------------------------------------------------------
function open(position) {
  at = position;
  const list = $("list");
  if (at * ROW < list.scrollTop) list.scrollTop = at * ROW;
  if ((at + 1) * ROW > list.scrollTop + list.clientHeight) list.scrollTop = (at + 1) * ROW - list.clientHeight;
  drawList();
  note = shown.length ? JSON.parse($(`note-${shown[at]}`).textContent) : null;
  lit = -1;
  held = false;
  drawNote();
  document.querySelector("main").scrollTop = 0;
}

function visible(covering) {
  const decision = $("decision").value;
  return covering.filter((i) => ofTask(note.spans[i].task) && !hidden.has(note.spans[i].label) && (!decision || (note.spans[i].decision || "none") === decision));
}

function drawNote() {
  $("name").textContent = note ? note.id : "No note passes the filters";
  $("status").textContent = note ? statuses().join(" · ") : "";
  const pieces = [], last = {}; // the segment a span ends in carries its tag
  const shownSegments = note ? merged() : [];
  shownSegments.forEach(([, covering], number) => { for (const i of covering) last[i] = number; });
  shownSegments.forEach(([text, covering], number) => {
    if (!covering.length) {
      pieces.push(element("span", { textContent: text, id: `segment-${number}` }));
      return;
    }
    const top = covering[covering.length - 1], mark = element("mark", { textContent: text, id: `segment-${number}` });
    mark.style.setProperty("--hue", hue[note.spans[top].label]);
    if (covering.length > 1) {
      mark.classList.add("deep");
      mark.style.setProperty("--under", hue[note.spans[covering[0]].label]);
    }
    if (covering.some((i) => note.spans[i].decision === "defer")) mark.classList.add("defer");
    mark.dataset.spans = covering.join(" ");
    const told = covering.filter((i) => last[i] === number).flatMap((i) => tags(note.spans[i]));
    if (told.length) mark.dataset.tag = told.join(", ");
    mark.onmouseenter = () => { if (!held) light(top, covering); };
    mark.onclick = () => { held = false; light(top, covering); };
    pieces.push(mark);
  });
  $("text").replaceChildren(...pieces);
  drawStatements();
  drawFindings();
  $("detail").replaceChildren();
  drawLinks();
}

function merged() {
  // Segments that differ only in spans that are not shown are one; `pieceOf` finds a segment's piece.
  const found = [];
  pieceOf = note.segments.map(([text, all]) => {
    const covering = visible(all), before = found[found.length - 1];
    if (before && String(before[1]) === String(covering)) before[0] += text;
    else found.push([text, covering]);
    return found.length - 1;
  });
  return found;
}

function statuses() {
  // Tasks that went alike are told together.
  const alike = new Map();
  note.tasks.forEach((task, number) => {
    const how = `${task.complete ? "" : "incomplete, "}${task.reason}`;
    if (ofTask(number)) alike.set(how, [...(alike.get(how) || []), task.task]);
  });
  return [...alike].map(([how, names]) => `${names.length > 2 ? `${names.length} tasks` : names.join(", ")}: ${how}`);
}

function drawStatements() {
  const said = note ? note.statements.filter(([task]) => ofTask(task)) : [];
  $("said").hidden = !said.length;
  $("statements").replaceChildren(...said.map(([, name, value, span]) => {
    const entry = element("li", {}, element("b", { textContent: name.replaceAll("_", " ") }), value === "true" ? "" : ` ${value}`);
    if (span !== null) place(entry, () => { light(span); document.querySelector("mark.lit")?.scrollIntoView({ block: "center" }); });
    return entry;
  }));
}

function place(entry, go) {
  entry.classList.add("place");
  entry.tabIndex = 0;
  entry.onclick = go;
  entry.onkeydown = (event) => { if (event.key === "Enter") go(); };
}

function tags(span) {
  // What a reader must not miss: everything but the plain case.
  return Object.values(span.attributes).filter((value) => value && !["present", "current", "active"].includes(value));
}

function drawFindings() {
  const entries = note ? note.findings.filter(([task, code]) => ofTask(task) && (!$("finding").value || code === $("finding").value)) : [];
  $("findings").replaceChildren(...entries.map(([, code, severity, item, segment]) => {
    const entry = element("li", { className: severity }, element("b", { textContent: code.replaceAll("_", " ") }), item ? ` ${item}` : "");
    if (segment !== null) place(entry, () => $(`segment-${pieceOf[segment]}`).scrollIntoView({ block: "center" }));
    return entry;
  }));
  if (!entries.length) $("findings").append(element("li", { className: "info", textContent: "none" }));
}

function light(span, covering = [span]) {
  lit = span;
  for (const mark of document.querySelectorAll("mark")) mark.classList.toggle("lit", mark.dataset.spans.split(" ").includes(String(span)));
  $("detail").replaceChildren(...[...covering].reverse().map(describe));
  drawLinks();
}

function describe(number) {
  const span = note.spans[number], list = element("dl");
  const add = (name, value) => { if (value !== null && value !== undefined && value !== "") list.append(element("dt", { textContent: name }), element("dd", { textContent: value })); };
  add(span.label, span.text);
  for (const [name, value] of Object.entries(span.attributes)) add(name, value);
  for (const [label, head, tail] of note.relations) {
    if (head === number) add(label, note.spans[tail].text);
    if (tail === number) add(`${label} of`, note.spans[head].text);
  }
  add("confidence", span.confidence === null ? null : span.confidence.toFixed(2));
  add("risk", span.risk === null ? null : span.risk.toFixed(3));
  for (const code of span.codes) add(code.system || "code", [code.code, code.display, code.match === "normalized" ? "(after normalisation)" : ""].filter(Boolean).join(" "));
  add("decision", span.decision);
  add("reason", span.reason);
  add("tier", span.tier);
  return list;
}

// --- relations --------------------------------------------------------------------------------
function drawLinks() {
  const links = $("links"), ink = [];
  if (note) {
    const paper = $("paper").getBoundingClientRect(), boxes = new Map();
    for (const mark of document.querySelectorAll("mark"))
      for (const i of mark.dataset.spans.split(" ")) if (!boxes.has(+i)) boxes.set(+i, mark.getClientRects()[0]);
    for (const [label, head, tail] of note.relations) {
      const a = boxes.get(head), b = boxes.get(tail);
      const isLit = head === lit || tail === lit;
      if (a && b && (isLit || Math.abs(a.top - b.top) < FAR)) ink.push(...arc(a, b, label, paper, isLit));
    }
  }
  links.replaceChildren(...ink);
}

function arc(a, b, label, paper, isLit) {
  const x1 = a.left + a.width / 2 - paper.left, x2 = b.left + b.width / 2 - paper.left;
  const y1 = a.top - paper.top, y2 = b.top - paper.top;
  const lift = Math.min(22, 7 + Math.abs(x1 - x2) / 18), top = Math.min(y1, y2) - lift;
  const path = svg("path", { d: `M${x1} ${y1} C${x1} ${top} ${x2} ${top} ${x2} ${y2}` });
  if (!isLit) return [path];
  path.classList.add("lit");
  const name = svg("text", { x: (x1 + x2) / 2, y: top + 6 });
  name.textContent = label;
  return [path, name];
}

function svg(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// --- keyboard ---------------------------------------------------------------------------------
function step(by) {
  const order = [...new Set([...document.querySelectorAll("mark")].flatMap((mark) => mark.dataset.spans.split(" ").map(Number)))];
  if (!order.length) return;
  const next = order[(order.indexOf(lit) + by + order.length) % order.length] ?? order[0];
  held = true;
  light(next);
  document.querySelector("mark.lit").scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") { document.activeElement.blur(); held = false; return; }
  if (event.target.matches("input[type=search], select")) return;
  const move = (by) => { if (shown.length) open(Math.min(shown.length - 1, Math.max(0, at + by))); };
  const keys = {
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
    Home: () => move(-Infinity), End: () => move(Infinity), n: () => step(1), p: () => step(-1),
    "/": () => $("search").focus(),
    t: () => { const choice = $("task"); choice.selectedIndex = (choice.selectedIndex + 1) % choice.options.length; choose(); },
  };
  if (event.key in keys) { event.preventDefault(); keys[event.key](); }
});

// --- tasks ------------------------------------------------------------------------------------
function choose() {
  const task = $("task").value;
  for (const [label, chip] of chips) chip.hidden = Boolean(task) && !labelsOf[task].has(label);
  filter();
}

// --- start ------------------------------------------------------------------------------------
fill($("decision"), tally((entry) => entry.decisions));
fill($("finding"), tally((entry) => Object.keys(entry.findings)));
const chips = new Map();
for (const task of tasks) $("task").append(element("option", { value: task, textContent: task }));
$("tasks").hidden = tasks.length < 2;
$("task").addEventListener("input", choose);
for (const label of labels) {
  const box = element("input", { type: "checkbox", checked: true, onchange: () => { hidden[box.checked ? "delete" : "add"](label); filter(); } });
  const chip = element("label", {}, box, label);
  chip.style.setProperty("--hue", hue[label]);
  $("labels").append(chip);
  chips.set(label, chip);
}
for (const id of ["search", "decision", "finding"]) $(id).addEventListener("input", filter);
$("list").addEventListener("scroll", drawList);
window.addEventListener("resize", () => { drawList(); drawLinks(); });
filter();
