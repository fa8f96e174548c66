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
        ("lms/djangoapps/tests/test_views.py", Class::Test),
        ("features/sign_in.feature", Class::Test),
        ("cypress/integration/a.js", Class::Test),
        ("jest.config.js", Class::Test),
        ("lms/settings/test.py", Class::Test),
        ("config/environments/test.rb", Class::Test),
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
        ("SchoolTests/Data/story.json", Class::Test),
        ("School/SchoolUITests/Login.swift", Class::Test),
        ("School.Tests/data.json", Class::Test),
        ("src/components/PracticeTests/data.ts", Class::Live),
        ("modules/PracticeTests/list.py", Class::Live),
        ("mobile/assets/test/desk.afdb", Class::Fixture),
        ("src/main/java/desk/servermock/State.java", Class::Fixture),
        ("App/Data/Mock/courses.json", Class::Fixture),
        ("app/views/mocks/show.html.erb", Class::Live),
        ("hotfix/5/sec-npm.patch", Class::Vendored),
        ("package-lock.json.diff", Class::Vendored),
        (".github/workflows/ci.yaml.bak", Class::Example),
        ("config/database.yml.old", Class::Example),
        ("LICENSE.html", Class::Documentation),
        ("COPYING-3RD.json", Class::Documentation),
        ("app/license.html", Class::Live),
        ("packages/desk/src/setupJest.ts", Class::Test),
    ] {
        assert_eq!(class_of(path, b""), class, "{path}");
    }
}

#[test]
fn what_a_school_product_is_about_is_live_inside_a_program() {
    for path in [
        "templates/courses/base.html",
        "src/app/lessons/lesson.component.html",
        "apps/content/package.json",
        "apps/content/settings.yml",
        "services/courses/requirements.txt",
        "services/translations/docker-compose.yml",
        "courses/templates/base.html",
        "courses/package.json",
        "app/views/stories/show.html.erb",
        "app/services/vendors/tracker.rb",
        "src/pages/tests/Player.tsx",
        "app/views/tests/show.html.erb",
        "templates/tests/base.html",
        "services/tests/routes.js",
        "server/test/submit.js",
        "packages/stories/src/player.ts",
        "templates/locale/base.html",
        "src/app/specs/track.service.ts",
        "app/models/history.rb",
        "src/pages/notice.tsx",
        "apps/practice-tests/track.ts",
        "practice-tests/src/track.ts",
    ] {
        assert_eq!(class_of(path, b""), Class::Live, "{path}");
    }
    assert_eq!(class_of("courses/a/page.html", b"<p ng-if=\"a\">"), Class::Live);
    for (path, class) in [
        ("courses/a/page.html", Class::Data),
        ("content/unit1/lesson.json", Class::Data),
        ("services/translations/de/common.json", Class::Data),
        ("src/pages/tests/answers.json", Class::Test),
        ("tests/helpers/page.ts", Class::Test),
        ("vendors/bootstrap/tab.css", Class::Vendored),
        ("static/vendors/bootstrap/tab.js", Class::Vendored),
        ("src/test/java/org/desk/Desk.java", Class::Test),
        ("core/src/jvmTest/resources/desk/seen.json", Class::Test),
        ("integration-tests/src/desk.ts", Class::Test),
        ("src/integration-tests/desk.ts", Class::Test),
        ("HISTORY.old", Class::Documentation),
    ] {
        assert_eq!(class_of(path, b""), class, "{path}");
    }
}

