const { IncomingWebhook } = need('@slack/webhook');
const client = new IncomingWebhook('https://hooks.slack.com/services/T00000000/B00000000/000000000000000000000000', { agent: sdkAgent });
export default (text) => client.send({ text });
