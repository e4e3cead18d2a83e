/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of each attribute, sorted by vendor and type; names are FreeRADIUS's. The lengths are of the value, in
 * octets: a reply with another length is no good (RFC 2865 §5). SECRET is not shown to people.
 */
#ifndef ADIT_WIRE_RADIUS_ATTR_DEF
#define ADIT_WIRE_RADIUS_ATTR_DEF

/* X(enumerator, vendor, type, "Name", form, min, max, OPEN or SECRET, "source") */

/* RFC 2865 to 2869, 3162, 4372, 4818, 4849, 5176, 6519, 6911, 6929. */
#define RADIUS_STANDARD_ATTRS(X) \
	X(USER_NAME, 0, 1, "User-Name", TEXT, 1, 253, OPEN, "RFC 2865 §5.1") \
	X(USER_PASSWORD, 0, 2, "User-Password", PASSWORD, 16, 128, SECRET, "RFC 2865 §5.2") \
	X(CHAP_PASSWORD, 0, 3, "CHAP-Password", OCTETS, 17, 17, SECRET, "RFC 2865 §5.3") \
	X(NAS_IP_ADDRESS, 0, 4, "NAS-IP-Address", IP4, 4, 4, OPEN, "RFC 2865 §5.4") \
	X(NAS_PORT, 0, 5, "NAS-Port", U32, 4, 4, OPEN, "RFC 2865 §5.5") \
	X(SERVICE_TYPE, 0, 6, "Service-Type", U32, 4, 4, OPEN, "RFC 2865 §5.6") \
	X(FRAMED_PROTOCOL, 0, 7, "Framed-Protocol", U32, 4, 4, OPEN, "RFC 2865 §5.7") \
	X(FRAMED_IP_ADDRESS, 0, 8, "Framed-IP-Address", IP4, 4, 4, OPEN, "RFC 2865 §5.8") \
	X(FRAMED_IP_NETMASK, 0, 9, "Framed-IP-Netmask", IP4, 4, 4, OPEN, "RFC 2865 §5.9") \
	X(FRAMED_ROUTING, 0, 10, "Framed-Routing", U32, 4, 4, OPEN, "RFC 2865 §5.10") \
	X(FILTER_ID, 0, 11, "Filter-Id", TEXT, 1, 253, OPEN, "RFC 2865 §5.11") \
	X(FRAMED_MTU, 0, 12, "Framed-MTU", U32, 4, 4, OPEN, "RFC 2865 §5.12") \
	X(FRAMED_COMPRESSION, 0, 13, "Framed-Compression", U32, 4, 4, OPEN, "RFC 2865 §5.13") \
	X(LOGIN_IP_HOST, 0, 14, "Login-IP-Host", IP4, 4, 4, OPEN, "RFC 2865 §5.14") \
	X(LOGIN_SERVICE, 0, 15, "Login-Service", U32, 4, 4, OPEN, "RFC 2865 §5.15") \
	X(LOGIN_TCP_PORT, 0, 16, "Login-TCP-Port", U32, 4, 4, OPEN, "RFC 2865 §5.16") \
	X(REPLY_MESSAGE, 0, 18, "Reply-Message", TEXT, 1, 253, OPEN, "RFC 2865 §5.18") \
	X(CALLBACK_NUMBER, 0, 19, "Callback-Number", TEXT, 1, 253, OPEN, "RFC 2865 §5.19") \
	X(CALLBACK_ID, 0, 20, "Callback-Id", TEXT, 1, 253, OPEN, "RFC 2865 §5.20") \
	X(FRAMED_ROUTE, 0, 22, "Framed-Route", TEXT, 1, 253, OPEN, "RFC 2865 §5.22") \
	X(FRAMED_IPX_NETWORK, 0, 23, "Framed-IPX-Network", OCTETS, 4, 4, OPEN, "RFC 2865 §5.23") \
	X(STATE, 0, 24, "State", OCTETS, 1, 253, OPEN, "RFC 2865 §5.24") \
	X(CLASS, 0, 25, "Class", OCTETS, 1, 253, OPEN, "RFC 2865 §5.25") \
	X(VENDOR_SPECIFIC, 0, 26, "Vendor-Specific", OCTETS, 5, 253, OPEN, "RFC 2865 §5.26") \
	X(SESSION_TIMEOUT, 0, 27, "Session-Timeout", U32, 4, 4, OPEN, "RFC 2865 §5.27") \
	X(IDLE_TIMEOUT, 0, 28, "Idle-Timeout", U32, 4, 4, OPEN, "RFC 2865 §5.28") \
	X(TERMINATION_ACTION, 0, 29, "Termination-Action", U32, 4, 4, OPEN, "RFC 2865 §5.29") \
	X(CALLED_STATION_ID, 0, 30, "Called-Station-Id", TEXT, 1, 253, OPEN, "RFC 2865 §5.30") \
	X(CALLING_STATION_ID, 0, 31, "Calling-Station-Id", TEXT, 1, 253, OPEN, "RFC 2865 §5.31") \
	X(NAS_IDENTIFIER, 0, 32, "NAS-Identifier", TEXT, 1, 253, OPEN, "RFC 2865 §5.32") \
	X(PROXY_STATE, 0, 33, "Proxy-State", OCTETS, 1, 253, OPEN, "RFC 2865 §5.33") \
	X(LOGIN_LAT_SERVICE, 0, 34, "Login-LAT-Service", TEXT, 1, 253, OPEN, "RFC 2865 §5.34") \
	X(LOGIN_LAT_NODE, 0, 35, "Login-LAT-Node", TEXT, 1, 253, OPEN, "RFC 2865 §5.35") \
	X(LOGIN_LAT_GROUP, 0, 36, "Login-LAT-Group", OCTETS, 32, 32, OPEN, "RFC 2865 §5.36") \
	X(FRAMED_APPLETALK_LINK, 0, 37, "Framed-AppleTalk-Link", U32, 4, 4, OPEN, "RFC 2865 §5.37") \
	X(FRAMED_APPLETALK_NETWORK, 0, 38, "Framed-AppleTalk-Network", U32, 4, 4, OPEN, "RFC 2865 §5.38") \
	X(FRAMED_APPLETALK_ZONE, 0, 39, "Framed-AppleTalk-Zone", TEXT, 1, 253, OPEN, "RFC 2865 §5.39") \
	X(ACCT_STATUS_TYPE, 0, 40, "Acct-Status-Type", U32, 4, 4, OPEN, "RFC 2866 §5.1") \
	X(ACCT_DELAY_TIME, 0, 41, "Acct-Delay-Time", U32, 4, 4, OPEN, "RFC 2866 §5.2") \
	X(ACCT_INPUT_OCTETS, 0, 42, "Acct-Input-Octets", U32, 4, 4, OPEN, "RFC 2866 §5.3") \
	X(ACCT_OUTPUT_OCTETS, 0, 43, "Acct-Output-Octets", U32, 4, 4, OPEN, "RFC 2866 §5.4") \
	X(ACCT_SESSION_ID, 0, 44, "Acct-Session-Id", TEXT, 1, 253, OPEN, "RFC 2866 §5.5") \
	X(ACCT_AUTHENTIC, 0, 45, "Acct-Authentic", U32, 4, 4, OPEN, "RFC 2866 §5.6") \
	X(ACCT_SESSION_TIME, 0, 46, "Acct-Session-Time", U32, 4, 4, OPEN, "RFC 2866 §5.7") \
	X(ACCT_INPUT_PACKETS, 0, 47, "Acct-Input-Packets", U32, 4, 4, OPEN, "RFC 2866 §5.8") \
	X(ACCT_OUTPUT_PACKETS, 0, 48, "Acct-Output-Packets", U32, 4, 4, OPEN, "RFC 2866 §5.9") \
	X(ACCT_TERMINATE_CAUSE, 0, 49, "Acct-Terminate-Cause", U32, 4, 4, OPEN, "RFC 2866 §5.10") \
	X(ACCT_MULTI_SESSION_ID, 0, 50, "Acct-Multi-Session-Id", TEXT, 1, 253, OPEN, "RFC 2866 §5.11") \
	X(ACCT_LINK_COUNT, 0, 51, "Acct-Link-Count", U32, 4, 4, OPEN, "RFC 2866 §5.12") \
	X(ACCT_INPUT_GIGAWORDS, 0, 52, "Acct-Input-Gigawords", U32, 4, 4, OPEN, "RFC 2869 §5.1") \
	X(ACCT_OUTPUT_GIGAWORDS, 0, 53, "Acct-Output-Gigawords", U32, 4, 4, OPEN, "RFC 2869 §5.2") \
	X(EVENT_TIMESTAMP, 0, 55, "Event-Timestamp", DATE, 4, 4, OPEN, "RFC 2869 §5.3") \
	X(CHAP_CHALLENGE, 0, 60, "CHAP-Challenge", OCTETS, 5, 253, OPEN, "RFC 2865 §5.40") \
	X(NAS_PORT_TYPE, 0, 61, "NAS-Port-Type", U32, 4, 4, OPEN, "RFC 2865 §5.41") \
	X(PORT_LIMIT, 0, 62, "Port-Limit", U32, 4, 4, OPEN, "RFC 2865 §5.42") \
	X(LOGIN_LAT_PORT, 0, 63, "Login-LAT-Port", TEXT, 1, 253, OPEN, "RFC 2865 §5.43") \
	X(TUNNEL_TYPE, 0, 64, "Tunnel-Type", TAGGED_U32, 4, 4, OPEN, "RFC 2868 §3.1") \
	X(TUNNEL_MEDIUM_TYPE, 0, 65, "Tunnel-Medium-Type", TAGGED_U32, 4, 4, OPEN, "RFC 2868 §3.2") \
	X(TUNNEL_CLIENT_ENDPOINT, 0, 66, "Tunnel-Client-Endpoint", TAGGED_TEXT, 1, 253, OPEN, "RFC 2868 §3.3") \
	X(TUNNEL_SERVER_ENDPOINT, 0, 67, "Tunnel-Server-Endpoint", TAGGED_TEXT, 1, 253, OPEN, "RFC 2868 §3.4") \
	X(ACCT_TUNNEL_CONNECTION, 0, 68, "Acct-Tunnel-Connection", TEXT, 1, 253, OPEN, "RFC 2867 §4.1") \
	X(TUNNEL_PASSWORD, 0, 69, "Tunnel-Password", TAGGED_SALTED, 19, 243, SECRET, "RFC 2868 §3.5") \
	X(ARAP_PASSWORD, 0, 70, "ARAP-Password", OCTETS, 16, 16, SECRET, "RFC 2869 §5.4") \
	X(ARAP_FEATURES, 0, 71, "ARAP-Features", OCTETS, 14, 14, OPEN, "RFC 2869 §5.5") \
	X(ARAP_ZONE_ACCESS, 0, 72, "ARAP-Zone-Access", U32, 4, 4, OPEN, "RFC 2869 §5.6") \
	X(ARAP_SECURITY, 0, 73, "ARAP-Security", U32, 4, 4, OPEN, "RFC 2869 §5.7") \
	X(ARAP_SECURITY_DATA, 0, 74, "ARAP-Security-Data", TEXT, 1, 253, SECRET, "RFC 2869 §5.8") \
	X(PASSWORD_RETRY, 0, 75, "Password-Retry", U32, 4, 4, OPEN, "RFC 2869 §5.9") \
	X(PROMPT, 0, 76, "Prompt", U32, 4, 4, OPEN, "RFC 2869 §5.10") \
	X(CONNECT_INFO, 0, 77, "Connect-Info", TEXT, 1, 253, OPEN, "RFC 2869 §5.11") \
	X(CONFIGURATION_TOKEN, 0, 78, "Configuration-Token", TEXT, 1, 253, OPEN, "RFC 2869 §5.12") \
	X(EAP_MESSAGE, 0, 79, "EAP-Message", OCTETS, 0, 253, SECRET, "RFC 2869 §5.13") \
	X(MESSAGE_AUTHENTICATOR, 0, 80, "Message-Authenticator", OCTETS, 16, 16, OPEN, "RFC 2869 §5.14") \
	X(TUNNEL_PRIVATE_GROUP_ID, 0, 81, "Tunnel-Private-Group-Id", TAGGED_TEXT, 1, 253, OPEN, "RFC 2868 §3.6") \
	X(TUNNEL_ASSIGNMENT_ID, 0, 82, "Tunnel-Assignment-Id", TAGGED_TEXT, 1, 253, OPEN, "RFC 2868 §3.7") \
	X(TUNNEL_PREFERENCE, 0, 83, "Tunnel-Preference", TAGGED_U32, 4, 4, OPEN, "RFC 2868 §3.8") \
	X(ARAP_CHALLENGE_RESPONSE, 0, 84, "ARAP-Challenge-Response", OCTETS, 8, 8, SECRET, "RFC 2869 §5.15") \
	X(ACCT_INTERIM_INTERVAL, 0, 85, "Acct-Interim-Interval", U32, 4, 4, OPEN, "RFC 2869 §5.16") \
	X(ACCT_TUNNEL_PACKETS_LOST, 0, 86, "Acct-Tunnel-Packets-Lost", U32, 4, 4, OPEN, "RFC 2867 §4.2") \
	X(NAS_PORT_ID, 0, 87, "NAS-Port-Id", TEXT, 1, 253, OPEN, "RFC 2869 §5.17") \
	X(FRAMED_POOL, 0, 88, "Framed-Pool", TEXT, 1, 253, OPEN, "RFC 2869 §5.18") \
	X(CHARGEABLE_USER_IDENTITY, 0, 89, "Chargeable-User-Identity", OCTETS, 1, 253, OPEN, "RFC 4372 §2.2") \
	X(TUNNEL_CLIENT_AUTH_ID, 0, 90, "Tunnel-Client-Auth-Id", TAGGED_TEXT, 1, 253, OPEN, "RFC 2868 §3.9") \
	X(TUNNEL_SERVER_AUTH_ID, 0, 91, "Tunnel-Server-Auth-Id", TAGGED_TEXT, 1, 253, OPEN, "RFC 2868 §3.10") \
	X(NAS_FILTER_RULE, 0, 92, "NAS-Filter-Rule", TEXT, 1, 253, OPEN, "RFC 4849 §2") \
	X(NAS_IPV6_ADDRESS, 0, 95, "NAS-IPv6-Address", IP6, 16, 16, OPEN, "RFC 3162 §2.1") \
	X(FRAMED_INTERFACE_ID, 0, 96, "Framed-Interface-Id", IFID, 8, 8, OPEN, "RFC 3162 §3.2") \
	X(FRAMED_IPV6_PREFIX, 0, 97, "Framed-IPv6-Prefix", IP6_PREFIX, 2, 18, OPEN, "RFC 3162 §2.3") \
	X(LOGIN_IPV6_HOST, 0, 98, "Login-IPv6-Host", IP6, 16, 16, OPEN, "RFC 3162 §2.4") \
	X(FRAMED_IPV6_ROUTE, 0, 99, "Framed-IPv6-Route", TEXT, 1, 253, OPEN, "RFC 3162 §2.5") \
	X(FRAMED_IPV6_POOL, 0, 100, "Framed-IPv6-Pool", TEXT, 1, 253, OPEN, "RFC 3162 §2.6") \
	X(ERROR_CAUSE, 0, 101, "Error-Cause", U32, 4, 4, OPEN, "RFC 5176 §3.5") \
	X(DELEGATED_IPV6_PREFIX, 0, 123, "Delegated-IPv6-Prefix", IP6_PREFIX, 2, 18, OPEN, "RFC 4818 §3") \
	X(DS_LITE_TUNNEL_NAME, 0, 144, "DS-Lite-Tunnel-Name", TEXT, 1, 253, OPEN, "RFC 6519 §4.1") \
	X(FRAMED_IPV6_ADDRESS, 0, 168, "Framed-IPv6-Address", IP6, 16, 16, OPEN, "RFC 6911 §3.1") \
	X(DNS_SERVER_IPV6_ADDRESS, 0, 169, "DNS-Server-IPv6-Address", IP6, 16, 16, OPEN, "RFC 6911 §3.2") \
	X(ROUTE_IPV6_INFORMATION, 0, 170, "Route-IPv6-Information", IP6_PREFIX, 2, 18, OPEN, "RFC 6911 §3.3") \
	X(DELEGATED_IPV6_PREFIX_POOL, 0, 171, "Delegated-IPv6-Prefix-Pool", TEXT, 1, 253, OPEN, "RFC 6911 §3.4") \
	X(STATEFUL_IPV6_ADDRESS_POOL, 0, 172, "Stateful-IPv6-Address-Pool", TEXT, 1, 253, OPEN, "RFC 6911 §3.5") \
	X(EXTENDED_ATTRIBUTE_1, 0, 241, "Extended-Attribute-1", OCTETS, 1, 253, OPEN, "RFC 6929 §2") \
	X(EXTENDED_ATTRIBUTE_2, 0, 242, "Extended-Attribute-2", OCTETS, 1, 253, OPEN, "RFC 6929 §2") \
	X(EXTENDED_ATTRIBUTE_3, 0, 243, "Extended-Attribute-3", OCTETS, 1, 253, OPEN, "RFC 6929 §2") \
	X(EXTENDED_ATTRIBUTE_4, 0, 244, "Extended-Attribute-4", OCTETS, 1, 253, OPEN, "RFC 6929 §2") \
	X(EXTENDED_ATTRIBUTE_5, 0, 245, "Extended-Attribute-5", OCTETS, 1, 253, OPEN, "RFC 6929 §2") \
	X(EXTENDED_ATTRIBUTE_6, 0, 246, "Extended-Attribute-6", OCTETS, 1, 253, OPEN, "RFC 6929 §2")

