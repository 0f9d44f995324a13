//go:build clr && linux && amd64 && cgo

// What the managed half answers, by path. It is a part of managed.c.
static char pattern[1 << 20];

static void fill_pattern(void) {
	uint32_t x = 2463534242u; // xorshift32, Marsaglia 2003
	for (size_t i = 0; i < sizeof pattern; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		pattern[i] = 'A' + (x >> 24) % 26;
	}
}

// echo sends the body back as it comes.
static void echo(work *w) {
	char *buffer = malloc(4096);
	int got;
	begin(w, 200, -1);
	hresult hr, wrote = HR_OK;
	while ((hr = read_some(w, buffer, 4096, &got)) == HR_OK && got && !(wrote = write_all(w, buffer, got))) flush_now(w, 1);
	free(buffer);
	int broken = hr != HR_END && hr != HR_OK;
	if (!broken) flush_now(w, 0);
	over(w, broken || wrote ? COMPLETION_FINISH : COMPLETION_CONTINUE);
}

// sink counts the body.
static void sink(work *w) {
	char buffer[4096], text[32];
	long all = 0;
	int got;
	hresult hr;
	while ((hr = read_some(w, buffer, sizeof buffer, &got)) == HR_OK && got) all += got;
	if (hr != HR_END && hr != HR_OK) {
		over(w, COMPLETION_FINISH);
		return;
	}
	answer(w, 200, text, snprintf(text, sizeof text, "%ld", all));
}

static void big(work *w, long n) {
	begin(w, 200, n);
	hresult hr = HR_OK;
	for (long at = 0; at < n && !hr;) {
		size_t piece = (size_t)(n - at) < sizeof pattern ? (size_t)(n - at) : sizeof pattern;
		hr = write_all(w, pattern, piece);
		at += piece;
	}
	if (!hr) flush_now(w, 0);
	over(w, COMPLETION_CONTINUE);
}

static void stream(work *w, int n) {
	begin(w, 200, -1);
	for (int i = 0; i < n; i++) {
		char line[32];
		write_all(w, line, snprintf(line, sizeof line, "line %d\n", i));
		flush_now(w, 1);
	}
	flush_now(w, 0);
	over(w, COMPLETION_CONTINUE);
}

// cancelled reads, changes its mind, and reads on after the answer has begun.
static void cancelled(work *w) {
	char buffer[64];
	int got, pending;
	w->read.done = 1;
	hresult hr = read_bytes(w->handle, buffer, sizeof buffer, &got, &pending);
	if (pending) {
		cancel(w->handle); // fails if the client has gone meanwhile
		await(&w->read.done, 1);
		hr = w->read.hr;
	}
	w->read.done = 0;
	begin(w, 200, -1);
	write_all(w, hr == HR_ABORTED ? "ABORTED " : "other ", hr == HR_ABORTED ? 8 : 6);
	flush_now(w, 1);
	if (read_some(w, buffer, sizeof buffer, &got) == HR_OK) write_all(w, buffer, got);
	flush_now(w, 0);
	over(w, COMPLETION_CONTINUE);
}

// websocket sends all bytes back: a read and a write wait at the same time.
static void websocket(work *w) {
	static const uint16_t version[] = {'1', '3', 0};
	uint16_t *v = NULL;
	if (variable(w->handle, "WEBSOCKET_VERSION", &v) || memcmp(v, version, sizeof version)) COUNT(refused);
	free(v ? (char *)v - 8 : NULL);
	set_status(w->handle, 101, "Switching Protocols");
	known(w->handle, 7, "websocket", 9, 1);
	known(w->handle, 1, "Upgrade", 7, 1);
	enable_sockets(w->handle);
	flush_now(w, 1);
	char *buffer = malloc(8192);
	hresult hr = HR_OK;
	for (;;) {
		int got, pending;
		w->read.done = 1;
		hr = socket_read(w->handle, buffer, 8192, on_socket_read, w, &got, &pending);
		if (pending) {
			await(&w->read.done, 1);
			hr = w->read.hr;
			got = w->read.bytes;
		}
		if (hr || !got) break;
		data_chunk c = {.bytes = buffer, .length = got};
		w->write.done = 1;
		if ((hr = socket_write(w->handle, &c, 1, on_socket_write, w, &pending))) break;
		if (pending) {
			await(&w->write.done, 1);
			if ((hr = w->write.hr)) break;
		}
	}
	free(buffer);
	over(w, hr == HR_END || !hr ? COMPLETION_CONTINUE : COMPLETION_FINISH);
}

static char *add(char *to, const char *end, const char *name, const char *value, size_t n) { return to + snprintf(to, end - to, "%s: %.*s\n", name, (int)n, value); }

static void narrow(char to[512], const uint16_t *from) {
	int n = 0;
	while (from && from[n] && n < 511) {
		to[n] = from[n];
		n++;
	}
	to[n] = 0;
}

