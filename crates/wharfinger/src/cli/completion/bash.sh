_wharfinger() {
    local line=${COMP_LINE:0:COMP_POINT} words index current separator=$'\013'
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    index=$((${#words[@]} - 1))
    current=${words[index]}
    local IFS=$separator
    COMPREPLY=($(_CLAP_IFS="$separator" _CLAP_COMPLETE_INDEX="$index" WHARFINGER_COMPLETE=bash wharfinger -- "${words[@]}" 2> /dev/null))
    # For bash a colon ends a word: what stands before it stays where it is.
    local before=${current%"$2"}
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
    [[ ${COMPREPLY-} == *[=:/] ]] && compopt -o nospace 2> /dev/null
    return 0
}
complete -o bashdefault -o default -F _wharfinger wharfinger
