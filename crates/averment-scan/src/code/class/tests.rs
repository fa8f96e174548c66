use super::*;

#[test]
fn paths_say_what_kind_of_file_something_is() {
    for (path, class) in [
        ("app/models/user.rb", Class::Live),
        ("app/views/docs/index.html.erb", Class::Live),
        ("package.json", Class::Live),
        (".github/workflows/ci.yml", Class::Live),
        (".env.example", Class::Live),
        ("config/settings.yml", Class::Live),
        ("requirements/base.txt", Class::Live),
        ("requirements-dev.txt", Class::Live),
        ("src/features/login/Login.tsx", Class::Live),
        ("lib/latest.rb", Class::Live),
        ("app/contest/index.js", Class::Live),
        ("config/locales/devise.rb", Class::Live),
        ("public/about.md", Class::Live),
        ("spec/models/user_spec.rb", Class::Test),
        ("pkg/mail/mail_test.go", Class::Test),
        ("src/login.test.tsx", Class::Test),
        ("crates/login/src/form/tests.rs", Class::Test),
        ("lms/djangoapps/tests/test_views.py", Class::Test),
        ("src/main/java/ExampleTest.java", Class::Test),
        ("features/sign_in.feature", Class::Test),
        ("cypress/integration/a.js", Class::Test),
        ("jest.config.js", Class::Test),
        ("lms/settings/test.py", Class::Test),
        ("config/environments/test.rb", Class::Test),
        ("scm/desk_mock.go", Class::Test),
        ("pytest.ini", Class::Test),
        ("test_json/videos.json", Class::Fixture),
        ("sample_files/theme.css", Class::Example),
        (".github/ISSUE_TEMPLATE/config.yml", Class::Documentation),
        ("src/settings/testimonials.py", Class::Live),
        ("app/test_center/index.rb", Class::Live),
        ("apps/test-delivery/src/track.ts", Class::Live),
        ("apps/test-delivery/track.ts", Class::Live),
        ("apps/test-delivery/package.json", Class::Live),
        ("packages/mock-exam/src/pages/index.html", Class::Live),
        ("lms/sample_papers/views.py", Class::Live),
        ("test-delivery/src/track.ts", Class::Live),
        ("test-delivery/track.ts", Class::Fixture),
        ("packages/test-data/a.ts", Class::Fixture),
        ("packages/test_json/videos.json", Class::Fixture),
        ("packages/api/integration-tests/a.ts", Class::Test),
        ("spec/fixtures/mail.json", Class::Fixture),
        ("test/cassettes/slack.yml", Class::Fixture),
        ("README.md", Class::Documentation),
        ("docs/setup/keys.js", Class::Documentation),
        ("LICENSE", Class::Documentation),
        ("CHANGELOG.txt", Class::Documentation),
        ("vendor/assets/ga.js", Class::Vendored),
        ("public/js/jquery.min.js", Class::Vendored),
        ("config/locales/en.yml", Class::Data),
        ("apps/i18n/common/fr_FR.json", Class::Data),
        ("frontend/lang/pt-BR.json", Class::Data),
        ("db/seeds/schools.yml", Class::Data),
        ("dashboard/config/levels/a.level", Class::Data),
        ("examples/app.js", Class::Example),
        ("src/Button.stories.tsx", Class::Story),
    ] {
        assert_eq!(class_of(path), class, "{path}");
    }
}

#[test]
fn long_lines_are_a_program_s() {
    let line = "a=b;".repeat(2000);
    assert!(is_minified("app.js", line.as_bytes()));
    assert!(!is_minified("app.js", "a = b;\n".repeat(2000).as_bytes()));
    assert!(!is_minified("data.json", line.as_bytes()));
}
