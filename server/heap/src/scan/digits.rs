//! Up to eight decimal digits at once, in the bytes of a word.

/// Powers of ten.
pub(super) const POWERS: [u64; 9] = {
    let mut powers = [1; 9];
    let mut exponent = 1;
    while exponent < 9 {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// How many of the eight bytes, from the first, are digits; `word` is already less `'0'` each.
#[inline]
pub(super) fn leading_digits(word: u64) -> usize {
    // A carry out of a byte can only spoil later ones, and only the first non-digit counts.
    let beyond_nine = (word.wrapping_add(0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080;
    (beyond_nine.trailing_zeros() / 8) as usize
}

/// The value of the first `length` (1 to 8) digits of `word`.
#[inline]
pub(super) fn digits_value(word: u64, length: usize) -> u64 {
    // Moves the digits to the end, with zeros before them; then adds neighbours, pairs, fours.
    let digits = word << (64 - 8 * length);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let low = (pairs & 0x0000_00FF_0000_00FF).wrapping_mul(0x000F_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00FF_0000_00FF).wrapping_mul(0x0000_2710_0000_0001);
    low.wrapping_add(high) >> 32
}
