// Builds static/built/ from our own sources and the pinned packages: hashed, purged, minified and precompressed.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import esbuild from "esbuild";
import { purge, vocabulary } from "./purge.mjs";

const COMPONENTS = `alert button card chip details dialog divider error-summary field fieldset heading input label link
  list paragraph skip-link table tag validation-message`.split(/\s+/);
const EXTENSIONS = ["sse"]; // of htmx, for the wall and the desk
const SCRIPTS = {
  "app.js": { extensions: [], own: ["outbox.js", "share.js", "app.js"] },
  "desk.js": { extensions: [], own: ["copy.js", "app.js"] },
  "wall.js": { extensions: EXTENSIONS, own: ["app.js", "wall.js"] },
  "hall.js": { extensions: [], own: ["hall.js"] },
};
// noto-sans-arabic stays at 0.2.3: the newer font sets letters and dots apart, and a PDF's Arabic can't be read aloud.
const FONTS = { "noto-sans": "NotoSans", "noto-sans-arabic": "NotoSansArabic", "noto-sans-ethiopic": "NotoSansEthiopic" };
const WEIGHTS = ["400Regular", "700Bold"];
const BROWSERS = ["chrome100", "firefox100", "safari15.4"]; // cascade layers came with these

const root = join(import.meta.dirname, "..");
const packages = join(root, "node_modules");
const built = join(root, "static/built");
const fresh = `${built}.new`; // renamed when whole, so a running server never sees half a build
const manifest = {};

const text = (...path) => readFile(join(...path), "utf8");

/** Write one asset under a name that changes with its content, with its compressed twins, and list it. */
async function emit(name, content) {
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const hashed = name.replace(".", `.${hash}.`);
  const br = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  const gz = gzipSync(bytes, { level: 9 });
  await Promise.all([
    writeFile(join(fresh, hashed), bytes),
    writeFile(join(fresh, `${hashed}.br`), br),
    writeFile(join(fresh, `${hashed}.gz`), gz),
  ]);
  manifest[name] = hashed;
  const column = (n) => String(n).padStart(7);
  console.log(`${name.padEnd(10)}${column(bytes.length)} B ${column(br.length)} B br ${column(gz.length)} B gz`);
}

async function bundle(options) {
  const result = await esbuild.build({
    absWorkingDir: root, bundle: true, legalComments: "none", logLevel: "warning", target: BROWSERS, write: false, ...options,
  });
  return result.outputFiles[0].text;
}

async function script({ extensions, own }) {
  const dist = join(packages, "htmx.org/dist");
  const htmx = [join(dist, "htmx.min.js"), ...extensions.map((name) => join(dist, `ext/hx-${name}.min.js`))];
  const library = (await Promise.all(htmx.map((path) => text(path)))).map((js) => js.replace(/\/\/# sourceMapping.*/, ""));
  const contents = own.map((name) => `import "./${name}";`).join("");
  const ours = await bundle({ stdin: { contents, resolveDir: join(root, "static/js") }, format: "iife", minify: true });
  return [...library, ours].map((js) => js.trim()).join("\n");
}

/** A sheet of only what is used, nesting undone first: it hides what a selector reaches. */
async function sheet(css, known) {
  const flat = (await esbuild.transform(css, { loader: "css", target: BROWSERS })).code;
  return (await esbuild.transform(purge(flat, known), { loader: "css", minify: true, target: BROWSERS })).code.trim();
}

const own = (name) => bundle({ entryPoints: [`static/css/${name}`] });

async function wholeSheet() {
  const designsystemet = join(packages, "@digdir/designsystemet-css/dist");
  const component = (name) => text(designsystemet, `src/${name}.css`);
  return [
    "@layer ds.theme, ds.base, ds.components, app;",
    await text(designsystemet, "theme/designsystemet.css"),
    `@layer ds.base {${await component("base")}}`,
    `@layer ds.components {${(await Promise.all(COMPONENTS.map(component))).join("\n")}}`,
    `@layer app {${await own("app.css")}}`,
  ].join("\n");
}

/** The markup of one icon as a <symbol> that keeps its drawing attributes. */
function symbol(id, svg) {
  const [, attributes, drawing] = svg.match(/<svg([^>]*)>(.*)<\/svg>/s);
  const kept = attributes.replace(/\s+(xmlns|width|height|class|id|role|aria-[a-z]+)="[^"]*"/g, "").replace(/\s+/g, " ");
  return `<symbol id="${id}"${kept.trimEnd()}>${drawing.replace(/\s*\n\s*/g, "")}</symbol>`;
}

async function icons() {
  const folder = join(root, "static/icons");
  const ours = (await readdir(folder)).filter((name) => name.endsWith(".svg")).sort();
  const names = (await text(folder, "icons.txt")).split("\n").map((line) => line.trim()).filter(Boolean).sort();
  const symbols = await Promise.all([
    ...names.map(async (name) => symbol(name, await text(packages, `lucide-static/icons/${name}.svg`))),
    ...ours.map(async (name) => symbol(basename(name, ".svg"), await text(folder, name))),
  ]);
  await emit("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
  for (const name of ours) await emit(name, await text(folder, name));
}

async function fonts() {
  await mkdir(join(fresh, "fonts"));
  for (const [name, family] of Object.entries(FONTS)) for (const weight of WEIGHTS) {
    const file = `${family}_${weight}.ttf`;
    const inFolders = existsSync(join(packages, "@expo-google-fonts", name, weight)); // older ones have none
    await cp(join(packages, "@expo-google-fonts", name, inFolders ? weight : "", file), join(fresh, "fonts", file));
  }
}

async function sources(folder, extension) {
  const names = (await readdir(join(root, folder), { recursive: true })).filter((name) => name.endsWith(extension));
  if (names.length === 0) throw new Error(`no *${extension} in ${folder}: everything would be purged`);
  return Promise.all(names.map((name) => text(root, folder, name)));
}

await rm(fresh, { recursive: true, force: true });
await mkdir(fresh, { recursive: true });
const known = vocabulary({
  templates: await sources("templates", ".html"),
  code: [...await sources("participation", ".py"), ...await sources("static/js", ".js")],
});
await emit("app.css", await sheet(await wholeSheet(), known));
for (const name of ["wall.css", "hall.css"]) await emit(name, await sheet(await own("screens.css") + await own(name), known));
for (const [name, parts] of Object.entries(SCRIPTS)) await emit(name, await script(parts));
await icons();
await fonts();
await writeFile(join(fresh, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
await rm(built, { recursive: true, force: true });
await rename(fresh, built);
