edge::fuzzing_tests!(super::TARGETS);