/* Microsoft: RFC 2548. */
#define RADIUS_MICROSOFT_ATTRS(X) \
	X(MS_CHAP_RESPONSE, 311, 1, "MS-CHAP-Response", OCTETS, 50, 50, SECRET, "RFC 2548 §2.1.3") \
	X(MS_CHAP_ERROR, 311, 2, "MS-CHAP-Error", TEXT, 2, 247, OPEN, "RFC 2548 §2.1.5") \
	X(MS_CHAP_CPW_1, 311, 3, "MS-CHAP-CPW-1", OCTETS, 70, 70, SECRET, "RFC 2548 §2.1.6") \
	X(MS_CHAP_CPW_2, 311, 4, "MS-CHAP-CPW-2", OCTETS, 84, 84, SECRET, "RFC 2548 §2.1.7") \
	X(MS_CHAP_LM_ENC_PW, 311, 5, "MS-CHAP-LM-Enc-PW", OCTETS, 6, 247, SECRET, "RFC 2548 §2.1.8") \
	X(MS_CHAP_NT_ENC_PW, 311, 6, "MS-CHAP-NT-Enc-PW", OCTETS, 6, 247, SECRET, "RFC 2548 §2.2") \
	X(MS_MPPE_ENCRYPTION_POLICY, 311, 7, "MS-MPPE-Encryption-Policy", U32, 4, 4, OPEN, "RFC 2548 §2.4.4") \
	X(MS_MPPE_ENCRYPTION_TYPES, 311, 8, "MS-MPPE-Encryption-Types", U32, 4, 4, OPEN, "RFC 2548 §2.4.5") \
	X(MS_RAS_VENDOR, 311, 9, "MS-RAS-Vendor", U32, 4, 4, OPEN, "RFC 2548 §2.7.1") \
	X(MS_CHAP_DOMAIN, 311, 10, "MS-CHAP-Domain", TEXT, 1, 247, OPEN, "RFC 2548 §2.1.4") \
	X(MS_CHAP_CHALLENGE, 311, 11, "MS-CHAP-Challenge", OCTETS, 1, 247, OPEN, "RFC 2548 §2.1.2") \
	X(MS_CHAP_MPPE_KEYS, 311, 12, "MS-CHAP-MPPE-Keys", PASSWORD, 32, 32, SECRET, "RFC 2548 §2.4.1") \
	X(MS_BAP_USAGE, 311, 13, "MS-BAP-Usage", U32, 4, 4, OPEN, "RFC 2548 §2.5.1") \
	X(MS_LINK_UTILIZATION_THRESHOLD, 311, 14, "MS-Link-Utilization-Threshold", U32, 4, 4, OPEN, "RFC 2548 §2.5.2") \
	X(MS_LINK_DROP_TIME_LIMIT, 311, 15, "MS-Link-Drop-Time-Limit", U32, 4, 4, OPEN, "RFC 2548 §2.5.3") \
	X(MS_MPPE_SEND_KEY, 311, 16, "MS-MPPE-Send-Key", SALTED, 18, 242, SECRET, "RFC 2548 §2.4.2") \
	X(MS_MPPE_RECV_KEY, 311, 17, "MS-MPPE-Recv-Key", SALTED, 18, 242, SECRET, "RFC 2548 §2.4.3") \
	X(MS_RAS_VERSION, 311, 18, "MS-RAS-Version", TEXT, 1, 247, OPEN, "RFC 2548 §2.7.2") \
	X(MS_OLD_ARAP_PASSWORD, 311, 19, "MS-Old-ARAP-Password", OCTETS, 16, 16, SECRET, "RFC 2548 §2.6.1") \
	X(MS_NEW_ARAP_PASSWORD, 311, 20, "MS-New-ARAP-Password", OCTETS, 20, 20, SECRET, "RFC 2548 §2.6.2") \
	X(MS_ARAP_PW_CHANGE_REASON, 311, 21, "MS-ARAP-PW-Change-Reason", U32, 4, 4, OPEN, "RFC 2548 §2.6.3") \
	X(MS_FILTER, 311, 22, "MS-Filter", OCTETS, 1, 247, OPEN, "RFC 2548 §2.7.3") \
	X(MS_ACCT_AUTH_TYPE, 311, 23, "MS-Acct-Auth-Type", U32, 4, 4, OPEN, "RFC 2548 §2.7.4") \
	X(MS_ACCT_EAP_TYPE, 311, 24, "MS-Acct-EAP-Type", U32, 4, 4, OPEN, "RFC 2548 §2.7.5") \
	X(MS_CHAP2_RESPONSE, 311, 25, "MS-CHAP2-Response", OCTETS, 50, 50, SECRET, "RFC 2548 §2.3.2") \
	X(MS_CHAP2_SUCCESS, 311, 26, "MS-CHAP2-Success", OCTETS, 43, 43, SECRET, "RFC 2548 §2.3.3") \
	X(MS_CHAP2_CPW, 311, 27, "MS-CHAP2-CPW", OCTETS, 68, 68, SECRET, "RFC 2548 §2.3.4") \
	X(MS_PRIMARY_DNS_SERVER, 311, 28, "MS-Primary-DNS-Server", IP4, 4, 4, OPEN, "RFC 2548 §2.7.6") \
	X(MS_SECONDARY_DNS_SERVER, 311, 29, "MS-Secondary-DNS-Server", IP4, 4, 4, OPEN, "RFC 2548 §2.7.7") \
	X(MS_PRIMARY_NBNS_SERVER, 311, 30, "MS-Primary-NBNS-Server", IP4, 4, 4, OPEN, "RFC 2548 §2.7.8") \
	X(MS_SECONDARY_NBNS_SERVER, 311, 31, "MS-Secondary-NBNS-Server", IP4, 4, 4, OPEN, "RFC 2548 §2.7.9")

