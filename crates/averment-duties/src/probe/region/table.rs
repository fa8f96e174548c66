//! Regions of clouds and the countries they are in.
//!
//! Source: the lists of regions that Amazon Web Services, Microsoft Azure and Google Cloud publish, as of 2026. A region that is not
//! here is in no country rather than in a guessed one.

const REGIONS: &[(&str, &str)] = &[
    ("af-south-1", "ZA"),
    ("ap-east-1", "HK"),
    ("ap-northeast-1", "JP"),
    ("ap-northeast-2", "KR"),
    ("ap-northeast-3", "JP"),
    ("ap-south-1", "IN"),
    ("ap-south-2", "IN"),
    ("ap-southeast-1", "SG"),
    ("ap-southeast-2", "AU"),
    ("ap-southeast-3", "ID"),
    ("ap-southeast-4", "AU"),
    ("ap-southeast-5", "MY"),
    ("ap-southeast-7", "TH"),
    ("asia-east1", "TW"),
    ("asia-east2", "HK"),
    ("asia-northeast1", "JP"),
    ("asia-northeast2", "JP"),
    ("asia-northeast3", "KR"),
    ("asia-south1", "IN"),
    ("asia-southeast1", "SG"),
    ("asia-southeast2", "ID"),
    ("australia-southeast1", "AU"),
    ("australiaeast", "AU"),
    ("australiasoutheast", "AU"),
    ("brazilsouth", "BR"),
    ("ca-central-1", "CA"),
    ("ca-west-1", "CA"),
    ("canadacentral", "CA"),
    ("canadaeast", "CA"),
    ("centralindia", "IN"),
    ("centralus", "US"),
    ("eastasia", "HK"),
    ("eastus", "US"),
    ("eastus2", "US"),
    ("eu-central-1", "DE"),
    ("eu-central-2", "CH"),
    ("eu-north-1", "SE"),
    ("eu-south-1", "IT"),
    ("eu-south-2", "ES"),
    ("eu-west-1", "IE"),
    ("eu-west-2", "GB"),
    ("eu-west-3", "FR"),
    ("europe-central2", "PL"),
    ("europe-north1", "FI"),
    ("europe-north2", "SE"),
    ("europe-southwest1", "ES"),
    ("europe-west1", "BE"),
    ("europe-west10", "DE"),
    ("europe-west12", "IT"),
    ("europe-west2", "GB"),
    ("europe-west3", "DE"),
    ("europe-west4", "NL"),
    ("europe-west6", "CH"),
    ("europe-west8", "IT"),
    ("europe-west9", "FR"),
    ("francecentral", "FR"),
    ("francesouth", "FR"),
    ("germanynorth", "DE"),
    ("germanywestcentral", "DE"),
    ("il-central-1", "IL"),
    ("italynorth", "IT"),
    ("japaneast", "JP"),
    ("japanwest", "JP"),
    ("koreacentral", "KR"),
    ("me-central-1", "AE"),
    ("me-south-1", "BH"),
    ("mx-central-1", "MX"),
    ("northcentralus", "US"),
    ("northeurope", "IE"),
    ("norwayeast", "NO"),
    ("norwaywest", "NO"),
    ("polandcentral", "PL"),
    ("sa-east-1", "BR"),
    ("southcentralus", "US"),
    ("southeastasia", "SG"),
    ("southindia", "IN"),
    ("spaincentral", "ES"),
    ("swedencentral", "SE"),
    ("switzerlandnorth", "CH"),
    ("switzerlandwest", "CH"),
    ("uksouth", "GB"),
    ("ukwest", "GB"),
    ("us-central1", "US"),
    ("us-east-1", "US"),
    ("us-east-2", "US"),
    ("us-east1", "US"),
    ("us-east4", "US"),
    ("us-east5", "US"),
    ("us-south1", "US"),
    ("us-west-1", "US"),
    ("us-west-2", "US"),
    ("us-west1", "US"),
    ("us-west2", "US"),
    ("us-west3", "US"),
    ("us-west4", "US"),
    ("westcentralus", "US"),
    ("westeurope", "NL"),
    ("westus", "US"),
    ("westus2", "US"),
    ("westus3", "US"),
];

/// The country of a region, ISO 3166-1 alpha-2.
pub(super) fn country_of(region: &str) -> Option<&'static str> {
    let region = region.to_ascii_lowercase();
    let found = REGIONS.iter().find(|(known, _)| *known == region);
    found.map(|(_, country)| *country)
}

/// The region in the name of a host of a managed database: `app.c1.eu-central-1.rds.amazonaws.com`. Only names of those who run
/// them count: in others a region may be a mere word.
pub(super) fn region_in(address: &str) -> Option<&'static str> {
    const MANAGED: [&str; 5] = [
        ".amazonaws.com",
        ".azure.com",
        ".supabase.com",
        ".aws.neon.tech",
        ".cloud.google.com",
    ];
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let lower = address.to_ascii_lowercase();
    let mut hosts = lower.split(|c| !is_name(c));
    let host = hosts.find(|host| MANAGED.iter().any(|end| host.ends_with(end)))?;
    let in_label = |label: &str, region: &str| {
        label == region || label.strip_suffix(region).is_some_and(|before| before.ends_with('-'))
    };
    let found = REGIONS
        .iter()
        .filter(|(region, _)| host.split('.').any(|label| in_label(label, region)));
    found.max_by_key(|(region, _)| region.len()).map(|(region, _)| *region)
}

#[cfg(test)]
mod tests {
    use averment_catalog::catalog;

    use super::*;

    #[test]
    fn every_region_is_in_a_country_of_the_catalog() {
        for (region, country) in REGIONS {
            assert!(catalog().country(country).is_some(), "{region}: {country}");
            assert_eq!(*region, region.to_ascii_lowercase());
        }
        assert!(REGIONS.is_sorted(), "in the order of their names");
    }

    #[test]
    fn hosts_of_managed_databases_name_their_region() {
        for (address, region) in [
            (
                "postgres://u:p@app.c1x.eu-central-1.rds.amazonaws.com:5432/app",
                Some("eu-central-1"),
            ),
            ("host=aws-0-eu-west-3.pooler.supabase.com user=x", Some("eu-west-3")),
            ("mysql://u@db.eu-central-1.birch.example/x", None),
            ("host=/run/postgresql", None),
        ] {
            assert_eq!(region_in(address), region, "{address}");
        }
    }
}
