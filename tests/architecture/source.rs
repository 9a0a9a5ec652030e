//! The project's own source files, with their code apart from comments and literals, so that a rule about code is not broken by a
//! sentence about it.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One Rust file.
pub(super) struct Source {
    /// Path from the root of the workspace, with slashes.
    pub(super) path: String,
    /// As it is.
    pub(super) text: String,
    /// The same with comments and the insides of literals turned into spaces; lines stay where they are.
    pub(super) code: String,
}

impl Source {
    fn read(root: &Path, path: &Path) -> Source {
        let text = fs::read_to_string(path).unwrap();
        let relative = path.strip_prefix(root).unwrap();
        Source {
            path: relative.to_str().unwrap().replace('\\', "/"),
            code: code_of(&text),
            text,
        }
    }

    /// Whether only `cargo test` compiles it: a folder or file of tests beside the code.
    pub(super) fn is_test(&self) -> bool {
        self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.ends_with("_tests.rs")
            || self.path.ends_with("/test_server.rs")
    }

    pub(super) fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    /// `path:line: text` of each line of code in which `is_broken` finds something.
    pub(super) fn lines_where(&self, is_broken: impl Fn(&str) -> bool) -> Vec<String> {
        self.code
            .lines()
            .enumerate()
            .filter(|(_, line)| is_broken(line))
            .map(|(at, line)| format!("{}:{}: {}", self.path, at + 1, line.trim()))
            .collect()
    }
}

/// The root of the workspace.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// All Rust files of the product: three crates, without the system tests.
pub(super) fn product() -> Vec<Source> {
    let mut sources = vec![];
    for crate_name in ["workflows", "activities", "worker"] {
        read_folder(&root(), &root().join(crate_name), &mut sources);
    }
    assert!(sources.len() > 100, "the product's sources were not found");
    sources
}

/// The Rust files of the system tests.
pub(super) fn system_tests() -> Vec<Source> {
    let mut sources = vec![];
    read_folder(&root(), &root().join("tests"), &mut sources);
    sources
}

fn read_folder(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            read_folder(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(Source::read(root, &path));
        }
    }
}

/// Blanks comments and the insides of strings and characters.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let length = literal_length(rest, before);
        let (piece, is_blank) = match length {
            Some(length) => (&rest[..length], true),
            None => (&rest[..first.len_utf8()], false),
        };
        for letter in piece.chars() {
            code.push(if is_blank && letter != '\n' {
                ' '
            } else {
                letter
            });
        }
        before = piece.chars().next_back().unwrap_or(' ');
        rest = &rest[piece.len()..];
    }
    code
}

/// Length of the comment or literal that begins here, if one does.
fn literal_length(rest: &str, before: char) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_length(rest));
    }
    if rest.starts_with('"') {
        return Some(quoted_length(rest, '"'));
    }
    let is_new_word = !(before.is_alphanumeric() || before == '_');
    if is_new_word && rest.starts_with(['r', 'b', 'c']) {
        let prefix = rest.len() - rest.trim_start_matches(['r', 'b', 'c']).len();
        let hashes = rest[prefix..].len() - rest[prefix..].trim_start_matches('#').len();
        let is_raw = rest[..prefix].contains('r');
        if rest[prefix + hashes..].starts_with('"') && (is_raw || hashes == 0) {
            let body = &rest[prefix + hashes..];
            let length = if is_raw {
                let end = format!("\"{}", "#".repeat(hashes));
                1 + body[1..].find(&end).unwrap() + end.len()
            } else {
                quoted_length(body, '"')
            };
            return Some(prefix + hashes + length);
        }
    }
    // A lifetime has no closing quote right behind its first letter.
    let mut letters = rest.strip_prefix('\'')?.chars();
    let (one, two) = (letters.next()?, letters.next()?);
    (one == '\\' || two == '\'').then(|| quoted_length(rest, '\''))
}

fn block_comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        let piece = &rest[at..];
        if piece.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if piece.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += piece.chars().next().unwrap().len_utf8();
        }
        if depth == 0 {
            return at;
        }
    }
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if letter == quote => return at + 1,
            _ => {}
        }
    }
    panic!("a literal without end: {}", &rest[..40.min(rest.len())]);
}

#[test]
fn comments_and_literals_are_no_code() {
    let text = r##"fn a<'x>() { '{'; '\''; b"}"; r#"" { "#; "\" {"; } // {
/* { /* { */ */ for_r"{";"##;
    let code = code_of(text);
    assert_eq!(code.matches('{').count(), 1, "{code}");
    assert_eq!(code.matches('}').count(), 1, "{code}");
    assert!(
        code.contains("fn a<'x>()") && code.contains("for_r"),
        "{code}"
    );
    assert_eq!(code.lines().count(), text.lines().count());
}
