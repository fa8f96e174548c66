const { Storage } = need('@google-cloud/storage');
const { OAuth2Client } = need('google-auth-library');
const authClient = new OAuth2Client();
authClient.setCredentials({ access_token: '0000', expiry_date: Date.now() + 3_600_000 });
const client = new Storage({ projectId: 'example', authClient, retryOptions: { autoRetry: false } });
export default (text) => client.bucket('notes').file('one.txt').save(text, { resumable: false, validation: false });
