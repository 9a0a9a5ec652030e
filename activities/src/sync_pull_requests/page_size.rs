//! How many pull requests a page asks for: fewer after each failure that may pass, more again after each page that arrives.

use std::time::Duration;

/// Page sizes, from one that always works to one that usually does.
const PAGE_SIZES: [u8; 7] = [1, 3, 5, 8, 13, 25, 50];
/// A page with all its overflow that takes longer is smaller the next time.
const SLOW_PAGE: Duration = Duration::from_secs(60);

/// The size that follows a page that arrived.
pub(super) fn size_after(page_size: u8, took: Duration, largest: u8) -> u8 {
    if took > SLOW_PAGE {
        shrunk(page_size)
    } else {
        grown(page_size, largest)
    }
}

/// The size that follows a page that failed.
pub(super) fn shrunk(page_size: u8) -> u8 {
    PAGE_SIZES
        .into_iter()
        .rev()
        .find(|size| *size < page_size)
        .unwrap_or(1)
}

fn grown(page_size: u8, largest: u8) -> u8 {
    PAGE_SIZES
        .into_iter()
        .find(|size| *size > page_size)
        .unwrap_or(largest)
        .min(largest)
        .max(page_size)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{SLOW_PAGE, grown, shrunk, size_after};

    #[test]
    fn pages_shrink_to_one_and_grow_back_to_the_setting() {
        let mut size = 25;
        let mut sizes = vec![];
        while size > 1 {
            size = shrunk(size);
            sizes.push(size);
        }
        assert_eq!(sizes, [13, 8, 5, 3, 1]);
        assert_eq!(shrunk(1), 1);
        for expected in [3, 5, 8, 13, 25, 25] {
            size = grown(size, 25);
            assert_eq!(size, expected);
        }
        assert_eq!(grown(25, 100), 50);
        assert_eq!(grown(50, 100), 100);
    }

    #[test]
    fn a_slow_page_is_followed_by_a_smaller_one() {
        let moment = Duration::from_millis(1);
        assert_eq!(size_after(25, SLOW_PAGE + moment, 25), 13);
        assert_eq!(size_after(13, SLOW_PAGE, 25), 25);
    }
}
