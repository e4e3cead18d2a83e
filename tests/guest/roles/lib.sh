# SPDX-License-Identifier: BSD-2-Clause
# Shared by the roles: sourced, never run.
say() { echo "$*"; }
pass() { echo "PASS $*"; }
fail() { echo "FAIL $*"; G_FAILED=1; }

# wait_for SECONDS COMMAND... : true as soon as COMMAND is
wait_for() {
    _n=$(($1 * 5)); shift
    while [ $_n -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.2; _n=$((_n - 1))
    done
    return 1
}

# log_has FILE REGEX [COUNT]: at least COUNT matching lines
log_has() { [ "$(grep -cE "$2" "$1" 2>/dev/null)" -ge "${3:-1}" ]; }

# ppp_count: PPP interfaces that have an IPv4 address
ppp_count() { ip -o -4 addr show 2>/dev/null | grep -c ' ppp[0-9]'; }
ppp_at_least() { [ "$(ppp_count)" -ge "$1" ]; }

ppp_addr() { ip -o -4 addr show dev "$1" | sed -E 's/.* inet ([0-9.]+) peer ([0-9.]+).*/\1 \2/'; }

# ppp_settled COUNT: all sessions have an address, or the first one has ended
ppp_settled() { ppp_at_least "$1" || log_has /run/ppp.log 'Connection terminated|Modem hangup|Timeout waiting for PADO'; }

# report_ipcp COUNT WAIT : one line for all sessions
report_ipcp() {
    wait_for "$2" ppp_settled "$1"
    if ppp_at_least "$1"; then
        set -- "$1" $(ppp_addr ppp0)
        pass "ipcp: $(ppp_count) of $1 session(s) have an address, ppp0 local $2 peer $3"
        G_PEER=$3; G_LOCAL=$2
    else
        fail "ipcp: $(ppp_count) of $1 session(s) have an address"
        return 1
    fi
}

# report_ping TARGET [COUNT] [IFACE]
report_ping() {
    r=$(ping -n -q -c "${2:-5}" -i 0.2 -W 2 ${3:+-I $3} "$1" 2>&1 | tail -3 | tr '\n' ' ')
    case $r in
    *" 0% packet loss"*) pass "ping: $1: $r" ;;
    *) fail "ping: $1: $r"; return 1 ;;
    esac
}

verdict() { if [ -z "$G_FAILED" ]; then say "RESULT PASS $G_ROLE"; else say "RESULT FAIL $G_ROLE"; fi; [ -z "$G_FAILED" ]; }
dump() { say "--- $1 (last ${2:-25} lines)"; grep -v ' cli: ' "$1" 2>/dev/null | tail -n "${2:-25}" | cut -c1-300 | sed 's/^/    /'; }

# forget_earlier: ends what a role left running in this guest, without a word to the peer
forget_earlier() {
    for _p in $(cat /run/role.pids 2>/dev/null) $(pgrep -x pppd); do kill -9 "$_p" 2>/dev/null; done
    rm -f /run/role.pids /run/xl2tpd*.pid /run/xl2tpd/control* /etc/ppp/resolv.conf
    wait_for 3 no_ppp
}
no_ppp() { ! ip -o link show | grep -q ': ppp[0-9]'; }
