const Mailjet = need('node-mailjet');
const client = new (Mailjet.default ?? Mailjet)({ apiKey: '0000', apiSecret: '0000' });
export default (text) => client.post('send', { version: 'v3.1' }).request({ Messages: [{ From: { Email: 'staff@platform.example' }, To: [{ Email: 'office@platform.example' }], Subject: 'Report', TextPart: text }] });
