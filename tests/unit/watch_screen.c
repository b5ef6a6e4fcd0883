/* SPDX-License-Identifier: MIT */
/* The screen of coroner watch: whatever its size and whatever there is to show, it is used, and no more than it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/screen.h"
#include "show/show.h"
#include "show/watch.h"

#define MOST 70

/* A look at parents that hold a zombie each, and the latest events. */
struct scene {
	struct census census;
	struct process procs[2 * MOST];
	const struct process *held[MOST];
	struct parent_case parents[MOST];
	struct watch_view view;
};

static void set_scene(struct scene *s, size_t n, size_t events)
{
	*s = (struct scene){ .census = { .n = 2 * n } };
	for (size_t i = 0; i < n; i++) {
		s->procs[i] =
			(struct process){ .pid = (pid_t)(100 + i), .comm = "parent", .state = 'S' };
		s->procs[MOST + i] = (struct process){ .pid = (pid_t)(300 + i),
						       .ppid = (pid_t)(100 + i),
						       .comm = "zombie",
						       .state = 'Z' };
		s->held[i] = &s->procs[MOST + i];
		s->parents[i] = (struct parent_case){ .process = &s->procs[i],
						      .held = &s->held[i],
						      .n_zombies = 1 };
		s->parents[i].details.process = s->procs[i];
	}
	s->view.watch.now.census = &s->census;
	s->view.watch.now.parents = s->parents;
	s->view.watch.now.n = s->view.watch.now.n_zombies = n;
	s->view.watch.limits.tightest = -1;
	s->view.watch.n_recent = events;
	for (size_t i = 0; i < events; i++)
		s->view.watch.recent[i] = (struct watch_event){
			.kind = WATCH_DIED, .process = { .pid = 7, .comm = "zombie", .state = 'Z' }
		};
}

static char *frame_of(struct scene *s, size_t rows)
{
	static const struct terminal terminal = { false, false, 100 };
	struct answer a = { NULL, &terminal, &s->view, NULL };
	char *text = NULL;
	size_t size;

	s->view.face.width = 100;
	s->view.face.rows = rows;
	watch_face_place(&s->view.face, &s->view.watch);
	a.out = open_memstream(&text, &size);
	assert_non_null(a.out);
	watch_text(&a);
	fclose(a.out);
	return text;
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void a_frame_has_the_lines_of_the_screen(void **state)
{
	static struct scene s;

	(void)state;
	for (size_t rows = 4; rows < 60; rows++)
		for (size_t n = 0; n <= MOST; n += 7)
			for (size_t events = 0; events <= WATCH_MOST_RECENT; events += 4) {
				char *text;
				size_t shown;

				set_scene(&s, n, events);
				text = frame_of(&s, rows);
				shown = count(text, " parent ");
				assert_int_equal(count(text, "\n"), rows);
				assert_non_null(strstr(text, "\nq quit"));
				assert_int_equal(shown, s.view.face.shown);
				/* what is not shown is counted */
				assert_int_equal(count(text, "\nand "), shown < n);
				assert_true(s.view.face.shown == 0 ||
					    (s.view.face.cursor >= s.view.face.first &&
					     s.view.face.cursor < s.view.face.first + shown));
				assert_int_equal(count(text, "Z died "), s.view.face.events);
				/* nothing is left empty while something has no room */
				if (shown < n)
					assert_true(s.view.face.events <= WATCH_RECENT_LEAST);
				free(text);
			}
}

static void the_chosen_row_is_seen_wherever_it_goes(void **state)
{
	static struct scene s;

	(void)state;
	set_scene(&s, 40, 12);
	free(frame_of(&s, 24));
	for (int i = 0; i < 100; i++) {
		static const int keys[] = { KEY_DOWN, KEY_PAGE_DOWN, KEY_UP,
					    KEY_END,  KEY_HOME,	     KEY_DOWN };
		pid_t chosen;
		char *text;

		assert_int_equal(watch_face_key(&s.view.face, keys[i % 6]), WATCH_WISH_NOTHING);
		free(frame_of(&s, (size_t)(10 + i % 30)));
		chosen = s.view.face.chosen;
		assert_true(chosen >= 100 && chosen < 140);
		/* another look: whoever was above it is gone */
		s.view.watch.now.parents = s.parents + i % 3;
		s.view.watch.now.n = 40 - (size_t)(i % 3);
		text = frame_of(&s, 24);
		assert_int_equal(count(text, "\033[7m") > 0, 1);
		if (chosen >= 100 + i % 3)
			assert_int_equal(s.view.face.chosen, chosen);
		free(text);
	}
}

static void keys_change_what_they_say(void **state)
{
	struct watch_face f = { .interval_s = 2, .rows = 24, .n_rows = 3, .shown = 3 };

	(void)state;
	assert_int_equal(watch_face_key(&f, 't'), WATCH_WISH_LOOK);
	assert_true(f.by_zombie);
	assert_int_equal(watch_face_key(&f, '+'), WATCH_WISH_NOTHING);
	assert_true(f.interval_s > 3.9 && f.interval_s < 4.1);
	watch_face_key(&f, '-');
	watch_face_key(&f, 'p');
	assert_true(f.paused && f.interval_s < 2.1);
	assert_int_equal(watch_face_key(&f, KEY_ENTER), WATCH_WISH_EXPLAIN);
	watch_face_key(&f, '?');
	assert_int_equal(f.page, WATCH_KEYS);
	/* on a page q leads back, and ends nothing */
	assert_int_equal(watch_face_key(&f, 'q'), WATCH_WISH_NOTHING);
	assert_int_equal(f.page, WATCH_LIST);
	assert_int_equal(watch_face_key(&f, 'q'), WATCH_WISH_QUIT);
	/* of nothing there is no story */
	f.n_rows = 0;
	assert_int_equal(watch_face_key(&f, KEY_ENTER), WATCH_WISH_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_has_the_lines_of_the_screen),
		cmocka_unit_test(the_chosen_row_is_seen_wherever_it_goes),
		cmocka_unit_test(keys_change_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
