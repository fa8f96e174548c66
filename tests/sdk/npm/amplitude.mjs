const { createInstance } = need('@amplitude/analytics-node');
const client = createInstance();
await client.init('0123456789abcdef0123456789abcdef', { flushQueueSize: 1, flushMaxRetries: 1, logLevel: 0 }).promise;
export default async (text) => {
  const sent = client.track({ event_type: 'level_done', device_id: 'device-0001', event_properties: { note: text } }).promise;
  await client.flush().promise;
  const { code } = await sent;
  if (code !== 200) throw new Error(`code ${code}`);
};
