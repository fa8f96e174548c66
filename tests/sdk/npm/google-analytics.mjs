// gRPC, in JavaScript.
const { BetaAnalyticsDataClient } = need('@google-analytics/data');
const { credentials } = need('@grpc/grpc-js');
const client = new BetaAnalyticsDataClient({ sslCreds: credentials.createSsl() });
export default (text) => client.runReport({ property: 'properties/1', dimensions: [{ name: 'eventName' }], dimensionFilter: { filter: { fieldName: 'eventName', stringFilter: { value: text } } } }, { timeout: 6000, retry: null });
