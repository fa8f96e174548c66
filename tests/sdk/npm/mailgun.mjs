const Mailgun = need('mailgun.js');
const client = new (Mailgun.default ?? Mailgun)(need('form-data')).client({ username: 'api', key: '0000' });
export default (text) => client.messages.create('mail.platform.example', { from: 'staff@platform.example', to: 'office@platform.example', subject: 'Report', text });
