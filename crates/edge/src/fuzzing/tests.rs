crate::fuzzing_tests!(super::TARGETS);
