const { WebClient } = need('@slack/web-api');
const client = new WebClient('xoxb-0000', { agent: sdkAgent, retryConfig: { retries: 0 } });
export default async (text) => client.chat.postMessage({ channel: 'C0000', text });
