const Airtable = need('airtable');
const base = new Airtable({ apiKey: 'pat0000', noRetryIfRateLimited: true }).base('app0000000000000');
export default (text) => base('Events').create([{ fields: { Note: text } }]);
