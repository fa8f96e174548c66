const Cloudflare = need('cloudflare');
const client = new (Cloudflare.default ?? Cloudflare)({ apiToken: '0000', maxRetries: 0 });
export default (text) => client.dns.records.create({ zone_id: '023e105f4ecef8ad9ca31a8372d0c353', type: 'TXT', name: 'a.example.com', content: text, ttl: 3600 });
