//! Products before vendors, sign-ins by the libraries that set them up, gems by their constants: what a whole tree says together.

use super::*;

/// `third party tier file:line` of everything that is a flow, sorted.
fn flows(files: &[(&str, &str)]) -> Vec<String> {
    let looked = |(path, text): &(&str, &str)| {
        let source = Source {
            path: (*path).to_owned(),
            class: class_of(path, text.as_bytes()),
            bytes: text.as_bytes().to_vec(),
        };
        Looked {
            path: source.path.clone(),
            class: source.class,
            digest: [0; 32],
            given: look_at(&source, tables(), false),
        }
    };
    let looked: Vec<Looked> = files.iter().map(looked).collect();
    let mut told: Vec<String> = join::observations(&looked)
        .iter()
        .flat_map(|seen| {
            let flows = seen.evidence.iter().filter(|one| one.tier > Tier::Linked);
            flows.map(|one| {
                let line = one.spot.line.unwrap_or_default();
                format!("{} {} {}:{line}", seen.party, one.tier.words(), one.spot.file)
            })
        })
        .collect();
    told.sort();
    told.dedup();
    told
}

#[test]
fn a_constant_of_a_gem_is_a_call_where_the_program_has_the_gem() {
    let code = "class Pay\n  def run(id)\n    PagarMe::Transaction.find(id)\n    Koala::Facebook::API.new(token)\n  rescue PagarMe::ResponseError => e\n    raise Koala::Facebook::ClientError.new(e)\n  end\nend\n";
    let one = |gems: &str| flows(&[("Gemfile", gems), ("app/pay.rb", code)]);
    assert_eq!(
        one("gem 'pagarme'\ngem 'koala'\n"),
        [
            "facebook-login configured Gemfile:2",
            "facebook-login contacted app/pay.rb:4",
            "pagarme configured Gemfile:1",
            "pagarme contacted app/pay.rb:3",
        ]
    );
    assert_eq!(one("gem 'rails'\n"), [""; 0]);
    for (gem, call, party) in [
        (
            "azure-storage-blob",
            "Azure::Storage::Blob::BlobService.create(key: 1)",
            "azure-blob-storage",
        ),
        ("librato-metrics", "Librato::Metrics::Queue.new", "librato"),
        ("aws-sdk-kms", "Aws::KMS::Client.new", "aws-kms"),
        ("aws-sdk-iam", "Aws::IAM::Client.new", "aws"),
        ("plaid", "Plaid::Transfer.new(api)", "plaid-com"),
        ("airrecord", "Airrecord.table(key, base, 'Desks')", "airtable"),
    ] {
        let told = flows(&[
            ("Gemfile", &format!("gem '{gem}'\n")),
            ("lib/a.rb", &format!("a = {call}\n")),
        ]);
        let expected = [
            format!("{party} configured Gemfile:1"),
            format!("{party} contacted lib/a.rb:1"),
        ];
        assert_eq!(told, expected, "{call}");
    }
    // Jobs and records of the program's own below the name.
    let own = "::Desks::PagarMe::Sync.new(1)\nPagarMe::SyncJob.perform_later(1)\nKoala::Item.where(id: 1)\n";
    assert!(
        !flows(&[("Gemfile", "gem 'pagarme'\ngem 'koala'\n"), ("app/a.rb", own)])
            .iter()
            .any(|one| one.contains("app/a.rb"))
    );
}

#[test]
fn a_sign_in_is_the_product_s_that_the_library_names() {
    let page = "import GithubProvider from 'next-auth/providers/github';\nimport Entra from '@auth/core/providers/microsoft-entra-id';\nimport Own from 'next-auth/providers/credentials';\nexport const options = { providers: [GithubProvider({ clientId: id }), Entra, Own] };\n";
    assert_eq!(
        flows(&[("src/auth.js", page)]),
        [
            "github-sign-in configured src/auth.js:1",
            "github-sign-in configured src/auth.js:4",
            "microsoft-sign-in configured src/auth.js:2",
        ]
    );
    for (path, text, expected) in [
        (
            "Gemfile",
            "gem 'omniauth-discord'\n",
            "discord-sign-in configured Gemfile:1",
        ),
        ("Gemfile", "gem 'omniauth-saml'\n", ""),
        (
            "package.json",
            "{\"dependencies\": {\"passport-linkedin-oauth2\": \"1\"}}",
            "linkedin-sign-in configured package.json:1",
        ),
        (
            "package.json",
            "{\"dependencies\": {\"passport-local\": \"1\", \"passport-jwt\": \"1\", \"passport\": \"1\"}}",
            "",
        ),
        (
            "package.json",
            "{\"dependencies\": {\"passport-azure-ad\": \"1\"}}",
            "microsoft-sign-in configured package.json:1",
        ),
        (
            "desk/settings.py",
            "BACKENDS = ['social_core.backends.gitlab.GitLabOAuth2']\n",
            "gitlab-sign-in configured desk/settings.py:1",
        ),
        (
            "desk/settings.py",
            "APPS = ['allauth.socialaccount.providers.apple']\n",
            "apple-sign-in configured desk/settings.py:1",
        ),
    ] {
        assert_eq!(flows(&[(path, text)]).join("; "), expected, "{text}");
    }
}

