const jotform = need('jotform');
const Client = jotform.default ?? jotform.Jotform ?? jotform;
let client;
try { client = new Client('0000'); } catch { jotform.options?.({ apiKey: '0000' }); client = jotform; }
export default (text) => (client.form?.addSubmission ? client.form.addSubmission('1', { 1: text }) : client.createFormSubmission('1', { 1: text }));