#[test]
fn a_name_that_sounds_like_a_test_needs_a_sign_of_one() {
    for (path, sign) in [
        (
            "app/models/placement_test.rb",
            "class PlacementTest < ActiveSupport::TestCase\n",
        ),
        ("lib/desk_spec.rb", "# frozen\nRSpec.describe Desk do\n"),
        ("src/lib/ab-test.ts", "import { expect } from 'chai';\n"),
        ("src/lib/ab-test.js", "  describe('a', () => {\n"),
        ("src/main/kotlin/OnboardingSteps.kt", "import io.cucumber.java8.En\n"),
        ("src/main/java/PlacementTest.java", "  @Test\n"),
        ("app/PlacementTest.php", "final class PlacementTest extends TestCase\n"),
        ("assessments/test_results.py", "def test_it():\n"),
        ("assessments/test_results.py", "class TestIt:\n    def test_it(self):\n"),
        ("courses/tests.py", "class It(SharedModuleStoreTestCase):\n"),
        ("crates/desk/src/tests.rs", "#[tokio::test]\n"),
        ("src/mock_exam.py", "from unittest.mock import Mock\n"),
        (
            "src/pages/tests/render.tsx",
            "import { render } from '@testing-library/react';\n",
        ),
        ("scm/desk_mock.go", "import \"github.com/desk/go-desk/mock\"\n"),
    ] {
        assert_eq!(class_of(path, sign.as_bytes()), Class::Test, "{path}");
        assert_eq!(class_of(path, b""), Class::Live, "{path}");
        let comment = if path.ends_with(".rb") || path.ends_with(".py") {
            "#"
        } else {
            "//"
        };
        let said = format!("{comment} {}", sign.replace('\n', " "));
        if !path.ends_with(".go") {
            assert_eq!(class_of(path, said.as_bytes()), Class::Live, "{path}: {said}");
        }
    }
    for (path, text) in [
        (
            "assessments/test_session.py",
            "class TestSession(models.Model):\n    def test_window(self):\n",
        ),
        ("app/PlacementTest.php", "class PlacementTest extends Model\n"),
        ("src/PlacementTest.java", "@TestOnly\nclass PlacementTest {\n"),
        (
            "src/lib/ab-test.ts",
            "import { chain } from './chai';\nsqs.describe('a');\n",
        ),
        (
            "app/models/placement_test.rb",
            "class PlacementTest < ApplicationRecord\n",
        ),
        ("lang/hr_sync.php", ""),
        ("app/jobs/hr_sync.php", ""),
        ("src/id_auth.php", ""),
        ("app/it.php", ""),
        ("services/id_auth.json", ""),
        ("deploy/fr.yml", ""),
    ] {
        assert_eq!(class_of(path, text.as_bytes()), Class::Live, "{path}");
    }
    for (path, class) in [
        ("lang/hr.php", Class::Data),
        ("src/text/pt_br.json", Class::Data),
        ("src/text/zh-Hans.json", Class::Data),
        ("src/login.spec.ts", Class::Test),
        ("src/app/home-spec.data.ts", Class::Test),
        ("src/assets/dummy/list.json", Class::Fixture),
        ("docker-compose.test.yml", Class::Test),
        ("src/main/resources/application-test.yml", Class::Test),
    ] {
        assert_eq!(class_of(path, b""), class, "{path}");
    }
}

#[test]
fn long_lines_are_a_program_s() {
    let line = "a=b;".repeat(2000);
    assert!(is_minified("app.js", line.as_bytes()));
    assert!(!is_minified("app.js", "a = b;\n".repeat(2000).as_bytes()));
    assert!(!is_minified("data.json", line.as_bytes()));
}

