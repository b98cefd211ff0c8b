/**
 * Terraform and its provider cannot be had from npm, so they do not run here. What the provider (5.22, in Terraform
 * 1.11) was seen to send for the resources of the page is sent again, and its answers are judged as it judges them.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { DOCUMENTED, usePage } from './page.fixture.ts';

const page = usePage('terraform', 'terraform');
let configuration: Readonly<Record<string, string>>;
let resources: Readonly<Record<string, string>>;

beforeEach(() => {
  const [first = '', second = '', ...rest] = page.blocks('hcl');
  expect(rest).toEqual([]);
  configuration = attributesOf(first);
  resources = attributesOf(second);
});

/** Attributes with a text for a value; names that come again are overwritten. */
function attributesOf(hcl: string): Record<string, string> {
  return Object.fromEntries([...hcl.matchAll(/^ *(\w+) += "(.*)"$/gm)].map(([, name, value]) => [name, value]));
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One request as the provider makes it. */
async function send(method: string, path: string, body?: { type: string; text: string }): Promise<Answer> {
  const { base_url, api_token, account_id } = configuration;
  const headers: Record<string, string> = {
    authorization: `Bearer ${api_token}`,
    'user-agent': 'terraform-provider-cloudflare/5.22.0 terraform-plugin-framework/1.19.0 terraform/1.11.4',
  };
  if (body !== undefined) headers['content-type'] = body.type;
  const init = { method, headers, ...(body !== undefined && { body: body.text }) };
  const response = await fetch(`${base_url}/accounts/${account_id}/storage/kv/namespaces${path}`, init);
  return { status: response.status, text: await response.text() };
}

async function sent(...request: Parameters<typeof send>): Promise<unknown> {
  const { status, text } = await send(...request);
  expect(status, text).toBe(200);
  const { success, result } = JSON.parse(text);
  expect(success).toBe(true);
  return result;
}

function json(value: object): { type: string; text: string } {
  return { type: 'application/json', text: JSON.stringify(value) };
}

/** Go leaves line breaks as they are. */
function form(parts: Readonly<Record<string, string>>): { type: string; text: string } {
  const boundary = 'aa7de2fea01a8acaf6dc1431f0d3e98786b1667ac6488721ababefb66a73';
  const lines = Object.entries(parts).map(
    ([name, text]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
  );
  return { type: `multipart/form-data; boundary=${boundary}`, text: `${lines.join('')}--${boundary}--\r\n` };
}

test('the provider takes the token, and the configuration names this server and the namespace', () => {
  expect(configuration['api_token']).toMatch(/^[0-9A-Za-z\-_]{40,80}$/);
  expect(configuration).toMatchObject({
    base_url: `${page.url}/client/v4`,
    account_id: DOCUMENTED.account,
    namespace_id: DOCUMENTED.namespace.id,
  });
});

test('a pair without metadata: apply, plan', async () => {
  const { namespace_id, key_name, value = '' } = configuration;
  expect(await sent('PUT', `/${namespace_id}/values/${key_name}`, form({ value }))).toBe(null);
  expect(await send('GET', `/${namespace_id}/values/${key_name}`)).toEqual({ status: 200, text: value });
  expect(await sent('GET', `/${namespace_id}/metadata/${key_name}`)).toBe(null);
});

describe('a namespace, and a pair in it', () => {
  const value = '{"enabled":true}';
  const metadata = { owner: 'web' };
  let namespace: string;
  let pair: string;

  beforeEach(async () => {
    const { title } = resources;
    const made = await sent('POST', '', json({ title }));
    expect(made).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{32}$/), title });
    const id = String(Object(made).id);
    namespace = `/${id}`;
    pair = encodeURIComponent(resources['key_name'] ?? '');
    await sent('PUT', `${namespace}/values/${pair}`, form({ value, metadata: JSON.stringify(metadata) }));
    return () => send('DELETE', namespace);
  });

  test('planned again, differ in nothing', async () => {
    expect(await sent('GET', namespace)).toMatchObject({ id: namespace.slice(1), title: resources['title'] });
    expect(await send('GET', `${namespace}/values/${pair}`)).toEqual({ status: 200, text: value });
    expect(await sent('GET', `${namespace}/metadata/${pair}`)).toEqual(metadata);
  });

  test('are changed', async () => {
    expect(await sent('PUT', namespace, json({ title: 'switches' }))).toMatchObject({ title: 'switches' });
    const lines = 'line one\nline 2\n\t☕';
    expect(await sent('PUT', `${namespace}/values/${pair}`, form({ value: lines }))).toBe(null);
    expect(await send('GET', `${namespace}/values/${pair}`)).toEqual({ status: 200, text: lines });
    expect(await sent('GET', `${namespace}/metadata/${pair}`)).toBe(null);
  });

  test('are listed page by page, until one is empty', async () => {
    const titles = [resources['title'], 'sessions'].map(title => expect.objectContaining({ title }));
    expect(await sent('GET', '')).toEqual(expect.arrayContaining(titles));
    expect(await sent('GET', '?page=2')).toEqual([]);
  });

  test('are noticed to be gone', async () => {
    expect(await sent('DELETE', `${namespace}/values/${pair}`)).toBe(null);
    expect(await send('GET', `${namespace}/values/${pair}`)).toMatchObject({ status: 404 });
    expect(await sent('DELETE', namespace)).toBe(null);
    expect(await send('GET', namespace)).toMatchObject({ status: 404 });
  });
});
