const QuickBooks = need('node-quickbooks');
const client = new (QuickBooks.default ?? QuickBooks)('key', 'secret', 'token', false, '123145', false, false, null, '2.0', 'refresh');
export default (text) => new Promise((done, fail) => client.createCustomer({ DisplayName: 'Customer', Notes: text }, (error, made) => (error ? fail(error) : done(made))));
