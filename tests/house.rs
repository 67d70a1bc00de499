//! The rules of the house, read off `src/` itself: which way imports go, how long files are, where
//! `unsafe` and `wide` may stand, and that no sum depends on threads or on the build.
//!
//! Every check is a function of a file's name and text that lists what it finds, so that
//! `each_check_finds_what_it_is_for` can show it a file that is wrong.

use std::fs;
use std::path::Path;

/// The floors, lowest first. A file imports from lower floors and from its own folder.
const FLOORS: [&[&str]; 7] = [
    &["error"],
    &["simd", "saved"],
    &["batch"],
    &["kernel"],
    &["indicators", "scale", "frame"],
    &["pipeline", "io"],
    &["cli", "main"],
];

/// The files that may hold `unsafe`.
const UNSAFE: [&str; 3] = ["src/simd/x86.rs", "src/simd/turn.rs", "src/batch/memory.rs"];

/// Parallel iterators whose reduction comes out the same in any order, by file and name.
const ANY_ORDER: [(&str, &str); 1] = [("src/batch/limit.rs", "sums")]; // wrapping sums of u64

const MOST_LINES: usize = 500;

/// Names that the root re-exports, or defines, and the module they come from.
type Roots = Vec<(String, String)>;

#[test]
fn imports_go_down_only() {
    let files = rust_files(&["src"]);
    let root = files.iter().find(|file| file.0 == "src/lib.rs").expect("there is a lib.rs");
    let roots = re_exports(&root.1);
    assert!(roots.contains(&("Element".to_owned(), "batch".to_owned())), "{roots:?}");
    let mut imports = 0;
    none_found(files.iter().flat_map(|(path, text)| {
        imports += paths(path, text).len();
        upward_imports(path, text, &roots)
    }));
    assert!(imports > 50, "only {imports} paths were seen; the scan is broken");
}

#[test]
fn every_module_has_a_floor() {
    let folders: Vec<String> = rust_files(&["src"])
        .iter()
        .filter_map(|(path, _)| module_of(path).first().cloned())
        .collect();
    for module in folders {
        assert!(floor(&module).is_some(), "src/{module} has no floor in tests/house.rs");
    }
}

#[test]
fn no_file_is_long() {
    none_found(rust_files(&["src", "tests", "benches", "fuzz"]).iter().filter_map(long_file));
}

#[test]
fn unsafe_stands_in_few_files_and_says_why() {
    let files = rust_files(&["src"]);
    for named in UNSAFE {
        assert!(files.iter().any(|(path, _)| path == named), "{named} is gone: shorten the list");
    }
    none_found(files.iter().flat_map(|(path, text)| bare_unsafe(path, text)));
}

#[test]
fn wide_stays_in_simd() {
    none_found(rust_files(&["src"]).iter().flat_map(|(path, text)| named_wide(path, text)));
}

#[test]
fn no_sum_depends_on_threads_or_on_the_build() {
    let files = rust_files(&["src"]);
    for (named, name) in ANY_ORDER {
        let reduced = |text: &str| text.contains(&format!("{name}.reduce("));
        let there = files.iter().any(|(path, text)| path == named && reduced(text));
        assert!(there, "`{name}` of {named} is gone: shorten the list");
    }
    none_found(files.iter().flat_map(|(path, text)| loose_sums(path, text)));
}

