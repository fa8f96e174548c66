const docusign = need('docusign-esign');
const api = new docusign.ApiClient();
api.setBasePath('https://demo.docusign.net/restapi');
api.addDefaultHeader('Authorization', 'Bearer 0000');
export default (text) => new docusign.EnvelopesApi(api).createEnvelope('00000000-0000-0000-0000-000000000000', { envelopeDefinition: { emailSubject: 'Please sign', emailBlurb: text, status: 'created' } });
