const { ConfidentialClientApplication } = need('@azure/msal-node');
const client = new ConfidentialClientApplication({ auth: { clientId: '00000000-0000-0000-0000-000000000001', clientSecret: 'secret', authority: 'https://login.microsoftonline.com/common' } });
export default (text) => client.acquireTokenByCode({ code: text, scopes: ['user.read'], redirectUri: 'https://platform.example/done' });
