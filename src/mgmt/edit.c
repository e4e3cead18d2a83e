/* SPDX-License-Identifier: BSD-2-Clause */
/* Plain settings: a row's field in a scope, set, undone and given its default. */
#include "mgmt/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int edit_error(struct edit *e, const struct gr_match *m, const char *value, const char *fmt, ...)
{
	const struct gr_value *v = value ? gr_value(m, value) : NULL;
	struct out o = { 0 };
	va_list ap;

	va_start(ap, fmt);
	out_vfmt(&o, fmt, ap);
	va_end(ap);
	snprintf(e->error, sizeof(e->error), "%s", o.p ? o.p : "Refused");
	out_fini(&o);
	e->error_value = v ? (int)(v - m->v) : -1;
	return -1;
}

int edit_no_memory(struct edit *e)
{
	snprintf(e->error, sizeof(e->error), "Out of memory");
	e->error_value = -1;
	return -1;
}

int edit_str(struct edit *e, char **at, const char *v)
{
	char *s = v ? strdup(v) : NULL;

	if (v && !s)
		return edit_no_memory(e);
	if (*at)
		explicit_bzero(*at, strlen(*at));
	free(*at);
	*at = s;
	return 0;
}

static void put_number(void *at, enum gr_field_kind kind, uint64_t v)
{
	if (kind == FIELD_U8)
		*(uint8_t *)at = (uint8_t)v;
	else if (kind == FIELD_U16)
		*(uint16_t *)at = (uint16_t)v;
	else
		*(uint32_t *)at = (uint32_t)v;
}

/* Whether a number was given, though it may be the default. */
static void note_kept(const struct gr_field *f, void *scope, bool given)
{
	uint8_t *kept = (uint8_t *)scope + f->kept_off;

	if (f->flags & FIELD_KEPT)
		*kept = given ? *kept | f->kept_bit : *kept & (uint8_t)~f->kept_bit;
}

static int set_enums(struct edit *e, const struct gr_field *f, void *at, const struct gr_match *m)
{
	int *list = at;
	unsigned n = 0;

	memset(list, 0, f->dflt * sizeof(*list));
	for (unsigned i = 0; i < m->n; i++) {
		for (unsigned k = 0; k < n; k++)
			if (list[k] == (int)m->v[i].num) {
				e->error_value = (int)i;
				snprintf(e->error, sizeof(e->error), "Said twice: %s", m->v[i].str);
				return -1;
			}
		if (n == f->dflt) {
			e->error_value = (int)i;
			snprintf(e->error, sizeof(e->error), "At most %u", f->dflt);
			return -1;
		}
		list[n++] = (int)m->v[i].num;
	}
	return 0;
}

static int set_field(struct edit *e, const struct gr_field *f, void *at, const struct gr_match *m)
{
	const struct gr_value *v = m->n ? &m->v[0] : NULL;

	switch (f->kind) {
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_ENUM:
		put_number(at, f->kind, v ? v->num : f->dflt);
		return 0;
	case FIELD_TRUE:
	case FIELD_FALSE:
		*(bool *)at = f->kind == FIELD_TRUE;
		return 0;
	case FIELD_STR:
		return edit_str(e, at, v->str);
	case FIELD_ADDR:
		*(struct ip_addr *)at = v->ip;
		return 0;
	case FIELD_IP4:
		*(uint32_t *)at = ip4_num(&v->ip);
		return 0;
	case FIELD_ENUMS:
		return set_enums(e, f, at, m);
	case FIELD_SWITCH:
	case FIELD_SWITCH_OFF:
		*(bool *)at = gr_has(m, f->kind == FIELD_SWITCH ? "enable" : "disable");
		return 0;
	case FIELD_NONE:
		break;
	}
	return 0;
}

/* The default, or for `no` of a FIELD_NO_IS_ZERO, zero. */
static int reset_field(struct edit *e, const struct gr_field *f, void *at, bool no)
{
	switch (f->kind) {
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_ENUM:
		put_number(at, f->kind, no && f->flags & FIELD_NO_IS_ZERO ? 0 : f->dflt);
		return 0;
	case FIELD_TRUE:
	case FIELD_FALSE:
		*(bool *)at = no && f->kind == FIELD_FALSE;
		return 0;
	case FIELD_STR:
		return edit_str(e, at, f->dflt_str);
	case FIELD_ADDR:
		memset(at, 0, sizeof(struct ip_addr));
		return 0;
	case FIELD_IP4:
		*(uint32_t *)at = 0;
		return 0;
	case FIELD_ENUMS:
		memset(at, 0, f->dflt * sizeof(int));
		return 0;
	case FIELD_SWITCH:
	case FIELD_SWITCH_OFF:
		*(bool *)at = false;
		return 0;
	case FIELD_NONE:
		break;
	}
	return 0;
}

int edit_run(struct edit *e, const struct gr_match *m)
{
	const struct gr_field *f = &m->cmd->field;
	void *at = (char *)edit_scope(e) + f->off;

	e->opened = NULL;
	e->error[0] = '\0';
	e->error_value = -1;
	if (m->cmd->edit)
		return m->cmd->edit(e, m);
	note_kept(f, edit_scope(e), !m->no);
	return m->no ? reset_field(e, f, at, true) : set_field(e, f, at, m);
}

int edit_defaults(struct edit *e, enum mode mode, void *scope)
{
	for (const struct gr_cmd *const *t = mgmt_tables; *t; t++)
		for (const struct gr_cmd *c = *t; c->pattern; c++)
			if (c->mode == mode && c->field.kind &&
			    reset_field(e, &c->field, (char *)scope + c->field.off, false))
				return -1;
	return 0;
}
