use super::masked;

fn shown(line: &str) -> String {
    String::from_utf8(masked(line.as_bytes()).into_owned()).expect("text")
}

#[test]
fn whatever_has_the_shape_of_a_token_is_masked() {
    for (line, expected) in [
        ("path=/v2/whfp_AbC-12_x/tags", "path=/v2/***/tags"),
        ("whfa_1 and whfs_2", "*** and ***"),
        ("/%77hfp_secret?x=1", "/***?x=1"),
        ("/whfp%5Fsec%72et%2Fmore", "/***%2Fmore"),
        ("/%2577hfp_secret", "/***"),
        ("/%25%37hfp_secret", "/%25%37hfp_secret"),
        ("{\"agent\":\"WHFP_secret\"}", "{\"agent\":\"***\"}"),
        ("prefixwhfp_secret\n", "prefix***\n"),
        ("whfp_", "***"),
        ("whfq_x whf whfp% %", "whfq_x whf whfp% %"),
        ("/v2/p/team/app/web/tags/list", "/v2/p/team/app/web/tags/list"),
        ("", ""),
    ] {
        assert_eq!(shown(line), expected, "{line}");
    }
}
