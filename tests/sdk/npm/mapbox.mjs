const client = need('@mapbox/mapbox-sdk/services/geocoding')({ accessToken: 'pk.eyJ1IjoiZXhhbXBsZSIsImEiOiJjbDAwMDAwMDAwIn0.0000000000000000000000' });
export default (text) => client.forwardGeocode({ query: text, limit: 1 }).send();
