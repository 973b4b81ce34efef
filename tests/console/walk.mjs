// Walks through the console in a real Chromium as one caller, follows every link of this server once, and looks at each page:
// axe-core, the Content Security Policy, errors of the console, requests that fail, width, size.
//
//   NODE_MODULES=DIR node walk.mjs ORIGIN [--as NAME --password PASSWORD] [--looks light,dark,400] [--pages N] [--no-script] [--shots DIR]
//
// Prints a line of JSON for each finding, then one with what was looked at; ends with 1 if anything was found.
import fs from 'node:fs'; import path from 'node:path'; import { parseArgs } from 'node:util'; import { pathToFileURL } from 'node:url';

const { values: said, positionals: [origin] } = parseArgs({
  allowPositionals: true,
  options: {
    as: { type: 'string' }, password: { type: 'string' }, looks: { type: 'string', default: 'light,dark,400' },
    pages: { type: 'string', default: '200' }, 'no-script': { type: 'boolean', default: false }, shots: { type: 'string' }, plant: { type: 'boolean', default: false },
  },
});
const modules = path.resolve(process.env.NODE_MODULES ?? 'node_modules');
const { chromium } = await import(pathToFileURL(path.join(modules, 'playwright-core/index.mjs')).href);
const axe = fs.readFileSync(path.join(modules, 'axe-core/axe.min.js'), 'utf8');
const LOOKS = {
  light: { viewport: { width: 1280, height: 860 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: 'dark' },
  400: { viewport: { width: 400, height: 860 }, colorScheme: 'light' },
};
const HTML_BYTES_MAX = 60_000;
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

let findings = 0;
const found = (look, page, kind, detail) => { findings += 1; console.log(JSON.stringify({ look, page, kind, detail })); };

/** The part of an address that names a page: filters and cursors are the same page, a version that something is done about is named in the query. */
const key = (href) => { const url = new URL(href, origin); return url.pathname + (url.searchParams.has('version') ? url.search : ''); };

async function logIn(page) {
  await page.goto(`${origin}/-/login`);
  await page.fill('#user', said.as);
  await page.fill('#password', said.password);
  await Promise.all([page.waitForURL((url) => !url.pathname.startsWith('/-/login')), page.press('#password', 'Enter')]);
}

async function inspect(page, look, at) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) found(look, at, 'wide', await page.evaluate(() => [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll, .tabs, pre, code')).slice(0, 3).map((e) => `${e.tagName}.${e.className}`)));
  const inline = await page.evaluate(() => document.querySelectorAll('[style], style, script:not([src])').length);
  if (inline) found(look, at, 'inline', inline);
  if (said.shots) {
    fs.mkdirSync(said.shots, { recursive: true });
    const name = `${at.replace(/^\//, '').replaceAll(/[^a-zA-Z0-9.-]+/g, '_') || 'home'}-${said.as ?? 'anonymous'}-${look}.png`;
    await page.screenshot({ path: path.join(said.shots, name), fullPage: true });
  }
  if (said['no-script']) return;
  if (said.plant) await page.evaluate(() => document.querySelector('main').append(document.createElement('img')));
  await page.evaluate(axe);
  const result = await page.evaluate((tags) => globalThis.axe.run({ runOnly: { type: 'tag', values: tags } }), TAGS);
  for (const { id, nodes } of result.violations) found(look, at, `axe ${id}`, nodes.slice(0, 3).map((n) => `${n.target.join(' ')}: ${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ''}`));
}

async function walk(browser, look) {
  const context = await browser.newContext({ ...LOOKS[look], bypassCSP: false, javaScriptEnabled: !said['no-script'] });
  const page = await context.newPage();
  let at = '/';
  page.on('console', (message) => { if (message.type() === 'error' || /Content.Security/i.test(message.text())) found(look, at, 'console', message.text()); });
  page.on('pageerror', (error) => found(look, at, 'error', String(error)));
  // What the browser itself gives up because the walk goes on is no failure.
  page.on('requestfailed', (request) => { if (request.failure()?.errorText !== 'net::ERR_ABORTED') found(look, at, 'request', `${request.url()}: ${request.failure()?.errorText}`); });
  page.on('response', (response) => { if (response.status() >= 400) found(look, at, 'response', `${response.url()}: ${response.status()}`); });
  if (said.as) await logIn(page);
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

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
let pages = [];
for (const look of said.looks.split(',')) pages = await walk(browser, look);
await browser.close();
console.log(JSON.stringify({ as: said.as ?? 'anonymous', pages, findings }));
process.exitCode = findings ? 1 : 0;
