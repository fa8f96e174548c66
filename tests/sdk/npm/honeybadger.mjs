const Honeybadger = need('@honeybadger-io/js');
Honeybadger.configure({ apiKey: 'hbp_0000', reportData: true, logger: { log() {}, info() {}, debug() {}, warn() {}, error() {} } });
export default (text) => Honeybadger.notifyAsync(new Error(text));
