use super::*;

fn parties(address: &str) -> Vec<String> {
    let address = Address::parse(address).unwrap();
    tables().parties_of(&address).iter().map(ToString::to_string).collect()
}

fn named(kind: Kind, name: &str) -> Vec<&'static str> {
    tables()
        .names()
        .look_up(kind, name)
        .iter()
        .map(|party| party.id.as_str())
        .collect()
}

#[test]
fn an_address_is_read_with_and_without_scheme() {
    let address = Address::parse("HTTPS://user:pass@API.Twilio.com:443/v1/x?To=1#y").unwrap();
    assert_eq!(
        (address.scheme.as_str(), address.host.as_str(), address.path.as_str()),
        ("https", "api.twilio.com", "/v1/x")
    );
    assert!(Address::parse("//cdn.example.org/a.js").is_ok());
    assert!(Address::parse("ws://socket.new-desk.org").unwrap().is_plain());
    for text in [
        "localhost:3000",
        "10.0.0.1",
        "main.js",
        "",
        "http://",
        "-a.com",
        "a..com",
        "com",
        "https://{host}/x",
    ] {
        assert_eq!(Address::parse(text), Err(AddressError::NoHost), "{text}");
    }
}

#[test]
fn the_most_specific_row_wins_and_the_unknown_go_by_their_domain() {
    assert_eq!(parties("https://api.twilio.com/2010-04-01"), ["twilio"]);
    assert_eq!(parties("https://a.b.new-desk.co.uk/x"), ["new-desk.co.uk"]);
}

#[test]
fn a_domain_is_the_one_s_who_has_a_claim_to_it() {
    let owner = |address: &str| tables().owners_of(&Address::parse(address).unwrap())[0].to_string();
    for (address, whose) in [
        ("https://status.twilio.com", "twilio"),
        ("https://octodex.github.com/a.png", "github"),
        // A product of a vendor whose other products are not in the catalog.
        ("https://mail.yandex.ru/token", "yandex.ru"),
        ("https://other-api.yandex.net/v1", "yandex.net"),
    ] {
        assert_eq!(owner(address), whose, "{address}");
    }
}

#[test]
fn a_name_means_what_it_lies_below() {
    assert_eq!(named(Kind::Npm, "twilio/lib/rest"), ["twilio"]);
    assert_eq!(named(Kind::Pypi, "Twilio"), ["twilio"]);
    assert_eq!(named(Kind::Gem, "twilio-ruby"), ["twilio"]);
    assert_eq!(named(Kind::Gem, "twilio-rubyist"), Vec::<&str>::new());
    assert_eq!(named(Kind::EnvironmentKey, "TWILIO_AUTH_TOKEN"), ["twilio"]);
    assert_eq!(named(Kind::EnvironmentKey, "twilio_auth_token"), ["twilio"]);
    assert_eq!(named(Kind::EnvironmentKey, "GITHUB_ID"), ["github-sign-in"]);
    assert_eq!(named(Kind::EnvironmentKey, "github_id"), Vec::<&str>::new());
}

#[test]
fn a_beginning_that_the_catalog_lists_goes_before_what_a_key_sounds_like() {
    let party = |id: &str, key: &str| {
        let mut party = catalog()
            .third_parties()
            .find(|party| party.id.as_str() == id)
            .unwrap()
            .clone();
        party.env_keys = vec![key.to_owned()];
        let party: &'static ThirdParty = Box::leak(Box::new(party));
        party
    };
    let names = Names::of([party("stripe", "PAY_ONE"), party("twilio", "STRIPE_SMS_*")].into_iter());
    for (key, id) in [
        ("STRIPE_SMS_API_KEY", "twilio"),
        ("STRIPE_API_KEY", "stripe"),
        ("PAY_ONE", "stripe"),
    ] {
        let found = names.look_up(Kind::EnvironmentKey, key);
        assert_eq!(
            found.iter().map(|party| party.id.as_str()).collect::<Vec<_>>(),
            [id],
            "{key}"
        );
    }
}

