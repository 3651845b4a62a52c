// SPDX-License-Identifier: MIT
// The graph of seats, tasks and rights; see graph.h.
#include "graph.h"

#include "event.h"

#include <gila/seat.h>
#include <stdlib.h>
#include <string.h>

// All rights that lead from one task to one node.
struct edge {
	enum { TO_SEAT, TO_TASK, TO_KERNEL } to;
	uint32_t from, id;
	const char *kind; // TO_KERNEL
	unsigned count;
};

struct edges {
	struct edge *list;
	size_t count, room;
};

static void put_label(struct text *out, const char *label)
{
	struct text clean = {0};
	text_add_clean(&clean, label);
	text_add_byte(out, '"');
	for (const char *at = text_string(&clean); *at; at++) {
		if (*at == '"' || *at == '\\')
			text_add_byte(out, '\\');
		text_add_byte(out, *at);
	}
	text_add_byte(out, '"');
	text_free(&clean);
}

static void put_tasks(const struct graph_input *input, struct text *out)
{
	for (size_t i = 0; i < input->task_count; i++) {
		struct text label = {0};
		text_format(&label, "%s (%u)", input->tasks[i].name, input->tasks[i].id);
		text_format(out, "  t%u [shape=box, label=", input->tasks[i].id);
		put_label(out, label.data);
		text_add(out, "];\n");
		text_free(&label);
	}
}

static void put_seats(const struct graph_input *input, struct text *out)
{
	for (size_t i = 0; i < input->seat_count; i++) {
		const struct monitor_seat *seat = &input->seats[i];
		struct text label = {0};
		bool free_seat = seat->state != SEAT_OCCUPIED;
		text_format(&label, "%s%s%s", seat->name, free_seat ? ": " : "",
			    free_seat ? seat_state_word(seat->state) : "");
		text_format(out, "  s%u [shape=ellipse%s, label=", seat->id, free_seat ? ", color=gray" : "");
		put_label(out, label.data);
		text_add(out, "];\n");
		if (seat->task)
			text_format(out, "  s%u -> t%u [style=bold, arrowhead=none];\n", seat->id, seat->task);
		text_free(&label);
	}
}

static bool edge_is_same(const struct edge *a, const struct edge *b)
{
	return a->to == b->to && a->from == b->from && a->id == b->id &&
	       (a->to != TO_KERNEL || strcmp(a->kind, b->kind) == 0);
}

static void edge_add(struct edges *edges, struct edge edge)
{
	for (size_t i = edges->count; i-- > 0 && edges->list[i].from == edge.from;)
		if (edge_is_same(&edges->list[i], &edge)) {
			edges->list[i].count++;
			return;
		}
	if (edges->count == edges->room) {
		edges->room = edges->room ? edges->room * 2 : 64;
		edges->list = memory_resize(edges->list, edges->room * sizeof(edge));
	}
	edge.count = 1;
	edges->list[edges->count++] = edge;
}

static bool task_is_known(const struct graph_input *input, uint32_t id)
{
	for (size_t i = 0; i < input->task_count; i++)
		if (input->tasks[i].id == id)
			return true;
	return false;
}

static bool seat_is_known(const struct graph_input *input, uint32_t id)
{
	for (size_t i = 0; i < input->seat_count; i++)
		if (input->seats[i].id == id)
			return true;
	return false;
}

static void right_add(const struct graph_input *input, struct edges *edges, uint32_t task,
		      const struct monitor_right *right)
{
	if (!(right->types & (MONITOR_SEND | MONITOR_SEND_ONCE)) || right->port == 0)
		return;
	if (right->state == MONITOR_PORT_OBJECT && task_is_known(input, right->object) && right->object != task)
		edge_add(edges, (struct edge){.to = TO_TASK, .from = task, .id = right->object});
	else if (right->state == MONITOR_PORT_OBJECT && !right->object)
		edge_add(edges, (struct edge){.to = TO_KERNEL, .from = task, .kind = right->kind});
	else if (right->seat && seat_is_known(input, right->seat) && right->owner != task)
		edge_add(edges, (struct edge){.to = TO_SEAT, .from = task, .id = right->seat});
	else if (!right->seat && right->owner != task && task_is_known(input, right->owner))
		edge_add(edges, (struct edge){.to = TO_TASK, .from = task, .id = right->owner});
}

static void put_edges(const struct edges *edges, struct text *out)
{
	for (size_t i = 0; i < edges->count; i++) {
		const struct edge *edge = &edges->list[i];
		text_format(out, "  t%u -> ", edge->from);
		if (edge->to == TO_KERNEL) {
			struct text label = {0};
			text_format(&label, "kernel: %s", edge->kind);
			put_label(out, label.data);
			text_free(&label);
		} else {
			text_format(out, "%c%u", edge->to == TO_SEAT ? 's' : 't', edge->id);
		}
		text_format(out, " [style=%s", edge->to == TO_SEAT ? "solid" : "dashed");
		if (edge->count > 1)
			text_format(out, ", label=\"%u\"", edge->count);
		text_add(out, "];\n");
	}
}

void graph_write(const struct graph_input *input, struct text *out)
{
	struct edges edges = {0};
	text_add(out, "digraph gila {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
	put_tasks(input, out);
	put_seats(input, out);
	for (size_t i = 0; i < input->rights_count; i++)
		for (size_t j = 0; j < input->rights[i].count; j++)
			right_add(input, &edges, input->rights[i].task, &input->rights[i].rights[j]);
	put_edges(&edges, out);
	text_add(out, "}\n");
	free(edges.list);
}
