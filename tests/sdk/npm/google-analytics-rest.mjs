const { BetaAnalyticsDataClient } = need('@google-analytics/data');
const { OAuth2Client } = need('google-auth-library');
const authClient = new OAuth2Client();
authClient.setCredentials({ access_token: '0000', expiry_date: Date.now() + 3_600_000 });
const client = new BetaAnalyticsDataClient({ authClient, fallback: true });
export default (text) => client.runReport({ property: 'properties/1', dimensions: [{ name: 'eventName' }], dimensionFilter: { filter: { fieldName: 'eventName', stringFilter: { value: text } } } }, { timeout: 6000, retry: null });