#[test]
fn a_product_comes_before_its_vendor() {
    for (address, party) in [
        ("https://www.facebook.com/tr?id=1", "meta-pixel"),
        ("https://www.googletagmanager.com/gtag/js?id=G-1", "google-analytics"),
        ("https://www.googletagmanager.com/gtm.js?id=GTM-1", "google-tag-manager"),
        ("https://docs.google.com/forms/d/e/1/viewform", "google-forms"),
        ("https://fonts.googleapis.com/css2?family=Inter", "google-fonts"),
        (
            "https://static.cloudflareinsights.com/beacon.min.js",
            "cloudflare-insights",
        ),
        ("https://cdnjs.cloudflare.com/ajax/libs/x/1/x.min.js", "cdnjs"),
        ("https://sns.us-east-1.amazonaws.com", "aws-sns"),
        ("https://uploads.s3.eu-west-1.amazonaws.com/key", "aws-s3"),
        ("https://sqs.us-east-1.amazonaws.com", "aws-sqs"),
        ("https://ec2.us-east-1.amazonaws.com", "aws"),
        ("https://acme.blob.core.windows.net/files", "azure-blob-storage"),
        ("https://storage.googleapis.com/bucket/key", "google-cloud-storage"),
        ("https://o1.ingest.de.sentry.io/api/1/envelope/", "sentry"),
        ("https://stats.g.doubleclick.net/j/collect", "google-analytics"),
        ("https://ad.doubleclick.net/activity", "google-marketing-platform"),
    ] {
        assert_eq!(parties(address), [party], "{address}");
    }
    for (kind, name, party) in [
        (Kind::Npm, "@aws-sdk/client-s3", "aws-s3"),
        (Kind::Npm, "@aws-sdk/client-dynamodb", "aws-dynamodb"),
        (Kind::Npm, "@aws-sdk/client-iam", "aws"),
        (Kind::Npm, "@azure/service-bus/dist", "azure-service-bus"),
        (Kind::Npm, "@azure/identity/dist", "azure"),
        (Kind::Pypi, "Azure_EventHub", "azure-event-hubs"),
        (Kind::Pypi, "Azure_Identity", "azure"),
        (Kind::Gem, "google-cloud-speech-v1", "google-cloud"),
        (Kind::Crate, "rusoto_ec2", "aws"),
        (Kind::Go, "github.com/aws/aws-sdk-go-v2/service/sesv2", "aws-ses"),
        (Kind::Terraform, "aws_sesv2_email_identity", "aws-ses"),
        (Kind::Terraform, "aws_instance", "aws"),
        (Kind::Terraform, "google_bigquery_dataset", "google-bigquery"),
        (Kind::Terraform, "azurerm_storage_account", "azure-blob-storage"),
        (Kind::PythonModule, "google.cloud.bigquery.client", "google-bigquery"),
        (Kind::JavaPackage, "com.twilio.video.Room", "twilio-video"),
        (Kind::PhpNamespace, "Aws\\Ses\\SesClient", "aws-ses"),
        (Kind::Action, "getsentry/action-release", "sentry"),
        (Kind::Image, "datadog/agent", "datadog"),
    ] {
        assert_eq!(named(kind, name), [party], "{name}");
    }
    assert!(named(Kind::Pypi, "azurexyz").is_empty());
}

#[test]
fn a_number_is_nobodys_domain() {
    let parties = |host: &str| {
        let (scheme, path) = ("https".to_owned(), String::new());
        let host = host.to_owned();
        tables().parties_of(&Address { scheme, host, path })
    };
    for host in ["192.0.2.77", "198.51.2.77", "2001:db8::1", "intranet"] {
        assert_eq!(parties(host), [Party::Domain(host.to_owned())]);
    }
}
