// A gRPC service whose messages are a text in field 1.
const message = {
  serialize: (text) => {
    const bytes = Buffer.from(text, 'utf8');
    if (bytes.length > 127) throw new Error('expected a text of at most 127 bytes');
    return Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes]);
  },
  deserialize: (bytes) => bytes.subarray(2).toString('utf8'),
};

const method = (path, requestStream, responseStream) => ({
  path,
  requestStream,
  responseStream,
  requestSerialize: message.serialize,
  requestDeserialize: message.deserialize,
  responseSerialize: message.serialize,
  responseDeserialize: message.deserialize,
});

/** The service. `before`: what stands before its paths. */
export const service = (before) => ({
  add: method(`${before}/school.Notes/Add`, false, false),
  upload: method(`${before}/school.Notes/Upload`, true, false),
  list: method(`${before}/school.Notes/List`, false, true),
  talk: method(`${before}/school.Notes/Talk`, true, true),
});

export const notes = service('');
