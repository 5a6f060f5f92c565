//! The random numbers of NumPy's `RandomState`, so that folds are those of Python's programs.

/// Words of state.
const N: usize = 624;
const M: usize = 397;

/// The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998).
pub(super) struct Mersenne {
    state: [u32; N],
    next: usize,
}

impl Mersenne {
    /// The state that NumPy gives a whole number as its seed.
    pub fn new(seed: u32) -> Self {
        let mut state = [seed; N];
        for i in 1..N {
            let before = state[i - 1];
            state[i] =
                1_812_433_253u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(i as u32);
        }
        Self { state, next: N }
    }

    fn word(&mut self) -> u32 {
        if self.next == N {
            self.refill();
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn refill(&mut self) {
        for i in 0..N {
            let joined = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % N] & 0x7fff_ffff);
            let twist = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[i] = self.state[(i + M) % N] ^ (joined >> 1) ^ twist;
        }
        self.next = 0;
    }

    /// A whole number from 0 to `most`, all equally probable: words are cut to the bits of `most`
    /// until one fits.
    fn up_to(&mut self, most: u32) -> u32 {
        if most == 0 {
            return 0;
        }
        let mask = u32::MAX >> most.leading_zeros();
        loop {
            let value = self.word() & mask;
            if value <= most {
                return value;
            }
        }
    }

    /// Puts the values into a random order (Fisher and Yates, from the last place to the first).
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for i in (1..values.len()).rev() {
            let other = self.up_to(i as u32) as usize;
            values.swap(i, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // numpy.random.RandomState(5489).randint(0, 2**32, dtype="uint32") and the reference program of
    // the generator's authors, whose 10,000th word after the default seed is 4123659995.
    #[test]
    fn words_are_those_of_the_authors() {
        let mut generator = Mersenne::new(5489);
        assert_eq!(generator.word(), 3_499_211_612);
        let last = (1..10_000).map(|_| generator.word()).last();
        assert_eq!(last, Some(4_123_659_995));
    }

    // numpy.random.RandomState(0).permutation(10)
    #[test]
    fn orders_are_numpys() {
        let mut order: Vec<usize> = (0..10).collect();
        Mersenne::new(0).shuffle(&mut order);
        assert_eq!(order, [2, 8, 4, 9, 1, 6, 7, 3, 0, 5]);
    }
}
