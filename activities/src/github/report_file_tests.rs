//! The framings, whole, in pieces of every size, and cut off.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::report_file::{Record, RecordCutter, Unreadable};

/// Reads a file that arrives in pieces of this size.
fn read(file: &[u8], piece: usize) -> Result<Vec<Record>, Unreadable> {
    let (mut cutter, mut records) = (RecordCutter::default(), vec![]);
    for piece in file.chunks(piece) {
        cutter.take(piece, &mut records)?;
    }
    cutter.finish()?;
    Ok(records)
}

/// The number of records, which must not depend on the pieces.
fn count(file: &str) -> Result<usize, Unreadable> {
    let whole = read(file.as_bytes(), usize::MAX);
    for piece in [1, 2, 3, 7] {
        assert_eq!(read(file.as_bytes(), piece), whole, "{piece}: {file}");
    }
    whole.map(|records| records.len())
}

#[test]
fn every_framing_is_read() {
    for (file, records) in [
        ("{\"a\":1}\n{\"a\":2}\n", 2),
        ("{\"a\":1}\r\n\r\n{\"a\":2}", 2),
        ("{\"a\":1}{\"a\":2}", 2),
        ("{\n \"day\": \"2026-11-20\"\n}", 1),
        ("[{\"a\":1},null,{\"a\":2}]", 2),
        ("[]", 0),
        ("null", 0),
        ("null\n{\"a\":1}", 1),
        ("[{\"a\":[1,{\"b\":\"]}\"}]}]\n[{\"a\":2}]", 2),
        (
            r#"{"report_start_day":"2026-11-01","day_totals":[{"a":1},{"a":2},{"a":3}]}"#,
            3,
        ),
        (
            r#"{"day_totals" : [ {"a":["x"]} ] , "report_end_day":"2026-11-01"}"#,
            1,
        ),
        (r#"{"day_totals":[],"organization_id":"1"}"#, 0),
        // Not the key, but a text that looks like it.
        (r#"{"a\"day_totals":[{"a":1},{"b":2}]}"#, 1),
        (r#"{"a":{"day_totals":[{"a":1},{"b":2}]}}"#, 1),
        ("\u{feff}{\"a\":1}", 1),
        ("  \n", 0),
        ("", 0),
        (r#"{"a":"brackets ]}{[ and \" and \\"}"#, 1),
    ] {
        assert_eq!(count(file), Ok(records), "{file}");
    }
}

#[test]
fn what_is_not_json_is_refused() {
    for file in [
        "<html><body>gone</body></html>",
        "{\"a\":1}\n{\"a\":2,\"b\":",
        "{\"a\":1}\n{\"a\"",
        // Cut in the middle of a line that others follow.
        "{\"a\":1}\n{\"a\":2,\"b\":\"te\n{\"a\":3}\n",
        "{\"a\":1}\n{\"a\":2,\"b\":\n{\"a\":3}\n",
        "{\"a\":1}\n{\"a\":\n{\"a\":3}}\n}",
        "[{\"a\":1}",
        "[{\"a\":1},]",
        "[,{\"a\":1}]",
        "[{\"a\":1}{\"a\":1}]",
        "{\"a\":1}\nnonsense",
        "{\"a\":1}]",
        "nul",
        "nulll",
        "7",
        "\"text\"",
        "[[]]",
        "{\"a\":[}]}",
        "{\"day_totals\":7}",
        "{\"day_totals\":[{\"a\":1}]",
        "{\"day_totals\":[{\"a\":1}],}",
    ] {
        assert_eq!(count(file), Err(Unreadable::NotRecords), "{file}");
    }
    assert_eq!(
        read(b"\xEF\xBB{}", usize::MAX),
        Err(Unreadable::NotRecords),
        "half a mark"
    );
}

#[test]
fn a_record_without_an_end_is_not_held() {
    let mut cutter = RecordCutter::default();
    let mut records = vec![];
    cutter
        .take(b"{\"a\":\"", &mut records)
        .expect("a beginning");
    let piece = vec![b'x'; 1024 * 1024];
    let ends = (0..64).find(|_| cutter.take(&piece, &mut records).is_err());
    assert_eq!(ends, Some(15), "sixteen megabytes and a little");
}

fn any_record() -> impl Strategy<Value = Value> {
    let text = "[ -~\\n\"\\\\{}\\[\\]é]{0,12}";
    (text, any::<i64>(), text).prop_map(|(name, number, text)| {
        json!({ "name": name, "number": number, "list": [{ "text": text }, [text]] })
    })
}

proptest! {
    #[test]
    fn framings_and_pieces_make_no_difference(
        rows in prop::collection::vec(any_record(), 0..6),
        piece in 1_usize..40,
    ) {
        let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let array = Value::Array(rows.clone()).to_string();
        let wrapper = json!({ "a": [1], "day_totals": rows, "z": { "b": [] } }).to_string();
        for file in [lines, array, wrapper] {
            let records = read(file.as_bytes(), piece).expect("records");
            let records: Vec<Value> = records.into_iter().map(Value::Object).collect();
            prop_assert_eq!(&records, &rows);
        }
    }

    #[test]
    fn a_cut_file_is_noticed(rows in prop::collection::vec(any_record(), 1..4), cut in 1_usize..30) {
        let array = Value::Array(rows).to_string();
        let left = array.len().saturating_sub(cut);
        prop_assume!(left > 0);
        prop_assert!(read(&array.as_bytes()[..left], 16).is_err());
    }
}