#[test]
fn each_check_finds_what_it_is_for() {
    let roots = re_exports("pub use batch::{Dtype, Element};\npub use simd::Level;");
    let upward = |path: &str, text: &str| upward_imports(path, text, &roots).len();
    assert_eq!(upward("src/simd/a.rs", "use crate::batch::Tile;"), 1);
    assert_eq!(upward("src/simd/a.rs", "use crate::{error::Error, kernel::{Row, row}};"), 1);
    assert_eq!(upward("src/simd/a.rs", "fn f() -> crate::Element {}"), 1, "through the root");
    assert_eq!(upward("src/simd/a.rs", "use crate::Unheard;"), 1, "of no module");
    assert_eq!(upward("src/io/a.rs", "use super::super::pipeline::Plan;"), 1);
    assert_eq!(upward("src/io/a.rs", "mod tests { use super::super::super::scale::fold; }"), 0);
    assert_eq!(upward("src/io/a.rs", "mod tests { use super::super::super::pipeline::P; }"), 1);
    assert_eq!(upward("src/scale/a.rs", "use crate::frame::lag;"), 1, "a sibling");
    assert_eq!(upward("src/scale/a.rs", "use crate::{scale::fold, simd::{self, Level}};"), 0);
    assert_eq!(upward("src/scale/a.rs", "// use crate::pipeline::Plan;\n/* crate::cli */"), 0);
    assert_eq!(upward("src/scale/a.rs", "let a = \"crate::pipeline\"; pub(crate) use b;"), 0);
    assert_eq!(upward("src/pipeline/a.rs", "use windrow::scale;"), 1, "the crate by its own name");
    assert_eq!(upward("src/cli/a.rs", "use windrow::Pipeline; use crate::cli::print;"), 0);

    let lines = |n: usize| ("src/a.rs".to_owned(), "x\n".repeat(n));
    assert!(long_file(&lines(500)).is_none() && long_file(&lines(501)).is_some());

    let block = "// SAFETY: so.\nlet a = unsafe { b() };";
    assert_eq!(bare_unsafe("src/simd/x86.rs", block).len(), 0);
    assert_eq!(bare_unsafe("src/simd/x86.rs", "// so\nlet a = unsafe { b() };").len(), 1);
    assert_eq!(bare_unsafe("src/simd/x86.rs", "// SAFETY: so.\n\nunsafe { b() }").len(), 1);
    assert_eq!(bare_unsafe("src/simd/x86.rs", "unsafe fn a() {}").len(), 0);
    assert_eq!(bare_unsafe("src/scale/a.rs", block).len(), 1);
    assert_eq!(bare_unsafe("src/scale/a.rs", "#![allow(unsafe_code)]").len(), 1);

    assert_eq!(named_wide("src/kernel/a.rs", "use wide::f64x8;").len(), 1);
    assert_eq!(named_wide("src/kernel/a.rs", "let wide = 1; // wide::f64x8").len(), 0);
    assert_eq!(named_wide("src/simd/a.rs", "use wide::f64x8;").len(), 0);

    let sums = |text: &str| loose_sums("src/a.rs", text).len();
    assert_eq!(sums("a.mul_add(b, c)"), 1);
    assert_eq!(sums("x.par_iter().map(|x| x + 1.0).sum::<f64>()"), 1);
    assert_eq!(sums("x.into_par_iter()\n .reduce(|| 0.0, f)"), 1);
    assert_eq!(sums("x.par_chunks(8).map(|x| x.iter().sum::<f64>()).collect(); y.sum()"), 0);
    assert_eq!(sums("Zip::from(x).par_fold(a, b, c)"), 1);
    assert_eq!(sums("let p = x.par_iter().map(f); p.sum::<f64>()"), 1, "of a name");
    assert_eq!(sums("let p: P = x.par_iter(); let q = p.map(f); q.fold(a, b)"), 1, "of two names");
    assert_eq!(sums("let p = f(|| { let n = 3; x.par_iter() }); p.sum()"), 1, "out of a closure");
    assert_eq!(sums("let (p, n) = (x.par_iter(), [0; 3]); p.product()"), 1, "of several names");
    assert_eq!(sums("let p = x.par_iter().collect(); p.iter().sum()"), 0, "gathered");
    assert_eq!(sums("let p = x.par_iter(); let p = p.collect(); p.iter().sum()"), 0);
    assert_eq!(sums("{ let p = x.par_iter(); p.max() } { p.iter().sum() }"), 0, "another `p`");
    let excepted = "let sums = x.par_iter(); sums.reduce(a, b)";
    assert_eq!(sums(excepted), 1);
    assert_eq!(loose_sums("src/batch/limit.rs", excepted).len(), 0);
}

// The checks.

fn upward_imports(path: &str, text: &str, roots: &Roots) -> Vec<String> {
    let own = module_of(path);
    let Some(own) = own.first() else { return Vec::new() };
    let home = floor(own).unwrap_or(0);
    let mut found = Vec::new();
    for (line, target) in paths(path, text) {
        let by_root = roots.iter().find(|(name, _)| *name == target).map(|(_, module)| module);
        let module = by_root.unwrap_or(&target);
        let allowed = match floor(module) {
            _ if target == "windrow" => home == FLOORS.len() - 1,
            Some(floor) => module == own || floor < home,
            None => false,
        };
        if !allowed {
            found.push(format!("{path}:{line}: `{own}` imports `{target}`"));
        }
    }
    found
}

fn long_file((path, text): &(String, String)) -> Option<String> {
    let lines = text.lines().count();
    (lines > MOST_LINES).then(|| format!("{path}: {lines} lines"))
}

