"use strict";

// The search over all results, and the one result that the address names: audit.html#pfs.km.median.

const data = JSON.parse(document.getElementById("data").textContent);
const results = new Map(data.results.map((result) => [result.key, result]));
const search = document.getElementById("search");
const hits = document.getElementById("hits");
const found = document.getElementById("found");
const more = document.getElementById("more");
const panel = document.getElementById("result");

const AT_ONCE = 60;
let listed = [];
let active = -1;

// ── small things ────────────────────────────────────────────────────────────────────────────

// An element with attributes and children; texts are always texts, never markup.
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...children.filter((child) => child !== ""));
  return element;
}

// Dashes, minus signs, spaces and capitals do not matter to who searches.
function plain(text) {
  return text.toLowerCase().replace(/[\u2010-\u2015\u2212]/g, "-").replace(/\s+/g, " ").trim();
}

for (const result of data.results) {
  result.words = plain([result.key, result.title, result.shown, result.value || ""].join(" "));
}

// ── search ──────────────────────────────────────────────────────────────────────────────────

// Smaller is better: the key itself, the displayed number, its beginning, anything else that is in the manuscript.
// Of equals the one that the manuscript says most often comes first.
function distance(result, query) {
  if (result.key === query) return 0;
  if (plain(result.shown) === query) return 1;
  if (!result.places) return 4;
  return plain(result.shown).startsWith(query) ? 2 : 3;
}

function find(text) {
  const query = plain(text);
  const words = query.split(" ");
  const matching = data.results.filter((result) => words.every((word) => result.words.includes(word)));
  const ranked = matching.map((result) => [distance(result, query), -(result.places || []).length, result]);
  return ranked.sort((one, other) => one[0] - other[0] || one[1] - other[1]).map(([, , result]) => result);
}

function list(text) {
  listed = find(text);
  hits.replaceChildren();
  hits.scrollTop = 0;
  found.textContent = `${listed.length.toLocaleString("en")} of ${data.results.length.toLocaleString("en")} results`;
  grow();
  activate(text && listed.length ? 0 : -1);
}

// Some more hits at the end of the list: a long list is written as far as it is looked at.
function grow() {
  const start = hits.children.length;
  hits.append(...listed.slice(start, start + AT_ONCE).map((result, place) => hit(result, start + place)));
  const left = listed.length - hits.children.length;
  more.hidden = left === 0;
  more.textContent = `Show ${Math.min(left, AT_ONCE)} more of ${left}`;
}

function hit(result, place) {
  const shown = make("b", {}, result.shown);
  const about = make("span", {}, result.title, make("code", {}, result.key));
  const option = make("li", {role: "option", id: `hit-${place}`, "aria-selected": "false"}, shown, about);
  option.addEventListener("click", () => open(result.key));
  return option;
}

function activate(place) {
  const before = hits.children[active];
  if (before) before.setAttribute("aria-selected", "false");
  active = place;
  if (place >= hits.children.length) grow();
  const option = hits.children[place];
  if (!option) return search.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({block: "nearest"});
  search.setAttribute("aria-activedescendant", option.id);
}

// ── one result ──────────────────────────────────────────────────────────────────────────────

function open(key) {
  if (location.hash === `#${encodeURI(key)}`) show(key, true);
  else location.hash = key;
}

function show(key, takeFocus) {
  const result = results.get(key);
  panel.replaceChildren(result ? article(result) : welcome(key));
  document.body.classList.toggle("open", Boolean(result));
  const heading = panel.querySelector("h3");
  if (!takeFocus || !heading) return;
  heading.focus({preventScroll: true});
  panel.scrollIntoView({block: "start"});
}

function welcome(key) {
  const text = key
    ? `No result is called “${key}”. Search for it, or for the number itself.`
    : "Choose a result to see where it comes from: what it counts, where it appears, its chain back to the source.";
  return make("p", {class: "welcome"}, text);
}

