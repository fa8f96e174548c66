//! Signs in a text that it is a test, or a template: asked only where the path leaves a doubt.
//!
//! Start at [`of_test`]. What stands in a comment is no sign.

/// What a test of a language looks like.
struct Signs {
    /// Of files with these endings.
    endings: &'static [&'static str],
    /// Beginnings of lines, behind blanks.
    lines: &'static [&'static str],
    /// Ends of the name of a class that a test extends.
    bases: &'static [&'static str],
    /// Modules that only tests import; with what lies below them.
    modules: &'static [&'static str],
}

const SIGNS: [Signs; 8] = [
    Signs {
        endings: &[
            ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte", ".coffee",
        ],
        lines: &[
            "describe(",
            "describe.",
            "describe '",
            "describe \"",
            "it('",
            "it(\"",
            "it(`",
            "test('",
            "test(\"",
            "test(`",
            "suite('",
            "suite(\"",
            "beforeEach(",
            "afterEach(",
            "QUnit.",
            "jest.",
            "vi.mock(",
            "vi.spyOn(",
            "cy.visit(",
            "cy.get(",
            "cy.intercept(",
            "Cypress.",
        ],
        bases: &[],
        modules: &[
            "vitest",
            "jest",
            "jest-mock",
            "@jest",
            "@testing-library",
            "chai",
            "mocha",
            "sinon",
            "enzyme",
            "@playwright/test",
            "cypress",
            "node:test",
            "qunit",
            "ember-qunit",
            "msw",
            "supertest",
            "nock",
            "protractor",
            "webdriverio",
            "@faker-js/faker",
            "@angular/core/testing",
        ],
    },
    Signs {
        endings: &[".rb", ".rake"],
        lines: &[
            "RSpec.",
            "describe ",
            "describe(",
            "require 'test_helper'",
            "require \"test_helper\"",
            "require 'spec_helper'",
            "require \"spec_helper\"",
            "require 'rails_helper'",
            "require \"rails_helper\"",
            "require 'minitest",
            "require \"minitest",
            "FactoryBot.",
            "FactoryGirl.",
        ],
        bases: &["TestCase", "IntegrationTest", "Minitest::Test"],
        modules: &[],
    },
    Signs {
        endings: &[".py"],
        lines: &[
            "import pytest",
            "from pytest",
            "@pytest.",
            "import unittest",
            "from unittest",
            "from django.test",
            "import mock",
            "from mock ",
            "@mock.",
            "@patch(",
            "from rest_framework.test",
            "import factory",
            "from factory",
            "from faker",
            "import responses",
            "from hypothesis",
            "from moto",
        ],
        bases: &["TestCase", "TestCaseMixin", "TransactionTestCase"],
        modules: &[],
    },
    Signs {
        endings: &[".java", ".kt", ".kts", ".scala", ".groovy"],
        lines: &[
            "@Test",
            "@ParameterizedTest",
            "@RunWith(",
            "@ExtendWith(",
            "import org.junit",
            "import static org.junit",
            "import junit.",
            "import org.testng",
            "import io.cucumber",
            "import cucumber.api",
            "import org.mockito",
            "import static org.mockito",
            "import io.mockk",
            "import kotlin.test",
            "import org.scalatest",
            "import spock.",
            "import io.kotest",
            "import org.specs2",
        ],
        bases: &["TestCase", "Specification"],
        modules: &[],
    },
    Signs {
        endings: &[".php"],
        lines: &[
            "use PHPUnit\\",
            "use Tests\\",
            "use Illuminate\\Foundation\\Testing",
            "use Codeception\\",
            "it('",
            "it(\"",
            "test('",
            "test(\"",
            "uses(",
            "beforeEach(",
        ],
        bases: &["TestCase", "Cest"],
        modules: &[],
    },
    Signs {
        endings: &[".go"],
        lines: &["\"testing\"", "import \"testing\"", "\"net/http/httptest\""],
        bases: &[],
        modules: &[
            "github.com/stretchr/testify",
            "github.com/golang/mock",
            "go.uber.org/mock",
        ],
    },
    Signs {
        endings: &[".cs", ".swift"],
        lines: &[
            "[Fact",
            "[Theory",
            "[Test",
            "[TestMethod",
            "[TestFixture",
            "[TestCase",
            "using Xunit",
            "using NUnit",
            "using Moq",
            "using Microsoft.VisualStudio.TestTools",
            "import XCTest",
            "@testable import",
            "import Testing",
            "@Test",
        ],
        bases: &["XCTestCase"],
        modules: &[],
    },
    Signs {
        endings: &[".rs"],
        lines: &[
            "#[test]",
            "#[tokio::test",
            "#[rstest",
            "#[test_case",
            "#[actix_web::test",
            "#[sqlx::test",
            "proptest!",
        ],
        bases: &[],
        modules: &[],
    },
];

