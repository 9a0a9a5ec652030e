//! Plain texts pass as they are, and each kind of foreign matter is refused or cleaned away.

use super::*;

#[test]
fn plain_text_passes_on_one_line() {
    assert_eq!(
        read_plain(
            "  Keeps the cursor\n on a\t502: n < 5, a -> b & \"c\". ",
            60
        )
        .as_deref(),
        Ok("Keeps the cursor on a 502: n < 5, a -> b & \"c\".")
    );
    assert_eq!(read_plain("ääää", 4).as_deref(), Ok("ääää"));
}

#[test]
fn each_kind_of_foreign_matter_is_refused() {
    let refused = |text: &str| read_plain(text, 60).unwrap_err();
    for empty in ["", " \n ", "...", "{}"] {
        assert_eq!(refused(empty), InvalidAnswer::EmptyText, "{empty:?}");
    }
    for hidden in [
        "a\u{0}b",
        "a\u{7}",
        "abc\u{202e}def",
        "a\u{200b}b",
        "\u{feff}a",
        "a\u{e0041}",
    ] {
        assert_eq!(
            refused(hidden),
            InvalidAnswer::HiddenCharacter,
            "{hidden:?}"
        );
    }
    for tag in [
        "a <b>b</b>",
        "<script>alert(1)</script>",
        "a </p",
        "<!-- a",
        "<?xml a",
    ] {
        assert_eq!(refused(tag), InvalidAnswer::Markup, "{tag}");
    }
    for link in [
        "see HTTPS://a.b",
        "WWW.a.b",
        "[a](/b)",
        "javascript:a",
        "mailto:a@b",
    ] {
        assert_eq!(refused(link), InvalidAnswer::Link, "{link}");
    }
    assert_eq!(refused(&"a".repeat(61)), InvalidAnswer::TextTooLong);
}

#[test]
fn numbers_are_runs_of_digits_of_any_script() {
    let found: Vec<&str> = numbers("1,024 of 30% v2.5 ½ ٣ x7y").collect();
    assert_eq!(found, ["1", "024", "30", "2", "5", "½", "٣", "7"]);
}

#[test]
fn lines_stay_and_what_hides_goes() {
    let begun = beginning(
        " \r\n Fix\u{202e} it\r\n\r\n\r\n\u{0}- a\tb\u{2028}- c \u{7}",
        100,
        100,
    );
    assert_eq!(begun.text, "Fix it\n\n- a b\n- c ");
    assert_eq!(begun.characters_left_out, 0);
}

#[test]
fn a_beginning_keeps_both_limits_and_says_what_is_left_out() {
    let begun = beginning(&"x".repeat(300_000), 4_000, 12_000);
    assert_eq!(
        (begun.text.len(), begun.characters_left_out),
        (4_000, 296_000)
    );
    let begun = beginning(&"😀".repeat(4_000), 4_000, 12_000);
    assert_eq!(
        (begun.text.len(), begun.characters_left_out),
        (12_000, 1_000)
    );
    let begun = beginning(&"<".repeat(10), 10, 30);
    assert_eq!(
        (begun.text.as_str(), begun.characters_left_out),
        ("<<<<<", 5)
    );
    let begun = beginning("ab\n\ncd", 4, 100);
    assert_eq!((begun.text.as_str(), begun.characters_left_out), ("ab", 4));
}

#[test]
fn a_line_that_is_cut_for_its_bytes_shows_it() {
    assert_eq!(within_bytes("abc".to_owned(), 3), "abc");
    assert_eq!(within_bytes("\"\"\"\"".to_owned(), 6), "\"\"…");
}

#[test]
fn people_are_masked_and_packages_are_not() {
    for (text, masked) in [
        ("Thanks @ann-b, see ann@corp.example.", "Thanks @, see @"),
        (
            "Co-authored-by: Ann <ann+x@corp.example>",
            "Co-authored-by: Ann <@>",
        ),
        ("Bump @types/node to 20.1", "Bump @types/node to 20.1"),
        ("a @ b", "a @ b"),
        ("äö@ü", "@"),
        ("", ""),
    ] {
        assert_eq!(without_people(text), masked, "{text}");
    }
}
