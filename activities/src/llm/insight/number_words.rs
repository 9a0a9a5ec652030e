//! Finds numbers outside references, in digits of any script or in words. "One" and "first" pass, as in "one person" and "first
//! review", and so does "second", as in "a second person": they are seldom meant as values.

const NUMBERS: &[&str] = &[
    "zero",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "million",
    "billion",
    "trillion",
    "dozen",
    "couple",
];

/// Fractions, multiples, ordinals and signs.
const OTHERS: &[&str] = &[
    "half",
    "halve",
    "halved",
    "halves",
    "halving",
    "third",
    "quarter",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "twentieth",
    "hundredth",
    "thousandth",
    "millionth",
    "double",
    "doubled",
    "doubling",
    "twice",
    "thrice",
    "triple",
    "tripled",
    "tripling",
    "treble",
    "trebled",
    "percent",
    "percentage",
    "percentile",
    "cent",
    "minus",
    "tenths",
];

/// Beginnings of multiples, in all their forms.
const STEMS: [&str; 2] = ["quadrupl", "quintupl"];

/// Compounds that hold the word of a number and mean none.
const NO_NUMBERS: [&str; 6] = [
    "double-check",
    "double-checked",
    "double-checking",
    "double-checks",
    "third-parties",
    "third-party",
];

/// Whether the text holds a number.
pub(super) fn has_number(text: &str) -> bool {
    let text = text.to_lowercase().replace(['\u{2010}', '\u{2011}'], "-");
    text.chars().any(is_numeric)
        || text
            .split(|it: char| !it.is_alphabetic() && it != '-')
            .filter(|compound| !NO_NUMBERS.contains(compound))
            .flat_map(|compound| compound.split('-'))
            .any(is_number)
}

fn is_numeric(character: char) -> bool {
    character.is_numeric() || matches!(character, '%' | '‰' | '‱' | '٪' | '％' | '﹪')
}

/// "twenties", "thirds", "threefold".
fn is_number(word: &str) -> bool {
    let singular = word.strip_suffix('s').unwrap_or(word);
    let multiplied = word.strip_suffix("fold").unwrap_or(word);
    let decade = word.strip_suffix("ies").map(|stem| format!("{stem}y"));
    [word, singular, multiplied]
        .into_iter()
        .chain(decade.as_deref())
        .any(|form| NUMBERS.contains(&form) || OTHERS.contains(&form))
        || STEMS.iter().any(|stem| word.starts_with(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_digits_and_words() {
        for number in [
            "7 days",
            "x²",
            "½ of it",
            "Ⅳ",
            "①",
            "٣",
            "𝟓",
            "a % of it",
            "Two people",
            "twenty-one",
            "in the hundreds",
            "dozens of",
            "threefold",
            "the twenties",
            "two-thirds",
            "a third",
            "twice",
            "ten percent",
            "per cent",
            "it doubled",
            "double or nothing",
            "a third-rate-party",
            "quadrupling",
            "quintupled",
            "a couple of",
            "trillions",
            "minus",
        ] {
            assert!(has_number(number), "{number}");
        }
        for plain in [
            "the first review by a second person, one at a time",
            "often, sometimes, manifold, tense, scored, recent, weight, alone, once, both",
            "double-check third-party code, Double\u{2011}checking",
            "coupled",
            "",
        ] {
            assert!(!has_number(plain), "{plain}");
        }
    }
}
