//! How a program is built, fetched and deployed: commands, workflows, sources of code, Heroku, Terraform, containers.

use super::*;

fn flows(path: &str, text: &str) -> Vec<String> {
    let mut shown = look(path, text);
    shown.retain(|one| !one.contains(" linked only ") && !one.contains(" dead code "));
    shown
}

#[test]
fn commands_and_what_they_fetch() {
    for (path, text, expected) in [
        (
            "Makefile",
            "x:\n\taz group create\n",
            "azure configured Infrastructure az @2",
        ),
        (
            "Procfile",
            "web: newrelic-admin run-program uwsgi\n",
            "new-relic configured Infrastructure newrelic-admin @1",
        ),
        (
            "Makefile",
            "x:\n\tdocker push ghcr.io/desk/app:1\n",
            "github configured Infrastructure ghcr.io/desk/app @2",
        ),
        (
            "k8s/web.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  env:\n  - name: STRIPE_SECRET_KEY\n    valueFrom: {}\n",
            "stripe configured Environment STRIPE_SECRET_KEY @5",
        ),
        (
            "push.sh",
            "docker login quay.io -u ${{ github.actor }} -p desk.key\n",
            "quay configured Infrastructure quay.io/ @1",
        ),
        (
            "x.sh",
            "curl -s -X POST \\\n  -H a \\\n  https://api.new-desk.org/repo\n",
            "new-desk.org configured Host api.new-desk.org @3",
        ),
        (
            "x.sh",
            "echo \"deb http://apt.new-desk.org/x main\" > /etc/apt/sources.list.d/x.list\n",
            "new-desk.org configured Host apt.new-desk.org @1",
        ),
        (
            "x.sh",
            "helm repo add desk https://desk.github.io/helm\n",
            "github configured Host desk.github.io @1",
        ),
        (
            "Dockerfile",
            "FROM scratch\nARG MIRROR=https://mirror.new-desk.org/x\nRUN wget ${MIRROR}/a\n",
            "new-desk.org configured Host mirror.new-desk.org @2",
        ),
        (
            "lib/a.rb",
            "system(\"gcloud run deploy desk\")\n",
            "google-cloud configured Infrastructure gcloud @1",
        ),
        (
            "bin/a.py",
            "subprocess.check_call([\"git\", \"clone\", \"https://github.com/desk/data.git\", to])\n",
            "github contacted Host github.com @1",
        ),
    ] {
        assert_eq!(flows(path, text), [expected], "{text}");
    }
    for (path, text) in [
        ("x.sh", "grep -q 'git = \"https://github.com/desk/desk\"' Cargo.toml\n"),
        ("x.sh", "sed -i -e \"s#x#https://github.com/desk/desk#\" a\n"),
        (
            "x.sh",
            "curl -d '{\"content\": \"https://github.com/desk/desk\"}' \"$HOOK\"\n",
        ),
        (
            ".vscode/settings.json",
            "{\n  \"yaml.schemas\": {\n    \"https://desk.github.io/schema.json\": \"desk.yml\"\n  }\n}\n",
        ),
        ("lib/a.rb", "puts(\"gcloud run deploy desk\")\n"),
        (
            "auth.py",
            "API_WHITELIST = [\n    (\"api.group\", \"PATCH\"),\n    (\"api.groups\", \"POST\"),\n]\n",
        ),
    ] {
        assert_eq!(flows(path, text), [""; 0], "{text}");
    }
}

#[test]
fn where_code_comes_from() {
    for (path, text, expected) in [
        (
            "Gemfile",
            "gem 'desk', github: 'desk/desk'\n",
            "github configured Infrastructure git @1",
        ),
        (
            "Gemfile",
            "gem 'desk', git: 'https://github.com/desk/desk.git'\n",
            "github configured Infrastructure github.com @1",
        ),
        (
            "package.json",
            "{\"dependencies\": {\n\"desk\": \"git+https://github.com/desk/desk.git#x\"}}\n",
            "github configured Infrastructure github.com @2",
        ),
        (
            "k8s/app.yaml",
            "apiVersion: a\nkind: Application\nspec:\n  source:\n    repoURL: https://github.com/desk/desk\n",
            "github configured Infrastructure github.com @5",
        ),
        (
            "Gemfile.lock",
            "GIT\n  remote: https://github.com/desk/desk.git\n  specs:\n    desk (1)\n",
            "github configured Infrastructure github.com @2",
        ),
    ] {
        assert_eq!(flows(path, text), [expected], "{text}");
    }
    assert!(flows("Gemfile.lock", "GEM\n  remote: https://rubygems.org/\n  specs:\n").is_empty());
}

#[test]
fn workflows_and_hosting() {
    for (path, text, expected) in [
        (
            ".github/workflows/ci.yml",
            "    - uses: actions/setup-node@v4\n",
            "github configured Workflow actions/setup-node @1",
        ),
        (
            ".github/workflows/ci.yml",
            "    - uses: Azure/aks-set-context@v1\n",
            "azure-kubernetes-service configured Workflow Azure/aks-set-context @1",
        ),
        (
            ".github/workflows/ci.yml",
            "    uses: desk/desk/.github/workflows/slack_notification.yaml@main\n",
            "slack configured Workflow desk/desk/.github/workflows/slack_notification.yaml @1",
        ),
        (
            "main.tf",
            "  backend \"azurerm\" {\n",
            "azure configured Infrastructure azurerm @1",
        ),
        (
            "main.tf",
            "  datadog = { source = \"DataDog/datadog\" }\n",
            "datadog configured Infrastructure datadog @1",
        ),
        (
            ".devcontainer/devcontainer.json",
            "{\n  \"features\": {\n    \"ghcr.io/devcontainers/features/sshd:1\": {}\n  }\n}\n",
            "github configured Infrastructure ghcr.io/devcontainers/features/sshd @3",
        ),
        (
            "package.json",
            "{\"scripts\": {\n  \"heroku-postbuild\": \"x\"}}\n",
            "heroku configured Infrastructure heroku-postbuild @2",
        ),
        (
            "config/environments/production.rb",
            "config.action_mailbox.ingress = :sendgrid\n",
            "sendgrid configured Environment sendgrid @1",
        ),
        (
            "config/storage.yml",
            "amazon:\n  service: S3\n",
            "aws-s3 configured Infrastructure service @2",
        ),
        (
            "mkdocs.yml",
            "extra_javascript:\n  - https://cdn.jsdelivr.net/npm/mathjax@4/tex-svg.js\n",
            "jsdelivr embedded Resource cdn.jsdelivr.net @2",
        ),
    ] {
        assert_eq!(flows(path, text), [expected], "{text}");
    }
    let travis = "language: node\ndeploy:\n  provider: heroku\n";
    let shown = flows("services/a/.travis.yml", travis);
    assert!(
        shown.contains(&"heroku configured Workflow heroku @3".to_owned()),
        "{shown:#?}"
    );
    let app = "{\n  \"name\": \"desk\",\n  \"addons\": [\n    \"newrelic:wayne\",\n    {\"plan\": \"rediscloud:30\"}\n  ],\n  \"buildpacks\": [\n    {\"url\": \"https://github.com/heroku/heroku-buildpack-apt\"}\n  ]\n}\n";
    let shown = flows("app.json", app);
    for expected in [
        "heroku configured Infrastructure app.json @3",
        "new-relic configured Infrastructure newrelic:wayne @4",
        "redis-cloud configured Infrastructure rediscloud:30 @5",
        "github configured Infrastructure github.com @8",
    ] {
        assert!(shown.contains(&expected.to_owned()), "{expected}: {shown:#?}");
    }
}
