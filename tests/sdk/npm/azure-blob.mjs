const { BlobServiceClient, StorageSharedKeyCredential } = need('@azure/storage-blob');
const client = new BlobServiceClient('https://example.blob.core.windows.net', new StorageSharedKeyCredential('example', 'MDAwMA=='), { retryOptions: { maxTries: 1 } });
export default (text) => client.getContainerClient('notes').getBlockBlobClient('one.txt').upload(text, Buffer.byteLength(text));
