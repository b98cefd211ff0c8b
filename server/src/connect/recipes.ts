import type { ClientName } from '../options.ts';
import { curl } from './curl.ts';
import { miniflare } from './miniflare.ts';
import { node } from './node.ts';
import type { Recipe } from './recipe.ts';
import { sdk } from './sdk.ts';
import { terraform } from './terraform.ts';
import { workerd } from './workerd.ts';
import { wrangler } from './wrangler.ts';

/** How each client is configured. The pages of `docs/clients/` are held to these texts by a test. */
export const RECIPES: Readonly<Record<ClientName, Recipe>> = {
  workerd,
  miniflare,
  wrangler,
  sdk,
  node,
  terraform,
  curl,
};
