const statsig = need('statsig-node');
await statsig.initialize('secret-0000', { initTimeoutMs: 2000, disableDiagnostics: true, loggingMaxBufferSize: 1 });
export default async (text) => {
  statsig.logEvent({ userID: 'u-4711' }, 'level_done', 1, { note: text });
  await statsig.flush();
  // The request is made after the promise is kept.
  await new Promise((done) => setTimeout(done, 1500));
};
