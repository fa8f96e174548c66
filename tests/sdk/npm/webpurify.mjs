const WebPurify = need('webpurify');
const client = new (WebPurify.default ?? WebPurify)({ api_key: '0000' });
export default (text) => client.check(text);