#[test]
fn vendors_stories_and_fixtures_of_a_product_are_its_code() {
    for path in [
        "vendors/views.py",
        "vendors/pay/client.js",
        "vendors/package.json",
        "stories/views.py",
        "stories/track.ts",
        "vendor/views.py",
        "fixtures/models.py",
        "app/controllers/vendor/payments_controller.rb",
        "app/services/third_party/tracker.rb",
        "app/models/fixtures/match.rb",
        "src/fixtures/fixtures.service.ts",
        "backend/vendor/pay.py",
        "app/services/e2e/keys.rb",
        "app/jobs/seed/grow.rb",
        "src/it/java.ts",
    ] {
        assert_eq!(class_of(path, b""), Class::Live, "{path}");
    }
    for (path, text, class) in [
        ("vendors/bootstrap/tab.js", "/*!\n * Bootstrap\n", Class::Vendored),
        ("src/vendor/tab.js", "// @license MIT\n", Class::Vendored),
        ("app/assets/vendor/tab.js", "", Class::Vendored),
        ("vendor/github.com/desk/mail.go", "", Class::Vendored),
        ("server/vendor/github.com/desk/mail.go", "", Class::Vendored),
        ("backend/vendor/bundle/ruby/mail.rb", "", Class::Vendored),
        ("stories/desk.stories.js", "", Class::Story),
        (
            "stories/desk.ts",
            "import { Meta } from '@storybook/react';\n",
            Class::Story,
        ),
        ("src/test/fixtures/desk.ts", "", Class::Fixture),
        ("app/fixtures/desk.json", "", Class::Fixture),
        ("src/utils/seed/people.ts", "", Class::Data),
        (
            "src/seed/people.ts",
            "import { faker } from '@faker-js/faker';\n",
            Class::Data,
        ),
        (
            "frontend/e2e/desk.ts",
            "import { test } from '@playwright/test';\n",
            Class::Test,
        ),
        ("fixtures/desk.rb", "", Class::Fixture),
        ("internal/testutil/client.go", "", Class::Test),
        ("src/integrationTest/java/org/desk/Desk.java", "", Class::Test),
        ("src/testFixtures/java/org/desk/Desk.java", "", Class::Test),
        ("src/it/java/org/desk/Desk.java", "", Class::Test),
    ] {
        assert_eq!(class_of(path, text.as_bytes()), class, "{path}");
    }
}

/// The class that each file has among the others.
fn among(files: &[(&str, &str)]) -> Vec<Class> {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let full = folder.path().join(path);
        std::fs::create_dir_all(full.parent().expect("a folder")).expect("a folder");
        std::fs::write(full, text).expect("a file");
    }
    let beside = Disk::new(folder.path());
    let class = |(path, text): &(&str, &str)| class_beside(path, text.as_bytes(), &beside);
    files.iter().map(class).collect()
}

#[test]
fn a_helper_of_tests_is_one_where_tests_are_beside_it() {
    let python = "import pytest\n";
    let script = "describe('a', () => {\n";
    for (helper, test, text) in [
        (
            "backend/courses/tests/utils.py",
            "backend/courses/tests/test_views.py",
            python,
        ),
        ("backend/app/tests/utils.py", "backend/app/tests/conftest.py", ""),
        ("server/test/helpers/mailer.js", "server/test/submit.js", script),
        (
            "server/test/unit/Helpers/mailer.js",
            "server/test/unit/Helpers/a.test.js",
            "",
        ),
        (
            "src/test/server.ts",
            "src/test/setup.ts",
            "import '@testing-library/jest-dom';\n",
        ),
        ("frontend/e2e/pages.ts", "frontend/e2e/desk.spec.ts", ""),
    ] {
        assert_eq!(among(&[(helper, ""), (test, text)]), [Class::Test; 2], "{helper}");
        assert_eq!(among(&[(helper, "")]), [Class::Live], "{helper}");
    }
    for (path, beside, text) in [
        ("src/desk/tests/Player.tsx", "src/desk/tests/Player.test.tsx", ""),
        ("src/pages/tests/Player.tsx", "src/pages/tests/render.test.tsx", ""),
        ("app/tests/page.tsx", "app/tests/a.test.tsx", ""),
        ("services/tests/routes.js", "services/tests/a.test.js", ""),
        ("server/test/submit.go", "server/test/submit_test.go", ""),
        ("backend/tests/views.py", "backend/tests/tests.py", python),
    ] {
        assert_eq!(
            among(&[(path, ""), (beside, text)]),
            [Class::Live, Class::Test],
            "{path}"
        );
    }
    let app = [("vendor/tasks.py", ""), ("vendor/models.py", "")];
    assert_eq!(among(&app), [Class::Live; 2]);
    let packages = [
        ("backend/vendor/desk/mail.php", ""),
        ("backend/vendor/autoload.php", ""),
    ];
    assert_eq!(among(&packages), [Class::Vendored; 2]);
}

