//! Files that a service reads by their name: that one lies there says that the service is set up.

use averment_catalog::{ThirdPartyId, catalog};

use super::look::Look;
use super::set_up::called;
use crate::observation::{Confidence, How, Tier};

/// Names at the top of a repository, or of a program among others, and whose they are.
const NAMES: [(&str, &str); 97] = [
    (".all-contributorsrc", "all-contributors"),
    (".appveyor.yml", "appveyor"),
    (".codacy.yaml", "codacy"),
    (".codacy.yml", "codacy"),
    (".codeclimate.json", "code-climate"),
    (".codeclimate.yml", "code-climate"),
    (".codecov.yaml", "codecov"),
    (".codecov.yml", "codecov"),
    (".coderabbit.yaml", "coderabbit"),
    (".coderabbit.yml", "coderabbit"),
    (".coveralls.yml", "coveralls"),
    (".deepsource.toml", "deepsource"),
    (".firebaserc", "firebase"),
    (".fossa.yml", "fossa"),
    (".gcloudignore", "google-cloud"),
    (".gitguardian.yaml", "gitguardian"),
    (".gitguardian.yml", "gitguardian"),
    (".gitlab-ci.yml", "gitlab"),
    (".gitpod.yml", "gitpod"),
    (".hound.yml", "hound-ci"),
    (".imgbotconfig", "imgbot"),
    (".mergify.yml", "mergify"),
    (".percy.json", "percy-io"),
    (".percy.yaml", "percy-io"),
    (".percy.yml", "percy-io"),
    (".phrase.yml", "phrase"),
    (".phraseapp.yml", "phrase"),
    (".platform.app.yaml", "platform-sh"),
    (".pyup.yml", "pyup"),
    (".readthedocs.yaml", "read-the-docs"),
    (".readthedocs.yml", "read-the-docs"),
    (".renovaterc", "renovate"),
    (".renovaterc.json", "renovate"),
    (".replit", "replit"),
    (".scrutinizer.yml", "scrutinizer"),
    (".sentryclirc", "sentry"),
    (".slugignore", "heroku"),
    (".snyk", "snyk"),
    (".sonarcloud.properties", "sonarcloud"),
    (".sourcery.yaml", "sourcery"),
    (".stackblitzrc", "stackblitz"),
    (".styleci.yml", "styleci"),
    (".travis.yml", "travis-ci"),
    (".vercelignore", "vercel"),
    (".whitesource", "mend-io"),
    ("Dockerrun.aws.json", "aws"),
    ("GoogleService-Info.plist", "firebase"),
    ("appsignal.yml", "appsignal"),
    ("appspec.yml", "aws"),
    ("appveyor.yml", "appveyor"),
    ("azure-pipelines.yaml", "azure-devops"),
    ("azure-pipelines.yml", "azure-devops"),
    ("bitbucket-pipelines.yml", "bitbucket"),
    ("bitrise.yml", "bitrise"),
    ("buildspec.yml", "aws"),
    ("cdk.json", "aws"),
    ("chromatic.config.json", "chromatic-com"),
    ("circle.yml", "circleci"),
    ("cloudbuild.yaml", "google-cloud"),
    ("cloudbuild.yml", "google-cloud"),
    ("codecov.yaml", "codecov"),
    ("codecov.yml", "codecov"),
    ("codemagic.yaml", "codemagic"),
    ("crowdin.yaml", "crowdin"),
    ("crowdin.yml", "crowdin"),
    ("dependabot.yaml", "dependabot"),
    ("dependabot.yml", "dependabot"),
    ("firebase.json", "firebase"),
    ("fly.toml", "fly-io"),
    ("google-services.json", "firebase"),
    ("heroku.yml", "heroku"),
    ("honeybadger.yml", "honeybadger"),
    ("localazy.json", "localazy"),
    ("lokalise.yml", "lokalise"),
    ("mergify.yml", "mergify"),
    ("netlify.toml", "netlify"),
    ("newrelic.config.js", "new-relic"),
    ("newrelic.ini", "new-relic"),
    ("newrelic.js", "new-relic"),
    ("newrelic.yml", "new-relic"),
    ("now.json", "vercel"),
    ("pantheon.yml", "pantheon"),
    ("railway.toml", "railway"),
    ("readthedocs.yml", "read-the-docs"),
    ("render.yaml", "render-com"),
    ("renovate.json", "renovate"),
    ("renovate.json5", "renovate"),
    ("samconfig.toml", "aws"),
    ("sandbox.config.json", "codesandbox"),
    ("scout_apm.yml", "scout-apm"),
    ("sentry.properties", "sentry"),
    ("skylight.yml", "skylight"),
    ("transifex.yml", "transifex"),
    ("vercel.json", "vercel"),
    ("wrangler.json", "cloudflare"),
    ("wrangler.jsonc", "cloudflare"),
    ("wrangler.toml", "cloudflare"),
];

