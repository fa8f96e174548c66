const { Version2Client } = need('jira.js');
const client = new Version2Client({ host: 'https://example.atlassian.net', authentication: { basic: { email: 'staff@platform.example', apiToken: '0000' } } });
export default (text) => client.issues.createIssue({ fields: { project: { key: 'SUP' }, issuetype: { name: 'Task' }, summary: 'Report', description: text } });
