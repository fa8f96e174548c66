const OpenAI = need('openai');
const client = new (OpenAI.default ?? OpenAI)({ apiKey: 'sk-0000', maxRetries: 0 });
export default (text) => client.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: text }] });
