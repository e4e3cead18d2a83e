/* SPDX-License-Identifier: BSD-2-Clause */
/* interface loopback, ip local pool. */
#include <stdlib.h>
#include <string.h>

#include "mgmt/edit.h"

enum { POOL_RANGE_MAX = 1 << 24 };	/* a /8 */

/* ---- interface loopback N ---- */

static int edit_loopback(struct edit *e, const struct gr_match *m)
{
	unsigned number = (unsigned)gr_value(m, "number")->num;
	struct loopback_conf *l;

	CONF_FIND(l, e->conf->model.loopbacks, l->number == number);
	if (m->no && l) {
		CONF_UNLINK(e->conf->model.loopbacks, l);
		free(l);
	}
	if (m->no)
		return 0;
	if (!l) {
		l = calloc(1, sizeof(*l));
		if (!l)
			return edit_no_memory(e);
		l->number = number;
		CONF_APPEND(e->conf->model.loopbacks, l);
	}
	e->opened = l;
	return 0;
}

static void write_loopbacks(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct config *c = scope;

	for (const struct loopback_conf *l = c->model.loopbacks; l; l = l->next) {
		conf_line(w, "interface loopback %u", l->number);
		conf_mode(w, MODE_LOOPBACK, l);
	}
}

static int edit_loopback_address(struct edit *e, const struct gr_match *m)
{
	struct loopback_conf *l = edit_scope(e);

	l->ip = (struct ip_addr){ 0 };
	l->prefix_len = 0;
	if (m->no)
		return 0;
	l->ip = gr_value(m, "address")->ip;
	l->prefix_len = (uint8_t)gr_value(m, "mask")->prefix_len;
	if (ip_addr_is_any(&l->ip))
		return edit_error(e, m, "address", "0.0.0.0 cannot be an interface's address");
	return 0;
}

static void write_loopback_address(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct loopback_conf *l = scope;
	struct ip_addr mask = ip4_of(l->prefix_len ? UINT32_MAX << (32 - l->prefix_len) : 0);
	char a[IP_ADDR_TEXT], b[IP_ADDR_TEXT];

	if (!ip_addr_is_none(&l->ip))
		conf_line(w, "ip address %s %s", ip_addr_text(&l->ip, a), ip_addr_text(&mask, b));
}

/* ---- ip local pool NAME START END ---- */

static void pool_free(struct config *c, struct aaa_pool *p)
{
	CONF_UNLINK(c->aaa.pools, p);
	for (struct aaa_pool_range *r = p->ranges, *next; r; r = next) {
		next = r->next;
		free(r);
	}
	free(p->name);
	free(p);
}

static int no_pool(struct edit *e, const struct gr_match *m, struct aaa_pool *p)
{
	const struct gr_value *start = gr_value(m, "start"), *end = gr_value(m, "end");
	struct aaa_pool_range *r;

	if (!p)
		return 0;
	if (!start) {
		pool_free(e->conf, p);
		return 0;
	}
	CONF_FIND(r, p->ranges, r->start == ip4_num(&start->ip) && r->end == ip4_num(&end->ip));
	if (!r)
		return edit_error(e, m, "start", "The pool has no such range");
	CONF_UNLINK(p->ranges, r);
	free(r);
	if (!p->ranges)
		pool_free(e->conf, p);
	return 0;
}

/* Return: 0; 1 when the range is there already; -1. */
static int check_range(struct edit *e, const struct gr_match *m, const char *name, uint32_t start, uint32_t end)
{
	if (end < start)
		return edit_error(e, m, "end", "The range ends before it begins");
	if (end - start >= POOL_RANGE_MAX)
		return edit_error(e, m, "end", "The range has more than %u addresses", POOL_RANGE_MAX);
	if (!start)
		return edit_error(e, m, "start", "0.0.0.0 cannot be a subscriber's address");
	for (const struct aaa_pool *p = e->conf->aaa.pools; p; p = p->next)
		for (const struct aaa_pool_range *r = p->ranges; r; r = r->next) {
			if (r->start == start && r->end == end && strcmp(p->name, name) == 0)
				return 1;
			if (start <= r->end && r->start <= end)
				return edit_error(e, m, "start", "The range overlaps with pool \"%.64s\"", p->name);
		}
	return 0;
}

static struct aaa_pool *pool_add(struct edit *e, const char *name)
{
	struct aaa_pool *p = calloc(1, sizeof(*p));

	if (!p || edit_str(e, &p->name, name)) {
		free(p);
		return NULL;
	}
	CONF_APPEND(e->conf->aaa.pools, p);
	return p;
}

static int edit_pool(struct edit *e, const struct gr_match *m)
{
	const char *name = gr_str(m, "name");
	struct aaa_pool *p;
	struct aaa_pool_range *r;
	uint32_t start, end;
	int rc;

	CONF_FIND(p, e->conf->aaa.pools, strcmp(p->name, name) == 0);
	if (m->no)
		return no_pool(e, m, p);
	start = ip4_num(&gr_value(m, "start")->ip);
	end = ip4_num(&gr_value(m, "end")->ip);
	rc = check_range(e, m, name, start, end);
	if (rc)
		return rc < 0 ? -1 : 0;
	r = calloc(1, sizeof(*r));
	if (!p && r)
		p = pool_add(e, name);
	if (!p || !r) {
		free(r);
		return edit_no_memory(e);
	}
	r->start = start;
	r->end = end;
	CONF_APPEND(p->ranges, r);
	return 0;
}

static void write_pools(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct config *c = scope;

	for (const struct aaa_pool *p = c->aaa.pools; p; p = p->next)
		for (const struct aaa_pool_range *r = p->ranges; r; r = r->next) {
			struct ip_addr start = ip4_of(r->start), end = ip4_of(r->end);

			out_str(conf_begin(w), "ip local pool ");
			out_word(w->o, p->name);
			out_char(w->o, ' ');
			out_addr(w->o, &start);
			out_char(w->o, ' ');
			out_addr(w->o, &end);
			conf_end(w);
		}
}

const struct gr_cmd cmd_pool[] = {
	{ "interface loopback <number:loopback>",
	  "An interface|Loopback: an address of the router itself|Its number",
	  MODE_GLOBAL, GR_NO, "interface loopback <number:loopback>", .opens = MODE_LOOPBACK,
	  .edit = edit_loopback, .write = write_loopbacks },
	{ "ip address <address:ipv4> <mask:mask>", "IP settings|Address of the interface|Address|Network mask",
	  MODE_LOOPBACK, GR_NO, "ip address [<address:ipv4> <mask:mask>]", .edit = edit_loopback_address,
	  .write = write_loopback_address },
	{ "ip local pool <name:pool> <start:ipv4> <end:ipv4>",
	  "IP settings|Resources of this router|Pool of addresses for subscribers|Pool name|First address|"
	  "Last address",
	  MODE_GLOBAL, GR_NO, "ip local pool <name:pool> [<start:ipv4> <end:ipv4>]", .edit = edit_pool,
	  .write = write_pools },
	{ 0 },
};
