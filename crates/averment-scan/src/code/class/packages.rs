//! Libraries of others that lie where pages load them.

use super::File;
use super::folders::ASSETS;

/// Libraries that are laid below assets as they come, with their demonstrations: `static/js/codemirror/mode/slim/index.html`. Not those in whose
/// name programs keep code of their own: `js/blockly/blocks/…`, `js/leaflet/…`, `js/d3/charts/…`.
const LIBRARIES: [&str; 24] = [
    "ace-builds",
    "ckeditor",
    "ckeditor4",
    "ckeditor5",
    "codemirror",
    "datatables",
    "font-awesome",
    "fontawesome",
    "fullcalendar",
    "highlightjs",
    "highcharts",
    "jquery-ui",
    "jqueryui",
    "katex",
    "mathjax",
    "monaco-editor",
    "pdfjs",
    "pdf.js",
    "plupload",
    "select2",
    "summernote",
    "tinymce",
    "video-js",
    "videojs",
];

/// Whether the folder at `depth` holds a library, or libraries, of others.
pub(super) fn is_one(file: &File<'_>, depth: usize) -> bool {
    let above = depth.checked_sub(1).and_then(|above| file.parts.get(above));
    above.is_some_and(|above| ASSETS.contains(above)) && (is_known(file, depth) || is_published(file, depth))
}

/// The name of a library, also with its version, `codemirror-5.65.2`, and in it what is called like it, or lies in folders of its own: straight
/// in such a folder lies what a program says to the library.
fn is_known(file: &File<'_>, depth: usize) -> bool {
    let Some(part) = file.parts.get(depth) else {
        return false;
    };
    let name = part
        .trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.')
        .trim_end_matches(['-', '_']);
    let known = LIBRARIES.iter().find(|library| **library == *part || **library == name);
    known.is_some_and(|library| file.parts.len() > depth + 1 || file.name.starts_with(library))
}

/// `public/packages/select2/…`, `static/vendor/…`: a package as it was published, laid where pages load it. It brings its own manifest,
/// licence or introduction.
fn is_published(file: &File<'_>, depth: usize) -> bool {
    let part = |depth: usize| file.parts.get(depth).copied().unwrap_or_default();
    if !["packages", "vendor", "vendors", "lib", "libs", "plugins"].contains(&part(depth)) {
        return false;
    }
    let brought = [
        "package.json",
        "bower.json",
        "composer.json",
        "LICENSE",
        "LICENSE.md",
        "LICENSE.txt",
        "license.txt",
        "LICENSE-MIT",
        "MIT-LICENSE.txt",
        "README.md",
        "README",
        "readme.md",
    ];
    // A scope holds packages: `@scope/name`.
    let most = if part(depth + 1).starts_with('@') { 3 } else { 2 };
    let package = file.parts.len() >= depth + most;
    package
        && brought
            .iter()
            .any(|name| file.beside.holds(&file.folder(depth + most), name))
}
