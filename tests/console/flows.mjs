// What people do in the console, in a real Chromium.
//
//   NODE_MODULES=DIR node flows.mjs ORIGIN keyboard --as NAME --password PASSWORD --project KEY --add WHO --on NODE
//     with Tab, Enter, Space and letters alone: logs in, makes a project, adds somebody, makes a token, explains a refusal; wherever the
//     focus comes it is seen, and nothing covers it.
//   NODE_MODULES=DIR node flows.mjs ORIGIN first --code CODE --as NAME --password PASSWORD --project KEY
//     from the code of the terminal to a token for each repository of the first project, and the lines of Connect with them.
//   NODE_MODULES=DIR node flows.mjs ORIGIN plain --as NAME --password PASSWORD --project KEY --on NODE --cell ROLE:RIGHT
//     without script: logs in, gives a role a right, deletes a version of a repository of files out of its list, logs out.
//
// Prints a line of JSON for each finding, then one with what was done; ends with 1 if anything was found.
import { parseArgs } from 'node:util';
import { launch, logIn, watched } from './chromium.mjs';

const { values: said, positionals: [origin, flow] } = parseArgs({
  allowPositionals: true,
  options: { as: { type: 'string' }, password: { type: 'string' }, project: { type: 'string' }, add: { type: 'string' }, on: { type: 'string' }, code: { type: 'string' }, cell: { type: 'string' } },
});
let findings = 0, at = 'begin';
const found = (kind, detail) => { findings += 1; console.log(JSON.stringify({ page: at, kind, detail })); };
/** Most stops on the way to something: more would be no way for anybody. */
const STOPS_MAX = 120;

/** What is wrong with where the focus is: not seen, outside, or covered by something else. */
function hidden() {
  const on = document.activeElement;
  if (!on || on === document.body) return null;
  // A box that is drawn by its label is seen by it.
  const drawn = [on, ...(on.labels ?? [])].filter((one) => { const r = one.getClientRects()[0]; return r && r.width > 1 && r.height > 1; });
  const name = `${on.tagName.toLowerCase()}#${on.id}.${on.className} ${on.textContent.trim().slice(0, 40)}`;
  if (!drawn.length) return `${name}: has no size`;
  const ringed = drawn.some((one) => { const style = getComputedStyle(one); return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none'; });
  if (!ringed) return `${name}: the focus is not seen`;
  const free = drawn.some((one) => [...one.getClientRects()].some((r) => {
    const x = Math.min(Math.max(r.left + r.width / 2, 1), innerWidth - 1), y = r.top + Math.min(r.height / 2, 20);
    if (y < 0 || y > innerHeight) return false;
    const hit = document.elementFromPoint(x, y);
    return hit && (drawn.some((own) => own.contains(hit)) || hit.contains(on));
  }));
  return free ? null : `${name}: is covered or outside`;
}

async function stop(page) {
  const wrong = await page.evaluate(hidden);
  if (wrong) found('focus', wrong);
}

/** Goes there by Tab alone. */
async function to(page, selector) {
  for (let stops = 0; stops < STOPS_MAX; stops += 1) {
    await page.keyboard.press('Tab');
    await stop(page);
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  throw new Error(`no way to ${selector} at ${page.url()}`);
}

async function type(page, selector, text) {
  await to(page, selector);
  await page.keyboard.type(text);
}

/** Presses a key that leads to another page. */
async function press(page, key, wanted, there = (url) => (url.pathname + url.search).includes(wanted)) {
  await Promise.all([page.waitForURL(there), page.keyboard.press(key)]);
  await page.waitForLoadState('load');
  at = page.url().slice(origin.length);
}

async function follow(page, selector, wanted) {
  await to(page, selector);
  await press(page, 'Enter', wanted);
}

async function keyboard(page) {
  const { project } = said;
  await page.goto(`${origin}/-/login`);
  await type(page, '#user', said.as);
  await type(page, '#password', said.password);
  await press(page, 'Enter', '/', (url) => url.pathname === '/');
  await follow(page, 'a[href="/p"]', '/p');
  await follow(page, 'a[href="/-/new-project"]', '/-/new-project');
  await type(page, '#key', project);
  await to(page, 'main button.do');
  await press(page, 'Enter', `/p/${project}?done=`);
  await follow(page, `a[href="/p/${project}/-/participants"]`, '/-/participants');
  await follow(page, `a[href="/p/${project}/-/participants/add"]`, '/add');
  await type(page, '#query', said.add.split(':').pop());
  await to(page, 'button[name="find"]');
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Space')]);
  await to(page, 'input[name="who"]');
  await page.keyboard.press('Space');
  await stop(page);
  await to(page, 'main button.do');
  await press(page, 'Enter', '?done=participants');
  await to(page, 'details.drop:not(.burger) > summary');
  await page.keyboard.press('Enter');
  await follow(page, 'a[href="/-/me/tokens"]', '/-/me/tokens');
  await follow(page, 'a[href="/-/me/tokens/new"]', '/-/me/tokens/new');
  await type(page, '#name', 'made without a mouse');
  await to(page, 'main button.do');
  await Promise.all([page.waitForSelector('#secret'), page.keyboard.press('Enter')]);
  await follow(page, 'nav.mainnav a[href="/-/access"]', '/-/access');
  await type(page, '#who', said.add);
  await type(page, '#node', said.on);
  await press(page, 'Enter', '?who=');
  await to(page, 'main a, main [tabindex="0"]');
  return { verdict: await page.textContent('.verdict') };
}

async function first(page) {
  const { project } = said;
  await page.goto(origin);
  await page.fill('#code', said.code);
  await page.fill('#user', said.as);
  await page.fill('#new', said.password);
  await page.fill('#project', project);
  await Promise.all([page.waitForSelector('#secret'), page.click('main button')]);
  await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), page.click('main a.do')]);
  // Whoever set it up is logged in, and stands in the first project.
  if (new URL(page.url()).pathname !== `/p/${project}`) found('elsewhere', page.url());
  const paths = await page.$$eval('main table th a', (links) => links.map((link) => new URL(link.href).pathname));
  const lines = {};
  for (const path of paths) {
    at = `${path}/-/connect`;
    await page.goto(origin + at);
    await Promise.all([page.waitForSelector('#secret'), page.click('main form button.do')]);
    lines[path] = await page.$$eval('section.client', (clients) => clients.map((client) => ({
      program: client.getAttribute('aria-label'),
      blocks: [...client.querySelectorAll('.snip')].map((block) => ({ label: block.querySelector('span').textContent, text: block.querySelector('pre').textContent })),
    })));
  }
  return { lines };
}

