const { S3Client, PutObjectCommand } = need('@aws-sdk/client-s3');
const client = new S3Client({ region: 'eu-central-1', maxAttempts: 1, credentials: { accessKeyId: 'AKIDOFNOBODY', secretAccessKey: 'of-nobody' }, requestHandler: { httpsAgent: sdkAgent } });
export default (text) => client.send(new PutObjectCommand({ Bucket: 'notes', Key: 'one.txt', Body: text }));
