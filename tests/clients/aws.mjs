// Puts one record with the official AWS client, through the proxy in HTTPS_PROXY, with credentials of nobody.
// usage: node aws.mjs RECORD
// Prints {"status":…}: the status that the client saw.
import https from 'node:https';
import { FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import { HttpsProxyAgent } from 'https-proxy-agent';

const agent = new HttpsProxyAgent(process.env.HTTPS_PROXY, { ca: https.globalAgent.options.ca });
const client = new FirehoseClient({
  region: 'eu-central-1',
  maxAttempts: 1,
  credentials: { accessKeyId: 'AKIDOFTHECALLER', secretAccessKey: 'of-the-caller' },
  requestHandler: { httpsAgent: agent },
});
const record = { DeliveryStreamName: 'events', Record: { Data: Buffer.from(process.argv[2]) } };
try {
  const { $metadata } = await client.send(new PutRecordCommand(record));
  console.log(JSON.stringify({ status: $metadata.httpStatusCode }));
} catch (error) {
  console.log(JSON.stringify({ status: error.$metadata?.httpStatusCode ?? 0 }));
}
process.exit(0);
