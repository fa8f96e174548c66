const { Client } = need('@hubspot/api-client');
const client = new Client({ accessToken: 'pat-0000', numberOfApiCallRetries: 0 });
export default (text) => client.crm.contacts.basicApi.create({ properties: { company: text }, associations: [] });
