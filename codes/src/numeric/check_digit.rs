//! The check digit of H. Michael Damm ("Total anti-symmetrische Quasigruppen", Marburg 2004).
//!
//! It notices every single mistyped digit and every swap of two neighbours, which Luhn's does not (09 and 90).

/// Damm's totally anti-symmetric quasigroup of order 10; its diagonal is zero.
const QUASIGROUP: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The check digit of these digits, 0 to 9; of digits with their check digit behind them it is 0. `None` if there is
/// anything but digits.
pub(super) fn check_digit(digits: &str) -> Option<u8> {
    digits.chars().try_fold(0_u8, |interim, character| {
        let digit = usize::try_from(character.to_digit(10)?).ok()?;
        QUASIGROUP.get(usize::from(interim))?.get(digit).copied()
    })
}
