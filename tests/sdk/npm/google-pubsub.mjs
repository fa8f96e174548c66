// gRPC, in JavaScript.
const { PubSub } = need('@google-cloud/pubsub');
const grpc = need('@grpc/grpc-js');
const client = new PubSub({ projectId: 'example', sslCreds: grpc.credentials.createSsl() });
export default (text) => client.topic('events').publishMessage({ data: Buffer.from(text), gaxOpts: { timeout: 5000 } });
