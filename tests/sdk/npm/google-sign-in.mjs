const { OAuth2Client } = need('google-auth-library');
const client = new OAuth2Client({ clientId: '0000.apps.googleusercontent.com', clientSecret: '0000', redirectUri: 'https://platform.example/done' });
export default (text) => client.getToken(text);
