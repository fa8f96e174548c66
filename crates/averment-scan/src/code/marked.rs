//! Files that a service reads by their name: that one lies there says that the service is set up.

use averment_catalog::{ThirdPartyId, catalog};

use super::look::Look;
use crate::observation::{Confidence, How, Tier};

/// Names at the top of a repository, or of a program among others, and whose they are.
const NAMES: [(&str, &str); 26] = [
    (".travis.yml", "travis-ci"),
    (".gitlab-ci.yml", "gitlab"),
    ("codecov.yml", "codecov"),
    (".codecov.yml", "codecov"),
    (".codeclimate.yml", "code-climate"),
    (".coveralls.yml", "coveralls"),
    ("crowdin.yml", "crowdin"),
    ("crowdin.yaml", "crowdin"),
    ("vercel.json", "vercel"),
    ("netlify.toml", "netlify"),
    ("fly.toml", "fly-io"),
    ("render.yaml", "render-com"),
    ("heroku.yml", "heroku"),
    ("firebase.json", "firebase"),
    (".firebaserc", "firebase"),
    ("google-services.json", "firebase"),
    (".snyk", "snyk"),
    ("transifex.yml", "transifex"),
    (".phrase.yml", "phrase"),
    (".phraseapp.yml", "phrase"),
    ("wrangler.toml", "cloudflare"),
    ("wrangler.jsonc", "cloudflare"),
    (".percy.yml", "percy-io"),
    ("sentry.properties", "sentry"),
    (".sentryclirc", "sentry"),
    ("dependabot.yml", "dependabot"),
];

/// Paths from the top.
const PATHS: [(&str, &str); 4] = [
    (".circleci/config.yml", "circleci"),
    (".buildkite/pipeline.yml", "buildkite"),
    (".buildkite/pipeline.yaml", "buildkite"),
    (".tx/config", "transifex"),
];

/// Adds whoever reads a file of this name.
pub(super) fn read(look: &mut Look<'_>) {
    let name = look.path.rsplit('/').next().unwrap_or(look.path);
    // Deeper down it is data of somebody else's.
    let near = look.path.matches('/').count() <= 2;
    let by_name = NAMES.iter().find(|(known, _)| near && *known == name);
    let Some((what, id)) = by_name.or_else(|| PATHS.iter().find(|(known, _)| *known == look.path)) else {
        return;
    };
    let id = ThirdPartyId::new(id).ok();
    if let Some(party) = id.and_then(|id| catalog().third_party(&id)) {
        let verdict = (Tier::Configured, How::Infrastructure, Confidence::Certain);
        look.known(&[party], what, 0, verdict);
    }
}