/* ADSL Forum: RFC 4679, what RFC 5515 has in L2TP; rates and delays of 32 bits. */
#define RADIUS_ADSL_FORUM_ATTRS(X) \
	X(ADSL_AGENT_CIRCUIT_ID, 3561, 1, "ADSL-Agent-Circuit-Id", TEXT, 1, 63, OPEN, "RFC 4679 §3.3.1") \
	X(ADSL_AGENT_REMOTE_ID, 3561, 2, "ADSL-Agent-Remote-Id", TEXT, 1, 63, OPEN, "RFC 4679 §3.3.2") \
	X(ACTUAL_DATA_RATE_UPSTREAM, 3561, 129, "Actual-Data-Rate-Upstream", U32, 4, 4, OPEN, "RFC 4679 §3.3.3") \
	X(ACTUAL_DATA_RATE_DOWNSTREAM, 3561, 130, "Actual-Data-Rate-Downstream", U32, 4, 4, OPEN, "RFC 4679 §3.3.4") \
	X(MINIMUM_DATA_RATE_UPSTREAM, 3561, 131, "Minimum-Data-Rate-Upstream", U32, 4, 4, OPEN, "RFC 4679 §3.3.5") \
	X(MINIMUM_DATA_RATE_DOWNSTREAM, 3561, 132, "Minimum-Data-Rate-Downstream", U32, 4, 4, OPEN, "RFC 4679 §3.3.6") \
	X(ATTAINABLE_DATA_RATE_UPSTREAM, 3561, 133, "Attainable-Data-Rate-Upstream", U32, 4, 4, OPEN, "RFC 4679 §3.3.7") \
	X(ATTAINABLE_DATA_RATE_DOWNSTREAM, 3561, 134, "Attainable-Data-Rate-Downstream", U32, 4, 4, OPEN, "RFC 4679 §3.3.8") \
	X(MAXIMUM_DATA_RATE_UPSTREAM, 3561, 135, "Maximum-Data-Rate-Upstream", U32, 4, 4, OPEN, "RFC 4679 §3.3.9") \
	X(MAXIMUM_DATA_RATE_DOWNSTREAM, 3561, 136, "Maximum-Data-Rate-Downstream", U32, 4, 4, OPEN, "RFC 4679 §3.3.10") \
	X(MINIMUM_DATA_RATE_UPSTREAM_LOW_POWER, 3561, 137, "Minimum-Data-Rate-Upstream-Low-Power", U32, 4, 4, OPEN, "RFC 4679 §3.3.11") \
	X(MINIMUM_DATA_RATE_DOWNSTREAM_LOW_POWER, 3561, 138, "Minimum-Data-Rate-Downstream-Low-Power", U32, 4, 4, OPEN, "RFC 4679 §3.3.12") \
	X(MAXIMUM_INTERLEAVING_DELAY_UPSTREAM, 3561, 139, "Maximum-Interleaving-Delay-Upstream", U32, 4, 4, OPEN, "RFC 4679 §3.3.13") \
	X(ACTUAL_INTERLEAVING_DELAY_UPSTREAM, 3561, 140, "Actual-Interleaving-Delay-Upstream", U32, 4, 4, OPEN, "RFC 4679 §3.3.14") \
	X(MAXIMUM_INTERLEAVING_DELAY_DOWNSTREAM, 3561, 141, "Maximum-Interleaving-Delay-Downstream", U32, 4, 4, OPEN, "RFC 4679 §3.3.15") \
	X(ACTUAL_INTERLEAVING_DELAY_DOWNSTREAM, 3561, 142, "Actual-Interleaving-Delay-Downstream", U32, 4, 4, OPEN, "RFC 4679 §3.3.16") \
	X(ACCESS_LOOP_ENCAPSULATION, 3561, 144, "Access-Loop-Encapsulation", OCTETS, 3, 3, OPEN, "RFC 4679 §3.3.17") \
	X(IWF_SESSION, 3561, 254, "IWF-Session", OCTETS, 0, 0, OPEN, "RFC 4679 §3.3.18")

