//! A small deterministic generator of pseudo-random numbers (SplitMix64, public domain), so that a failing case can be
//! had again.

pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Between one and so many characters of this alphabet.
    pub fn text(&mut self, alphabet: &str, maximum: usize) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        let length = 1 + self.below(maximum);
        (0..length).map(|_| *self.pick(&alphabet)).collect()
    }
}
