const jsforce = need('jsforce');
const connection = new jsforce.Connection({ instanceUrl: 'https://example.my.salesforce.com', accessToken: '0000', maxRequest: 1, httpProxy: process.env.SDK_LED === 'option' ? process.env.HTTPS_PROXY : undefined });
export default (text) => connection.sobject('Case').create({ Subject: 'Report', Description: text });