// facts answers with all that the request says.
static void facts(work *w) {
	size_t size = 1 << 20;
	char *text = malloc(size), *t = text, *end = text + size, line[512];
	raw_request *r = w->request;
	for (int i = 0; i < KNOWN_REQUEST; i++)
		if (r->fields.known[i].length) {
			snprintf(line, sizeof line, "known %d", i);
			t = add(t, end, line, r->fields.known[i].value, r->fields.known[i].length);
		}
	for (int i = 0; i < r->fields.unknown_count; i++) {
		unknown_field *f = &r->fields.unknown[i];
		snprintf(line, sizeof line, "unknown %.*s", f->name_length, f->name);
		t = add(t, end, line, f->value, f->length);
	}
	char query[512] = "";
	for (int i = 0; i < r->cooked.query_length / 2 && i < 511; i++) query[i] = r->cooked.query[i];
	t += snprintf(t, end - t, "verb %d %.*s\nurl %.*s\nquery %s\nversion %d.%d flags %u\nid %d\n", r->verb, r->unknown_verb_length, r->unknown_verb ? r->unknown_verb : "",
		r->raw_url_length, r->raw_url, query, r->major, r->minor, r->flags, r->request_id == (uint64_t)w->handle);
	unsigned char *a = r->address.remote;
	if (a) t += snprintf(t, end - t, "remote %d %d.%d.%d.%d\n", a[0], a[4], a[5], a[6], a[7]);
	if (r->tls) {
		uint32_t suite[170];
		uint16_t name[258];
		tls_protocol *p = (tls_protocol *)r->info[0].info;
		hresult one = property(r->request_id, 14, NULL, 0, suite, 680, NULL, NULL), other = property(r->request_id, 4, NULL, 0, name, 516, NULL, NULL);
		narrow(line, other ? NULL : name);
		t += snprintf(t, end - t, "tls protocol %x suite %x name %s certificate %u\n", p->protocol, one ? 0 : suite[2], line, r->tls->client ? r->tls->client->size : 0);
	}
	static const char *const names[] = {"REQUEST_METHOD", "QUERY_STRING", "REMOTE_ADDR", "SERVER_PROTOCOL", "HTTPS", "AUTH_USER", "HTTP_X_ONE", "http_user_agent", "MINE", "NO_SUCH"};
	set_variable(w->handle, "MINE", (const uint16_t[]){'m', 0});
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		uint16_t *v = NULL;
		hresult hr = variable(w->handle, names[i], &v);
		narrow(line, hr ? NULL : v);
		t += snprintf(t, end - t, "variable %s: %s\n", names[i], hr ? "none" : line);
		free(v ? (char *)v - 8 : NULL);
	}
	answer(w, 200, text, t - text);
	free(text);
}

static int is(work *w, const char *path) { return !strcmp(w->path, path); }

static void run(work *w) {
	raw_request *r = w->request;
	static const char *const verbs[] = {"", "", "", "OPTIONS", "GET", "HEAD", "POST"};
	snprintf(w->method, sizeof w->method, "%s", r->verb < 7 ? verbs[r->verb] : "");
	for (int i = 0; i < r->raw_url_length && i < 255 && r->raw_url[i] != '?'; i++) w->path[i] = r->raw_url[i];
	if (set_context(w->handle, w)) COUNT(refused);
	char *number = strrchr(w->path, '/');
	if (is(w, "/hello")) answer(w, 200, "Hello, World!", 13);
	else if (is(w, "/reason")) answer(w, 299, "r", 1);
	else if (is(w, "/echo")) echo(w);
	else if (is(w, "/sink")) sink(w);
	else if (!strncmp(w->path, "/big/", 5)) big(w, atol(number + 1));
	else if (!strncmp(w->path, "/stream/", 8)) stream(w, atoi(number + 1));
	else if (is(w, "/cancel")) cancelled(w);
	else if (is(w, "/ws")) websocket(w);
	else if (is(w, "/facts")) facts(w);
	else if (is(w, "/wait")) {
		COUNT(waits);
		await(&w->gone, 0);
		over(w, COMPLETION_FINISH);
	} else if (is(w, "/fields")) {
		begin(w, 200, 1);
		known(w->handle, 27, "a=1", 3, 1);
		known(w->handle, 27, "b=2", 3, 0);
		known(w->handle, 26, "first", 5, 1);
		known(w->handle, 26, "second", 6, 1); // replaces
		unknown(w->handle, "X-Two", "a", 1, 1);
		unknown(w->handle, "x-two", "b", 1, 0);
		unknown(w->handle, "X-Long", pattern, 60000, 1);
		write_all(w, "f", 1);
		flush_now(w, 0);
		over(w, COMPLETION_CONTINUE);
	} else if (is(w, "/abort-before")) {
		close_connection(w->handle);
		over(w, COMPLETION_FINISH);
	} else if (is(w, "/abort-after")) {
		begin(w, 200, -1);
		write_all(w, "first", 5);
		flush_now(w, 1);
		close_connection(w->handle);
		over(w, COMPLETION_CONTINUE);
	} else if (is(w, "/throw-before")) {
		set_status(w->handle, 500, "Internal Server Error");
		flush_now(w, 1);
		flush_now(w, 0);
		over(w, COMPLETION_FINISH);
	} else if (is(w, "/throw-after")) {
		begin(w, 200, -1);
		write_all(w, "first", 5);
		flush_now(w, 1);
		flush_now(w, 0);
		over(w, COMPLETION_FINISH);
	} else if (is(w, "/no-answer")) over(w, COMPLETION_FINISH);
	else if (is(w, "/short") || is(w, "/long")) {
		begin(w, 200, is(w, "/short") ? 10 : 3);
		write_all(w, "five5", 5);
		flush_now(w, 0);
		over(w, COMPLETION_CONTINUE);
	} else if (is(w, "/204")) {
		set_status(w->handle, 204, NULL);
		flush_now(w, 0);
		over(w, COMPLETION_CONTINUE);
	} else answer(w, 404, "no", 2);
}
