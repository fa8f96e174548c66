//! Imports of third parties' modules: whose they are, and whether what they name is used.

use averment_catalog::{Flow, ThirdParty};
use averment_syntax::{Facts, Import, Language};

use super::plain::{defines, is_error};
use super::uses::Uses;
use crate::code::look::{Look, live};
use crate::code::texts;
use crate::identify::{Kind, Names};
use crate::observation::{Confidence, How, Side, Tier};

/// An import of a third party's module.
pub(super) struct Known<'f> {
    pub(super) import: &'f Import,
    pub(super) parties: &'static [&'static ThirdParty],
}

pub(super) fn known_imports<'f>(look: &Look<'_>, facts: &'f Facts) -> Vec<Known<'f>> {
    let names = look.tables.names();
    let imports = facts.imports.iter().filter_map(|import| {
        let parties = parties_of_module(names, look.language, &import.module, &import.names);
        (!parties.is_empty()).then_some(Known { import, parties })
    });
    imports.collect()
}

fn parties_of_module(
    names: &'static Names,
    language: Language,
    module: &str,
    imported: &[(String, String)],
) -> &'static [&'static ThirdParty] {
    let module = module.trim();
    match language {
        Language::JavaScript | Language::TypeScript | Language::Tsx | Language::Html | Language::Pug
            if !module.starts_with(['.', '/', '~', '#']) =>
        {
            let of_amazon = module.strip_prefix("aws-sdk/clients/");
            let service = of_amazon.map(|service| names.look_up(Kind::Service, &format!("boto3 {service}")));
            let known = service.filter(|parties| !parties.is_empty());
            known.unwrap_or_else(|| names.look_up(Kind::Npm, package(module)))
        }
        Language::Python if !module.starts_with('.') => python(names, module, imported),
        Language::Ruby | Language::Erb | Language::Haml | Language::Slim => names.look_up(Kind::RubyFeature, module),
        Language::Go => names.look_up(Kind::Go, module),
        Language::Java | Language::Kotlin => names.look_up(Kind::JavaPackage, module),
        Language::Php => names.look_up(Kind::PhpNamespace, module.trim_start_matches('\\')),
        Language::Rust => names.look_up(Kind::Crate, module.split("::").next().unwrap_or(module)),
        _ => &[],
    }
}

/// The package in a module that is named with where it comes from: `npm:stripe@17`, `https://esm.sh/@supabase/supabase-js@2`.
fn package(module: &str) -> &str {
    const KEEPERS: [&str; 8] = [
        "npm:",
        "https://esm.sh/",
        "https://esm.run/",
        "https://cdn.skypack.dev/",
        "https://cdn.jsdelivr.net/npm/",
        "https://unpkg.com/",
        "https://jspm.dev/",
        "https://ga.jspm.io/npm:",
    ];
    let Some(rest) = KEEPERS.iter().find_map(|keeper| module.strip_prefix(keeper)) else {
        return module;
    };
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let scope = if rest.starts_with('@') { 1 } else { 0 };
    let version = rest.get(scope..).and_then(|name| name.find('@')).map(|at| at + scope);
    version.and_then(|at| rest.get(..at)).unwrap_or(rest)
}

/// `from google.cloud import storage` means `google.cloud.storage`.
fn python(names: &'static Names, module: &str, imported: &[(String, String)]) -> &'static [&'static ThirdParty] {
    let longer = imported.iter().find_map(|(_, name)| {
        let found = names.look_up(Kind::PythonModule, &format!("{module}.{name}"));
        (!found.is_empty()).then_some(found)
    });
    longer.unwrap_or_else(|| names.look_up(Kind::PythonModule, module))
}

pub(super) fn imports(look: &mut Look<'_>, facts: &Facts, known: &[Known<'_>]) {
    let uses = Uses::of(look.text, facts);
    for one in known {
        let import = one.import;
        let tier = live(import.surroundings, tier_of(look.language, import, &uses));
        let confidence = if tier == Tier::Contacted {
            Confidence::Certain
        } else {
            Confidence::Likely
        };
        if let Some(finding) = look.known(
            one.parties,
            &import.module,
            import.span.start,
            (tier, How::Import, confidence),
        ) {
            finding.side = side_of(finding.side, one.parties);
        }
    }
}