function article(result) {
  const unit = ["persons", "months", "years", "records", "values"].includes(result.unit) ? ` ${result.unit}` : "";
  return make("article", {},
    make("p", {class: "key"}, make("code", {}, result.key)),
    make("h3", {tabindex: "-1"}, result.title),
    make("p", {class: "number"}, result.shown, make("small", {}, unit)),
    ...(result.breaks || []).map((sentence) => make("p", {class: "break"}, sentence)),
    facts(result),
    make("h4", {}, "Where it appears"), places(result),
    make("h4", {}, "Chain"), chain(result),
    ...how(result));
}

function facts(result) {
  const level = result.conf_level ? `${Math.round(result.conf_level * 1e6) / 1e4}%` : "";
  const persons = result.n && `${result.n}: ${result.denominator}`;
  const behind = result.behind ? `${result.behind}: ${result.contributing}` : result.contributing;
  const rows = [
    ["Unrounded", result.value ? `${result.value} ${result.unit || ""}` : ""],
    ["Denominator", persons], ["Behind the number", behind], ["Filter", result.filter && make("code", {}, result.filter)],
    ["Method", result.method], ["Confidence level", level], ["Note", result.note],
  ];
  const filled = rows.filter(([, value]) => value);
  return make("dl", {}, ...filled.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

function places(result) {
  if (!result.places) return make("p", {}, "Not in the manuscript.");
  return make("ul", {class: "places"}, ...result.places.map(place));
}

function place(given) {
  const where = given.link ? make("a", {href: given.link}, given.where) : given.where;
  const cell = [given.row, given.column].filter(Boolean).join(", ");
  const text = given.shown
    ? make("q", {}, given.before || "", make("mark", {}, given.shown), given.after || "")
    : "drawn there";
  return make("li", {}, make("span", {}, where, cell && ` · ${cell}`), text);
}

function chain(result) {
  const drawing = document.getElementById(`chain-${result.rule}`);
  return make("div", {class: "scroll chain"}, drawing ? drawing.content.cloneNode(true) : "No job is known.");
}

// How it was computed: the job's own account, and its parameters as far as they bear on this result.
function how(result) {
  const job = document.querySelector(`#job-${CSS.escape(result.rule)} .how`);
  const account = job ? [...job.cloneNode(true).childNodes] : [];
  const parameters = make("pre", {}, data.used[result.used]);
  return [
    make("h4", {}, "How it was computed"),
    make("p", {}, "By the job ", make("a", {href: `#job-${result.rule}`}, make("code", {}, result.rule)), "."),
    make("details", {class: "parameters"}, make("summary", {}, "Parameters that bear on it"), parameters),
    make("details", {}, make("summary", {}, "Code, inputs and libraries"), ...account),
  ];
}

// ── address and keyboard ────────────────────────────────────────────────────────────────────

// A hash is a result's key, or the id of a part of the page, which may be closed.
function follow(takeFocus) {
  const name = decodeURIComponent(location.hash.slice(1));
  const part = document.getElementById(name);
  if (!part || !panel.hasChildNodes()) show(part ? "" : name, takeFocus && !part);
  const folded = part && part.querySelector("details");
  if (folded) {
    folded.open = true;
    part.scrollIntoView();
    folded.querySelector("summary").focus({preventScroll: true});
  }
}

function onKeyInSearch(event) {
  if (event.key === "ArrowDown") activate(Math.min(active + 1, listed.length - 1));
  else if (event.key === "ArrowUp") activate(Math.max(active - 1, -1));
  else if (event.key === "Enter" && listed[Math.max(active, 0)]) open(listed[Math.max(active, 0)].key);
  else if (event.key === "Escape") { search.value = ""; list(""); }
  else return;
  event.preventDefault();
}

function onKey(event) {
  const typing = event.target === search || event.ctrlKey || event.metaKey || event.altKey;
  const back = event.key === "Escape" && panel.contains(document.activeElement);
  if (typing || !(event.key === "/" || back)) return;
  event.preventDefault();
  search.focus();
  search.select();
}

search.addEventListener("input", () => list(search.value));
search.addEventListener("keydown", onKeyInSearch);
document.addEventListener("keydown", onKey);
more.addEventListener("click", grow);
window.addEventListener("hashchange", () => follow(true));

list("");
follow(true);

// On a narrow screen a drawing begins in its middle, where the source is.
for (const drawing of document.querySelectorAll(".scroll > svg")) {
  const frame = drawing.parentElement;
  frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
}
