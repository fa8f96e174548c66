// Sends one event with the official Amplitude client, through the proxy in HTTPS_PROXY.
// usage: node amplitude.mjs '{"event_type":"…","user_properties":{…}}'
// Prints {"status":…,"code":…}: the status of the last answer, and what the client made of it. (It reads only the `code`
// in the answer's JSON; 0 is one that it does not know, and it tries again as often as `flushMaxRetries` allows.)
import { subscribe } from 'node:diagnostics_channel';
import https from 'node:https';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { createInstance } from '@amplitude/analytics-node';

// The client uses Node's own https module and no proxy setting of its own, so the agent is set for the whole process.
https.globalAgent = new HttpsProxyAgent(process.env.HTTPS_PROXY, { ca: https.globalAgent.options.ca });

let status = 0;
subscribe('http.client.response.finish', ({ response }) => { status = response.statusCode; });

const client = createInstance();
await client.init('0123456789abcdef0123456789abcdef', { flushQueueSize: 1, flushMaxRetries: 1, logLevel: 0 }).promise;
const event = JSON.parse(process.argv[2]);
const sent = client.track({ device_id: 'device-0001', ...event }).promise;
await client.flush().promise;
const { code } = await sent;
console.log(JSON.stringify({ status, code }));
process.exit(0);
