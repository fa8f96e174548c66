// A recipient that is called by gRPC, over TLS: answers every text with itself, in upper case.
// usage: node grpc-server.mjs KEY.pem CERTIFICATE.pem
// Prints {"port":…}, and then {"got":…} for each text that arrives.
import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import { notes } from './grpc-notes.mjs';

const [key, certificate] = process.argv.slice(2);
const heard = (text) => {
  console.log(JSON.stringify({ got: text }));
  return text.toUpperCase();
};
const server = new grpc.Server();
server.addService(notes, {
  add: (call, answer) => answer(null, heard(call.request)),
  upload: (call, answer) => {
    const texts = [];
    call.on('data', (text) => texts.push(heard(text)));
    call.on('end', () => answer(null, texts.join(' ')));
    call.on('error', () => {});
  },
  list: (call) => {
    heard(call.request).split(' ').forEach((word) => call.write(word));
    call.end();
  },
  talk: (call) => {
    call.on('data', (text) => call.write(heard(text)));
    call.on('end', () => call.end());
    call.on('error', () => {});
  },
});
const credentials = grpc.ServerCredentials.createSsl(null, [
  { private_key: readFileSync(key), cert_chain: readFileSync(certificate) },
]);
server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
  if (error) throw error;
  console.log(JSON.stringify({ port }));
});
