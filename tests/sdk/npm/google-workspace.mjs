const { google } = need('googleapis');
const auth = new google.auth.OAuth2();
auth.setCredentials({ access_token: '0000', expiry_date: Date.now() + 3_600_000 });
const sheets = google.sheets({ version: 'v4', auth });
export default (text) => sheets.spreadsheets.values.append({ spreadsheetId: 'sheet-1', range: 'A1', valueInputOption: 'RAW', requestBody: { values: [[text]] } });
