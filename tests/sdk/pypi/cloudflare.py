from cloudflare import Cloudflare

client = Cloudflare(api_token="0000", max_retries=0)


def send(text):
    client.dns.records.create(zone_id="023e105f4ecef8ad9ca31a8372d0c353", type="TXT", name="a.example.com", content=text, ttl=3600)
