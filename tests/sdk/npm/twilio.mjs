const client = need('twilio')('AC00000000000000000000000000000000', '00000000000000000000000000000000');
export default (text) => client.messages.create({ to: '+12025550199', from: '+12025550100', body: text });