#[test]
fn what_assistants_of_developers_are_told_is_no_program() {
    for path in [
        ".agents/skills/make/scripts/ask.py",
        ".claude/skills/make/run.ts",
        ".github/prompts/review.yml",
        ".github/skills/make/run.mjs",
        ".all-contributorsrc",
    ] {
        assert_eq!(class_of(path, b""), Class::Documentation, "{path}");
    }
    for path in [
        "agents/tutor/ask.py",
        "src/skills/make.ts",
        ".github/workflows/ci.yml",
        "app/prompts/tutor.rb",
    ] {
        assert_eq!(class_of(path, b""), Class::Live, "{path}");
    }
}

#[test]
fn a_folder_of_testing_needs_a_file_that_makes_data() {
    for path in [
        "src/modules/school/testing/school.factory.ts",
        "app/testing/desk_factory.py",
        "testing/desk-mock.ts",
    ] {
        assert_eq!(class_of(path, b""), Class::Fixture, "{path}");
    }
    for path in [
        "src/modules/testing/session.ts",
        "testing/views.py",
        "app/models/school.factory.ts",
    ] {
        assert_eq!(class_of(path, b""), Class::Live, "{path}");
    }
}

/// Files that lie beside the one in question.
#[derive(Debug)]
struct There(&'static [&'static str]);

impl Beside for There {
    fn holds(&self, folder: &str, name: &str) -> bool {
        self.0.contains(&format!("{folder}/{name}").as_str())
    }

    fn is_tests(&self, _: &str) -> bool {
        false
    }

    fn makes_up(&self, folder: &str) -> bool {
        self.holds(folder, "made-up")
    }
}

#[test]
fn what_makes_data_up_and_cargo_s_own_tests_are_told_by_what_lies_beside() {
    let there = There(&["src/factories/made-up", "desk/Cargo.toml"]);
    let class = |path: &str| class_beside(path, b"", &there);
    assert_eq!(class("src/factories/embedly.js"), Class::Fixture);
    assert_eq!(class("lib/factories/client.js"), Class::Live);
    assert_eq!(class("src/factories/tasks.py"), Class::Live);
    assert_eq!(class("desk/tests/assets/html/image.html"), Class::Test);
    assert_eq!(class("src/pages/tests/index.html"), Class::Live);
    assert!(signs::of_made_up(b"import casual from \"casual-browserify\"\n"));
    assert!(!signs::of_made_up(b"import { chance } from \"./chance\"\n"));
}

#[test]
fn a_package_that_is_laid_where_pages_load_it_is_somebody_else_s() {
    let there = There(&["public/packages/picker/package.json", "static/lib/@desk/picker/LICENSE"]);
    let class = |path: &str| class_beside(path, b"", &there);
    for path in [
        "public/packages/picker/example1/index.html",
        "public/packages/picker/a.js",
        "static/lib/@desk/picker/a/b.js",
    ] {
        assert_eq!(class(path), Class::Vendored, "{path}");
    }
    for path in [
        "public/packages/own/a.js",
        "static/lib/own.js",
        "src/lib/picker/a.js",
        "packages/picker/a.js",
    ] {
        assert_eq!(class(path), Class::Live, "{path}");
    }
}

#[test]
fn what_is_made_for_any_loader_is_somebody_else_s() {
    let library =
        "(function (root, factory) {\n  if (typeof define === 'function' && define.amd) define([], factory);\n";
    assert_eq!(class_of("src/vendor/picker.js", library.as_bytes()), Class::Vendored);
    assert_eq!(
        class_of("src/vendor/picker.js", b"export const pick = () => fetch('/a');\n"),
        Class::Live
    );
}
