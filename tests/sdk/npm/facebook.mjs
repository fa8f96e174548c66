const bizSdk = need('facebook-nodejs-business-sdk');
bizSdk.FacebookAdsApi.init('0000');
export default (text) => new bizSdk.EventRequest('0000', '123').setEvents([new bizSdk.ServerEvent().setEventName('level_done').setEventTime(1767603600).setActionSource('website').setCustomData(new bizSdk.CustomData().setContentName(text))]).execute();
