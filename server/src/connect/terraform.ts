/** Terraform with Cloudflare's provider, version 5. */
import { hclString } from './quote.ts';
import type { Connection, Recipe } from './recipe.ts';
import { apiUrl, socketFault } from './url.ts';

export const terraform: Recipe = {
  tokenScope: 'account',
  urlFault: socketFault,
  text,
  advice: 'Save it as main.tf in a directory of its own and run: terraform init && terraform apply',
};

function text({ url, account, namespace, token }: Connection): string {
  return `terraform {
  required_providers {
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 5.0"
    }
  }
}

provider "cloudflare" {
  base_url  = ${hclString(apiUrl(url))}
  api_token = ${hclString(token)}
}

resource "cloudflare_workers_kv" "greeting" {
  account_id   = ${hclString(account)}
  namespace_id = ${hclString(namespace.id)}
  key_name     = "greeting"
  value        = "hello"
}
`;
}
