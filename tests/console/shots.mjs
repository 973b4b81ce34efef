// Fills the organisation of `pictures.toml` and takes the pictures of the README from it: 800 pixels wide, WebP, a few kilobytes each.
//
//   NODE_MODULES=DIR node shots.mjs ORIGIN --as NAME --password PASSWORD --token TOKEN --to DIR
import crypto from 'node:crypto'; import fs from 'node:fs'; import path from 'node:path'; import { parseArgs } from 'node:util'; import { pathToFileURL } from 'node:url';

const { values: said, positionals: [origin] } = parseArgs({
  allowPositionals: true,
  options: { as: { type: 'string' }, password: { type: 'string' }, token: { type: 'string' }, to: { type: 'string' } },
});
const modules = path.resolve(process.env.NODE_MODULES ?? 'node_modules');
const { chromium } = await import(pathToFileURL(path.join(modules, 'playwright-core/index.mjs')).href);
const BYTES_MAX = 60_000, SHOWN = { width: 1120, height: 700 }, WIDTH = 800;
const login = `Basic ${Buffer.from(`${said.as}:${said.token}`).toString('base64')}`;

async function send(method, at, body, type = 'application/octet-stream') {
  const answer = await fetch(new URL(at, origin), { method, body, headers: { authorization: login, 'content-type': type } });
  if (!answer.ok) throw new Error(`${method} ${at}: ${answer.status} ${await answer.text()}`);
  return answer;
}

const digest = (bytes) => `sha256:${crypto.createHash('sha256').update(bytes).digest('hex')}`;

async function blob(name, bytes) {
  const begun = await send('POST', `/v2/p/${name}/blobs/uploads/`);
  const at = new URL(begun.headers.get('location'), origin);
  at.searchParams.set('digest', digest(bytes));
  await send('PUT', at, bytes);
  return { digest: digest(bytes), size: bytes.length };
}

/** An image for two platforms, with a base that all of them share. */
async function image(name, tags, number) {
  const manifests = [];
  for (const architecture of ['amd64', 'arm64']) {
    const layers = [];
    for (const [seed, size] of [[`base-${architecture}`, 2_816_512], [`${name}-${number}-${architecture}`, 9_700_000 + number * 52_111]]) {
      const layer = Buffer.alloc(size, seed);
      layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...await blob(name, layer) });
    }
    const config = Buffer.from(JSON.stringify({
      architecture, os: 'linux', created: '2026-03-02T09:14:00Z', rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
      history: ['# debian.sh --arch ' + architecture + ' bookworm-slim', 'COPY target/release/checkout /app/checkout'].map((created_by) => ({ created_by })),
      config: { Entrypoint: ['/app/checkout'], Labels: { 'org.opencontainers.image.source': 'https://git.harbour.example/checkout' } },
    }));
    const manifest = JSON.stringify({
      schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...await blob(name, config) }, layers,
    });
    await send('PUT', `/v2/p/${name}/manifests/${digest(manifest)}`, manifest, 'application/vnd.oci.image.manifest.v1+json');
    manifests.push({ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digest(manifest), size: manifest.length, platform: { architecture, os: 'linux' } });
  }
  const index = JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests });
  for (const tag of tags) await send('PUT', `/v2/p/${name}/manifests/${tag}`, index, 'application/vnd.oci.image.index.v1+json');
}

async function fill() {
  const releases = [['2.12.0'], ['2.13.0'], ['2.13.1'], ['2.14.0', 'stable'], ['main']];
  for (const [number, tags] of releases.entries()) await image('payments/images/checkout', tags, number);
  for (const name of ['ledger', 'refunds', 'fraud-scoring']) await image(`payments/images/${name}`, ['1.4.2', 'main'], name.length);
  for (const version of ['3.1.0', '3.2.0']) {
    const at = `/maven/p/payments/jars/example/harbour/ledger-client/${version}/ledger-client-${version}`;
    await send('PUT', `${at}.pom`, `<project><groupId>example.harbour</groupId><artifactId>ledger-client</artifactId><version>${version}</version></project>`);
    await send('PUT', `${at}.jar`, Buffer.alloc(184_220, version));
  }
  await send('PUT', '/files/p/payments/downloads/terminal/5.0/terminal.msi', Buffer.alloc(4_200_000, 'terminal'));
}

const PICTURES = {
  image: '/p/payments/images/checkout:2.14.0',
  roles: '/p/payments/-/roles',
  connect: '/p/payments/images/-/connect',
};

await fill();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: SHOWN, colorScheme: 'light', locale: 'en-GB' });
const page = await context.newPage();
await page.goto(`${origin}/-/login`);
await page.fill('#user', said.as);
await page.fill('#password', said.password);
await Promise.all([page.waitForURL((url) => !url.pathname.startsWith('/-/login')), page.press('#password', 'Enter')]);
const devtools = await context.newCDPSession(page);
fs.mkdirSync(said.to, { recursive: true });
for (const [name, at] of Object.entries(PICTURES)) {
  const answer = await page.goto(origin + at, { waitUntil: 'load' });
  if (answer.status() !== 200) throw new Error(`${at}: ${answer.status()}`);
  const clip = { x: 0, y: 0, ...SHOWN, scale: WIDTH / SHOWN.width };
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 82, clip });
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length > BYTES_MAX) throw new Error(`${name}: ${bytes.length} bytes`);
  fs.writeFileSync(path.join(said.to, `${name}.webp`), bytes);
  console.log(`${name}.webp ${bytes.length} bytes`);
}
await browser.close();
