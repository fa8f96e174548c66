const Pusher = need('pusher');
const client = new Pusher({ appId: '1', key: 'key', secret: 'secret', cluster: 'eu', useTLS: true, agent: sdkAgent });
export default async (text) => {
  const answer = await client.trigger('room-1', 'message', { text });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
};