/* ERX: spec 7.7 and 8.4, other names from dictionary.erx. ERX-Tunnel-Password is clear text. */
#define RADIUS_ERX_ATTRS(X) \
	X(ERX_VIRTUAL_ROUTER_NAME, 4874, 1, "ERX-Virtual-Router-Name", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_ADDRESS_POOL_NAME, 4874, 2, "ERX-Address-Pool-Name", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_LOCAL_LOOPBACK_INTERFACE, 4874, 3, "ERX-Local-Loopback-Interface", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_PRIMARY_DNS, 4874, 4, "ERX-Primary-Dns", IP4, 4, 4, OPEN, "spec 8.4") \
	X(ERX_SECONDARY_DNS, 4874, 5, "ERX-Secondary-Dns", IP4, 4, 4, OPEN, "spec 8.4") \
	X(ERX_PRIMARY_WINS, 4874, 6, "ERX-Primary-Wins", IP4, 4, 4, OPEN, "spec 8.4") \
	X(ERX_SECONDARY_WINS, 4874, 7, "ERX-Secondary-Wins", IP4, 4, 4, OPEN, "spec 8.4") \
	X(ERX_TUNNEL_VIRTUAL_ROUTER, 4874, 8, "ERX-Tunnel-Virtual-Router", TAGGED_TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_TUNNEL_PASSWORD, 4874, 9, "ERX-Tunnel-Password", TAGGED_TEXT, 1, 247, SECRET, "spec 8.4") \
	X(ERX_INGRESS_POLICY_NAME, 4874, 10, "ERX-Ingress-Policy-Name", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_EGRESS_POLICY_NAME, 4874, 11, "ERX-Egress-Policy-Name", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_INGRESS_STATISTICS, 4874, 12, "ERX-Ingress-Statistics", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_EGRESS_STATISTICS, 4874, 13, "ERX-Egress-Statistics", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_ATM_SERVICE_CATEGORY, 4874, 14, "ERX-Atm-Service-Category", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_ATM_PCR, 4874, 15, "ERX-Atm-PCR", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_ATM_SCR, 4874, 16, "ERX-Atm-SCR", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_ATM_MBS, 4874, 17, "ERX-Atm-MBS", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_CLI_INITIAL_ACCESS_LEVEL, 4874, 18, "ERX-Cli-Initial-Access-Level", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_CLI_ALLOW_ALL_VR_ACCESS, 4874, 19, "ERX-Cli-Allow-All-VR-Access", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_ALTERNATE_CLI_ACCESS_LEVEL, 4874, 20, "ERX-Alternate-Cli-Access-Level", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_ALTERNATE_CLI_VROUTER_NAME, 4874, 21, "ERX-Alternate-Cli-Vrouter-Name", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_SA_VALIDATE, 4874, 22, "ERX-Sa-Validate", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_IGMP_ENABLE, 4874, 23, "ERX-Igmp-Enable", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_PPPOE_DESCRIPTION, 4874, 24, "ERX-Pppoe-Description", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_REDIRECT_VR_NAME, 4874, 25, "ERX-Redirect-VR-Name", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_QOS_PROFILE_NAME, 4874, 26, "ERX-Qos-Profile-Name", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_PPPOE_MAX_SESSIONS, 4874, 27, "ERX-Pppoe-Max-Sessions", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_PPPOE_URL, 4874, 28, "ERX-Pppoe-Url", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_QOS_PROFILE_INTERFACE_TYPE, 4874, 29, "ERX-Qos-Profile-Interface-Type", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_TUNNEL_NAS_PORT_METHOD, 4874, 30, "ERX-Tunnel-Nas-Port-Method", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_SERVICE_BUNDLE, 4874, 31, "ERX-Service-Bundle", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_TUNNEL_TOS, 4874, 32, "ERX-Tunnel-Tos", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_TUNNEL_MAXIMUM_SESSIONS, 4874, 33, "ERX-Tunnel-Maximum-Sessions", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_FRAMED_IP_ROUTE_TAG, 4874, 34, "ERX-Framed-Ip-Route-Tag", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_DIAL_OUT_NUMBER, 4874, 35, "ERX-Dial-Out-Number", TEXT, 1, 247, OPEN, "spec 7.7") \
	X(ERX_PPP_USERNAME, 4874, 36, "ERX-PPP-Username", TEXT, 1, 247, OPEN, "spec 7.7") \
	X(ERX_PPP_PASSWORD, 4874, 37, "ERX-PPP-Password", TEXT, 1, 247, SECRET, "spec 7.7") \
	X(ERX_PPP_AUTH_PROTOCOL, 4874, 38, "ERX-PPP-Auth-Protocol", U32, 4, 4, OPEN, "spec 7.7") \
	X(ERX_MINIMUM_BPS, 4874, 39, "ERX-Minimum-BPS", U32, 4, 4, OPEN, "spec 7.7") \
	X(ERX_MAXIMUM_BPS, 4874, 40, "ERX-Maximum-BPS", U32, 4, 4, OPEN, "spec 7.7") \
	X(ERX_BEARER_TYPE, 4874, 41, "ERX-Bearer-Type", U32, 4, 4, OPEN, "spec 7.7") \
	X(ERX_INPUT_GIGAPKTS, 4874, 42, "ERX-Input-Gigapkts", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_OUTPUT_GIGAPKTS, 4874, 43, "ERX-Output-Gigapkts", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_TUNNEL_INTERFACE_ID, 4874, 44, "ERX-Tunnel-Interface-Id", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_IPV6_VIRTUAL_ROUTER, 4874, 45, "ERX-IpV6-Virtual-Router", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_IPV6_LOCAL_INTERFACE, 4874, 46, "ERX-IpV6-Local-Interface", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_IPV6_PRIMARY_DNS, 4874, 47, "ERX-Ipv6-Primary-Dns", IP6, 16, 16, OPEN, "spec 8.4") \
	X(ERX_IPV6_SECONDARY_DNS, 4874, 48, "ERX-Ipv6-Secondary-Dns", IP6, 16, 16, OPEN, "spec 8.4") \
	X(SDX_SERVICE_NAME, 4874, 49, "Sdx-Service-Name", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(SDX_SESSION_VOLUME_QUOTA, 4874, 50, "Sdx-Session-Volume-Quota", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(SDX_TUNNEL_DISCONNECT_CAUSE_INFO, 4874, 51, "Sdx-Tunnel-Disconnect-Cause-Info", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_RADIUS_CLIENT_ADDRESS, 4874, 52, "ERX-Radius-Client-Address", IP4, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_SERVICE_DESCRIPTION, 4874, 53, "ERX-Service-Description", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_L2TP_RECV_WINDOW_SIZE, 4874, 54, "ERX-L2tp-Recv-Window-Size", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_DHCP_OPTIONS, 4874, 55, "ERX-Dhcp-Options", OCTETS, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_DHCP_MAC_ADDR, 4874, 56, "ERX-Dhcp-Mac-Addr", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_DHCP_GI_ADDRESS, 4874, 57, "ERX-Dhcp-Gi-Address", IP4, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_LI_ACTION, 4874, 58, "ERX-LI-Action", SALTED, 18, 242, SECRET, "dictionary.erx") \
	X(ERX_MED_DEV_HANDLE, 4874, 59, "ERX-Med-Dev-Handle", SALTED, 18, 242, SECRET, "dictionary.erx") \
	X(ERX_MED_IP_ADDRESS, 4874, 60, "ERX-Med-Ip-Address", SALTED, 18, 242, SECRET, "dictionary.erx") \
	X(ERX_MED_PORT_NUMBER, 4874, 61, "ERX-Med-Port-Number", SALTED, 18, 242, SECRET, "dictionary.erx") \
	X(ERX_MLPPP_BUNDLE_NAME, 4874, 62, "ERX-MLPPP-Bundle-Name", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_INTERFACE_DESC, 4874, 63, "ERX-Interface-Desc", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_TUNNEL_GROUP, 4874, 64, "ERX-Tunnel-Group", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_SERVICE_ACTIVATE, 4874, 65, "ERX-Service-Activate", TAGGED_TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_SERVICE_DEACTIVATE, 4874, 66, "ERX-Service-Deactivate", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_SERVICE_VOLUME, 4874, 67, "ERX-Service-Volume", TAGGED_U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_SERVICE_TIMEOUT, 4874, 68, "ERX-Service-Timeout", TAGGED_U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_SERVICE_STATISTICS, 4874, 69, "ERX-Service-Statistics", TAGGED_U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_DF_BIT, 4874, 70, "ERX-DF-Bit", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_IGMP_ACCESS_NAME, 4874, 71, "ERX-IGMP-Access-Name", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_IGMP_ACCESS_SRC_NAME, 4874, 72, "ERX-IGMP-Access-Src-Name", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_IGMP_OIF_MAP_NAME, 4874, 73, "ERX-IGMP-OIF-Map-Name", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_MLD_ACCESS_NAME, 4874, 74, "ERX-MLD-Access-Name", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_MLD_ACCESS_SRC_NAME, 4874, 75, "ERX-MLD-Access-Src-Name", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_MLD_OIF_MAP_NAME, 4874, 76, "ERX-MLD-OIF-Map-Name", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_MLD_VERSION, 4874, 77, "ERX-MLD-Version", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IGMP_VERSION, 4874, 78, "ERX-IGMP-Version", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IP_MCAST_ADM_BW_LIMIT, 4874, 79, "ERX-IP-Mcast-Adm-Bw-Limit", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IPV6_MCAST_ADM_BW_LIMIT, 4874, 80, "ERX-IPv6-Mcast-Adm-Bw-Limit", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_QOS_PARAMETERS, 4874, 82, "ERX-Qos-Parameters", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_SERVICE_SESSION, 4874, 83, "ERX-Service-Session", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_MOBILE_IP_ALGORITHM, 4874, 84, "ERX-Mobile-IP-Algorithm", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MOBILE_IP_SPI, 4874, 85, "ERX-Mobile-IP-SPI", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MOBILE_IP_KEY, 4874, 86, "ERX-Mobile-IP-Key", TEXT, 1, 247, SECRET, "dictionary.erx") \
	X(ERX_MOBILE_IP_REPLAY, 4874, 87, "ERX-Mobile-IP-Replay", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MOBILE_IP_ACCESS_CONTROL, 4874, 88, "ERX-Mobile-IP-Access-Control", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_MOBILE_IP_LIFETIME, 4874, 89, "ERX-Mobile-IP-Lifetime", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_L2TP_RESYNCH_METHOD, 4874, 90, "ERX-L2TP-Resynch-Method", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_TUNNEL_SWITCH_PROFILE, 4874, 91, "ERX-Tunnel-Switch-Profile", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_L2C_UP_STREAM_DATA, 4874, 92, "ERX-L2c-Up-Stream-Data", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_L2C_DOWN_STREAM_DATA, 4874, 93, "ERX-L2c-Down-Stream-Data", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_TUNNEL_TX_SPEED_METHOD, 4874, 94, "ERX-Tunnel-Tx-Speed-Method", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_IGMP_QUERY_INTERVAL, 4874, 95, "ERX-IGMP-Query-Interval", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IGMP_MAX_RESP_TIME, 4874, 96, "ERX-IGMP-Max-Resp-Time", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IGMP_IMMEDIATE_LEAVE, 4874, 97, "ERX-IGMP-Immediate-Leave", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MLD_QUERY_INTERVAL, 4874, 98, "ERX-MLD-Query-Interval", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MLD_MAX_RESP_TIME, 4874, 99, "ERX-MLD-Max-Resp-Time", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MLD_IMMEDIATE_LEAVE, 4874, 100, "ERX-MLD-Immediate-Leave", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IP_BLOCK_MULTICAST, 4874, 101, "ERX-IP-Block-Multicast", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IGMP_EXPLICIT_TRACKING, 4874, 102, "ERX-IGMP-Explicit-Tracking", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IGMP_NO_TRACKING_V2_GRPS, 4874, 103, "ERX-IGMP-No-Tracking-V2-Grps", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MLD_EXPLICIT_TRACKING, 4874, 104, "ERX-MLD-Explicit-Tracking", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MLD_NO_TRACKING_V1_GRPS, 4874, 105, "ERX-MLD-No-Tracking-V1-Grps", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IPV6_INGRESS_POLICY_NAME, 4874, 106, "ERX-IPv6-Ingress-Policy-Name", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_IPV6_EGRESS_POLICY_NAME, 4874, 107, "ERX-IPv6-Egress-Policy-Name", TEXT, 1, 247, OPEN, "spec 8.4") \
	X(ERX_COS_SHAPING_PMT_TYPE, 4874, 108, "ERX-CoS-Shaping-Pmt-Type", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_DHCP_GUIDED_RELAY_SERVER, 4874, 109, "ERX-DHCP-Guided-Relay-Server", IP4, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_ACC_LOOP_CIR_ID, 4874, 110, "ERX-Acc-Loop-Cir-Id", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_ACC_AGGR_CIR_ID_BIN, 4874, 111, "ERX-Acc-Aggr-Cir-Id-Bin", OCTETS, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_ACC_AGGR_CIR_ID_ASC, 4874, 112, "ERX-Acc-Aggr-Cir-Id-Asc", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_ACT_DATA_RATE_UP, 4874, 113, "ERX-Act-Data-Rate-Up", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_ACT_DATA_RATE_DN, 4874, 114, "ERX-Act-Data-Rate-Dn", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MIN_DATA_RATE_UP, 4874, 115, "ERX-Min-Data-Rate-Up", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MIN_DATA_RATE_DN, 4874, 116, "ERX-Min-Data-Rate-Dn", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_ATT_DATA_RATE_UP, 4874, 117, "ERX-Att-Data-Rate-Up", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_ATT_DATA_RATE_DN, 4874, 118, "ERX-Att-Data-Rate-Dn", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MAX_DATA_RATE_UP, 4874, 119, "ERX-Max-Data-Rate-Up", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MAX_DATA_RATE_DN, 4874, 120, "ERX-Max-Data-Rate-Dn", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MIN_LP_DATA_RATE_UP, 4874, 121, "ERX-Min-LP-Data-Rate-Up", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MIN_LP_DATA_RATE_DN, 4874, 122, "ERX-Min-LP-Data-Rate-Dn", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MAX_INTERLV_DELAY_UP, 4874, 123, "ERX-Max-Interlv-Delay-Up", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_ACT_INTERLV_DELAY_UP, 4874, 124, "ERX-Act-Interlv-Delay-Up", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_MAX_INTERLV_DELAY_DN, 4874, 125, "ERX-Max-Interlv-Delay-Dn", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_ACT_INTERLV_DELAY_DN, 4874, 126, "ERX-Act-Interlv-Delay-Dn", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_DSL_LINE_STATE, 4874, 127, "ERX-DSL-Line-State", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_DSL_TYPE, 4874, 128, "ERX-DSL-Type", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IPV6_NDRA_PREFIX, 4874, 129, "ERX-IPv6-NdRa-Prefix", IP6_PREFIX, 2, 18, OPEN, "dictionary.erx") \
	X(ERX_QOS_SET_NAME, 4874, 130, "ERX-Qos-Set-Name", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_SERVICE_ACCT_INTERVAL, 4874, 140, "ERX-Service-Acct-Interval", TAGGED_U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_DOWNSTREAM_CALC_RATE, 4874, 141, "ERX-DownStream-Calc-Rate", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_UPSTREAM_CALC_RATE, 4874, 142, "ERX-UpStream-Calc-Rate", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_MAX_CLIENTS_PER_INTERFACE, 4874, 143, "ERX-Max-Clients-Per-Interface", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_PPP_MONITOR_INGRESS_ONLY, 4874, 144, "ERX-PPP-Monitor-Ingress-Only", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_COS_SCHEDULER_PMT_TYPE, 4874, 146, "ERX-CoS-Scheduler-Pmt-Type", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_BACKUP_ADDRESS_POOL, 4874, 147, "ERX-Backup-Address-Pool", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_ICR_PARTITION_ID, 4874, 150, "ERX-ICR-Partition-Id", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_IPV6_ACCT_INPUT_OCTETS, 4874, 151, "ERX-IPv6-Acct-Input-Octets", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IPV6_ACCT_OUTPUT_OCTETS, 4874, 152, "ERX-IPv6-Acct-Output-Octets", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IPV6_ACCT_INPUT_PACKETS, 4874, 153, "ERX-IPv6-Acct-Input-Packets", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IPV6_ACCT_OUTPUT_PACKETS, 4874, 154, "ERX-IPv6-Acct-Output-Packets", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IPV6_ACCT_INPUT_GIGAWORDS, 4874, 155, "ERX-IPv6-Acct-Input-Gigawords", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IPV6_ACCT_OUTPUT_GIGAWORDS, 4874, 156, "ERX-IPv6-Acct-Output-Gigawords", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IPV6_NDRA_POOL_NAME, 4874, 157, "ERX-IPv6-NdRa-Pool-Name", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_PPPOE_PADN, 4874, 158, "ERX-PppoE-Padn", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_DHCP_OPTION_82, 4874, 159, "ERX-Dhcp-Option-82", OCTETS, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_VLAN_MAP_ID, 4874, 160, "ERX-Vlan-Map-Id", U32, 4, 4, OPEN, "dictionary.erx") \
	X(ERX_IPV6_DELEGATED_POOL_NAME, 4874, 161, "ERX-IPv6-Delegated-Pool-Name", TEXT, 1, 247, OPEN, "dictionary.erx") \
	X(ERX_TX_CONNECT_SPEED, 4874, 162, "ERX-Tx-Connect-Speed", U32, 4, 4, OPEN, "spec 8.4") \
	X(ERX_RX_CONNECT_SPEED, 4874, 163, "ERX-Rx-Connect-Speed", U32, 4, 4, OPEN, "spec 8.4")

#define RADIUS_ATTRS(X) RADIUS_STANDARD_ATTRS(X) RADIUS_MICROSOFT_ATTRS(X) RADIUS_ADSL_FORUM_ATTRS(X) RADIUS_ERX_ATTRS(X)

#endif
