//go:build clr && linux && amd64 && cgo

// Small whole answers, sent on the client's socket by the app's own thread, as IIS does
// it: the client has its answer before Go is woken. The bytes are those that the front
// would write (httpsys, lean_response.go); a test compares them. Whatever else it is, and
// what the socket does not take, is left to the front.
#define _GNU_SOURCE
#include "half.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { SMALL = 16 << 10 }; // bytes of a body; what is longer does not wait for a wake-up

static const char *const known_names[KNOWN_RESPONSE] = {
	"Cache-Control", "Connection", "Date", "Keep-Alive", "Pragma", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Warning",
	"Allow", "Content-Length", "Content-Type", "Content-Encoding", "Content-Language", "Content-Location", "Content-MD5",
	"Content-Range", "Expires", "Last-Modified", "Accept-Ranges", "Age", "ETag", "Location", "Proxy-Authenticate",
	"Retry-After", "Server", "Set-Cookie", "Vary", "WWW-Authenticate",
};

static char *put(char *to, const char *from, size_t n) { return (char *)memcpy(to, from, n) + n; }

// compose writes the head, and returns its end, or NULL if it does not fit.
static char *compose(slot *s, char *to, char *end) {
	if ((size_t)(end - to) < s->lines.length + s->reason_length + 128) return NULL;
	if (s->status == 200 && (!s->reason_length || (s->reason_length == 2 && !memcmp(s->head, "OK", 2)))) to = put(to, "HTTP/1.1 200 OK\r\n", 17);
	else to += sprintf(to, "HTTP/1.1 %d %.*s\r\n", s->status, s->reason_length, s->head);
	to = put(to, s->lines.at, s->lines.length);
	for (uint32_t at = (s->reason_length + 3) & ~3u; at < s->head_length;) {
		head_field *f = (head_field *)(s->head + at);
		const char *name = (char *)(f + 1), *value = name + f->name_length;
		at = (at + sizeof *f + f->name_length + f->length + 3) & ~3u;
		if (f->known == -2 || f->known == 11) continue; // replaced; Content-Length comes last
		size_t n = f->name_length;
		if (f->known >= 0) {
			name = known_names[f->known];
			n = strlen(name);
		}
		if (end - to < (long)(n + f->length + 64)) return NULL;
		to = put(put(put(put(to, name, n), ": ", 2), value, f->length), "\r\n", 2);
	}
	return to + sprintf(to, "Content-Length: %lld\r\n\r\n", (long long)s->declared);
}

// keep leaves what the socket did not take to the front.
static void keep(slot *s, const char *head, size_t head_length, size_t sent) {
	size_t body = s->declared, all = head_length + body;
	s->rest = malloc(all - sent);
	if (!s->rest) { // the client has half an answer: it must not have more
		s->closed = 1;
		return;
	}
	s->rest_length = all - sent;
	size_t from_head = sent < head_length ? head_length - sent : 0;
	memcpy(s->rest, head + head_length - from_head, from_head);
	memcpy(s->rest + from_head, s->out + body - (s->rest_length - from_head), s->rest_length - from_head);
}

// send_whole sends the response if it may, and all of it is there. It reports whether it
// has, now or before.
int send_whole(slot *s) {
	if (s->sent) return 1;
	if (s->lent_fd < 0 || s->unsendable || s->upgraded || s->set_close || s->closed || s->declared < 0 || s->declared > SMALL ||
		s->out_head != (uint64_t)s->declared || s->status < 200 || s->status == 204 || s->status == 304 || (s->status != 200 && !s->reason_length)) return 0;
	uint32_t nobody = WRITER_NONE;
	if (!__atomic_compare_exchange_n(&s->writer, &nobody, WRITER_APP, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return 0;
	char head[8192], *end = compose(s, head, head + sizeof head);
	ssize_t n = -1;
	size_t length = end ? (size_t)(end - head) : 0;
	if (end) {
		struct iovec parts[2] = {{head, length}, {s->out, s->declared}};
		struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
		do n = sendmsg(s->lent_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
		while (n < 0 && errno == EINTR);
	}
	if (n <= 0) {
		__atomic_store_n(&s->writer, WRITER_NONE, __ATOMIC_SEQ_CST); // the front's to send, and to find out why not
		return 0;
	}
	s->declared_sent = s->declared;
	int whole = (size_t)n == length + s->declared;
	if (!whole) keep(s, head, length, n);
	__atomic_store_n(&s->sent, 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&clr_life.sent, 1, __ATOMIC_RELAXED);
	if (!whole) tell_go(s);
	return 1;
}
