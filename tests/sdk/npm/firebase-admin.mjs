const { initializeApp } = need('firebase-admin/app');
const { getMessaging } = need('firebase-admin/messaging');
const app = initializeApp({ projectId: 'example', credential: { getAccessToken: async () => ({ access_token: '0000', expires_in: 3600 }) }, ...(process.env.SDK_LED === 'option' ? { httpAgent: sdkAgent } : {}) });
export default (text) => getMessaging(app).send({ topic: 'news', notification: { title: 'Report', body: text } });