/// How far from a flow an import is, by its names and their use.
fn tier_of<'f>(language: Language, import: &'f Import, uses: &Uses<'f>) -> Tier {
    let script = matches!(language, Language::TypeScript | Language::Tsx);
    // In TypeScript a class of errors in the place of a type is gone at run time; elsewhere it is caught.
    let may_be_types = script || !are_errors(import);
    let of_types = is_of_types(&import.module) && !(language == Language::Python && uses.makes(import));
    if import.types_only || of_types || (may_be_types && uses.are_types(language, import)) {
        return Tier::Dead;
    }
    if are_errors(import) || only_define(import) || is_of_sign_in(&import.module) {
        return Tier::Configured;
    }
    // Without names: what is imported for what it does alone, as agents of monitoring are.
    let acts = import.names.is_empty() && (script || language == Language::JavaScript);
    if acts || (!import.names.is_empty() && uses.has(import)) {
        Tier::Contacted
    } else {
        Tier::Configured
    }
}

/// Modules that are loaded from where they lie: a browser asks for them, and so does Deno when it starts.
pub(super) fn imported_addresses(look: &mut Look<'_>, facts: &Facts) {
    let live_ones = facts.imports.iter().filter(|import| !import.types_only);
    for import in live_ones.filter(|import| import.module.starts_with("https://")) {
        let Some(found) = crate::code::addresses::addresses(&import.module).into_iter().next() else {
            continue;
        };
        let (tier, how) = match texts::contact(look) {
            Tier::Embedded => (Tier::Embedded, How::Script),
            tier => (tier, How::Import),
        };
        let tier = live(import.surroundings, tier);
        look.address(&found.address, import.span.start, (tier, how, Confidence::Certain));
    }
}

/// Whether only classes of errors are imported: they are caught, and ask nobody.
fn are_errors(import: &Import) -> bool {
    // A class, and no function that tells of errors: `captureException`.
    let error = |name: &str| is_error(name.rsplit(['.', ':', '\\']).next().unwrap_or(name));
    let last = import.module.rsplit(['.', '/']).next().unwrap_or_default();
    let whole = ["errors", "exceptions", "error", "exception"].contains(&last) || error(last);
    !import.names.is_empty() && (whole || import.names.iter().all(|(_, name)| error(name)))
}

/// `import { defineField, defineType } from "…"`: what things are called there is written down.
fn only_define(import: &Import) -> bool {
    !import.names.is_empty() && import.names.iter().all(|(_, name)| defines(name))
}

/// `node-client/dist/types/tickets`, `sentry_sdk.types`: types of a package, of which nothing is left at run time.
fn is_of_types(module: &str) -> bool {
    let is_types = |part: &str| ["types", "typing", "_types", "_typing"].contains(&part);
    let mut parts = module.split(if module.contains('/') { '/' } else { '.' }).skip(1);
    module.starts_with("@types/") || parts.any(is_types)
}

/// Modules by which a library of sign-ins is set up for one provider: whoever signs in is led there later.
fn is_of_sign_in(module: &str) -> bool {
    let of_auth = ["next-auth/", "@auth/"].iter().any(|front| module.starts_with(front));
    let of_django = [
        "social_core.backends.",
        "social.backends.",
        "allauth.socialaccount.providers.",
    ];
    (of_auth && module.contains("/providers/")) || of_django.iter().any(|front| module.starts_with(front))
}

/// Whether what is called came from such a module: `GithubProvider({…})`.
pub(super) fn sets_up_sign_in(head: &str, known: &[Known<'_>]) -> bool {
    known.iter().any(|one| {
        let here = one.import.names.iter().any(|(local, _)| local == head);
        here && is_of_sign_in(&one.import.module)
    })
}

/// A third party that only browsers talk to is in the browser, whatever the file looks like.
fn side_of(side: Option<Side>, parties: &[&ThirdParty]) -> Option<Side> {
    let only = |flow: Flow, other: Flow| {
        parties
            .iter()
            .all(|party| party.flows.contains(&flow) && !party.flows.contains(&other))
    };
    match side {
        None if only(Flow::Browser, Flow::Server) => Some(Side::Browser),
        None if only(Flow::Server, Flow::Browser) => Some(Side::Server),
        side => side,
    }
}
