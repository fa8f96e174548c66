// Sends one text message with the official Twilio client, through the proxy in HTTP_PROXY (the variable that it reads).
// usage: node twilio.mjs TO BODY
// Prints {"status":…}: the status that the client saw.
import twilio from 'twilio';

const [to, body] = process.argv.slice(2);
const client = twilio('AC00000000000000000000000000000000', '00000000000000000000000000000000');
try {
  await client.messages.create({ to, body, from: '+12025550100' });
  console.log(JSON.stringify({ status: client.httpClient.lastResponse?.statusCode ?? 200 }));
} catch (error) {
  console.log(JSON.stringify({ status: error.status ?? 0, code: error.code ?? null }));
}
process.exit(0);
