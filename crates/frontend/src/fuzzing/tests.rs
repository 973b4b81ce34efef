use edge::testing::samples;
use proptest::prelude::*;

use super::TARGETS;

#[test]
fn nothing_that_was_ever_refused_harms() {
    for (name, target) in TARGETS {
        samples(name).iter().for_each(|sample| target(sample));
    }
}

proptest! {
    #[test]
    fn no_bytes_harm(bytes in any::<Vec<u8>>(), text in "[ -~\n]{0,120}") {
        for (_, target) in TARGETS {
            target(&bytes);
            target(text.as_bytes());
        }
    }

    #[test]
    fn no_damage_to_what_was_refused_harms(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        for (name, target) in TARGETS {
            let mut sample = which.get(&samples(name)).clone();
            if !sample.is_empty() {
                let at = at.index(sample.len());
                sample[at] = byte;
            }
            target(&sample);
        }
    }
}
