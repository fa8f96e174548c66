// The Event API with Node's own fetch, gzip as New Relic documents it.
const { gzipSync } = need('zlib');
export default async (text) => {
  const body = gzipSync(JSON.stringify([{ eventType: 'LevelDone', note: text }]));
  const answer = await fetch('https://insights-collector.newrelic.com/v1/accounts/1/events', { method: 'POST', body, headers: { 'api-key': '0000', 'content-type': 'application/json', 'content-encoding': 'gzip' } });
  if (answer.status !== 200) throw new Error(`status ${answer.status}`);
};
