const module = need('@azure-rest/ai-content-safety');
const { AzureKeyCredential } = need('@azure/core-auth');
const client = (module.default ?? module)('https://example.cognitiveservices.azure.com', new AzureKeyCredential('0000'), { retryOptions: { maxRetries: 0 } });
export default async (text) => {
  const answer = await client.path('/text:analyze').post({ body: { text } });
  if (answer.status !== '200') throw new Error(`status ${answer.status}`);
};
