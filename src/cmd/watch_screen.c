/* SPDX-License-Identifier: MIT */
#include "cmd/watch_screen.h"

#include "base/memstream.h"
#include "render/screen.h"
#include "words/remarks.h"
#include "words/watch.h"

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text += strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n'))
		n++;
	return n;
}

/* The text of the page, for the width that the screen has now; owned by the caller */
static char *page_text(struct watch_screen *s, size_t width)
{
	const struct terminal t = { s->ctx->terminal.color, s->ctx->terminal.utf8, width };
	char *text = NULL;
	size_t size;
	FILE *out;

	if (s->view->face.page == WATCH_KEYS)
		return xstrdup(watch_keys());
	if (!s->has_story)
		return xstrdup(s->failure);
	out = memstream_open(&text, &size);
	explain_text(&(struct answer){ &s->ctx->sight, &t, &s->story, out });
	fclose(out);
	return text;
}

static void close_story(struct watch_screen *s)
{
	if (s->has_story)
		explanation_done(&s->story);
	free(s->failure);
	s->failure = NULL;
	s->has_story = false;
}

void watch_screen_draw(struct watch_screen *s)
{
	const struct screen_size size = screen_size();
	const struct answer a = { &s->ctx->sight, &s->ctx->terminal, s->view, NULL };
	struct watch_face *face = &s->view->face;
	struct answer shown = a;
	auto_free char *frame = NULL, *page = NULL;
	size_t len;

	face->width = size.columns;
	face->rows = size.rows;
	if (face->page == WATCH_LIST) {
		close_story(s);
		watch_face_place(face, &s->view->watch);
	} else {
		page = page_text(s, size.columns);
		face->story_lines = count_lines(page);
		face->story_shown = size.rows > 1 ? size.rows - 1 : 1;
		s->view->story = page;
	}
	shown.out = memstream_open(&frame, &len);
	watch_text(&shown);
	fclose(shown.out);
	screen_draw(frame, s->ctx->terminal.utf8);
}

/* It is looked at anew: the last look was at all of them, and so at none of them closely */
static void explain(struct watch_screen *s)
{
	struct watch_face *face = &s->view->face;
	struct sight *sight = &s->ctx->sight;
	struct watch_rows rows = watch_rows(&s->view->watch, face);
	pid_t pid = face->cursor < rows.n ? watch_row_pid(&rows.list[face->cursor]) : 0;
	auto_free char *word = xasprintf("%d", pid), *why = NULL;
	char *words[] = { word };

	free(rows.list);
	close_story(s);
	s->story = (struct explanation){ 0 };
	(void)explanation_collect(sight, words, 1, &s->story); /* without a story: why */
	s->has_story = s->story.n > 0;
	if (!s->has_story) {
		explanation_done(&s->story);
		if (sight->problems.n)
			why = remark_words(&sight->problems.list[0]);
		s->failure = watch_no_story(pid, why);
	}
	remarks_cut(&sight->problems, 0);
	sight->census = s->view->watch.now.census;
	face->page = WATCH_STORY;
	face->story_line = 0;
}

enum watch_wish watch_screen_key(struct watch_screen *s, int key)
{
	enum watch_wish wish = watch_face_key(&s->view->face, key);

	s->view->watch.each_zombie = s->view->face.by_zombie;
	if (wish != WATCH_WISH_EXPLAIN)
		return wish;
	explain(s);
	return WATCH_WISH_NOTHING;
}

void watch_screen_done(struct watch_screen *s)
{
	close_story(s);
}
