const Stripe = need('stripe');
const client = new (Stripe.default ?? Stripe)('sk_test_0000', { maxNetworkRetries: 0, httpAgent: sdkAgent });
export default (text) => client.customers.create({ description: text });