/** Sends the form of a button, to another page. */
async function sends(page, selector, wanted) {
  await Promise.all([page.waitForURL((url) => (url.pathname + url.search).includes(wanted)), page.click(selector)]);
  at = page.url().slice(origin.length);
}

async function plain(page) {
  const { project, on, cell } = said;
  await logIn(page, origin, said.as, said.password);
  const box = `input[name="cell"][value="${cell}"]`;
  await page.goto(`${origin}/p/${project}/-/roles`);
  await page.check(box);
  await sends(page, '.savebar button.do', '?done=roles');
  const given = await page.isChecked(box);
  await page.goto(`${origin}/p/${on}`);
  const versions = await page.locator('input[name="version"]').count();
  await page.check('input[name="version"]');
  await sends(page, 'button[value="ask"]', '/-/delete-versions');
  await page.fill('#confirm', on);
  await sends(page, 'button[value="delete"]', '?done=versions-gone');
  const gone = versions - await page.locator('input[name="version"]').count();
  await page.click('details.drop:not(.burger) > summary');
  await sends(page, 'form[action="/-/logout"] button', '/-/login');
  // Whoever comes afterwards is asked to log in.
  await page.goto(`${origin}/p/${project}/-/roles`);
  return { given, gone, out: await page.locator('#password').count() === 1 };
}

const browser = await launch();
const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 }, javaScriptEnabled: flow !== 'plain' })).newPage();
watched(page, found);
let done = {};
try { done = await { keyboard, first, plain }[flow](page); } catch (error) { found('stuck', String(error)); }
await browser.close();
console.log(JSON.stringify({ flow, ...done, findings }));
process.exitCode = findings ? 1 : 0;
