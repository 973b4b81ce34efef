// What the scripts of this folder have in common: the browser and where its libraries are (NODE_MODULES).
import path from 'node:path'; import { pathToFileURL } from 'node:url';

export const modules = path.resolve(process.env.NODE_MODULES ?? 'node_modules');
const { chromium } = await import(pathToFileURL(path.join(modules, 'playwright-core/index.mjs')).href);

/** Debian's Chromium, without the sandbox that root may not have. */
export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

/** Logs in through the form. */
export async function logIn(page, origin, name, password) {
  await page.goto(`${origin}/-/login`);
  await page.fill('#user', name);
  await page.fill('#password', password);
  await Promise.all([page.waitForURL((url) => !url.pathname.startsWith('/-/login')), page.press('#password', 'Enter')]);
}

/** Tells of whatever goes wrong in a page: its console, errors, the policy, requests that fail, answers that say so. */
export function watched(page, found) {
  page.on('console', (message) => { if (message.type() === 'error' || /Content.Security/i.test(message.text())) found('console', message.text()); });
  page.on('pageerror', (error) => found('error', String(error)));
  // What the browser itself gives up because it goes on is no failure.
  page.on('requestfailed', (request) => { if (request.failure()?.errorText !== 'net::ERR_ABORTED') found('request', `${request.url()}: ${request.failure()?.errorText}`); });
  page.on('response', (response) => { if (response.status() >= 400) found('response', `${response.url()}: ${response.status()}`); });
}
