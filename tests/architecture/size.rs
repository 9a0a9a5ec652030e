//! Files and functions stay small enough to be read at once, and every file says what it is.

use super::{
    assert_none,
    source::{Source, product, system_tests},
};

const MOST_LINES_OF_A_FILE: usize = 400;
const MOST_LINES_OF_A_FUNCTION: usize = 70;

#[test]
fn every_file_says_what_it_is() {
    let found = product()
        .into_iter()
        .chain(system_tests())
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path)
        .collect();
    assert_none("a file starts with //!", found);
}

#[test]
fn no_file_is_too_long() {
    let found = product()
        .into_iter()
        .chain(system_tests())
        .map(|source| (source.text.lines().count(), source.path))
        .filter(|(lines, _)| *lines > MOST_LINES_OF_A_FILE)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert_none("a file has at most 400 lines", found);
}

#[test]
fn no_function_is_too_long() {
    let sources = product();
    let mut functions = 0;
    let mut found = vec![];
    for source in sources.iter().filter(|source| !source.is_test()) {
        for (name, line, lines) in functions_of(source) {
            functions += 1;
            if lines > MOST_LINES_OF_A_FUNCTION {
                found.push(format!("{}:{line}: {name} has {lines} lines", source.path));
            }
        }
    }
    assert!(functions > 500, "only {functions} functions were found");
    assert_none("a function has at most 70 lines", found);
}

/// Name, first line and number of lines of each function with a body, from `fn` to its closing brace.
fn functions_of(source: &Source) -> Vec<(String, usize, usize)> {
    let code = &source.code;
    let mut functions = vec![];
    for (at, _) in code.match_indices("fn ") {
        let is_word =
            !code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let rest = &code[at + 3..];
        let name: String = rest
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect();
        if !is_word || name.is_empty() {
            continue;
        }
        if let Some(length) = body_end(rest) {
            let line = code[..at].matches('\n').count() + 1;
            functions.push((name, line, rest[..length].matches('\n').count() + 1));
        }
    }
    functions
}

/// Where the body ends; `None` for a declaration without one. Braces of types in the signature would need parentheses around
/// them or a `const` argument, which the product has none of.
fn body_end(signature: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut inside = 0_i32;
    for (at, letter) in signature.char_indices() {
        match letter {
            '(' | '[' => inside += 1,
            ')' | ']' => inside -= 1,
            ';' if depth == 0 && inside == 0 => return None,
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    panic!(
        "a function without end: {}",
        &signature[..40.min(signature.len())]
    );
}
