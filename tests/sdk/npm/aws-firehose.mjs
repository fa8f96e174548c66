const { FirehoseClient, PutRecordCommand } = need('@aws-sdk/client-firehose');
const client = new FirehoseClient({ region: 'eu-central-1', maxAttempts: 1, credentials: { accessKeyId: 'AKIDOFNOBODY', secretAccessKey: 'of-nobody' }, requestHandler: { httpsAgent: sdkAgent } });
export default (text) => client.send(new PutRecordCommand({ DeliveryStreamName: 'events', Record: { Data: Buffer.from(text) } }));
