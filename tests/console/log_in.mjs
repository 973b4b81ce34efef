// Somebody logs in to the console by a provider of OpenID Connect in a real Chromium, as whoever the provider says (SUBJECT), from the button
// of the log-in page to a page of the console; without script if it is said so. Prints where it ended, and whom the page greets.
//
//   NODE_MODULES=DIR node log_in.mjs ORIGIN SUBJECT [--no-script] [--link NAME --password PASSWORD]
import path from 'node:path'; import { parseArgs } from 'node:util'; import { pathToFileURL } from 'node:url';

const { values: said, positionals: [origin, subject] } = parseArgs({
  allowPositionals: true,
  options: { 'no-script': { type: 'boolean', default: false }, link: { type: 'string' }, password: { type: 'string' } },
});
const modules = path.resolve(process.env.NODE_MODULES ?? 'node_modules');
const { chromium } = await import(pathToFileURL(path.join(modules, 'playwright-core/index.mjs')).href);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const context = await browser.newContext({ javaScriptEnabled: !said['no-script'] });
const page = await context.newPage();
const complaints = [];
page.on('console', (message) => { if (message.type() === 'error' && page.url().startsWith(origin) && !/status of 40[13]/.test(message.text())) complaints.push(message.text()); });

if (said.link) {
  await page.goto(`${origin}/-/login?to=/-/me`);
  await page.fill('#user', said.link);
  await page.fill('#password', said.password);
  await Promise.all([page.waitForURL(`${origin}/-/me`), page.press('#password', 'Enter')]);
  await page.click('form[action="/-/login/with/mock"] button');
} else {
  await page.goto(`${origin}/-/login?to=/p`);
  await page.click('form[action="/-/login/with/mock"] button');
}
// The page in between leads on by itself.
await page.waitForURL((url) => url.origin !== origin, { waitUntil: 'commit' });
const provider = new URL(page.url()).origin;
await page.fill('input[name="sub"]', subject);
await Promise.all([page.waitForURL((url) => url.origin === origin), page.press('input[name="sub"]', 'Enter')]);
await page.waitForLoadState();
const cookies = (await context.cookies()).map(({ name, httpOnly, sameSite }) => `${name} ${httpOnly} ${sameSite}`);
console.log(JSON.stringify({ at: page.url().slice(origin.length), provider, text: await page.locator('body').innerText(), cookies, complaints }));
await browser.close();
