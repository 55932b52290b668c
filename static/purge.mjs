// Keeps of a style sheet what templates, views and scripts can reach, by reading its selectors.
// (PurgeCSS loses rules behind :is(), :where() and their pseudo-classes: focus rings, disabled states.)
import postcss from "postcss";
import parser from "postcss-selector-parser";

const SET_BY_OTHERS = /^(checked|dir|disabled|hidden|lang|open|selected|type|value)$/; // the browser, the form library
const SET_BY_HTMX = /^htmx-/;
const OPTIONS = new Set([":is", ":where", ":has", ":-webkit-any", ":-moz-any"]);

const wordsOf = (texts) => new Set(texts.join("\n").match(/[\w-]+/g));

/** What the sources mention: words, and of each attribute its literal values, or null where they are computed. */
export function vocabulary({ templates, code }) {
  const attributes = new Map();
  for (const [, name, value] of templates.join("\n").matchAll(/([\w-]+)=["']([^"']*)["']?/g)) {
    if (value.includes("{")) attributes.set(name, null);
    else if (attributes.get(name) !== null) attributes.set(name, new Set(attributes.get(name)).add(value));
  }
  for (const word of wordsOf(code)) attributes.set(word, null);
  for (const [, name] of code.join("\n").matchAll(/dataset\.(\w+)/g)) {
    attributes.set("data-" + name.replace(/[A-Z]/g, (capital) => "-" + capital.toLowerCase()), null);
  }
  return { words: wordsOf([...templates, ...code, ...attributes.keys()]), attributes };
}

function reachable(node, known) {
  switch (node.type) {
    case "class": return known.words.has(node.value) || SET_BY_HTMX.test(node.value);
    case "id": case "tag": return known.words.has(node.value);
    case "attribute": {
      if (SET_BY_OTHERS.test(node.attribute)) return true;
      if (!known.words.has(node.attribute)) return false;
      const values = known.attributes.get(node.attribute);
      return node.operator !== "=" || !values || values.has(node.value);
    }
    case "pseudo": return !OPTIONS.has(node.value) || node.nodes.some((option) => reachable(option, known));
    case "selector": return node.nodes.every((part) => reachable(part, known));
    default: return true;
  }
}

/** The reachable ones of a list of selectors, and of the lists inside them; empty when there is none. */
function narrow(selector, known) {
  return parser((list) => {
    const drop = (options) => options.nodes.slice().forEach((option) => reachable(option, known) || option.remove());
    drop(list);
    list.walkPseudos((pseudo) => { if (OPTIONS.has(pseudo.value)) drop(pseudo); });
  }).processSync(selector);
}

/** Drop custom properties of earlier layers where the last layer sets them, unconditionally, on the same elements. */
function dropOverridden(sheet) {
  const last = sheet.nodes.findLast((node) => node.name === "layer" && node.nodes);
  const covered = new Set();
  last?.each((rule) => rule.selectors?.forEach((selector) => rule.each(({ prop }) => covered.add(`${selector} ${prop}`))));
  const withoutValue = (selector) => selector.replace(/=[^\]]*\]/, "]");
  for (const layer of sheet.nodes) if (layer !== last) layer.walkDecls?.(/^--/, (decl) => {
    const over = (selector) => covered.has(`${selector} ${decl.prop}`) || covered.has(`${withoutValue(selector)} ${decl.prop}`);
    if (decl.parent.selectors.every(over)) decl.remove();
  });
}

/** Drop custom properties that nothing reads, directly or through another property. */
function dropUnreadProperties(sheet, known) {
  const readBy = new Map();
  const read = new Set([...known.words].filter((word) => word.startsWith("--")));
  sheet.walkDecls(({ prop, value }) => {
    const names = value.match(/--[\w-]+/g) ?? [];
    if (prop.startsWith("--")) readBy.set(prop, [...(readBy.get(prop) ?? []), ...names]);
    else names.forEach((name) => read.add(name));
  });
  for (const name of read) readBy.get(name)?.forEach((next) => read.add(next)); // a Set visits what is added
  sheet.walkDecls(/^--/, (decl) => { if (!read.has(decl.prop)) decl.remove(); });
}

function dropUnnamedKeyframes(sheet) {
  const named = new Set();
  sheet.walkDecls((decl) => (decl.value.match(/[\w-]+/g) ?? []).forEach((word) => named.add(word)));
  sheet.walkAtRules(/keyframes$/, (rule) => { if (!named.has(rule.params)) rule.remove(); });
}

function dropEmpty(node) {
  node.nodes?.slice().forEach(dropEmpty);
  if (node.nodes?.length === 0 && node.type !== "root") node.remove();
}

/** A sheet without nesting, less its unreachable rules, properties and keyframes. */
export function purge(css, known) {
  const sheet = postcss.parse(css);
  sheet.walkRules((rule) => {
    if (/keyframes$/.test(rule.parent.name)) return;
    const kept = narrow(rule.selector, known);
    if (kept) rule.selector = kept;
    else rule.remove();
  });
  dropOverridden(sheet);
  dropUnreadProperties(sheet, known);
  dropUnnamedKeyframes(sheet);
  dropEmpty(sheet);
  return sheet.toString();
}