#[test]
fn a_sign_in_is_the_product_s_that_a_symbol_names() {
    let devise = "Devise.setup do |config|\n  config.omniauth :github, ENV['A'], ENV['B']\n  # config.omniauth :facebook, ENV['A']\n  config.omniauth :saml, idp: 1\nend\n";
    let rack = "Rails.application.config.middleware.use OmniAuth::Builder do\n  provider :google_oauth2, id, secret\n  provider :developer\nend\n";
    let model = "class User < ApplicationRecord\n  devise :omniauthable, omniauth_providers: [:apple]\nend\n";
    let other = "class Desk\n  provider :github\nend\n";
    assert_eq!(
        flows(&[
            ("config/initializers/devise.rb", devise),
            ("config/initializers/omniauth.rb", rack),
            ("app/models/user.rb", model),
            ("app/models/desk.rb", other),
        ]),
        [
            "apple-sign-in configured app/models/user.rb:2",
            "github-sign-in configured config/initializers/devise.rb:2",
            "google-sign-in configured config/initializers/omniauth.rb:2",
        ]
    );
}

#[test]
fn a_product_is_told_before_its_vendor() {
    for (path, text, party, line) in [
        (
            "a.js",
            "const AWS = require('aws-sdk');\nconst queue = new AWS.SQS();\n",
            "aws-sqs",
            2,
        ),
        (
            "a.js",
            "const { CloudFront } = require('aws-sdk');\nconst cdn = new CloudFront();\n",
            "cloudfront",
            2,
        ),
        (
            "a.js",
            "import S3 from 'aws-sdk/clients/s3';\nconst files = new S3();\n",
            "aws-s3",
            1,
        ),
        (
            "a.ts",
            "import { KMSClient } from '@aws-sdk/client-kms';\nnew KMSClient({});\n",
            "aws-kms",
            1,
        ),
        (
            "a.py",
            "import boto3\nsecrets = boto3.client('secretsmanager')\n",
            "aws-secrets-manager",
            2,
        ),
        (".env", "AZURE_STORAGE_ACCESS_KEY=\n", "azure-blob-storage", 1),
        (
            "a.ts",
            "import { OAuth2Client } from 'google-auth-library';\nconst client = new OAuth2Client(id);\n",
            "google-sign-in",
            1,
        ),
        (
            "a.py",
            "from googleapiclient.discovery import build\nshown = build('youtube', 'v3')\n",
            "youtube",
            1,
        ),
        (
            "a.js",
            "const { google } = require('googleapis');\nconst files = google.drive({ version: 'v3' });\n",
            "google-drive",
            1,
        ),
        (
            "a.rb",
            "require 'google/apis/pagespeedonline_v5'\nGoogle::Apis::PagespeedonlineV5::PagespeedInsightsService.new\n",
            "google-pagespeed",
            1,
        ),
    ] {
        let told = flows(&[(path, text)]);
        let expected = format!("{party} ");
        let place = format!("{path}:{line}");
        assert!(
            told.iter()
                .any(|one| one.starts_with(&expected) && one.ends_with(&place)),
            "{text} {told:?}"
        );
        assert!(
            !told
                .iter()
                .any(|one| one.starts_with("google-workspace") || one.starts_with("google-apis")),
            "{text} {told:?}"
        );
    }
}

#[test]
fn general_clients_go_to_the_products_that_are_opened() {
    let manifest = ("requirements.txt", "google-api-python-client\n");
    let code = (
        "a.py",
        "from googleapiclient.discovery import build\nshown = build('youtube', 'v3')\n",
    );
    assert_eq!(
        flows(&[manifest, code]),
        [
            "youtube configured requirements.txt:1",
            "youtube contacted a.py:1",
            "youtube contacted a.py:2"
        ]
    );
    assert_eq!(flows(&[manifest]), ["google-apis configured requirements.txt:1"]);
}

#[test]
fn what_live_code_imports_is_not_only_for_development() {
    let manifest = (
        "web/package.json",
        "{\"devDependencies\": {\n\"@sentry/browser\": \"1\",\n\"algoliasearch\": \"1\"}}",
    );
    let lock = (
        "web/yarn.lock",
        "\"@sentry/browser@^1\":\n  version \"1.0.0\"\n\nalgoliasearch@^1:\n  version \"1.0.0\"\n",
    );
    let code = (
        "web/src/a.js",
        "import * as Sentry from '@sentry/browser';\nSentry.init({});\n",
    );
    let test = (
        "web/src/a.test.js",
        "import algoliasearch from 'algoliasearch';\nalgoliasearch(1);\n",
    );
    let elsewhere = (
        "other/src/a.js",
        "import algoliasearch from 'algoliasearch';\nalgoliasearch(1);\n",
    );
    assert_eq!(
        flows(&[manifest, lock, code, test, elsewhere])
            .into_iter()
            .filter(|one| one.contains("web/"))
            .collect::<Vec<_>>(),
        [
            "sentry configured web/package.json:2",
            "sentry configured web/yarn.lock:1",
            "sentry contacted web/src/a.js:1",
            "sentry contacted web/src/a.js:2",
        ]
    );
}

#[test]
fn names_of_a_module_of_types_are_types() {
    let types =
        "from sentry_sdk.types import Event, Hint\n\ndef before(event: Event, hint: Hint):\n    return dict(a=Event)\n";
    assert_eq!(flows(&[("desk/a.py", types)]), [""; 0]);
    let made = "from sentry_sdk.types import Event\nsend(Event(1))\n";
    assert!(!flows(&[("desk/a.py", made)]).is_empty());
}
