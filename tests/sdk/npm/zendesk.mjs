const zendesk = need('node-zendesk');
const client = zendesk.createClient({ username: 'staff@platform.example', token: '0000', subdomain: 'example' });
export default (text) => client.tickets.create({ ticket: { subject: 'Report', comment: { body: text } } });