/// Names that others use as well, with what has to stand in such a file.
const NAMES_WITH: [(&str, &str, &str); 10] = [
    ("app.json", "\"buildpacks\"", "heroku"),
    ("app.json", "\"formation\"", "heroku"),
    ("app.yaml", "runtime:", "google-cloud"),
    ("cypress.json", "projectId", "cypress-cloud"),
    ("cypress.config.js", "projectId:", "cypress-cloud"),
    ("cypress.config.ts", "projectId:", "cypress-cloud"),
    ("sonar-project.properties", "sonar.organization", "sonarcloud"),
    ("sonar-project.properties", "sonarcloud.io", "sonarcloud"),
    ("railway.json", "railway.schema.json", "railway"),
    (".weblate", "hosted.weblate.org", "weblate"),
];

/// Paths from the top.
const PATHS: [(&str, &str); 15] = [
    (".buildkite/pipeline.yaml", "buildkite"),
    (".buildkite/pipeline.yml", "buildkite"),
    (".circleci/config.yml", "circleci"),
    (".cm/gitstream.cm", "linearb"),
    (".codesandbox/ci.json", "codesandbox"),
    (".codesandbox/tasks.json", "codesandbox"),
    (".do/app.yaml", "digitalocean"),
    (".do/deploy.template.yaml", "digitalocean"),
    (".elasticbeanstalk/config.yml", "aws"),
    (".platform/services.yaml", "platform-sh"),
    (".qlty/qlty.toml", "qlty"),
    (".semaphore/semaphore.yml", "semaphore-ci"),
    (".tx/config", "transifex"),
    (".upsun/config.yaml", "platform-sh"),
    ("supabase/config.toml", "supabase"),
];

/// Adds whoever reads a file of this name.
pub(super) fn read(look: &mut Look<'_>) {
    let name = look.path.rsplit('/').next().unwrap_or(look.path);
    // Deeper down it is data of somebody else's.
    let near = look.path.matches('/').count() <= 2;
    let Some((what, id)) = named(look, name, near) else {
        return;
    };
    let id = ThirdPartyId::new(id).ok();
    if let Some(party) = id.and_then(|id| catalog().third_party(&id)) {
        let verdict = (Tier::Configured, How::Infrastructure, Confidence::Certain);
        let said = SAID.iter().filter(|(known, _)| *known == name);
        let at = said.filter_map(|(_, word)| look.text.find(word)).min().unwrap_or(0);
        look.known(&[party], what, at, verdict);
    }
    add_ons(look, name);
}

/// What the line holds by which a file of a service says what is set up there.
const SAID: [(&str, &str); 7] = [
    ("app.json", "\"addons\""),
    ("app.json", "\"buildpacks\""),
    ("app.json", "\"formation\""),
    ("appsignal.yml", "push_api_key"),
    ("dependabot.yml", "package-ecosystem"),
    ("dependabot.yaml", "package-ecosystem"),
    ("heroku.yml", "plan:"),
];

/// Services that Heroku adds to a program: `"addons": ["papertrail:choklad", {"plan": "rediscloud:30"}]`, `- plan: rediscloud:30`.
fn add_ons(look: &mut Look<'_>, name: &str) {
    if !["app.json", "heroku.yml"].contains(&name) {
        return;
    }
    let (mut at, mut inside) = (0, name == "heroku.yml");
    for line in look.text.split_inclusive('\n') {
        inside |= line.contains("\"addons\"");
        let words = line.split(['"', '\'', ' ', ',', '[', '{', '}', '\n']);
        let plan = name == "app.json" || line.contains("plan:");
        let slugs = words.filter(|word| inside && plan && word.contains(':') && !word.ends_with(':'));
        for slug in slugs.filter(|slug| !slug.contains("//")) {
            let party = called(look, slug.split(':').next().unwrap_or(slug));
            let verdict = (Tier::Configured, How::Infrastructure, Confidence::Certain);
            look.known(party.as_slice(), slug, at + line.find(slug).unwrap_or(0), verdict);
        }
        inside &= !(line.contains(']') && name == "app.json");
        at += line.len();
    }
}

/// The name, or the path, by which a file of this name is somebody's, and whose.
fn named(look: &Look<'_>, name: &str, near: bool) -> Option<(&'static str, &'static str)> {
    let by_name = NAMES.iter().find(|(known, _)| near && *known == name);
    let by_path = || PATHS.iter().find(|(known, _)| *known == look.path);
    let with = |(known, word, _): &&(&str, &str, &str)| near && *known == name && look.text.contains(word);
    by_name
        .or_else(by_path)
        .copied()
        .or_else(|| NAMES_WITH.iter().find(with).map(|(known, _, id)| (*known, *id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_named_here_is_in_the_catalog() {
        let named = NAMES.iter().chain(&PATHS).map(|(_, id)| *id);
        for id in named.chain(NAMES_WITH.iter().map(|(_, _, id)| *id)) {
            let party = ThirdPartyId::new(id).ok().and_then(|id| catalog().third_party(&id));
            assert!(party.is_some(), "{id}");
        }
    }
}
