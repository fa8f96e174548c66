const { SQSClient, SendMessageCommand } = need('@aws-sdk/client-sqs');
const client = new SQSClient({ region: 'eu-central-1', maxAttempts: 1, md5: false, credentials: { accessKeyId: 'AKIDOFNOBODY', secretAccessKey: 'of-nobody' }, requestHandler: { httpsAgent: sdkAgent } });
export default (text) => client.send(new SendMessageCommand({ QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/000000000000/events', MessageBody: text }));
