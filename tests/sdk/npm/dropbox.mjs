const { Dropbox } = need('dropbox');
const client = new Dropbox({ accessToken: '0000' });
export default (text) => client.filesUpload({ path: '/notes/one.txt', contents: Buffer.from(text) });
