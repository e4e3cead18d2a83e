/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 1661 §4.1: the state transition table, event by event and state by state in the RFC's order. */
#include "ppp/cp.h"

enum { Z = PPP_CP_ILLEGAL };
enum {
	TLU = PPP_CP_TLU, TLD = PPP_CP_TLD, TLS = PPP_CP_TLS, TLF = PPP_CP_TLF, IRC = PPP_CP_IRC, ZRC = PPP_CP_ZRC,
	SCR = PPP_CP_SCR, SCA = PPP_CP_SCA, SCN = PPP_CP_SCN, STR = PPP_CP_STR, STA = PPP_CP_STA, SCJ = PPP_CP_SCJ,
	SER = PPP_CP_SER, NP = PPP_CP_NOTE_P, NR = PPP_CP_NOTE_R, NX = PPP_CP_NOTE_X,
};

#define ROW(event) [PPP_CP_##event]

/* A cell is { actions, new state }; { Z } is the RFC's dash. */
static const struct ppp_cp_cell table[PPP_CP_EVENTS][PPP_CP_STATES] = {
/*                 0 Initial   1 Starting      2 Closed        3 Stopped                4 Closing     5 Stopping */
/*                 6 Req-Sent           7 Ack-Rcvd           8 Ack-Sent           9 Opened */
ROW(UP)       = { { 0, 2 },   { IRC|SCR, 6 }, { Z },          { Z },                   { Z },        { Z },
		  { Z },               { Z },             { Z },             { Z } },
ROW(DOWN)     = { { Z },      { Z },          { 0, 0 },       { TLS, 1 },              { 0, 0 },     { 0, 1 },
		  { 0, 1 },            { 0, 1 },          { 0, 1 },          { TLD, 1 } },
ROW(OPEN)     = { { TLS, 1 }, { 0, 1 },       { IRC|SCR, 6 }, { NR, 3 },               { NR, 5 },    { NR, 5 },
		  { 0, 6 },            { 0, 7 },          { 0, 8 },          { NR, 9 } },
ROW(CLOSE)    = { { 0, 0 },   { TLF, 0 },     { 0, 2 },       { 0, 2 },                { 0, 4 },     { 0, 4 },
		  { IRC|STR, 4 },      { IRC|STR, 4 },    { IRC|STR, 4 },    { TLD|IRC|STR, 4 } },

ROW(TO_GOOD)  = { { Z },      { Z },          { Z },          { Z },                   { STR, 4 },   { STR, 5 },
		  { SCR, 6 },          { SCR, 6 },        { SCR, 8 },        { Z } },
ROW(TO_BAD)   = { { Z },      { Z },          { Z },          { Z },                   { TLF, 2 },   { TLF, 3 },
		  { TLF|NP, 3 },       { TLF|NP, 3 },     { TLF|NP, 3 },     { Z } },

ROW(RCR_GOOD) = { { Z },      { Z },          { STA, 2 },     { IRC|SCR|SCA, 8 },      { 0, 4 },     { 0, 5 },
		  { SCA, 8 },          { SCA|TLU, 9 },    { SCA, 8 },        { TLD|SCR|SCA, 8 } },
ROW(RCR_BAD)  = { { Z },      { Z },          { STA, 2 },     { IRC|SCR|SCN, 6 },      { 0, 4 },     { 0, 5 },
		  { SCN, 6 },          { SCN, 7 },        { SCN, 6 },        { TLD|SCR|SCN, 6 } },
ROW(RCA)      = { { Z },      { Z },          { STA, 2 },     { STA, 3 },              { 0, 4 },     { 0, 5 },
		  { IRC, 7 },          { SCR|NX, 6 },     { IRC|TLU, 9 },    { TLD|SCR|NX, 6 } },
ROW(RCN)      = { { Z },      { Z },          { STA, 2 },     { STA, 3 },              { 0, 4 },     { 0, 5 },
		  { IRC|SCR, 6 },      { SCR|NX, 6 },     { IRC|SCR, 8 },    { TLD|SCR|NX, 6 } },

ROW(RTR)      = { { Z },      { Z },          { STA, 2 },     { STA, 3 },              { STA, 4 },   { STA, 5 },
		  { STA, 6 },          { STA, 6 },        { STA, 6 },        { TLD|ZRC|STA, 5 } },
ROW(RTA)      = { { Z },      { Z },          { 0, 2 },       { 0, 3 },                { TLF, 2 },   { TLF, 3 },
		  { 0, 6 },            { 0, 6 },          { 0, 8 },          { TLD|SCR, 6 } },

ROW(RUC)      = { { Z },      { Z },          { SCJ, 2 },     { SCJ, 3 },              { SCJ, 4 },   { SCJ, 5 },
		  { SCJ, 6 },          { SCJ, 7 },        { SCJ, 8 },        { SCJ, 9 } },
ROW(RXJ_GOOD) = { { Z },      { Z },          { 0, 2 },       { 0, 3 },                { 0, 4 },     { 0, 5 },
		  { 0, 6 },            { 0, 6 },          { 0, 8 },          { 0, 9 } },
ROW(RXJ_BAD)  = { { Z },      { Z },          { TLF, 2 },     { TLF, 3 },              { TLF, 2 },   { TLF, 3 },
		  { TLF, 3 },          { TLF, 3 },        { TLF, 3 },        { TLD|IRC|STR, 5 } },

ROW(RXR)      = { { Z },      { Z },          { 0, 2 },       { 0, 3 },                { 0, 4 },     { 0, 5 },
		  { 0, 6 },            { 0, 7 },          { 0, 8 },          { SER, 9 } },
};

const struct ppp_cp_cell *ppp_cp_cell(enum ppp_cp_state state, enum ppp_cp_event event)
{
	return &table[event][state];
}

const char *ppp_cp_state_name(enum ppp_cp_state state)
{
	static const char *const names[PPP_CP_STATES] = {
		"Initial", "Starting", "Closed", "Stopped", "Closing", "Stopping",
		"Req-Sent", "Ack-Rcvd", "Ack-Sent", "Opened",
	};

	return (unsigned)state < PPP_CP_STATES ? names[state] : "?";
}