/// Whether the text of a file called `name` shows that it is a test, or that only tests use it.
pub(super) fn of_test(name: &str, text: &[u8]) -> bool {
    let Some(signs) = SIGNS.iter().find(|one| super::ends_with_any(name, one.endings)) else {
        return false;
    };
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines().filter(|line| !is_comment(line.trim_start()));
    lines.any(|line| signs.show(line.trim())) || (name.ends_with(".py") && shows_functions_of_pytest(&text))
}

impl Signs {
    fn show(&self, line: &str) -> bool {
        let begins = self
            .lines
            .iter()
            .any(|sign| line.strip_prefix(sign).is_some_and(|rest| is_whole(sign, rest)));
        begins || self.extends(line) || self.imports(line)
    }

    fn extends(&self, line: &str) -> bool {
        let declares = line.split([' ', '\t']).take(4).any(|word| word == "class");
        // Behind the class's own name: a class may be called so itself.
        let rest = line
            .split_once(['<', '(', ':'])
            .or_else(|| line.split_once(" extends "));
        let bases = rest.map_or("", |(_, bases)| bases);
        let named = |word: &str| self.bases.iter().any(|base| word.ends_with(base));
        declares && bases.split([' ', ',', '(', ')', '{', '<', '>', ';']).any(named)
    }

    /// By the texts in quotes of a line that imports.
    fn imports(&self, line: &str) -> bool {
        let begins = ["import", "export", "const ", "let ", "var ", "} from", "require", "\""];
        if !begins.iter().any(|begin| line.starts_with(begin)) {
            return false;
        }
        let mut quoted = line.split(['\'', '"']).skip(1).step_by(2);
        quoted.any(|module| {
            let mut below = self.modules.iter().filter_map(|known| module.strip_prefix(known));
            below.any(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

/// `@Test` is not `@TestOnly`, `import mock` not `import mockery`; what ends in a sign of its own is whole.
fn is_whole(sign: &str, rest: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    !sign.ends_with(is_letter) || !rest.starts_with(is_letter)
}

fn is_comment(line: &str) -> bool {
    let rust = line.starts_with("#[");
    ["//", "/*", "*", "#", "--", "<!--"]
        .iter()
        .any(|begin| line.starts_with(begin))
        && !rust
}

/// Functions at the left edge, and methods of a class without bases: what pytest collects. A method of a model is neither.
fn shows_functions_of_pytest(text: &str) -> bool {
    let plain_class = text.lines().any(|line| {
        let name = line
            .strip_prefix("class Test")
            .and_then(|rest| rest.trim_end().strip_suffix(':'));
        name.is_some_and(|name| !name.contains('(') || name.ends_with("()") || name.ends_with("(object)"))
    });
    let begins = |line: &str| line.starts_with("def test_") || line.starts_with("async def test_");
    text.lines()
        .any(|line| begins(line) || (plain_class && begins(line.trim_start())))
}

/// Modules of scripts that make data up.
const DICE: [&str; 10] = [
    "casual",
    "casual-browserify",
    "faker",
    "@faker-js/faker",
    "@ngneat/falso",
    "chance",
    "fishery",
    "rosie",
    "factory-girl",
    "ember-cli-mirage",
];

/// Whether a script imports what makes data up.
pub(super) fn of_made_up(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let imports = text
        .lines()
        .filter(|line| line.starts_with("import ") || line.contains("require("));
    let mut modules = imports.filter_map(|line| line.rsplit(['\'', '"']).nth(1));
    modules.any(|module| DICE.contains(&module))
}

/// Whether a text is a story of a component: it says to which workshop.
pub(super) fn of_story(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"@storybook/").is_some()
}

/// Whether a text begins with the licence of whoever published it.
pub(super) fn of_licence(text: &[u8]) -> bool {
    let begin = text.get(..1024).unwrap_or(text);
    let marks = ["@license", "@licence", "@preserve"];
    let marked = |mark: &&str| memchr::memmem::find(begin, mark.as_bytes()).is_some();
    begin.starts_with(b"/*!") || marks.iter().any(marked) || is_universal(begin)
}

/// What is made for any loader of modules asks for all of them at its beginning, as only published libraries do.
fn is_universal(begin: &[u8]) -> bool {
    let has = |mark: &str| memchr::memmem::find(begin, mark.as_bytes()).is_some();
    has("define.amd") || (has("typeof exports") && (has("typeof module") || has("typeof define")))
}

/// Whether a page is a template: what fills it in is the program.
pub(super) fn of_template(text: &[u8]) -> bool {
    let marks = ["{%", "{{", "<%", "<?php", "ng-", "*ng", "v-if", "th:"];
    marks
        .iter()
        .any(|mark| memchr::memmem::find(text, mark.as_bytes()).is_some())
}
