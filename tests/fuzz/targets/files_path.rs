#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| frontend::fuzzing::files_path(bytes));
