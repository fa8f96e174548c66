// Leads Node's own clients to the proxy in HTTPS_PROXY, for versions of Node that do not do so by themselves
// (NODE_USE_ENV_PROXY is read from 22.21 and 24 on). Loaded with `node --import`, before the client.
import https from 'node:https';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.env.SDK_FOLDER, 'package.json'));
const { HttpsProxyAgent } = require('https-proxy-agent');
const { EnvHttpProxyAgent, setGlobalDispatcher } = require('undici');

const { ca } = https.globalAgent.options;

/** Can be made without arguments: Node does so for clients that ask for no agent at all (`agent: false`). */
class ProxyAgent extends HttpsProxyAgent {
  constructor(proxy = process.env.HTTPS_PROXY, options = {}) {
    super(typeof proxy === 'string' ? proxy : process.env.HTTPS_PROXY, { ca, ...options });
  }
}

const agent = new ProxyAgent();
globalThis.sdkAgent = agent;
if (process.env.SDK_LED !== 'env') {
  https.globalAgent = agent;
  setGlobalDispatcher(new EnvHttpProxyAgent());
}
