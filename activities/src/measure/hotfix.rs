//! Whether a pull request mends something in a hurry. Only the author's own word for it counts: how fast something was merged says
//! nothing about why.

/// Whether the title or a label has the word "hotfix", in one word or two.
pub fn is_hotfix(title: &str, labels: &[String]) -> bool {
    has_the_word(title) || labels.iter().any(|label| has_the_word(label))
}

fn has_the_word(text: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.contains(&"hotfix") || words.windows(2).any(|pair| pair == ["hot", "fix"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_counts_however_it_is_written() {
        for title in [
            "Hotfix: keep the session",
            "hotfix(api)!: stop the leak",
            "HOT-FIX for the login",
            "A hot fix",
            "[hot_fix] Roll the limit back",
            "hotfix/4711",
        ] {
            assert!(is_hotfix(title, &[]), "{title}");
        }
        assert!(is_hotfix("Keep the session", &["kind/Hot-Fix".to_owned()]));
    }

    #[test]
    fn no_other_word_does() {
        for title in [
            "",
            "Fix the hot path",
            "Hot fixtures",
            "Shotfix",
            "Fix hot reload",
            "hot: a fix",
        ] {
            assert!(!is_hotfix(title, &[]), "{title}");
        }
        let labels = ["fix".to_owned(), "hot".to_owned()];
        assert!(!is_hotfix("Mend it", &labels), "labels are not one text");
    }
}