fn bare_unsafe(path: &str, text: &str) -> Vec<String> {
    let named = UNSAFE.contains(&path);
    let lines: Vec<&str> = text.lines().collect();
    let words = words(text);
    let mut found = Vec::new();
    for (at, (line, word)) in words.iter().enumerate() {
        if !named && (word == "unsafe" || word == "unsafe_code") {
            found.push(format!("{path}:{line}: `{word}` outside the files that may"));
        } else if word == "unsafe" && words.get(at + 1).is_some_and(|next| next.1 == "{") {
            let above = lines[..line - 1].iter().rev();
            let mut comment = above.take_while(|line| line.trim_start().starts_with("//"));
            if !comment.any(|line| line.contains("SAFETY: ")) {
                found.push(format!("{path}:{line}: no SAFETY line above `unsafe`"));
            }
        }
    }
    found
}

fn named_wide(path: &str, text: &str) -> Vec<String> {
    if path.starts_with("src/simd/") {
        return Vec::new();
    }
    let words = words(text);
    let named = |pair: &&[(usize, String)]| {
        (pair[0].1 == "wide" && pair[1].1 == "::") || (pair[0].1 == "use" && pair[1].1 == "wide")
    };
    let lines = words.windows(2).filter(named).map(|pair| pair[0].0);
    let mut found: Vec<String> = lines.map(|line| format!("{path}:{line}: `wide`")).collect();
    found.dedup();
    found
}

fn loose_sums(path: &str, text: &str) -> Vec<String> {
    let words = words(text);
    let word = |at: usize| words.get(at).map_or("", |word| word.1.as_str());
    let mut found = Vec::new();
    let mut depth = 0_i32;
    // The names that each `let` binds which has not ended, and the names of parallel iterators; with
    // the depths where they stand.
    let mut lets: Vec<(i32, &[(usize, String)])> = Vec::new();
    let mut parallel: Vec<(i32, &str)> = Vec::new();
    for (at, (line, this)) in words.iter().enumerate() {
        depth += deeper(this);
        match this.as_str() {
            "let" => {
                let names = words[at + 1..].split(|(_, word)| [":", "="].contains(&word.as_str()));
                lets.extend(names.take(1).map(|names| (depth, names)));
            }
            ";" => lets.retain(|(opened, _)| *opened < depth),
            ")" | "]" | "}" => {
                lets.retain(|(opened, _)| *opened <= depth);
                parallel.retain(|(opened, _)| *opened <= depth);
            }
            "mul_add" | "par_fold" => found.push(format!("{path}:{line}: `{this}`")),
            _ => {}
        }
        let named = parallel.iter().any(|(_, name)| name == this)
            && word(at + 1) == "."
            && (at == 0 || word(at - 1) != ".");
        if !named && !this.starts_with("par_") && !this.starts_with("into_par_") {
            continue;
        }
        let calls = calls(&words[at..]);
        let gathers = ["collect", "unzip"];
        let gathered = calls.iter().position(|(_, call)| gathers.contains(&call.as_str()));
        let folds = ["sum", "product", "reduce", "reduce_with", "fold", "fold_with"];
        for (line, call) in &calls[..gathered.unwrap_or(calls.len())] {
            let ordered = !folds.contains(&call.as_str());
            if !ordered && !ANY_ORDER.contains(&(path, this)) {
                found.push(format!("{path}:{line}: `{call}` of threads"));
            }
        }
        if let Some((opened, names)) = lets.last() {
            parallel.retain(|(_, name)| !names.iter().any(|(_, bound)| bound == name));
            if gathered.is_none() {
                parallel.extend(names.iter().map(|(_, name)| (*opened, name.as_str())));
            }
        }
    }
    found
}

/// What is called to the end of an expression: closures stand deeper and are serial.
fn calls(words: &[(usize, String)]) -> Vec<&(usize, String)> {
    let mut calls = Vec::new();
    let mut depth = 0;
    for pair in words.windows(2) {
        depth += deeper(&pair[0].1);
        if depth < 0 || (depth == 0 && pair[0].1 == ";") {
            break;
        }
        if depth == 0 && pair[0].1 == "." {
            calls.push(&pair[1]);
        }
    }
    calls
}

/// How much deeper the next word stands.
fn deeper(word: &str) -> i32 {
    match word {
        "(" | "[" | "{" => 1,
        ")" | "]" | "}" => -1,
        _ => 0,
    }
}

// Reading the source.

fn none_found(found: impl Iterator<Item = String>) {
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// All Rust files of some folders: name from the root of the repository, and text.
fn rust_files(folders: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut left: Vec<_> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut files = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(!files.is_empty());
    files
}

/// `src/pipeline/fit.rs` is `pipeline::fit`; `lib.rs` is the root.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let parts = inner.split('/').filter(|part| !["lib", "mod"].contains(part));
    parts.map(str::to_owned).collect()
}

