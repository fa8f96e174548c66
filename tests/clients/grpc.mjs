// Calls a recipient by gRPC over a route of the gate, in HTTP/2 in clear: every kind of call, with TEXT as one of the messages.
// usage: node grpc.mjs GATE AUTHORITY|"" BEFORE|"" TEXT
// Prints, for each kind of call, what came back and the status that the client saw: {"add":{"came":[…],"code":0},…}.
import grpc from '@grpc/grpc-js';
import { service } from './grpc-notes.mjs';

const [gate, authority, before, text] = process.argv.slice(2);
const Client = grpc.makeGenericClientConstructor(service(before), 'school.Notes');
const options = { 'grpc.enable_http_proxy': 0, 'grpc.enable_retries': 0 };
if (authority) options['grpc.default_authority'] = authority;
const client = new Client(gate, grpc.credentials.createInsecure(), options);
const deadline = () => ({ deadline: Date.now() + 20_000 });

const one = (begin) =>
  new Promise((done) => {
    begin((error, answer) => done({ came: error ? [] : [answer], code: error?.code ?? 0 }));
  });

/** Says each text when the answer to the one before is there. */
const inTurn = (call, texts) =>
  new Promise((done) => {
    const came = [];
    const say = () => (came.length < texts.length ? call.write(texts[came.length]) : call.end());
    call.on('data', (answer) => {
      came.push(answer);
      say();
    });
    call.on('error', () => {});
    call.on('status', (status) => done({ came, code: status.code }));
    say();
  });

const all = (call) =>
  new Promise((done) => {
    const came = [];
    call.on('data', (answer) => came.push(answer));
    call.on('error', () => {});
    call.on('status', (status) => done({ came, code: status.code }));
  });

const seen = {
  add: await one((answered) => client.add(text, new grpc.Metadata(), deadline(), answered)),
  upload: await one((answered) => {
    const call = client.upload(new grpc.Metadata(), deadline(), answered);
    ['first', 'second', text].forEach((message) => call.write(message));
    call.end();
  }),
  list: await all(client.list(`words of ${text}`, new grpc.Metadata(), deadline())),
  talk: await inTurn(client.talk(new grpc.Metadata(), deadline()), ['one', 'two', text]),
};
console.log(JSON.stringify(seen));
client.close();
process.exit(0);
