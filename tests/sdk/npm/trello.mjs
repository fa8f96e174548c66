const { TrelloClient } = need('trello.js');
const client = new TrelloClient({ key: '0000', token: '0000' });
export default (text) => client.cards.createCard({ idList: '5abbe4b7ddc1b351ef961414', name: 'Report', desc: text });