/// What `lib.rs` gives out under a name of its own, and the module it takes it from.
fn re_exports(root: &str) -> Roots {
    let words = words(root);
    let mut roots = Roots::new();
    for (at, _) in words.windows(3).enumerate().filter(|(_, w)| w[0].1 == "use" && w[2].1 == "::") {
        let names = words[at + 3..].iter().take_while(|(_, word)| word != ";");
        let names = names.filter(|(_, word)| word.starts_with(char::is_alphabetic));
        roots.extend(names.map(|(_, name)| (name.clone(), words[at + 1].1.clone())));
    }
    roots
}

/// Every path that begins at the root of the crate, as its line and first name: `crate::a`,
/// `crate::{a, b}`, `super::super::a` where that is the root, and `windrow` itself.
fn paths(path: &str, text: &str) -> Vec<(usize, String)> {
    let words = words(text);
    let word = |at: usize| words.get(at).map_or("", |word| word.1.as_str());
    let mut found = Vec::new();
    let mut inner: Vec<usize> = Vec::new(); // depths at which `mod x {` was opened
    let mut depth = 0;
    for (at, (line, this)) in words.iter().enumerate() {
        match this.as_str() {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                inner.retain(|&opened| opened < depth + 1);
            }
            "mod" if word(at + 2) == "{" => inner.push(depth + 1),
            "windrow" if word(at + 1) == "::" => found.push((*line, this.clone())),
            _ => {}
        }
        let begins = word(at + 1) == "::" && (at == 0 || word(at - 1) != "::");
        let mut next = at + 2;
        let at_root = match this.as_str() {
            "crate" if begins => true,
            "super" if begins => {
                let mut home = module_of(path).len() + inner.len();
                home = home.saturating_sub(1);
                while word(next) == "super" {
                    home = home.saturating_sub(1);
                    next += 2;
                }
                home == 0
            }
            _ => false,
        };
        if at_root && word(next) == "{" {
            found.extend(group(&words[next..]).into_iter().map(|name| (*line, name)));
        } else if at_root {
            found.push((*line, word(next).to_owned()));
        }
    }
    found
}

/// The first names of the paths in `{a::b, c::{d, e}}`.
fn group(words: &[(usize, String)]) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    for pair in words.windows(2) {
        match pair[0].1.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && ["{", ","].contains(&pair[0].1.as_str()) && pair[1].1 != "}" {
            names.push(pair[1].1.clone());
        }
    }
    names
}

/// The words and signs of a file with their lines, without comments, texts and characters.
fn words(text: &str) -> Vec<(usize, String)> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut words = Vec::new();
    let (mut i, mut line) = (0, 1);
    while i < chars.len() {
        let start = i;
        match chars[i] {
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && chars[i] != '\n' {
                    i += 1;
                }
            }
            '/' if at(i + 1) == '*' => {
                while i < chars.len() && !(chars[i] == '*' && at(i + 1) == '/') {
                    i += 1;
                }
                i += 2;
            }
            'r' if at(i + 1) == '"'
                || (at(i + 1) == '#' && (at(i + 2) == '"' || at(i + 2) == '#')) =>
            {
                i += 1;
                let marks = chars[i..].iter().take_while(|c| **c == '#').count();
                let close: Vec<char> = format!("\"{}", "#".repeat(marks)).chars().collect();
                i += marks + 1;
                while i < chars.len() && !chars[i..].starts_with(&close) {
                    i += 1;
                }
                i += close.len();
            }
            '"' => {
                i += 1;
                while i < chars.len() && chars[i] != '"' {
                    i += if chars[i] == '\\' { 2 } else { 1 };
                }
                i += 1;
            }
            '\'' if at(i + 1) == '\\' => {
                i += 4 + chars[i + 3..].iter().position(|c| *c == '\'').unwrap()
            }
            '\'' if at(i + 2) == '\'' => i += 3,
            c if c.is_alphanumeric() || c == '_' => {
                while at(i).is_alphanumeric() || at(i) == '_' {
                    i += 1;
                }
                words.push((line, chars[start..i].iter().collect()));
            }
            ':' if at(i + 1) == ':' => {
                i += 2;
                words.push((line, "::".to_owned()));
            }
            c => {
                i += 1;
                if !c.is_whitespace() {
                    words.push((line, c.to_string()));
                }
            }
        }
        line += chars[start..i.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    words
}
