// Walks through the console in a real Chromium as one caller, follows every link of this server once, and looks at each page:
// axe-core, the Content Security Policy, errors of the console, requests that fail, width, size.
//
//   NODE_MODULES=DIR node walk.mjs ORIGIN [--as NAME --password PASSWORD] [--looks light,dark,400,text,forced,print] [--pages N] [--no-script] [--shots DIR]
//
// Prints a line of JSON for each finding, then one with what was looked at; ends with 1 if anything was found.
import fs from 'node:fs'; import path from 'node:path'; import { parseArgs } from 'node:util';
import { launch, logIn, modules, watched } from './chromium.mjs';

const { values: said, positionals: [origin] } = parseArgs({
  allowPositionals: true,
  options: {
    as: { type: 'string' }, password: { type: 'string' }, looks: { type: 'string', default: 'light,dark,400' },
    pages: { type: 'string', default: '200' }, 'no-script': { type: 'boolean', default: false }, shots: { type: 'string' }, plant: { type: 'boolean', default: false },
  },
});
const axe = fs.readFileSync(path.join(modules, 'axe-core/axe.min.js'), 'utf8');
const LOOKS = {
  light: { viewport: { width: 1280, height: 860 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: 'dark' },
  400: { viewport: { width: 400, height: 860 }, colorScheme: 'light' },
  // Text twice as large, colours of the system's, on paper: looked at for width alone.
  text: { viewport: { width: 1280, height: 860 }, colorScheme: 'light', text: '200%' },
  forced: { viewport: { width: 1280, height: 860 }, forcedColors: 'active' },
  print: { viewport: { width: 794, height: 1123 }, media: 'print' },
};
const WITH_AXE = ['light', 'dark', '400'];
const HTML_BYTES_MAX = 60_000;
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

let findings = 0;
const found = (look, page, kind, detail) => { findings += 1; console.log(JSON.stringify({ look, page, kind, detail })); };

/** The part of an address that names a page: filters and cursors are the same page, a package or version that something is done about is named in the query. */
const key = (href) => { const url = new URL(href, origin); return url.pathname + (['package', 'version'].some((name) => url.searchParams.has(name)) ? url.search : ''); };

async function inspect(page, look, at) {
  const inline = await page.evaluate(() => document.querySelectorAll('[style], style, script:not([src])').length);
  if (inline) found(look, at, 'inline', inline);
  const { text, media } = LOOKS[look];
  if (text) await page.evaluate((size) => { document.documentElement.style.fontSize = size; }, text);
  if (media) await page.emulateMedia({ media });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) found(look, at, 'wide', await page.evaluate(() => [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll, .tabs, pre, code')).slice(0, 3).map((e) => `${e.tagName}.${e.className}`)));
  if (said.shots) {
    fs.mkdirSync(said.shots, { recursive: true });
    const name = `${at.replace(/^\//, '').replaceAll(/[^a-zA-Z0-9.-]+/g, '_') || 'home'}-${said.as ?? 'anonymous'}-${look}.png`;
    await page.screenshot({ path: path.join(said.shots, name), fullPage: true });
  }
  if (said['no-script'] || !WITH_AXE.includes(look)) return;
  if (said.plant) await page.evaluate(() => document.querySelector('main').append(document.createElement('img')));
  await page.evaluate(axe);
  const result = await page.evaluate((tags) => globalThis.axe.run({ runOnly: { type: 'tag', values: tags } }), TAGS);
  for (const { id, nodes } of result.violations) found(look, at, `axe ${id}`, nodes.slice(0, 3).map((n) => `${n.target.join(' ')}: ${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ''}`));
}

async function walk(browser, look) {
  const { text, media, ...looks } = LOOKS[look];
  const context = await browser.newContext({ ...looks, bypassCSP: false, javaScriptEnabled: !said['no-script'] });
  const page = await context.newPage();
  let at = '/';
  watched(page, (kind, detail) => found(look, at, kind, detail));
  if (said.as) await logIn(page, origin, said.as, said.password);
  const waiting = ['/'], seen = new Set(waiting);
  while (waiting.length && seen.size - waiting.length < Number(said.pages)) {
    at = waiting.shift();
    const response = await page.goto(origin + at, { waitUntil: 'load' });
    const bytes = (await response.body()).length;
    if (bytes > HTML_BYTES_MAX) found(look, at, 'bytes', bytes);
    await inspect(page, look, at);
    const links = await page.evaluate(() => [...document.querySelectorAll('a[href]')].map((a) => a.href));
    for (const href of links.filter((href) => href.startsWith(origin))) {
      const next = key(href);
      const elsewhere = /^\/(api(?!\/docs$|\/docs\/teams$)|v2|maven|nuget|files|-\/logout|-\/assets)(\/|$)|\/-\/download\//.test(next);
      // The guide is the same to everybody: it is looked at as nobody, and so are two pages of the API, which are made alike.
      const known = said.as && /^\/(api\/)?docs(\/|$)/.test(next);
      if (!elsewhere && !known && !seen.has(next)) { seen.add(next); waiting.push(next); }
    }
  }
  await context.close();
  return [...seen];
}

const browser = await launch();
let pages = [];
for (const look of said.looks.split(',')) pages = await walk(browser, look);
await browser.close();
console.log(JSON.stringify({ as: said.as ?? 'anonymous', pages, findings }));
process.exitCode = findings ? 1 : 0;
